"""What the operators mean. Wrong types give None and a warning, never an exception (DMN chapter 10.3.2)."""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from .conversion import to_text
from .numbers import CONTEXT, finite
from .runtime import AT_A_STEP, MAX_CHARACTERS, Run, cost
from .types import type_name
from .values import (
    DAY_NANOS,
    NANOS,
    UTC_ZONE,
    Date,
    DateTime,
    DaysTime,
    Function,
    NotEqual,
    Range,
    Time,
    YearsMonths,
)

COMPARATORS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_MOMENTS: Final = frozenset({Time, DateTime})
# What makes two values of one type comparable by Python's own operators.
_ORDER: Final[dict[type, Callable[[Any], Any]]] = {
    Decimal: lambda value: value,
    str: lambda value: value,
    Date: lambda value: (value.year, value.month, value.day),
    Time: lambda value: value.instant,
    DateTime: lambda value: value.instant,
    DaysTime: lambda value: value.nanos,
    YearsMonths: lambda value: value.months,
}


def mismatch(run: Run, sign: str, left: Any, right: Any) -> None:
    if run.warnings is not None:
        run.warn(f"{type_name(left)} {sign} {type_name(right)} has no value")


def equal(left: Any, right: Any) -> bool | None:
    """True, False, or None where the types cannot be compared at all; null equals only null."""
    if left is None or right is None:
        return left is right
    kind = type(left)
    if kind is not type(right):
        return None
    if kind is list:
        return len(left) == len(right) and all(map(equal, left, right))
    if kind is dict:
        return left.keys() == right.keys() and all(equal(value, right[key]) for key, value in left.items())
    if kind in _MOMENTS:
        return bool(left.instant == right.instant)
    if kind is Range:
        return _equal_ranges(left, right)
    if kind is Function:
        return left is right
    if kind is NotEqual:
        return equal(left.value, right.value)
    return bool(left == right)


def _equal_ranges(left: Range, right: Range) -> bool:
    if (left.start_included, left.end_included) != (right.start_included, right.end_included):
        return False
    return bool(equal(left.start, right.start) and equal(left.end, right.end))


def order_key(value: Any) -> Any:
    """A Python-comparable stand-in; None when the value has no order."""
    key = _ORDER.get(type(value))
    return None if key is None else key(value)


def compare(run: Run, sign: str, left: Any, right: Any) -> bool | None:
    """`left sign right` for = != < <= > >=."""
    if sign == "=" or sign == "!=":
        run.spend(cost(left))
        same = equal(left, right)
        if same is None:
            mismatch(run, sign, left, right)
            return None
        return same if sign == "=" else not same
    kind = type(left)
    key = _ORDER.get(kind)
    if key is None or kind is not type(right):
        mismatch(run, sign, left, right)
        return None
    return COMPARATORS[sign](key(left), key(right))


def contains(run: Run, interval: Range, value: Any) -> bool | None:
    """Whether the value lies in the range; None when they cannot be compared."""
    if interval.start is not None:
        above = compare(run, ">=" if interval.start_included else ">", value, interval.start)
        if above is not True:
            return above
    if interval.end is not None:
        return compare(run, "<=" if interval.end_included else "<", value, interval.end)
    return True


def satisfies(run: Run, value: Any, test: Any) -> bool | None:
    """`value in test` for an evaluated test: a range, a list of tests, or a value to be equal to."""
    kind = type(test)
    if kind is Range:
        return contains(run, test, value)
    if kind is NotEqual:
        return compare(run, "!=", value, test.value)
    if kind is list:
        run.spend(cost(test))
        if any(_matches_member(run, value, member) for member in test):
            return True
        return type(value) is list and bool(equal(value, test))
    if test is None and value is not None:
        mismatch(run, "in", value, test)
        return None
    return compare(run, "=", value, test)


def _matches_member(run: Run, value: Any, member: Any) -> bool:
    if type(member) in (Range, NotEqual):
        return satisfies(run, value, member) is True
    return equal(value, member) is True


def make_range(run: Run, start: Any, end: Any, start_included: bool, end_included: bool) -> Range | None:
    """The interval, or None when an end is missing or the ends have no common order."""
    if type(start) is not type(end) or type(start) not in _ORDER:
        mismatch(run, "..", start, end)
        return None
    return Range(start, start_included, end, end_included)


