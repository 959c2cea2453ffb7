"""The two things others compile: expressions and unary tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from .builtins import BUILTINS
from .compiler import Compiler, Scope
from .conversion import NATIVE, from_python, to_python
from .errors import FeelLimitError
from .lexer import KnownNames, normal_name
from .operators import PROPERTY_NAMES
from .parser import parse_expression, parse_unary_tests
from .runtime import Frame, Run, require_size
from .types import TYPE_NAMES

CACHE_SIZE: Final = 1024


class Expression:
    """A compiled expression: call it with a mapping of names to values, get a Python value.

    Numbers come back as Decimal, moments and days-and-time durations as datetime's types where these can hold them.
    `free_names` are the names it reads from the mapping. Raises FeelLimitError and nothing else.
    """

    __slots__ = ("_closure", "free_names", "text")

    def __init__(self, text: str, closure: Callable[[Frame], Any], free_names: frozenset[str]) -> None:
        self.text = text
        self._closure = closure
        self.free_names = free_names

    def __call__(
        self, context: Mapping[str, Any], warnings: list[str] | None = None, now: datetime | None = None
    ) -> Any:
        try:
            value = self._closure(Frame(context, None, Run(warnings, now)))
            if type(value) in NATIVE:
                return value
            require_size(value)
            return to_python(value)
        except RecursionError as error:
            raise FeelLimitError("too deep") from error

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"


class UnaryTests:
    """Compiled unary tests: call with the value under test and the mapping; True, False, or None where undecided."""

    __slots__ = ("_closure", "free_names", "text")

    def __init__(self, text: str, closure: Callable[[Frame], Any], free_names: frozenset[str]) -> None:
        self.text = text
        self._closure = closure
        self.free_names = free_names

    def __call__(
        self,
        value: Any,
        context: Mapping[str, Any] | None = None,
        warnings: list[str] | None = None,
        now: datetime | None = None,
    ) -> bool | None:
        run = Run(warnings, now)
        frame = Frame({"?": from_python(value)}, Frame(context or {}, None, run), run)
        try:
            answer: bool | None = self._closure(frame)
        except RecursionError as error:
            raise FeelLimitError("too deep") from error
        return answer

    def __repr__(self) -> str:
        return f"UnaryTests({self.text!r})"


@lru_cache(maxsize=1)
def _base_names() -> KnownNames:
    return KnownNames([*BUILTINS, *PROPERTY_NAMES, *TYPE_NAMES])


def _known(names: frozenset[str]) -> KnownNames:
    known = _base_names().copy()
    for name in names:
        known.add(name)
    return known


def compile_expression(text: str, names: Iterable[str] = ()) -> Expression:
    """Compile an expression. `names`: what the context offers, needed where a name holds spaces or signs, or where a
    function comes from the context. Raises FeelSyntaxError, FeelUnsupportedError."""
    return _compile_expression(text, frozenset(map(normal_name, names)))


@lru_cache(maxsize=CACHE_SIZE)
def _compile_expression(text: str, names: frozenset[str]) -> Expression:
    compiler = Compiler(text, names)
    closure = compiler.compile_root(parse_expression(text, _known(names)))
    return Expression(text, closure, frozenset(compiler.free_names))


def compile_unary_tests(text: str, names: Iterable[str] = ()) -> UnaryTests:
    """Compile a decision table's input cell like `< 5, [10..20]`, `not("a")`, `-`. Raises as compile_expression."""
    return _compile_unary_tests(text, frozenset(map(normal_name, names)))


@lru_cache(maxsize=CACHE_SIZE)
def _compile_unary_tests(text: str, names: frozenset[str]) -> UnaryTests:
    compiler = Compiler(text, names)
    closure = compiler.compile_root(parse_unary_tests(text, _known(names)), Scope(["?"], None))
    return UnaryTests(text, closure, frozenset(compiler.free_names))
