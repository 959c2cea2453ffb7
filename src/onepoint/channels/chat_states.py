"""Choices of web chats, and how one moves."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ChatState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    ACTIVE = "active", _("In conversation")
    ENDED = "ended", pgettext_lazy("chat", "Ended")
    LEFT = "left", _("Gave up waiting")
    LETTER = "letter", _("Left a message")


#: Verb → (from, to).
CHAT_MOVES = {
    "answer": ([ChatState.WAITING], ChatState.ACTIVE),
    "wait": ([ChatState.ACTIVE, ChatState.WAITING], ChatState.WAITING),
    "end": ([ChatState.ACTIVE], ChatState.ENDED),
    "leave": ([ChatState.WAITING], ChatState.LEFT),
}
OPEN = [ChatState.WAITING, ChatState.ACTIVE]


class Speaker(models.TextChoices):
    VISITOR = "visitor", _("Customer")
    AGENT = "agent", _("Agent")
    HOUSE = "house", _("System")
    NOTE = "note", _("Note for colleagues")


class EndedBy(models.TextChoices):
    VISITOR = "visitor", _("Customer")
    AGENT = "agent", _("Agent")
    SILENCE = "silence", _("Silence")
