"""What the compiled closures are made of: reading names, deciding logic, going through lists, calling functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from . import nodes
from .builtins import BUILTINS, Builtin
from .builtins.registry import LEFT_OUT, invoke_fitting
from .conversion import NATIVE, from_python
from .errors import FeelLimitError
from .nodes import Node
from .numbers import CONTEXT, ONE, whole
from .operators import COMPARATORS, compare, read_property
from .parser import children_of
from .runtime import MAX_CALL_DEPTH, MAX_ITEMS, Frame, Run
from .types import type_name
from .values import Date, Range

Closure = Callable[[Frame], Any]

_MISSING: Final = object()


def read_root(name: str, frame: Frame) -> Any:
    try:
        value = frame.bindings[name]
    except KeyError:
        return _read_missing(name, frame.run)
    return value if type(value) in NATIVE and type(value) is not Decimal else from_python(value)


def _read_missing(name: str, run: Run) -> Any:
    builtin = BUILTINS.get(name)
    if builtin is not None:
        return builtin.as_function()
    run.warn(f"nothing is called “{name}”")
    return None


def read_scoped(name: str, frame: Frame) -> Any:
    current: Frame | None = frame
    while current is not None:
        value = current.bindings.get(name, _MISSING)
        if value is not _MISSING:
            return value if current.parent is not None else from_python(value)
        current = current.parent
    return _read_missing(name, frame.run)


def dotted(node: Node) -> list[str] | None:
    """The names of a.b.c, or None when the path starts elsewhere."""
    names: list[str] = []
    while isinstance(node, nodes.Path):
        names.append(node.name)
        node = node.base
    return [node.name, *reversed(names)] if isinstance(node, nodes.Name) else None


def read_dotted(root: str, names: list[str], frame: Frame) -> Any:
    """Walk the caller's own mappings as far as they go, so that only the leaf is translated."""
    value: Any = frame.bindings.get(root, _MISSING)
    if value is _MISSING:
        return _follow(frame.run, _read_missing(root, frame.run), names)
    for index, name in enumerate(names):
        if not isinstance(value, Mapping):
            return _follow(frame.run, from_python(value), names[index:])
        if name not in value:
            frame.run.warn(f"context has no “{name}”")
            return None
        value = value[name]
    return from_python(value)


def _follow(run: Run, value: Any, names: list[str]) -> Any:
    for name in names:
        value = read_property(run, value, name)
    return value


def decide(operands: list[Closure], deciding: bool, frame: Frame) -> bool | None:
    """`or` is decided by a true, `and` by a false operand; otherwise anything that is no boolean leaves it open."""
    unknown = False
    for operand in operands:
        value = operand(frame)
        if value is deciding:
            return deciding
        if value is not (not deciding):
            unknown = True
            if value is not None:
                frame.run.warn(f"{type_name(value)} is no boolean")
    return None if unknown else not deciding


def comparison(sign: str, left: Closure, right: Closure) -> Closure:
    if sign in ("=", "!="):
        wanted = sign == "="

        def same(frame: Frame) -> bool | None:
            a, b = left(frame), right(frame)
            if type(a) is type(b) and type(a) in NATIVE:
                return (a == b) is wanted
            return compare(frame.run, sign, a, b)

        return same
    operation = COMPARATORS[sign]

    def ordered(frame: Frame) -> bool | None:
        a, b = left(frame), right(frame)
        if type(a) is Decimal and type(b) is Decimal:
            return operation(a, b)
        return compare(frame.run, sign, a, b)

    return ordered


class _BadSourceError(Exception):
    """What stands after `in` cannot be gone through."""


def none_for_bad_source(loop: Closure) -> Closure:
    def guarded(frame: Frame) -> Any:
        try:
            return loop(frame)
        except _BadSourceError:
            frame.run.warn("what stands after “in” is no list and no range of whole numbers or dates")
            return None

    return guarded


