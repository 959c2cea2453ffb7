"""Reads the ISO 8601 texts of timers: moments, durations, repeating intervals. Pure: no clock, no time zone."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

_DURATION = re.compile(
    r"P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?"
    r"(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?",
    re.ASCII,
)
_CYCLE = re.compile(r"R(\d*)/(?:([^/P][^/]*)/)?(P[^/]+)(?:/([^/]+))?", re.ASCII)
#: Beyond this a moment leaves the calendar.
_MOST_DAYS = 366 * 1000


class Span(NamedTuple):
    """A duration as written: months and days follow the calendar, seconds the clock."""

    months: int
    days: int
    seconds: float


class Cycle(NamedTuple):
    """A repeating interval; `rounds` 0 is without end, `start` None counts from the entry of the visit."""

    rounds: int
    start: datetime | None
    span: Span


def read_duration(value: Any) -> Span:
    """A duration text or a timedelta. Raises ValueError."""
    if isinstance(value, timedelta):
        if value < timedelta():
            raise ValueError(f"{value} lies in the past")
        return Span(0, value.days, value.seconds + value.microseconds / 1_000_000)
    found = _DURATION.fullmatch(str(value).strip())
    if found is None:
        raise ValueError(f"{value} is no duration")
    years, months, weeks, days, hours, minutes = (int(part or 0) for part in found.groups()[:6])
    span = Span(years * 12 + months, weeks * 7 + days, hours * 3600 + minutes * 60 + float(found[7] or 0))
    if span.months * 31 + span.days + span.seconds / 86_400 > _MOST_DAYS:
        raise ValueError(f"{value} is too long")
    return span


def read_moment(value: Any) -> datetime:
    """A moment; one without time zone stays so, a date is its midnight. Raises ValueError."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    return datetime.fromisoformat(str(value).strip().partition("[")[0])


def read_cycle(value: Any) -> Cycle:
    """A repeating interval such as R3/PT1H or R/2027-01-01T08:00/P1D. Raises ValueError."""
    found = _CYCLE.fullmatch(str(value).strip())
    if found is None or found[4]:
        raise ValueError(f"{value} is no repeating interval")
    span = read_duration(found[3])
    if not any(span):
        raise ValueError(f"{value} repeats without a pause")
    rounds = max(int(found[1]), 1) if found[1] else 0
    if rounds > 1_000_000:
        raise ValueError(f"{value} repeats too often")
    return Cycle(rounds, read_moment(found[2]) if found[2] else None, span)


_READERS = {"date": read_moment, "duration": read_duration, "cycle": read_cycle}


def is_readable(kind: str, value: Any) -> bool:
    """Whether a timer of this kind can use the value. Cron texts pass here; who keeps the clock says whether he reads them."""
    if kind == "cycle" and isinstance(value, str) and len(value.split()) > 4:
        return True
    try:
        _READERS[kind](value)
    except (ValueError, OverflowError):
        return False
    return True
