"""Who may give numbers, call them, and arrange the waiting lines of a business hall."""

from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import OrgUnit, User
from onepoint.accounts.policies import OutsideYourScope, why_not_permitted
from onepoint.accounts.scope import scope_of
from onepoint.channels.models import CounterNumber, CounterQueue
from onepoint.channels.states import NUMBER_MOVES
from onepoint.core.errors import BusinessError


class NobodyWaits(BusinessError):
    """There is no number to be called."""

    code = "nobody_waits"
    message = _("Nobody is waiting.")


class StillServing(BusinessError):
    """An agent serves one customer at a time."""

    code = "still_serving"
    message = _("Please finish with number %(number)s first.")


class NumberNotInThatState(BusinessError):
    """What one wants to do does not fit how far the number is."""

    code = "number_not_in_that_state"
    message = _("Number %(number)s is “%(state)s”; that cannot be done now.")


class NotYourNumber(BusinessError):
    """A called number belongs to the agent who called it."""

    code = "not_your_number"
    message = _("Number %(number)s is being served by somebody else.")
    status = 403


class LineClosed(BusinessError):
    """The waiting line is out of use."""

    code = "line_closed"
    message = _("This waiting line is closed.")


def why_not_arrange_counter(unit: OrgUnit | None, by: User | None) -> BusinessError | None:
    """Needs ``counter.manage``, for this hall where one is named."""
    return _why_not("counter.manage", unit, by)


def why_not_give_number(queue: CounterQueue, by: User | None) -> BusinessError | None:
    """Needs ``counter.greet`` for the hall, and a line in use."""
    return _why_not("counter.greet", queue.unit, by) or (None if queue.is_active else LineClosed())


def why_not_serve(unit: OrgUnit, by: User | None) -> BusinessError | None:
    """Needs ``counter.serve`` for the hall."""
    return _why_not("counter.serve", unit, by)


def why_not_move_number(verb: str, number: CounterNumber, by: User | None) -> BusinessError | None:
    """Needs ``counter.serve`` for the hall; what was called belongs to who called it; and the right state."""
    if refusal := why_not_serve(number.queue.unit, by):
        return refusal
    if number.state not in NUMBER_MOVES[verb][0]:
        return NumberNotInThatState(number=number.label, state=number.get_state_display())
    if verb in ("recall", "start", "finish", "miss", "transfer") and by is not None and number.agent_id != by.pk:
        return NotYourNumber(number=number.label)
    return None


def _why_not(permission: str, unit: OrgUnit | None, by: User | None) -> BusinessError | None:
    if refusal := why_not_permitted(permission, by):
        return refusal
    if by is None or unit is None:
        return None
    return None if scope_of(by, permission).reaches(unit_id=unit.pk, region_id=unit.region_id) else OutsideYourScope()