def rows(frame: Frame, iterations: list[tuple[str, Closure, Closure | None]]) -> Iterator[Frame]:
    """A frame per combination of elements, the last name varying fastest."""
    (name, source, end), rest = iterations[0], iterations[1:]
    for value in _elements(frame, source, end):
        frame.run.spend()
        row = Frame({name: value}, frame, frame.run)
        if rest:
            yield from rows(row, rest)
        else:
            yield row


def _elements(frame: Frame, source: Closure, end: Closure | None) -> Iterable[Any]:
    value = source(frame)
    if end is not None:
        return _count_through(frame.run, value, end(frame), True, True)
    if type(value) is list:
        return value
    if type(value) is Range:
        return _count_through(frame.run, value.start, value.end, value.start_included, value.end_included)
    if value is None:
        raise _BadSourceError
    return [value]


def _count_through(run: Run, start: Any, end: Any, start_included: bool, end_included: bool) -> Iterator[Any]:
    """Whole numbers or days from start to end, downwards when the end is lower."""
    if type(start) is Date and type(end) is Date:
        first, last = start.number, end.number
        make: Callable[[int], Any] = Date.from_number
    elif type(start) is Decimal and type(end) is Decimal:
        low, high = whole(start), whole(end)
        if low is None or high is None:
            raise _BadSourceError
        first, last, make = low, high, lambda number: CONTEXT.multiply(Decimal(number), ONE)
    else:
        raise _BadSourceError
    step = 1 if last >= first else -1
    first += 0 if start_included else step
    last -= 0 if end_included else step
    if abs(last - first) > MAX_ITEMS:
        raise FeelLimitError(f"more than {MAX_ITEMS} rounds")
    return map(make, range(first, last + step, step))


def item_frame(frame: Frame, item: Any) -> Frame:
    outer = Frame({"item": item}, frame, frame.run)
    return Frame(item, outer, frame.run) if type(item) is dict else outer


def pick(frame: Frame, found: Any, position: Decimal) -> Any:
    """The element at a position counted from 1, or from -1 backwards; null outside."""
    items = found if type(found) is list else [] if found is None else [found]
    index = whole(position)
    if index is None or index == 0 or abs(index) > len(items):
        frame.run.warn(f"the list has no element {position}")
        return None
    return items[index - 1 if index > 0 else index]


def constant_number(node: Node) -> Decimal | None:
    if isinstance(node, nodes.Negate):
        inner = constant_number(node.operand)
        return None if inner is None else CONTEXT.minus(inner)
    return node.value if isinstance(node, nodes.Literal) and type(node.value) is Decimal else None


def mentions(node: Any, name: str) -> bool:
    return (isinstance(node, nodes.Name) and node.name == name) or any(
        mentions(child, name) for child in children_of(node)
    )


def null_because(reason: str) -> Closure:
    def explain(frame: Frame) -> None:
        frame.run.warn(reason)

    return explain


def nested(run: Run, body: Closure, frame: Frame) -> Any:
    run.spend()
    if run.depth >= MAX_CALL_DEPTH:
        raise FeelLimitError(f"functions call each other more than {MAX_CALL_DEPTH} deep")
    run.depth += 1
    try:
        return body(frame)
    finally:
        run.depth -= 1


def builtin_call(builtin: Builtin, positional: list[Closure], named: list[tuple[str, Closure]]) -> Closure:
    if named:
        names = [name for name, _ in named]
        order = builtin.resolve_named(names)
        if order is None:
            return null_because(f"{builtin.name}() has no arguments {', '.join(names)}")
        signature, slots = order
        closures = [None if slot is None else named[slot][1] for slot in slots]

        def call_named(frame: Frame) -> Any:
            arguments = [LEFT_OUT if closure is None else closure(frame) for closure in closures]
            return signature.invoke(frame.run, arguments)

        return call_named
    candidates = builtin.resolve(len(positional))
    if not candidates:
        return null_because(f"{builtin.name}() does not take {len(positional)} arguments")
    if len(candidates) == 1:
        only = candidates[0]
        return lambda frame: only.invoke(frame.run, [closure(frame) for closure in positional])
    return lambda frame: invoke_fitting(frame.run, candidates, [closure(frame) for closure in positional])
