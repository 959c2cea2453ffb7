"""What channels hears from below: somebody accepted what rang."""

from typing import Any

from django.dispatch import receiver

from onepoint.accounts.models import User
from onepoint.assignment import signals
from onepoint.assignment.models import QueueEntry
from onepoint.channels.services import chats


@receiver(signals.entry_returned)
def take_chat_back(entry: QueueEntry, agent: User, **_more: Any) -> None:
    if entry.subject_type == chats.SUBJECT:
        chats.take_chat_back(entry, agent, by=None)


@receiver(signals.entry_accepted)
def answer_chat(entry: QueueEntry, by: User, **_more: Any) -> None:
    if entry.subject_type == chats.SUBJECT:
        chats.answer_chat(entry, by=by)