def make_test(run: Run, sign: str, value: Any) -> Range | NotEqual | None:
    """The range that `(< value)` and its brothers stand for."""
    if value is None or (type(value) not in _ORDER and sign not in ("=", "!=")):
        mismatch(run, sign, value, value)
        return None
    if sign == "!=":
        return NotEqual(value)
    if sign == "=":
        return Range(value, True, value, True)
    included = sign.endswith("=")
    return Range(None, False, value, included) if sign.startswith("<") else Range(value, included, None, False)


def add(run: Run, left: Any, right: Any) -> Any:
    kinds = (type(left), type(right))
    match kinds:
        case (a, b) if a is Decimal and b is Decimal:
            return finite(CONTEXT.add(left, right))
        case (a, b) if a is str and b is str:
            if len(left) + len(right) <= MAX_CHARACTERS:
                run.spend(1 + (len(left) + len(right)) // AT_A_STEP)
                return left + right
        case (a, b) if b is DaysTime or b is YearsMonths:
            moved = _shift(left, right, 1)
            if moved is not None:
                return moved
        case (a, b) if a is DaysTime or a is YearsMonths:
            moved = _shift(right, left, 1)
            if moved is not None:
                return moved
    return mismatch(run, "+", left, right)


def _shift(value: Any, duration: DaysTime | YearsMonths, sign: int) -> Any:
    """A moment or duration moved by a duration; None where the kinds do not fit."""
    kind = type(value)
    if type(duration) is YearsMonths:
        months = sign * duration.months
        if kind is YearsMonths:
            return YearsMonths(value.months + months)
        if kind is Date:
            return _in_bounds(value.plus_months(months))
        return (
            DateTime(moved, value.time)
            if kind is DateTime and (moved := _in_bounds(value.date.plus_months(months)))
            else None
        )
    nanos = sign * duration.nanos  # type: ignore[union-attr]
    if kind is DaysTime:
        return DaysTime(value.nanos + nanos)
    if kind is Time:
        return Time((value.nanos + nanos) % DAY_NANOS, value.zone)
    if kind is Date:
        # The date is midnight UTC; what remains of the day after moving is dropped.
        return _in_bounds(Date.from_number((value.number * DAY_NANOS + nanos) // DAY_NANOS))
    if kind is DateTime:
        moment = DateTime.from_local(value.local_nanos + nanos, value.zone)
        return moment if _in_bounds(moment.date) else None
    return None


def _in_bounds(date: Date) -> Date | None:
    return date if abs(date.year) <= 999_999_999 else None


def subtract(run: Run, left: Any, right: Any) -> Any:
    if type(left) is Decimal and type(right) is Decimal:
        return finite(CONTEXT.subtract(left, right))
    kind, other = type(left), type(right)
    if other is DaysTime or other is YearsMonths:
        moved = _shift(left, right, -1)
        return moved if moved is not None else mismatch(run, "-", left, right)
    if kind is Time and other is Time:
        return DaysTime(left.instant - right.instant)
    if kind in (Date, DateTime) and other in (Date, DateTime):
        start, end = _at_midnight(right), _at_midnight(left)
        if (start.zone is None) == (end.zone is None):
            return DaysTime(end.instant - start.instant)
    return mismatch(run, "-", left, right)


def _at_midnight(value: Date | DateTime) -> DateTime:
    """A date counts as its midnight in UTC."""
    return DateTime(value, Time(0, UTC_ZONE)) if isinstance(value, Date) else value


def multiply(run: Run, left: Any, right: Any) -> Any:
    if type(left) is Decimal and type(right) is Decimal:
        return finite(CONTEXT.multiply(left, right))
    if type(left) is Decimal:
        left, right = right, left
    if type(right) is Decimal:
        if type(left) is DaysTime:
            return _scaled(DaysTime, CONTEXT.multiply(Decimal(left.nanos), right))
        if type(left) is YearsMonths:
            return _scaled(YearsMonths, CONTEXT.multiply(Decimal(left.months), right))
    return mismatch(run, "*", left, right)


def _scaled(kind: Callable[[int], Any], amount: Decimal) -> Any:
    """A duration of so many units, cut towards zero; None beyond what anybody means."""
    return kind(int(amount)) if amount.is_finite() and abs(amount) < Decimal(10) ** 28 else None


def divide(run: Run, left: Any, right: Any) -> Any:
    kind, other = type(left), type(right)
    if other is Decimal and not right:
        run.warn("division by zero")
        return None
    if kind is Decimal and other is Decimal:
        return finite(CONTEXT.divide(left, right))
    if kind is DaysTime and other is Decimal:
        return _scaled(DaysTime, CONTEXT.divide(Decimal(left.nanos), right))
    if kind is YearsMonths and other is Decimal:
        return _scaled(YearsMonths, CONTEXT.divide(Decimal(left.months), right))
    if kind is other and kind in (DaysTime, YearsMonths):
        upper, lower = (left.nanos, right.nanos) if kind is DaysTime else (left.months, right.months)
        return finite(CONTEXT.divide(Decimal(upper), Decimal(lower))) if lower else None
    return mismatch(run, "/", left, right)


def power(run: Run, left: Any, right: Any) -> Any:
    if type(left) is Decimal and type(right) is Decimal:
        return finite(CONTEXT.power(left, right))
    return mismatch(run, "**", left, right)


def negate(run: Run, value: Any) -> Any:
    kind = type(value)
    if kind is Decimal:
        return CONTEXT.minus(value)
    if kind is DaysTime:
        return DaysTime(-value.nanos)
    if kind is YearsMonths:
        return YearsMonths(-value.months)
    run.warn(f"-({type_name(value)}) has no value")
    return None


ARITHMETIC: Final[dict[str, Callable[[Run, Any, Any], Any]]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "**": power,
}


def read_property(run: Run, value: Any, name: str) -> Any:
    """`value.name`: an entry of a context, of every context in a list, or a built-in property."""
    kind = type(value)
    if kind is dict:
        if name in value:
            return value[name]
    elif kind is list:
        run.spend(len(value))
        return [read_property(run, item, name) for item in value]
    elif (properties := _PROPERTIES.get(kind)) is not None and name in properties:
        return properties[name](value)
    if run.warnings is not None:
        run.warn(f"{type_name(value)} has no “{name}”")
    return None


def _signed_part(nanos: int, unit: int, limit: int | None = None) -> Decimal:
    amount = abs(nanos) // unit
    amount = amount % limit if limit else amount
    return Decimal(-amount if nanos < 0 else amount)


def _seconds(nanos: int) -> Decimal:
    return CONTEXT.divide(Decimal(nanos), Decimal(NANOS))


def _offset(value: Time | DateTime) -> DaysTime | None:
    if value.zone is None:
        return None
    seconds = value.offset_seconds if isinstance(value, DateTime) else value.zone.offset(0, value.nanos)
    return DaysTime(seconds * NANOS)


def _zone_text(value: Time | DateTime) -> str | None:
    return value.zone.name or (to_text(Time(0, value.zone)) or "")[8:] if value.zone is not None else None


_DATE: Final[dict[str, Callable[[Any], Any]]] = {
    "year": lambda date: Decimal(date.year),
    "month": lambda date: Decimal(date.month),
    "day": lambda date: Decimal(date.day),
    "weekday": lambda date: Decimal(date.weekday),
}
_TIME: Final[dict[str, Callable[[Any], Any]]] = {
    "hour": lambda time: Decimal(time.nanos // (3600 * NANOS)),
    "minute": lambda time: Decimal(time.nanos // (60 * NANOS) % 60),
    "second": lambda time: _seconds(time.nanos % (60 * NANOS)),
}
_ZONED: Final[dict[str, Callable[[Any], Any]]] = {"time offset": _offset, "timezone": _zone_text}


def _of_part(part: str, read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: read(getattr(value, part))


_PROPERTIES: Final[dict[type, dict[str, Callable[[Any], Any]]]] = {
    Date: _DATE,
    Time: {**_TIME, **_ZONED},
    DateTime: {
        **{name: _of_part("date", read) for name, read in _DATE.items()},
        **{name: _of_part("time", read) for name, read in _TIME.items()},
        **_ZONED,
    },
    DaysTime: {
        "days": lambda value: _signed_part(value.nanos, DAY_NANOS),
        "hours": lambda value: _signed_part(value.nanos, 3600 * NANOS, 24),
        "minutes": lambda value: _signed_part(value.nanos, 60 * NANOS, 60),
        "seconds": lambda value: _seconds(abs(value.nanos) % (60 * NANOS) * (-1 if value.nanos < 0 else 1)),
    },
    YearsMonths: {
        "years": lambda value: _signed_part(value.months, 12),
        "months": lambda value: _signed_part(value.months, 1, 12),
    },
    Range: {
        "start": lambda value: value.start,
        "end": lambda value: value.end,
        "start included": lambda value: value.start_included,
        "end included": lambda value: value.end_included,
    },
}
PROPERTY_NAMES: Final = frozenset(name for properties in _PROPERTIES.values() for name in properties)
