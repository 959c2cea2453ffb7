"""Why something is not possible on the portal: the refusal, or None."""

from datetime import datetime, timedelta

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.accounts.policies import why_not_permitted
from onepoint.core import clock
from onepoint.core.errors import BusinessError
from onepoint.portal import queries
from onepoint.portal.addressing import Address
from onepoint.portal.models import PortalNote, PortalRules
from onepoint.portal.states import NOTHING_OWED
from onepoint.tickets import policies as ticket_policies
from onepoint.tickets.models import Ticket
from onepoint.tickets.states import TicketStatus

MANAGE = "portal.manage"
#: A request that was taken up again so often is a matter for a conversation.
MOST_REOPENED = 3


class PortalClosed(BusinessError):
    """The house has closed the portal for the moment."""

    code = "portal_closed"
    message = _("The service pages are closed at the moment. Please try again later or call us.")
    status = 503


class NoWayForCode(BusinessError):
    """There is no gateway by which a code could be sent to this kind of address."""

    code = "no_way_for_code"
    message = _("At the moment no code can be sent this way. Please use another way, or call us.")
    status = 503


class WrongCode(BusinessError):
    """Another code was sent than the one entered."""

    code = "wrong_code"
    message = _("This code is not right. You have %(left)s more tries.")
    status = 422


class CodeOver(BusinessError):
    """The code was used, is too old, or was tried too often."""

    code = "code_over"
    message = _("This code is no longer valid. Please ask for a new one.")
    status = 410


class RequestFinished(BusinessError):
    """Nothing more is added to a finished request."""

    code = "request_finished"
    message = _("This request is closed.")


class RemindedAlready(BusinessError):
    """The same request was urged a short while ago."""

    code = "reminded_already"
    message = _("You reminded us already; the people in charge have been told. You can do so again from %(moment)s.")


class NotClosedYet(BusinessError):
    """Only a closed request is rated or taken up again."""

    code = "not_closed_yet"
    message = _("This is possible once the request is closed.")


class RatedAlready(BusinessError):
    """One rating for each closing."""

    code = "rated_already"
    message = _("You have rated this already. Thank you.")


class TooLateToReopen(BusinessError):
    """The days within which a closed request may be taken up again are over."""

    code = "too_late_to_reopen"
    message = _("This request was closed more than %(days)s days ago. Please file a new one.")


class ReopenedOften(BusinessError):
    """It has been taken up again several times."""

    code = "reopened_often"
    message = _("This request was taken up again several times. Please call us, so that we can settle it together.")


class NothingToReopen(BusinessError):
    """A suggestion or words of praise ask for nothing to be put right."""

    code = "nothing_to_reopen"
    message = _("Please file a new request.")


def why_not_open(rules: PortalRules) -> PortalClosed | None:
    """The portal is open unless the house closed it."""
    return None if rules.is_open else PortalClosed()


def why_not_send_code(address: Address) -> NoWayForCode | None:
    """A code needs a gateway that is switched on; the answer says nothing about the address itself."""
    return None if address.medium in queries.code_ways() else NoWayForCode()


def why_not_add(ticket: Ticket) -> RequestFinished | None:
    """Words and files are added while the ticket moves."""
    return RequestFinished() if ticket.is_finished else None


def why_not_remind(ticket: Ticket, last: PortalNote | None, rules: PortalRules) -> BusinessError | None:
    """While the ticket moves, and not again within the hours the rules say; ``last`` is the last reminder here."""
    if ticket.is_finished:
        return RequestFinished()
    if last is None:
        return None
    again_at = last.at + timedelta(hours=rules.remind_hours)
    if clock.now() >= again_at:
        return None
    return RemindedAlready(moment=date_format(localtime(again_at), "H:i" if _is_today(again_at) else "m-d H:i"))


def _is_today(moment: datetime) -> bool:
    return localtime(moment).date() == clock.today()


def why_not_withdraw(ticket: Ticket) -> BusinessError | None:
    """As long as the ticket's own table allows it."""
    return RequestFinished() if ticket_policies.why_not_withdraw(ticket, None) else None


def why_not_rate(ticket: Ticket, last: PortalNote | None) -> BusinessError | None:
    """Once for each closing; ``last`` is the last rating here."""
    if ticket.status != TicketStatus.CLOSED or ticket.closed_at is None:
        return NotClosedYet()
    return RatedAlready() if last and last.at >= ticket.closed_at else None


def why_not_reopen(ticket: Ticket, rules: PortalRules) -> BusinessError | None:
    """A closed complaint, repair or enquiry, within the days the rules say, and not for ever."""
    if ticket.kind in NOTHING_OWED:
        return NothingToReopen()
    if ticket.status != TicketStatus.CLOSED or ticket.closed_at is None:
        return NotClosedYet()
    if clock.now() > ticket.closed_at + timedelta(days=rules.reopen_days):
        return TooLateToReopen(days=rules.reopen_days)
    return ReopenedOften() if ticket.reopen_count >= MOST_REOPENED else None


def why_not_manage(by: User | None) -> BusinessError | None:
    """Words, rules and framing web sites: the permission ``portal.manage``."""
    return why_not_permitted(MANAGE, by)
