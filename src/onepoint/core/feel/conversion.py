"""The edges: Python values in, Python values out, text of a value, JSON of a value."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from .numbers import CONTEXT
from .temporal import (
    format_date,
    format_date_time,
    format_days_time,
    format_time,
    format_years_months,
)
from .values import (
    NANOS,
    Date,
    DateTime,
    DaysTime,
    Function,
    NotEqual,
    Range,
    Time,
    YearsMonths,
    Zone,
)

NATIVE: Final = frozenset({type(None), bool, str, Decimal})
OWN: Final = frozenset({Date, Time, DateTime, DaysTime, YearsMonths, Range, NotEqual, Function})


def from_python(value: Any) -> Any:
    """The FEEL value of a Python value; None for what FEEL has no word for (no attribute of an object is ever read)."""
    kind = type(value)
    if kind in NATIVE:
        return value if kind is not Decimal or value.is_finite() else None
    if kind is int:
        return CONTEXT.create_decimal(value)
    if kind is dict:
        return {key: from_python(item) for key, item in value.items() if type(key) is str}
    if kind is list or kind is tuple:
        return [from_python(item) for item in value]
    if kind in OWN:
        return value
    return _from_rare(value)


def _from_rare(value: Any) -> Any:
    if isinstance(value, bool | str):
        return str(value) if isinstance(value, str) else bool(value)
    if isinstance(value, int | float | Decimal):
        number = CONTEXT.create_decimal(repr(value) if isinstance(value, float) else value)
        return number if number.is_finite() else None
    if isinstance(value, datetime):
        return DateTime(Date(value.year, value.month, value.day), _clock(value.time(), _zone_of(value)))
    if isinstance(value, date):
        return Date(value.year, value.month, value.day)
    if isinstance(value, time):
        return _clock(value, _zone_of(value))
    if isinstance(value, timedelta):
        return DaysTime((value.days * 86_400 + value.seconds) * NANOS + value.microseconds * 1000)
    if isinstance(value, Mapping):
        return {key: from_python(item) for key, item in value.items() if isinstance(key, str)}
    if isinstance(value, list | tuple | set | frozenset):
        return [from_python(item) for item in value]
    return None


def _clock(value: time, zone: Zone | None) -> Time:
    seconds = value.hour * 3600 + value.minute * 60 + value.second
    return Time(seconds * NANOS + value.microsecond * 1000, zone)


def _zone_of(value: datetime | time) -> Zone | None:
    if value.tzinfo is None:
        return None
    if isinstance(value.tzinfo, ZoneInfo) and value.tzinfo.key and value.tzinfo.key != "UTC":
        return Zone(0, value.tzinfo.key)
    offset = value.utcoffset()
    return None if offset is None else Zone(int(offset.total_seconds()))


def to_python(value: Any) -> Any:
    """The Python value of a FEEL value; what Python cannot hold exactly (year 10000, nanoseconds) stays as it is."""
    kind = type(value)
    if kind in NATIVE:
        return value
    if kind is list:
        return [to_python(item) for item in value]
    if kind is dict:
        return {key: to_python(item) for key, item in value.items()}
    if kind is Date:
        return date(value.year, value.month, value.day) if 1 <= value.year <= 9999 else value
    if kind is DateTime:
        return _to_datetime(value)
    if kind is Time:
        return value if value.nanos % 1000 else _to_time(value)
    if kind is DaysTime:
        return value if value.nanos % 1000 or abs(value.nanos) > 10**22 else timedelta(microseconds=value.nanos // 1000)
    if kind is Function:
        return partial(_call_from_python, value)
    return value


def _call_from_python(function: Function, *arguments: Any) -> Any:
    from .runtime import Run

    return to_python(function.call(Run(), [from_python(argument) for argument in arguments]))


def _tzinfo(zone: Zone | None) -> timezone | ZoneInfo | None:
    if zone is None:
        return None
    return ZoneInfo(zone.name) if zone.name else timezone(timedelta(seconds=zone.seconds))


def _to_time(value: Time) -> time:
    seconds, nanos = divmod(value.nanos, NANOS)
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60, nanos // 1000, tzinfo=_tzinfo(value.zone))


def _to_datetime(value: DateTime) -> datetime | DateTime:
    if not 1 <= value.date.year <= 9999 or value.time.nanos % 1000:
        return value
    return datetime.combine(date(value.date.year, value.date.month, value.date.day), _to_time(value.time))


def format_number(number: Decimal) -> str:
    """Plain digits without an exponent and without trailing zeros."""
    if not number:
        return "0"
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def to_text(value: Any, nested: bool = False) -> str | None:
    """What `string(value)` gives; strings inside lists and contexts are quoted. None for null itself."""
    kind = type(value)
    if value is None:
        return "null" if nested else None
    if kind is str:
        return json.dumps(value, ensure_ascii=False) if nested else value
    if kind is bool:
        return "true" if value else "false"
    if kind is Decimal:
        return format_number(value)
    if kind is list:
        return "[" + ", ".join(to_text(item, True) or "" for item in value) + "]"
    if kind is dict:
        return "{" + ", ".join(f"{_key_text(key)}: {to_text(item, True)}" for key, item in value.items()) + "}"
    if kind is Range:
        return _range_text(value)
    if kind is NotEqual:
        return f"(!={to_text(value.value, True)})"
    if kind is Function:
        return f"function({', '.join(value.parameters)})"
    text = temporal_text(value)
    return f'@"{text}"' if nested and text is not None else text


def temporal_text(value: Any) -> str | None:
    """ISO text of a date, time, date and time or duration; None for anything else."""
    kind = type(value)
    if kind is Date:
        return format_date(value)
    if kind is Time:
        return format_time(value)
    if kind is DateTime:
        return format_date_time(value)
    if kind is DaysTime:
        return format_days_time(value)
    return format_years_months(value) if kind is YearsMonths else None


def _key_text(key: str) -> str:
    return key if key.replace(" ", "_").isidentifier() else json.dumps(key, ensure_ascii=False)


def _range_text(value: Range) -> str:
    if value.end is None and not value.end_included and value.start is not None:
        return f"(>{'=' if value.start_included else ''}{to_text(value.start, True)})"
    if value.start is None and not value.start_included and value.end is not None:
        return f"(<{'=' if value.end_included else ''}{to_text(value.end, True)})"
    opening, closing = ("[" if value.start_included else "("), ("]" if value.end_included else ")")
    return f"{opening}{to_text(value.start, True)}..{to_text(value.end, True)}{closing}"


def to_json(value: Any) -> Any:
    """A JSON-able form of a result: whole numbers as int, other numbers and all temporal values as text."""
    value = from_python(value)
    kind = type(value)
    if value is None or kind in (bool, str):
        return value
    if kind is Decimal:
        return int(value) if value == value.to_integral_value() else format_number(value)
    if kind is list:
        return [to_json(item) for item in value]
    if kind is dict:
        return {key: to_json(item) for key, item in value.items()}
    return to_text(value)
