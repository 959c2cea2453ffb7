"""Account managers (客户经理): who brings a customer's request follows it and hears every answer the customer is given."""

from onepoint.accounts.models import User
from onepoint.channels import queries as channel_queries
from onepoint.channels.states import Channel
from onepoint.tickets.models import Ticket
from onepoint.tickets.services import telling
from onepoint.tickets.services.copies import add_watchers


def manager_of(ticket: Ticket) -> User | None:
    """The account manager who brought a ticket; no query for tickets that came otherwise."""
    if ticket.channel != Channel.ACCOUNT_MANAGER or ticket.contact_id is None:
        return None
    origin = channel_queries.origin_of(ticket.contact_id)
    manager = origin.account_manager if origin else None
    return manager if manager and manager.is_active else None


def let_manager_follow(ticket: Ticket, *, by: User | None) -> None:
    """Put the ticket on the watch list of whoever brought it. Part of the caller's write."""
    manager = manager_of(ticket)
    if manager is not None:
        add_watchers(ticket.pk, [manager], by=by)


def tell_manager_of_answer(ticket: Ticket, *, text: str, key: str, by: User | None) -> None:
    """The answer goes to the account manager too. Part of the caller's write."""
    manager = manager_of(ticket)
    if manager is not None:
        telling.tell_of_answer(ticket, manager, text, key=key, by=by)
