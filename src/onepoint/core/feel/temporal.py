"""Reading and writing dates, times and durations as text (ISO 8601 as FEEL narrows it)."""

from __future__ import annotations

import re
from typing import Any, Final

from .values import (
    DAY_NANOS,
    DAY_SECONDS,
    NANOS,
    UTC_ZONE,
    Date,
    DateTime,
    DaysTime,
    Time,
    YearsMonths,
    Zone,
    days_in_month,
    find_zone,
)

MAX_YEAR: Final = 999_999_999
# More than 18 hours from UTC is no offset anybody uses; the same bound as ISO implementations elsewhere.
MAX_OFFSET: Final = 18 * 3600

_DATE = re.compile(r"(-?)([0-9]{4}|[1-9][0-9]{4,8})-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?(.*)", re.DOTALL)
_OFFSET = re.compile(r"([+-])([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?")
_ZONE_NAME = re.compile(r"@([A-Za-z][A-Za-z0-9_+\-]*(?:/[A-Za-z0-9_+\-]+)*)")
_YEARS_MONTHS = re.compile(r"(-?)P(?:([0-9]+)Y)?(?:([0-9]+)M)?")
_DAYS_TIME = re.compile(
    r"(-?)P(?:([0-9]+)D)?(T(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)(?:\.([0-9]*))?S)?)?",
)


def make_date(year: int, month: int, day: int) -> Date | None:
    if abs(year) > MAX_YEAR or not 1 <= month <= 12 or not 1 <= day <= days_in_month(year, month):
        return None
    return Date(year, month, day)


def parse_date(text: str) -> Date | None:
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    year = int(match[2])
    return make_date(-year if match[1] else year, int(match[3]), int(match[4]))


def make_zone(seconds: int) -> Zone | None:
    return Zone(seconds) if abs(seconds) <= MAX_OFFSET else None


def _parse_zone(text: str) -> Zone | None:
    if text in ("Z", "z"):
        return UTC_ZONE
    if match := _OFFSET.fullmatch(text):
        minutes, seconds = int(match[3]), int(match[4] or 0)
        if minutes > 59 or seconds > 59:
            return None
        offset = int(match[2]) * 3600 + minutes * 60 + seconds
        return make_zone(-offset if match[1] == "-" else offset)
    if match := _ZONE_NAME.fullmatch(text):
        return find_zone(match[1])
    return None


def _fraction(digits: str | None) -> int:
    return int((digits or "0")[:9].ljust(9, "0"))


def _parse_clock(text: str) -> tuple[int, Zone | None] | None:
    """Nanoseconds (a whole day for 24:00:00) and zone."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    hour, minute, second, fraction = int(match[1]), int(match[2]), int(match[3]), _fraction(match[4])
    zone = None
    if match[5]:
        zone = _parse_zone(match[5])
        if zone is None:
            return None
    if minute > 59 or second > 59 or hour > 24 or (hour == 24 and (minute or second or fraction)):
        return None
    return (hour * 3600 + minute * 60 + second) * NANOS + fraction, zone


def parse_time(text: str) -> Time | None:
    parts = _parse_clock(text)
    return None if parts is None else Time(parts[0] % DAY_NANOS, parts[1])


def parse_date_time(text: str) -> DateTime | None:
    """A date without time is midnight; 24:00:00 is the start of the next day."""
    date_text, separator, clock_text = text.partition("T")
    date = parse_date(date_text)
    if date is None:
        return None
    if not separator:
        return DateTime(date, Time(0))
    parts = _parse_clock(clock_text)
    if parts is None:
        return None
    if parts[0] == DAY_NANOS:
        return DateTime(Date.from_number(date.number + 1), Time(0, parts[1]))
    return DateTime(date, Time(*parts))


def parse_duration(text: str) -> DaysTime | YearsMonths | None:
    if match := _YEARS_MONTHS.fullmatch(text):
        if match[2] is None and match[3] is None:
            return None
        months = int(match[2] or 0) * 12 + int(match[3] or 0)
        return YearsMonths(-months if match[1] else months)
    match = _DAYS_TIME.fullmatch(text)
    if match is None or match[3] == "T" or (match[2] is None and match[3] is None):
        return None
    seconds = (
        int(match[2] or 0) * DAY_SECONDS + int(match[4] or 0) * 3600 + int(match[5] or 0) * 60 + int(match[6] or 0)
    )
    nanos = seconds * NANOS + _fraction(match[7])
    return DaysTime(-nanos if match[1] else nanos)


def parse_at_literal(text: str) -> Any:
    """What `@"…"` means: a duration, a time, a date and time or a date."""
    if text.lstrip("-").startswith("P"):
        return parse_duration(text)
    if "T" in text.split("@", 1)[0]:
        return parse_date_time(text)
    return parse_date(text) or parse_time(text)


def format_date(date: Date) -> str:
    sign = "-" if date.year < 0 else ""
    return f"{sign}{abs(date.year):04d}-{date.month:02d}-{date.day:02d}"


def _format_fraction(nanos: int) -> str:
    return f".{nanos:09d}".rstrip("0") if nanos else ""


def format_zone(zone: Zone | None) -> str:
    if zone is None:
        return ""
    if zone.name:
        return f"@{zone.name}"
    if zone.seconds == 0:
        return "Z"
    minutes, seconds = divmod(abs(zone.seconds), 60)
    tail = f":{seconds:02d}" if seconds else ""
    return f"{'-' if zone.seconds < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}{tail}"


def format_time(time: Time) -> str:
    seconds, nanos = divmod(time.nanos, NANOS)
    clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return clock + _format_fraction(nanos) + format_zone(time.zone)


def format_date_time(moment: DateTime) -> str:
    return f"{format_date(moment.date)}T{format_time(moment.time)}"


def format_years_months(duration: YearsMonths) -> str:
    years, months = divmod(abs(duration.months), 12)
    body = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
    return ("-" if duration.months < 0 else "") + "P" + (body or "0M")


def format_days_time(duration: DaysTime) -> str:
    seconds, nanos = divmod(abs(duration.nanos), NANOS)
    days, seconds = divmod(seconds, DAY_SECONDS)
    hours, minutes, seconds = seconds // 3600, seconds // 60 % 60, seconds % 60
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    if seconds or nanos:
        clock += f"{seconds}{_format_fraction(nanos)}S"
    body = (f"{days}D" if days else "") + (f"T{clock}" if clock else "")
    return ("-" if duration.nanos < 0 else "") + "P" + (body or "T0S")
