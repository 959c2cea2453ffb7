"""What return visits hear: a ticket came to its end, or lives again; a message was given up, a digit came back."""

from typing import Any

from django.dispatch import receiver

from onepoint.accounts.models import User
from onepoint.channels import signals as channel_signals
from onepoint.channels.models import OutgoingMessage
from onepoint.channels.replies import Reply
from onepoint.follow_ups import queries, services
from onepoint.tickets import signals as ticket_signals
from onepoint.tickets.models import Ticket
from onepoint.tickets.states import TicketStatus

_ENDED = {TicketStatus.CLOSED, TicketStatus.ABORTED, TicketStatus.WITHDRAWN}


@receiver(ticket_signals.ticket_status_changed)
def note_closings(ticket: Ticket, was: str, by: User | None, **_more: Any) -> None:
    """Every end of a ticket is kept, so that a rule may cover it."""
    if ticket.status in _ENDED:
        services.note_closing(ticket, was=was, by=by)


@receiver(ticket_signals.ticket_reopened)
def drop_visits(ticket: Ticket, by: User | None, **_more: Any) -> None:
    """Nobody is asked about a closing that no longer holds."""
    services.drop_visits(ticket, by=by)


@receiver(channel_signals.message_dead)
def note_undelivered(message: OutgoingMessage, reason: str, **_more: Any) -> None:
    """A link that did not arrive is followed by the next way."""
    if message.about_type == "follow_up":
        services.note_undelivered(message, reason=str(reason), by=None)


def read_reply(reply: Reply) -> bool:
    """A text of one digit answers the visit our last message to that number asked about."""
    about = reply.about
    if about is None or about[0] != "follow_up" or reply.digit is None:
        return False
    follow_up = queries.visit_by_id(about[1])
    return follow_up is not None and services.answer_by_digit(follow_up, str(reply.digit), key=reply.key, by=None)
