"""Functions that turn one type into another, and the boolean ones."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Final

from ..numbers import CONTEXT, finite
from ..runtime import Run
from ..values import Range
from .registry import builtin

_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


@builtin("number", "from: string")
def _number(run: Run, text: str) -> Decimal | None:
    stripped = text.strip()
    return finite(CONTEXT.create_decimal(stripped)) if _NUMBER.fullmatch(stripped) else None


@builtin("number", "from: string, grouping separator: string~, decimal separator: string~")
def _number_separated(run: Run, text: str, grouping: str | None, separator: str | None) -> Decimal | None:
    if grouping not in (None, " ", ",", ".") or separator not in (None, ",", ".") or grouping == separator is not None:
        return None
    if grouping:
        text = text.replace(grouping, "")
    if separator:
        if separator != "." and "." in text:
            return None
        text = text.replace(separator, ".")
    return _number(run, text)


@builtin("not", "negand: boolean")
def _not(run: Run, negand: bool) -> bool:
    return not negand


@builtin("is", "value1: any~?, value2: any~?")
def _is(run: Run, value1: Any = None, value2: Any = None) -> bool:
    """The same value of the same type, also in how it is written: another offset is another value."""
    if type(value1) is not type(value2):
        return False
    if type(value1) is list:
        return len(value1) == len(value2) and all(_is(run, a, b) for a, b in zip(value1, value2, strict=True))
    if type(value1) is dict:
        return value1.keys() == value2.keys() and all(_is(run, value, value2[key]) for key, value in value1.items())
    return bool(value1 == value2)


_END: Final = (
    r'(?:-?[0-9]*\.?[0-9]+|"(?:[^"\\]|\\.)*"|@"[^"]*"|(?:date|time|date and time|duration)\(\s*"[^"]*"\s*\)|null)?'
)
_RANGE: Final = re.compile(rf"\s*([\[\](])\s*({_END})\s*\.\.\s*({_END})\s*([\[\])])\s*")


@builtin("range", "from: string")
def _range(run: Run, text: str) -> Range | None:
    """A range written as text; its ends are literals, never expressions over names."""
    from ..compiler import Compiler
    from ..errors import FeelSyntaxError
    from ..lexer import KnownNames
    from ..operators import compare
    from ..parser import parse_expression
    from ..runtime import Frame

    match = _RANGE.fullmatch(text)
    if match is None or not match[2] or not match[3] or len(text) > 200:
        return None
    known = KnownNames(["date and time"])
    try:
        closures = [Compiler(end, frozenset()).compile_root(parse_expression(end, known)) for end in match.group(2, 3)]
    except FeelSyntaxError:
        return None
    start, end = (closure(Frame({}, None, run)) for closure in closures)
    if start is None or end is None or compare(run, "<=", start, end) is not True:
        return None
    return Range(start, match[1] == "[", end, match[4] == "]")
