"""Who else has a ticket open: told to each other at once, forgotten half a minute after the last sign (demand 15)."""

from onepoint.accounts.models import User
from onepoint.core import live, presence
from onepoint.core.models import Presence
from onepoint.tickets.models import Ticket


def place_of(ticket_id: int) -> str:
    """What the page of a ticket is called in the table of presence."""
    return f"ticket:{ticket_id}"


def report_presence(ticket: Ticket, *, is_editing: bool, by: User) -> list[Presence]:
    """Note that a person looks at a ticket or edits it; returns the others, who are told if that is news."""
    others, is_news = presence.report(place_of(ticket.pk), is_editing=is_editing, by=by)
    if is_news:
        _tell(ticket, others)
    return others


def leave_ticket(ticket: Ticket, *, by: User) -> None:
    """Note that a person has left a ticket, and tell the others."""
    if presence.leave(place_of(ticket.pk), by=by):
        _tell(ticket, presence.others_at(place_of(ticket.pk), by=by))


def _tell(ticket: Ticket, others: list[Presence]) -> None:
    live.publish([f"P{one.actor_id}" for one in others], "presence", subject=ticket.pk)
