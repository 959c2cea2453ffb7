"""FEEL's types: the word for a value's type, and predicates for `instance of` and typed parameters."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from .errors import FeelUnsupportedError
from .nodes import Type
from .values import Date, DateTime, DaysTime, Function, NotEqual, Range, Time, YearsMonths

Predicate = Callable[[Any], bool]

_NAMES: Final[dict[type, str]] = {
    type(None): "null",
    bool: "boolean",
    Decimal: "number",
    str: "string",
    list: "list",
    dict: "context",
    Date: "date",
    Time: "time",
    DateTime: "date and time",
    DaysTime: "days and time duration",
    YearsMonths: "years and months duration",
    Range: "range",
    NotEqual: "unary test",
    Function: "function",
}
TYPE_NAMES: Final = frozenset(_NAMES.values())
_ALIASES: Final = {"dateTime": "date and time", "dayTimeDuration": "days and time duration"}


def type_name(value: Any) -> str:
    return _NAMES.get(type(value), type(value).__name__)


def predicate_of(wanted: Type, text: str = "") -> Predicate:
    """Whether a value is an instance; null is one only inside a list or context. Refuses unknown types by name."""
    if wanted.name == "Any":
        return lambda value: value is not None
    if wanted.name == "Null":
        return lambda value: value is None
    if wanted.name == "list" and wanted.arguments:
        member = _or_null(predicate_of(wanted.arguments[0], text))
        return lambda value: type(value) is list and all(map(member, value))
    if wanted.name == "range" and wanted.arguments:
        end = _or_null(predicate_of(wanted.arguments[0], text))
        return lambda value: type(value) is Range and end(value.start) and end(value.end)
    if wanted.name == "context" and wanted.entries:
        entries = {key: _or_null(predicate_of(type_, text)) for key, type_ in wanted.entries}
        return lambda value: (
            type(value) is dict and all(key in value and fits(value[key]) for key, fits in entries.items())
        )
    if wanted.name == "function":
        return _function_predicate(wanted)
    name = _ALIASES.get(wanted.name, wanted.name)
    if name not in TYPE_NAMES:
        raise FeelUnsupportedError(f"type {wanted.name}", text, wanted.position)
    return lambda value: type_name(value) == name


def _or_null(predicate: Predicate) -> Predicate:
    return lambda value: value is None or predicate(value)


def _function_predicate(wanted: Type) -> Predicate:
    if wanted.result is None:
        return lambda value: type(value) is Function

    def fits(value: Any) -> bool:
        if type(value) is not Function or len(value.parameters) != len(wanted.arguments):
            return False
        declared = value.parameter_types or (None,) * len(value.parameters)
        return all(
            have is None or have == "Any" or have == need.name
            for have, need in zip(declared, wanted.arguments, strict=True)
        )

    return fits
