"""Closing a ticket whose matter is settled, with what its process had still before it."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core.errors import InvalidInput, require
from onepoint.core.text import clean
from onepoint.tickets import first_asked, policies
from onepoint.tickets.models import Ticket
from onepoint.tickets.services.progress import end_ticket
from onepoint.workflow import services as workflow_services


@transaction.atomic
def close_ticket(ticket: Ticket, *, reason: str, by: User | None) -> Ticket:
    """Close a resolved ticket at once; the steps left over are cancelled.

    Raises NotPermitted, StatusDoesNotAllow, ChildrenStillOpen, InvalidInput without a reason.
    """
    ticket = lock_with_process(ticket)
    require(policies.why_not_close_at_once(ticket, by) or first_asked.why_not_confirm(ticket, by))
    if not (text := clean(reason)):
        raise InvalidInput({"reason": _("Please give a reason.")})
    end_ticket(ticket, "close", by=by, outcome="closed", reason=text[:300])
    return ticket


def lock_with_process(ticket: Ticket) -> Ticket:
    """The process before the ticket, as every command does it; the ticket as it is then."""
    if ticket.process_instance_id:
        workflow_services.lock_instance(ticket.process_instance_id)
    return _locked().get(pk=ticket.pk)


def lock_with_processes(tickets: Iterable[Ticket]) -> list[Ticket]:
    """The same for several, each kind of row in one statement and in one order."""
    ids = {ticket.pk: ticket.process_instance_id for ticket in tickets}
    workflow_services.lock_instances(instance for instance in ids.values() if instance)
    return list(_locked().filter(pk__in=ids).order_by("pk"))


def _locked() -> QuerySet[Ticket]:
    return Ticket.objects.select_for_update(of=("self",)).select_related(
        "category", "severity", "customer", "region", "unit", "process_instance"
    )
