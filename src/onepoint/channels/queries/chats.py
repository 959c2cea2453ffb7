"""Reads of web chats."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from django.db.models import QuerySet

from onepoint.accounts.models import User
from onepoint.assignment import queries as assignment
from onepoint.assignment.models import Queue
from onepoint.assignment.states import EntryState, Medium
from onepoint.channels.chat_states import OPEN, ChatState, Speaker
from onepoint.channels.models.chat import ChatMessage, ChatSession, ChatSite
from onepoint.core.models import Attachment
from onepoint.customers import phone_numbers
from onepoint.customers.models import Customer, CustomerAccount

PART = 200  # messages fetched at once
_WITH = ["queue", "entry", "agent", "customer", "contact"]
MOST_ENDED = 5


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def find_session_of_visitor(token: str) -> ChatSession | None:
    """The conversation whose secret this is; None for anything else."""
    if not 20 <= len(token) <= 100:
        return None
    return ChatSession.objects.select_related(*_WITH).filter(token_hash=hash_of(token)).first()


def find_session(pk: int, *, visible_to: User) -> ChatSession | None:
    """One conversation, or None when there is none or it is outside the person's scope."""
    return ChatSession.objects.visible_to(visible_to).select_related(*_WITH).filter(pk=pk).first()


def chats_of(person: User) -> list[ChatSession]:
    """What a person leads now and has just ended (still to be wrapped up), those that speak last first."""
    own = ChatSession.objects.filter(agent=person).select_related(*_WITH)
    running = list(own.filter(state=ChatState.ACTIVE).order_by("id"))
    # Begun from the few entries a person holds, so sorted here: asked for the newest, the database walks all he ever led.
    wrapping = list(own.filter(state=ChatState.ENDED, entry__state=EntryState.WRAP_UP, entry__agent=person))
    return running + sorted(wrapping, key=lambda chat: (chat.ended_at or chat.started_at, chat.pk), reverse=True)[:20]


def unread_of(person: User) -> int:
    """How many of a person's chats have something he has not seen."""
    return sum(1 for chat in ChatSession.objects.filter(agent=person, state=ChatState.ACTIVE) if chat.unread_count)


def open_chats(*, visible_to: User, limit: int = 200) -> list[ChatSession]:
    """What waits or runs in the reader's scope, the longest first."""
    found = ChatSession.objects.visible_to(visible_to).filter(state__in=OPEN).select_related(*_WITH)
    return list(found.order_by("started_at")[:limit])


def chats_in_scope(*, visible_to: User, state: str = "") -> QuerySet[ChatSession]:
    """The conversations a person may see; not yet sorted."""
    found = ChatSession.objects.visible_to(visible_to).select_related(*_WITH)
    return found.filter(state=state) if state else found


def messages_after(session: ChatSession, sequence: int, *, for_visitor: bool) -> list[ChatMessage]:
    """What was said after a message, in order; notes between colleagues are not for the visitor."""
    found = ChatMessage.objects.filter(session=session, sequence__gt=sequence).select_related("attachment", "author")
    if for_visitor:
        found = found.exclude(speaker__in=ChatMessage.INTERNAL)
    return list(found.order_by("sequence")[:PART])


def file_of(session: ChatSession, attachment_id: int) -> Attachment | None:
    """A file that was sent in this conversation."""
    found = Attachment.objects.filter(pk=attachment_id, subject_type="chat", subject_id=session.pk, deleted_at=None)
    return found.first()


def transcript_of(session: ChatSession) -> list[ChatMessage]:
    """All that the customer and the agents said to each other."""
    found = ChatMessage.objects.filter(session=session).exclude(speaker__in=ChatMessage.INTERNAL)
    return list(found.select_related("attachment").order_by("sequence"))


def chat_queues() -> list[Queue]:
    """Queues a visitor may choose from."""
    return assignment.active_queues(Medium.CHAT)


def place_and_wait(session: ChatSession) -> tuple[int, timedelta]:
    """Which in line a waiting visitor is, and about how long it will take."""
    if session.entry is None or session.entry.state not in (EntryState.WAITING, EntryState.OFFERED):
        return 0, timedelta()
    if session.entry.state == EntryState.OFFERED:
        return 1, timedelta()
    place = assignment.place_of(session.entry)
    return place, assignment.expected_wait(session.entry, place)


def customer_with_number(text: str) -> Customer | None:
    """The only customer in use with this telephone number; None when there is none or several have it."""
    key = phone_numbers.normalise(text, "")
    if len(key) < 5:
        return None
    holders = CustomerAccount.objects.filter(value_key=key, customer__is_active=True, customer__merged_into=None)
    found = list(holders.values_list("customer", flat=True).distinct()[:2])
    return Customer.objects.filter(pk=found[0]).first() if len(found) == 1 else None


def last_agent_of(customer: Customer | None) -> User | None:
    """Who led the customer's last chat."""
    if customer is None:
        return None
    last = ChatSession.objects.filter(customer=customer, agent__isnull=False).select_related("agent").order_by("-pk")
    session = last.first()
    return session.agent if session else None


def silent_chats(*, spoken_before, seen_before, limit: int = 50) -> list[ChatSession]:  # type: ignore[no-untyped-def]
    """Open chats in which nothing has been said and whose visitor has not been there since."""
    found = ChatSession.objects.filter(state__in=OPEN, spoken_at__lt=spoken_before, visitor_seen_at__lt=seen_before)
    return list(found.select_related(*_WITH).order_by("spoken_at")[:limit])


def chat_sites() -> QuerySet[ChatSite]:
    return ChatSite.objects.select_related("queue")


def find_site(pk: int) -> ChatSite | None:
    return ChatSite.objects.filter(pk=pk).first()


def allowed_origins() -> Sequence[str]:
    """Web sites that may show the chat in a frame."""
    return list(ChatSite.objects.filter(is_active=True).values_list("origin", flat=True)[:100])


def site_of_origin(origin: str) -> ChatSite | None:
    return ChatSite.objects.filter(origin=origin, is_active=True).select_related("queue").first()


def speaks_for_customer(message: ChatMessage) -> bool:
    return message.speaker == Speaker.VISITOR


def count_of_customer(customer: Customer) -> int:
    return ChatSession.objects.filter(customer=customer).count()


def ids_of_customer(customer: Customer) -> list[int]:
    return list(ChatSession.objects.filter(customer=customer).order_by("pk").values_list("pk", flat=True))
