"""Functions on dates, times and durations."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from ..conversion import from_python
from ..numbers import whole
from ..runtime import Run
from ..temporal import make_date, make_zone, parse_date, parse_date_time, parse_duration, parse_time
from ..values import (
    NANOS,
    UTC_ZONE,
    Date,
    DateTime,
    DaysTime,
    Time,
    YearsMonths,
    Zone,
    days_in_month,
)
from .registry import builtin

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@builtin("date", "from: any")
def _date(run: Run, value: Any) -> Date | None:
    if type(value) is str:
        return parse_date(value)
    if type(value) is DateTime:
        return value.date
    return value if type(value) is Date else None


@builtin("date", "year: number, month: number, day: number")
def _date_of(run: Run, year: Decimal, month: Decimal, day: Decimal) -> Date | None:
    parts = whole(year), whole(month), whole(day)
    return None if None in parts else make_date(*parts)  # type: ignore[arg-type]


@builtin("date and time", "from: any")
def _date_and_time(run: Run, value: Any) -> DateTime | None:
    if type(value) is str:
        return parse_date_time(value)
    if type(value) is Date:
        return DateTime(value, Time(0, UTC_ZONE))
    return value if type(value) is DateTime else None


@builtin("date and time", "date: date, time: time")
def _date_and_time_of(run: Run, date: Date | DateTime, time: Time) -> DateTime:
    return DateTime(date.date if isinstance(date, DateTime) else date, time)


@builtin("date and time", "date: date, timezone: string")
def _date_and_time_in(run: Run, date: Any, timezone: str) -> DateTime | None:
    moment = parse_date_time(f"2000-01-01T00:00:00@{timezone}")
    if type(date) is not DateTime or moment is None:
        return None
    return _in_zone(date, moment.time.zone)


def _in_zone(moment: DateTime, zone: Zone | None) -> DateTime:
    """The same instant on another clock."""
    if zone is None:
        return moment
    utc = DateTime.from_local(moment.instant, UTC_ZONE)
    shifted = zone.offset(utc.date.number, utc.time.nanos) * NANOS
    return DateTime.from_local(moment.instant + shifted, zone)


@builtin("time", "from: any")
def _time(run: Run, value: Any) -> Time | None:
    if type(value) is str:
        return parse_time(value)
    if type(value) is DateTime:
        return value.time
    if type(value) is Date:
        return Time(0, UTC_ZONE)
    return value if type(value) is Time else None


@builtin("time", "hour: number, minute: number, second: number, offset: days and time duration~?")
def _time_of(run: Run, hour: Decimal, minute: Decimal, second: Decimal, offset: DaysTime | None = None) -> Time | None:
    hours, minutes = whole(hour), whole(minute)
    if hours is None or minutes is None or not (0 <= hours < 24 and 0 <= minutes < 60 and 0 <= second < 60):
        return None
    nanos = (hours * 3600 + minutes * 60) * NANOS + int(second * NANOS)
    if offset is None:
        return Time(nanos)
    zone = make_zone(int(offset.nanos / NANOS))
    return None if zone is None else Time(nanos, zone)


@builtin("duration", "from: any")
def _duration(run: Run, value: Any) -> DaysTime | YearsMonths | None:
    if type(value) is str:
        return parse_duration(value)
    return value if type(value) in (DaysTime, YearsMonths) else None


@builtin("years and months duration", "from: date, to: date")
def _years_and_months(run: Run, start: Date | DateTime, end: Date | DateTime) -> YearsMonths:
    """Whole months between two dates; the time of day plays no part."""
    first = start.date if isinstance(start, DateTime) else start
    last = end.date if isinstance(end, DateTime) else end
    months = (last.year - first.year) * 12 + last.month - first.month
    if months > 0 and last.day < first.day:
        months -= 1
    elif months < 0 and last.day > first.day:
        months += 1
    return YearsMonths(months)


def _day(value: Date | DateTime) -> Date:
    return value.date if isinstance(value, DateTime) else value


@builtin("day of year", "date: date")
def _day_of_year(run: Run, date: Date | DateTime) -> Decimal:
    day = _day(date)
    return Decimal(day.number - Date(day.year, 1, 1).number + 1)


@builtin("day of week", "date: date")
def _day_of_week(run: Run, date: Date | DateTime) -> str:
    return WEEKDAYS[_day(date).weekday - 1]


@builtin("month of year", "date: date")
def _month_of_year(run: Run, date: Date | DateTime) -> str:
    return MONTHS[_day(date).month - 1]


@builtin("week of year", "date: date")
def _week_of_year(run: Run, date: Date | DateTime) -> Decimal:
    """ISO 8601: the week that holds the year's first Thursday is the first."""
    day = _day(date)
    thursday = Date.from_number(day.number - day.weekday + 4)
    return Decimal((thursday.number - Date(thursday.year, 1, 1).number) // 7 + 1)


@builtin("last day of month", "date: date")
def _last_day_of_month(run: Run, date: Date | DateTime) -> Date:
    day = _day(date)
    return Date(day.year, day.month, days_in_month(day.year, day.month))


@builtin("now")
def _now(run: Run) -> DateTime:
    moment: DateTime = from_python(run.moment())
    return _in_zone(moment, Zone(0, "Asia/Shanghai"))


@builtin("today")
def _today(run: Run) -> Date:
    return _now(run).date
