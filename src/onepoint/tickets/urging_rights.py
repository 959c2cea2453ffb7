"""Why a person may not urge or supervise a ticket, or report on it: the refusal, or None."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.accounts.policies import why_not_permitted
from onepoint.accounts.scope import scope_of
from onepoint.core.errors import BusinessError, NotPermitted
from onepoint.tickets.models import Supervision, Ticket
from onepoint.tickets.policies import TicketFinished
from onepoint.workflow import policies as workflow_policies
from onepoint.workflow.models import UserTask

REMIND, SUPERVISE = "ticket.remind", "ticket.supervise"


class SupervisedAlready(BusinessError):
    """One supervision at a time is enough."""

    code = "supervised_already"
    message = _("This ticket is under supervision already.")


class SupervisionOver(BusinessError):
    """It has been ended, with a conclusion."""

    code = "supervision_over"
    message = _("This supervision has ended.")


class NotYoursToReport(BusinessError):
    """Reports are written by whoever has the work."""

    code = "not_yours_to_report"
    message = _("Progress is reported by whoever has a step of the ticket.")
    status = 403


def _why_finished(ticket: Ticket) -> TicketFinished | None:
    return TicketFinished(status=ticket.get_status_display()) if ticket.is_finished else None


def leads(ticket: Ticket, by: User | None) -> bool:
    """Whether the person leads those who work on the ticket: may supervise tickets of its place."""
    return by is None or _why_not_reached(ticket, by) is None


def _why_not_reached(ticket: Ticket, by: User | None) -> NotPermitted | None:
    if by is None:
        return None
    if why_not_permitted(SUPERVISE, by):
        return NotPermitted()
    has_customer = ticket.customer_id is not None
    within = scope_of(by, SUPERVISE).meets(ticket.audience, ticket.customer_level_id, has_customer=has_customer)
    return None if within else NotPermitted()


def why_not_urge(by: User | None) -> BusinessError | None:
    """Urging at all needs ``ticket.remind``."""
    return why_not_permitted(REMIND, by)


def why_not_remind(ticket: Ticket, by: User | None) -> BusinessError | None:
    """Needs ``ticket.remind``; the ticket still moves. How often is asked of the rule of reminders."""
    return why_not_urge(by) or _why_finished(ticket)


def why_not_supervise(ticket: Ticket, by: User | None, current: Supervision | None) -> BusinessError | None:
    """Needs ``ticket.supervise`` in the ticket's place; the ticket still moves and is not supervised yet."""
    if refusal := _why_not_reached(ticket, by) or _why_finished(ticket):
        return refusal
    return SupervisedAlready() if current else None


def why_not_end_supervision(supervision: Supervision, by: User | None) -> BusinessError | None:
    """By whoever may supervise the ticket, while it lasts."""
    if refusal := _why_not_reached(supervision.ticket, by):
        return refusal
    return None if supervision.is_open else SupervisionOver()


def why_not_report(supervision: Supervision, tasks: Sequence[UserTask], by: User | None) -> BusinessError | None:
    """By whoever has a step of the ticket or may take one, while the supervision lasts."""
    if not supervision.is_open:
        return SupervisionOver()
    if by is None or any(workflow_policies.why_not_complete(task, by) is None for task in tasks):
        return None
    return NotYoursToReport()


def why_not_list_supervisions(by: User | None) -> BusinessError | None:
    """The list needs ``ticket.supervise``."""
    return why_not_permitted(SUPERVISE, by)
