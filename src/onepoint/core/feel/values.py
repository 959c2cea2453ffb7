"""FEEL's own values: dates beyond year 9999, nanoseconds, two kinds of duration, ranges and functions.

Python's date types stop at year 9999 and at microseconds, FEEL's do not; inside an evaluation only these classes
(and None, bool, Decimal, str, list, dict) occur. `conversion` translates at the edges.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

NANOS: Final = 1_000_000_000
DAY_SECONDS: Final = 86_400
DAY_NANOS: Final = DAY_SECONDS * NANOS
# A moment without zone is taken as Beijing time when it meets one that has a zone (no daylight saving since 1991).
LOCAL_SECONDS: Final = 8 * 3600
MONTH_DAYS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_in_month(year: int, month: int) -> int:
    return 29 if month == 2 and is_leap(year) else MONTH_DAYS[month - 1]


def day_number(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 in the proleptic Gregorian calendar, any year (eras of 400 years, March first)."""
    year -= month <= 2
    era, year_of_era = divmod(year, 400)
    day_of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146_097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719_468


@dataclass(frozen=True, slots=True)
class Date:
    year: int
    month: int
    day: int

    @property
    def number(self) -> int:
        return day_number(self.year, self.month, self.day)

    @property
    def weekday(self) -> int:
        """1 is Monday, 7 is Sunday."""
        return (self.number + 3) % 7 + 1

    @staticmethod
    def from_number(number: int) -> Date:
        era, day_of_era = divmod(number + 719_468, 146_097)
        year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
        day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
        shifted = (5 * day_of_year + 2) // 153
        month = shifted + (3 if shifted < 10 else -9)
        return Date(year_of_era + era * 400 + (month <= 2), month, day_of_year - (153 * shifted + 2) // 5 + 1)

    def plus_months(self, months: int) -> Date:
        year, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Date(year, month + 1, min(self.day, days_in_month(year, month + 1)))


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@dataclass(frozen=True, slots=True)
class Zone:
    """A fixed offset in seconds, or a named zone."""

    seconds: int = 0
    name: str = ""

    def offset(self, days: int = 0, nanos: int = 0) -> int:
        """Seconds ahead of UTC at this local moment; years Python cannot hold borrow one of the same cycle."""
        if not self.name:
            return self.seconds
        date = Date.from_number(days)
        year = date.year if 1 < date.year < 9999 else (date.year % 400 + 2000 if date.year > 1 else 2)
        hour, rest = divmod(nanos // NANOS, 3600)
        day = min(date.day, days_in_month(year, date.month))
        local = datetime(year, date.month, day, hour, rest // 60, rest % 60, tzinfo=_zone(self.name))
        found = local.utcoffset()
        return int(found.total_seconds()) if found is not None else 0


UTC_ZONE: Final = Zone(0)


def find_zone(name: str) -> Zone | None:
    """The named zone, or None when the zone database does not know it."""
    try:
        _zone(name)
    except (KeyError, ValueError, OSError):
        return None
    return Zone(0, name)


@dataclass(frozen=True, slots=True)
class Time:
    """`nanos` since local midnight."""

    nanos: int
    zone: Zone | None = None

    @property
    def instant(self) -> int:
        """Nanoseconds since midnight UTC."""
        offset = LOCAL_SECONDS if self.zone is None else self.zone.offset(0, self.nanos)
        return self.nanos - offset * NANOS


@dataclass(frozen=True, slots=True)
class DateTime:
    date: Date
    time: Time

    @property
    def zone(self) -> Zone | None:
        return self.time.zone

    @property
    def offset_seconds(self) -> int:
        return LOCAL_SECONDS if self.time.zone is None else self.time.zone.offset(self.date.number, self.time.nanos)

    @property
    def local_nanos(self) -> int:
        return self.date.number * DAY_NANOS + self.time.nanos

    @property
    def instant(self) -> int:
        """Nanoseconds since 1970-01-01T00:00:00Z."""
        return self.local_nanos - self.offset_seconds * NANOS

    @staticmethod
    def from_local(nanos: int, zone: Zone | None) -> DateTime:
        days, rest = divmod(nanos, DAY_NANOS)
        return DateTime(Date.from_number(days), Time(rest, zone))


@dataclass(frozen=True, slots=True)
class DaysTime:
    """A days and time duration in nanoseconds."""

    nanos: int


@dataclass(frozen=True, slots=True)
class YearsMonths:
    """A years and months duration in months."""

    months: int


@dataclass(frozen=True, slots=True)
class Range:
    """An interval; an end that is None and open is unbounded."""

    start: Any
    start_included: bool
    end: Any
    end_included: bool


@dataclass(frozen=True, slots=True)
class NotEqual:
    """The unary test `(!= value)`, which no range can express."""

    value: Any


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """Something that can be invoked: `call(run, positional)`; `accepts(count)` says whether the arity fits."""

    name: str
    parameters: Sequence[str]
    call: Callable[[Any, list[Any]], Any]
    named: Callable[[Any, dict[str, Any]], Any]
    parameter_types: Sequence[Any] = ()
    builtin: bool = False


def utc_now() -> datetime:
    """The moment `now()` falls back to when the caller names none."""
    return datetime.now(UTC)
