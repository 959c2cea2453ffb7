"""A due moment with everything that explains it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from onepoint.core.errors import BusinessError
from onepoint.sla.calendars import LoadedCalendar
from onepoint.sla.working_time import NoWorkingTime, Piece


class NeverDue(BusinessError):
    """The calendar has not so much working time before the end of all calendars."""

    code = "never_due"
    message = _("In this calendar that moment never comes.")
    status = 422


@dataclass(frozen=True)
class Deadline:
    """Since a moment, so much working time: when that is, and day by day why."""

    due_at: datetime
    counted: timedelta
    pieces: list[Piece]


def deadline(
    calendar: LoadedCalendar, since: datetime, *, days: int = 0, span: timedelta = timedelta(0), most: int = 60
) -> Deadline:
    """``since`` plus working days, then working time, with at most about ``most`` pieces told. Raises NeverDue."""
    try:
        due_at = calendar.days_later(since, days) if days else since
        if span:
            due_at = calendar.later(due_at, span)
        counted = calendar.between(since, due_at)
        return Deadline(due_at, counted, calendar.explain(since, counted, most=most))
    except (NoWorkingTime, OverflowError) as error:
        raise NeverDue from error
