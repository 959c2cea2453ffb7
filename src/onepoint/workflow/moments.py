"""When a timer is due: what the drawing says, counted from a moment, in clock or working time."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.utils import timezone

from onepoint.core import clock
from onepoint.workflow import registry
from onepoint.workflow.engine.times import Cycle, Span, read_cycle, read_duration, read_moment


class Place(NamedTuple):
    """Whose calendar counts."""

    region_id: int | None
    unit_id: int | None


class Due(NamedTuple):
    """The first moment of a timer and how often it comes in all (0: without end)."""

    at: datetime
    rounds: int


def timer_text(value: Any) -> str:
    """The value of a timer as it is kept: ISO 8601."""
    if isinstance(value, timedelta):
        return f"PT{value.total_seconds():f}".rstrip("0").rstrip(".") + "S"
    return value.isoformat() if hasattr(value, "isoformat") else str(value).strip()


def _aware(moment: datetime) -> datetime:
    """A moment without a time zone is meant in the house's."""
    return timezone.make_aware(moment) if timezone.is_naive(moment) else moment


def months_later(since: datetime, months: int) -> datetime:
    if not months:
        return since
    local = timezone.localtime(since)
    count = local.month - 1 + months
    year, month = local.year + count // 12, count % 12 + 1
    for day in range(local.day, 27, -1):  # 31 January and a month is the last of February
        try:
            return local.replace(year=year, month=month, day=day)
        except ValueError:
            continue
    return local.replace(year=year, month=month)


def later(since: datetime, span: Span, calendar: str, place: Place) -> datetime:
    """``since`` plus a span; days and hours are those of the calendar where one is named. Months are always whole ones."""
    start = months_later(since, span.months)
    if calendar and (span.days or span.seconds):
        return registry.add_time(calendar, start, span.days, span.seconds, place.region_id, place.unit_id)
    return start + timedelta(days=span.days, seconds=span.seconds)


def going_on(due_at: datetime, left: timedelta, calendar: str, place: Place) -> datetime:
    """When a timer is due that goes on now and was stopped when, by the clock, ``left`` was left until ``due_at``.

    What was left of a calendar's time is counted in that calendar; one that was over already is due at once.
    """
    now = clock.now()
    if calendar and left > timedelta():
        measured = registry.time_between(calendar, due_at - left, due_at, place.region_id, place.unit_id)
        if measured is not None:
            try:
                seconds = measured.total_seconds()
                return registry.add_time(calendar, now, 0, seconds, place.region_id, place.unit_id)
            except ValueError:  # no working time is left in the calendar; by the clock is better than never
                pass
    return now + left


def first_due(kind: str, value: Any, calendar: str, since: datetime, place: Place) -> Due:
    """When a timer that begins to count at ``since`` is due. Raises ValueError for what cannot be read."""
    if kind == "date":
        return Due(_aware(read_moment(value)), 1)
    if kind == "duration":
        return Due(later(since, read_duration(value), calendar, place), 1)
    cycle = read_cycle(value)
    if cycle.start is None:
        return Due(later(since, cycle.span, calendar, place), cycle.rounds)
    return Due(_next_start(cycle, since, calendar, place), cycle.rounds)


def _next_start(cycle: Cycle, since: datetime, calendar: str, place: Place) -> datetime:
    """The first moment of a cycle with a fixed beginning that has not passed."""
    assert cycle.start is not None
    start = _aware(cycle.start)
    if start < since and not cycle.span.months and not calendar:
        pause = timedelta(days=cycle.span.days, seconds=cycle.span.seconds)
        start += -(-(since - start) // pause) * pause
    while start < since:
        start = later(start, cycle.span, calendar, place)
    return start


def next_due(value: str, calendar: str, round_: int, rounds: int, due_at: datetime, place: Place) -> datetime | None:
    """The moment after ``due_at`` of a cycle whose round ``round_`` (from 0) has come; None after the last.

    A cycle without end leaves out what it missed while nobody looked; a counted one makes up for it.
    """
    if rounds and round_ + 1 >= rounds:
        return None
    span = read_cycle(value).span
    moment = later(due_at, span, calendar, place)
    now = clock.now()
    if not rounds and moment < now:
        fixed = Cycle(0, moment, span)
        moment = _next_start(fixed, now, calendar, place)
    return moment
