"""Why something about a return visit may not be done: each returns the refusal or None."""

from django.utils.translation import gettext_lazy as _

from onepoint.core.errors import BusinessError
from onepoint.follow_ups.models import FollowUp
from onepoint.tickets.models import Ticket
from onepoint.tickets.states import TicketStatus


class AnsweredAlready(BusinessError):
    """One visit takes one answer."""

    code = "visit_answered_already"
    message = _("This return visit has been answered already.")


class NothingToRate(BusinessError):
    """A customer rates what has been closed."""

    code = "nothing_to_rate"
    message = _("This request is not closed; it can be rated afterwards.")


def why_not_rate(ticket: Ticket, follow_up: FollowUp | None) -> BusinessError | None:
    """The ticket is closed, and nobody has answered for this closing."""
    if ticket.status != TicketStatus.CLOSED:
        return NothingToRate()
    return AnsweredAlready() if follow_up is not None and follow_up.answered_at is not None else None
