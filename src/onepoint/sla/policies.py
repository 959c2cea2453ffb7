"""Who may do what about time."""

from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.accounts.policies import why_not_permitted
from onepoint.core.errors import BusinessError
from onepoint.sla.models import BusinessCalendar, DueMoment
from onepoint.sla.states import MomentStatus


class MomentNotParked(BusinessError):
    """Somebody else has already had it tried again, or given it up."""

    code = "moment_not_parked"
    message = _("This no longer waits for a person.")


def why_not_manage_moments(by: User | None) -> BusinessError | None:
    """Needs ``moment.manage``."""
    return why_not_permitted("moment.manage", by)


def why_not_settle_moment(moment: DueMoment, by: User | None) -> BusinessError | None:
    """Needs ``moment.manage``; only what failed three times waits for a person."""
    if refusal := why_not_manage_moments(by):
        return refusal
    return None if moment.status == MomentStatus.PARKED else MomentNotParked()


class CalendarInUse(BusinessError):
    """Somebody works by it, another calendar keeps its days, or clocks have counted in it."""

    code = "calendar_in_use"
    message = _("This calendar is in use and cannot be deleted.")


class AlreadyHouseCalendar(BusinessError):
    """It is the house calendar already."""

    code = "already_house_calendar"
    message = _("This is the house calendar already.")


class YearNotPublished(BusinessError):
    """No notice of that year's public holidays is known to this version."""

    code = "year_not_published"
    message = _("The public holidays of %(year)s are not published yet. Until then weekdays count.")


def why_not_view_calendars(by: User | None) -> BusinessError | None:
    """Needs ``calendar.view``."""
    return why_not_permitted("calendar.view", by)


def why_not_change_calendars(by: User | None) -> BusinessError | None:
    """Needs ``calendar.change``."""
    return why_not_permitted("calendar.change", by)


def why_not_make_default(calendar: BusinessCalendar, by: User | None) -> BusinessError | None:
    """Needs ``calendar.change``; refused for the house calendar itself."""
    if refusal := why_not_change_calendars(by):
        return refusal
    return AlreadyHouseCalendar() if calendar.is_default else None


def why_not_delete_calendar(calendar: BusinessCalendar, by: User | None) -> BusinessError | None:
    """Needs ``calendar.change``; refused for the house calendar and while a unit, a region or a calendar needs it."""
    if refusal := why_not_change_calendars(by):
        return refusal
    if calendar.is_default or calendar.assignments.exists() or calendar.followers.exists():
        return CalendarInUse()
    return None


def why_not_see_clock_policies(by: User | None) -> BusinessError | None:
    """Needs ``clock_policy.view``."""
    return why_not_permitted("clock_policy.view", by)


def why_not_change_clock_policies(by: User | None) -> BusinessError | None:
    """Needs ``clock_policy.change``; the system may."""
    return why_not_permitted("clock_policy.change", by)
