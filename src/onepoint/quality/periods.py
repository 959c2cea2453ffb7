"""The periods a plan draws for, in the house's time zone: the last whole day, week from Monday, month. Plain arithmetic."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from onepoint.quality.inspection_states import PlanFrequency

#: How many missed periods are made good after the worker stood still.
MOST_MISSED = 7


@dataclass(frozen=True)
class Period:
    """A named stretch of whole days: from the beginning of the first one to the beginning of the day after the last."""

    name: str
    begins_on: date
    ends_before: date

    @property
    def begins_at(self) -> datetime:
        return _midnight(self.begins_on)

    @property
    def ends_at(self) -> datetime:
        return _midnight(self.ends_before)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def days(begins_on: date, ends_on: date) -> Period:
    """The days from one to another, both included."""
    return Period(f"{begins_on:%Y-%m-%d}..{ends_on:%Y-%m-%d}", begins_on, ends_on + timedelta(days=1))


def period_of(frequency: str, day: date) -> Period | None:
    """The period of a frequency that holds a day; None for plans that are drawn by hand."""
    if frequency == PlanFrequency.DAILY:
        return Period(f"{day:%Y-%m-%d}", day, day + timedelta(days=1))
    if frequency == PlanFrequency.WEEKLY:
        year, week, weekday = day.isocalendar()
        monday = day - timedelta(days=weekday - 1)
        return Period(f"{year}-W{week:02}", monday, monday + timedelta(days=7))
    if frequency == PlanFrequency.MONTHLY:
        first = day.replace(day=1)
        return Period(f"{day:%Y-%m}", first, (first + timedelta(days=32)).replace(day=1))
    return None


def whole_periods(frequency: str, *, since: datetime, now: datetime) -> list[Period]:
    """The periods that ended after ``since`` and are over by now, the eldest first, at most ``MOST_MISSED`` of them."""
    found: list[Period] = []
    day = timezone.localtime(now).date()
    while len(found) < MOST_MISSED:
        period = period_of(frequency, day)
        if period is None or period.ends_at <= since:
            break
        if period.ends_at <= now:
            found.append(period)
        day = period.begins_on - timedelta(days=1)
    return found[::-1]
