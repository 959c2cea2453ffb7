"""Reads of short messages that come in, and of what is written back and forth with a number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from onepoint.accounts.models import User
from onepoint.accounts.scope import scope_of
from onepoint.channels.models import IncomingText, IncomingTextQuerySet, OutgoingMessage, RefusedNumber, TextRules
from onepoint.channels.states import Medium, TextState
from onepoint.core import clock
from onepoint.core.compiled import Compiled

ANSWERS = 10
HOME_PREFIX = "+86"


def addresses_of(key: str) -> list[str]:
    """The ways a number may stand in the outbox: canonical, and as one writes it at home."""
    if key.startswith(HOME_PREFIX):
        local = key.removeprefix(HOME_PREFIX)
        return [key, local, f"86{local}", f"0086{local}", *([] if local.startswith("1") else [f"0{local}"])]
    return [key] if key else []


def text_rules() -> TextRules:
    """How texts are filed; the usual rules where nobody set any."""
    return _RULES.first() or TextRules()


_RULES = Compiled("text_rules", lambda: TextRules.objects.select_related("unit__region").order_by("pk")[:1])


def messages_to(key: str, *, since: datetime, limit: int = ANSWERS) -> tuple[OutgoingMessage, ...]:
    """What was written to a number, the newest first; for the system itself, no scope."""
    addresses = addresses_of(key)
    return tuple(_WRITTEN_TO.rows(addresses, since, shape=limit)) if addresses else ()


def _written_to(addresses: list[str], since: datetime, *, shape: int) -> QuerySet[OutgoingMessage]:
    found = OutgoingMessage.objects.filter(medium=Medium.SMS, address__any_of=addresses, created_at__gte=since)
    return found.order_by("-pk")[:shape]


_WRITTEN_TO = Compiled("messages_to", _written_to)


def refuses_advertising(key: str) -> bool:
    """Whether whoever has this number (canonical) said that they want no advertising."""
    return RefusedNumber.objects.filter(number_key=key).exists()


def filtered_texts(
    *,
    visible_to: User,
    state: str = "",
    number: str = "",
    ticket_number: str = "",
    start: datetime | None = None,
    end: datetime | None = None,
) -> IncomingTextQuerySet:
    """Texts of the list; ``number`` is a sender's canonical number, ``end`` (aware) is excluded."""
    found = IncomingText.objects.visible_to(visible_to).select_related("contact", "filed_by")
    found = found.filter(state=state) if state else found.exclude(state=TextState.PARTS)
    if number:
        found = found.filter(sender_key=number)
    if ticket_number:
        found = found.filter(ticket_number=ticket_number)
    if start is not None:
        found = found.filter(received_at__gte=start)
    return found if end is None else found.filter(received_at__lt=end)


def find_text(pk: int, *, visible_to: User) -> IncomingText | None:
    """One text, or None when there is none or it is outside the person's scope."""
    found = IncomingText.objects.visible_to(visible_to).select_related("contact", "filed_by", "gateway")
    return found.filter(pk=pk).first()


def find_texts(ids: Sequence[int], *, visible_to: User) -> list[IncomingText]:
    """Those of the texts the person sees."""
    return list(IncomingText.objects.visible_to(visible_to).filter(pk__in=ids).order_by("pk"))


@dataclass(frozen=True)
class Line:
    """One message of a conversation by SMS, either way."""

    at: datetime
    text: str
    is_ours: bool
    incoming: IncomingText | None = None
    outgoing: OutgoingMessage | None = None


def conversation_with(
    key: str, *, visible_to: User, days: int = 90, limit: int = 50
) -> list[Line]:  # fmt: skip
    """The newest messages to and from a number that the person may see, oldest first."""
    since = clock.now() - timedelta(days=days)
    came = IncomingText.objects.visible_to(visible_to).filter(sender_key=key, received_at__gte=since)
    came = came.exclude(state=TextState.PARTS).order_by("-received_at", "-pk")[:limit]
    lines = [Line(one.received_at, one.shown_text, False, incoming=one) for one in came]
    sent = OutgoingMessage.objects.filter(
        scope_of(visible_to, "text.view").by_audience(),
        medium=Medium.SMS, address__in=addresses_of(key), created_at__gte=since, is_confidential=False,
    ).order_by("-pk")[:limit]  # fmt: skip
    lines += [Line(one.created_at, one.shown_text, True, outgoing=one) for one in sent]
    return sorted(lines, key=lambda line: line.at)[-limit:]


def lines_of_ticket(number: str, ticket_id: int, limit: int = 50) -> list[Line]:
    """What was written by SMS about a ticket, oldest first; for those who see the ticket."""
    came = IncomingText.objects.filter(ticket_number=number).order_by("-received_at", "-pk")[:limit]
    sent = OutgoingMessage.objects.filter(
        medium=Medium.SMS, about_type="ticket", about_id=ticket_id, is_confidential=False
    ).order_by("-pk")[:limit]
    lines = [Line(one.received_at, one.shown_text, False, incoming=one) for one in came]
    lines += [Line(one.created_at, one.shown_text, True, outgoing=one) for one in sent]
    return sorted(lines, key=lambda line: line.at)[-limit:]
