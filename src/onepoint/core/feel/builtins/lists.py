"""Functions on lists."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

from ..numbers import CONTEXT, ONE, ZERO, finite, whole
from ..operators import ARITHMETIC, equal, order_key
from ..runtime import MAX_ITEMS, Run, cost
from ..values import Function
from .registry import builtin


def _bounded(run: Run, items: list[Any]) -> list[Any] | None:
    run.spend(len(items))
    if len(items) > MAX_ITEMS:
        run.warn(f"a list of more than {MAX_ITEMS} elements")
        return None
    return items


@builtin("list contains", "list: list, element: any~")
def _list_contains(run: Run, items: list[Any], element: Any) -> bool:
    return any(equal(item, element) for item in items)


@builtin("count", "list: list")
def _count(run: Run, items: list[Any]) -> Decimal:
    return Decimal(len(items))


def _extreme(items: list[Any], choose: Callable[..., Any]) -> Any:
    kinds = {type(item) for item in items}
    if len(kinds) != 1 or order_key(items[0]) is None:
        return None
    return choose(items, key=order_key)


@builtin("min", "list: values")
def _min(run: Run, items: list[Any]) -> Any:
    return _extreme(items, min)


@builtin("max", "list: values")
def _max(run: Run, items: list[Any]) -> Any:
    return _extreme(items, max)


def _numbers(items: list[Any]) -> bool:
    return all(type(item) is Decimal for item in items)


@builtin("sum", "list: values")
def _sum(run: Run, items: list[Any]) -> Any:
    """Numbers, or durations of one kind."""
    if not items:
        return None
    total = items[0] if type(items[0]) is not str else None
    for item in items[1:]:
        total = ARITHMETIC["+"](run, total, item) if type(total) is type(item) else None
    return total if type(total) is not list and order_key(total) is not None else None


@builtin("mean", "list: values")
def _mean(run: Run, items: list[Any]) -> Any:
    total = _sum(run, items)
    return None if total is None else ARITHMETIC["/"](run, total, Decimal(len(items)))


@builtin("product", "list: values")
def _product(run: Run, items: list[Any]) -> Decimal | None:
    if not items or not _numbers(items):
        return None
    total = ONE
    for item in items:
        total = CONTEXT.multiply(total, item)
    return finite(total)


@builtin("median", "list: values")
def _median(run: Run, items: list[Any]) -> Decimal | None:
    if not items or not _numbers(items):
        return None
    ordered = sorted(items)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return Decimal(ordered[middle])
    return CONTEXT.divide(CONTEXT.add(ordered[middle - 1], ordered[middle]), Decimal(2))


@builtin("stddev", "list: values")
def _stddev(run: Run, items: list[Any]) -> Decimal | None:
    """The standard deviation of a sample: divided by one less than the count."""
    if len(items) < 2 or not _numbers(items):
        return None
    mean = CONTEXT.divide(sum(items, ZERO), Decimal(len(items)))
    squares = ZERO
    for item in items:
        distance = CONTEXT.subtract(item, mean)
        squares = CONTEXT.add(squares, CONTEXT.multiply(distance, distance))
    return finite(CONTEXT.sqrt(CONTEXT.divide(squares, Decimal(len(items) - 1))))


@builtin("mode", "list: values")
def _mode(run: Run, items: list[Any]) -> list[Decimal] | None:
    if not _numbers(items):
        return None
    counts: dict[Decimal, int] = {}
    for item in items:
        counts[item] = counts.get(item, 0) + 1
    most = max(counts.values(), default=0)
    return sorted(value for value, count in counts.items() if count == most)


def _fold(run: Run, items: list[Any], deciding: bool) -> bool | None:
    if any(item is deciding for item in items):
        return deciding
    return (not deciding) if all(type(item) is bool for item in items) else None


@builtin("all", "list: values")
def _all(run: Run, items: list[Any]) -> bool | None:
    return _fold(run, items, False)


@builtin("any", "list: values")
def _any(run: Run, items: list[Any]) -> bool | None:
    return _fold(run, items, True)


def _index(items: list[Any], position: Decimal, extra: int = 0) -> int | None:
    """The Python index of a position from 1, or from -1 backwards; None outside the list."""
    number = whole(position.to_integral_value("ROUND_DOWN"))
    if not number or number > len(items) + extra or -number > len(items):
        return None
    return number - 1 if number > 0 else len(items) + number


@builtin("sublist", "list: list, start position: number, length: number?")
def _sublist(run: Run, items: list[Any], start: Decimal, length: Decimal | None = None) -> list[Any] | None:
    begin = _index(items, start)
    if begin is None:
        return None
    if length is None:
        return items[begin:]
    count = whole(length)
    return items[begin : begin + count] if count is not None and 1 <= count <= len(items) - begin else None


@builtin("append", "list: list, item: any~...")
def _append(run: Run, items: list[Any], *more: Any) -> list[Any] | None:
    return _bounded(run, [*items, *more])


@builtin("concatenate", "list: list...")
def _concatenate(run: Run, *lists: list[Any]) -> list[Any] | None:
    return _bounded(run, [item for items in lists for item in items])


@builtin("insert before", "list: list, position: number, newItem: any~")
def _insert_before(run: Run, items: list[Any], position: Decimal, new_item: Any) -> list[Any] | None:
    index = _index(items, position)
    return None if index is None else _bounded(run, [*items[:index], new_item, *items[index:]])


@builtin("remove", "list: list, position: number")
def _remove(run: Run, items: list[Any], position: Decimal) -> list[Any] | None:
    index = _index(items, position)
    return None if index is None else items[:index] + items[index + 1 :]


@builtin("list replace", "list: list, position: number, newItem: any~")
def _replace_at(run: Run, items: list[Any], position: Decimal, new_item: Any) -> list[Any] | None:
    index = _index(items, position)
    return None if index is None else [*items[:index], new_item, *items[index + 1 :]]


@builtin("list replace", "list: list, match: function, newItem: any~")
def _replace_matching(run: Run, items: list[Any], match: Function, new_item: Any) -> list[Any] | None:
    if len(match.parameters) != 2:
        return None
    replaced = []
    for item in items:
        answer = match.call(run, [item, new_item])
        if type(answer) is not bool:
            return None
        replaced.append(new_item if answer else item)
    return replaced


@builtin("reverse", "list: list")
def _reverse(run: Run, items: list[Any]) -> list[Any]:
    return items[::-1]


@builtin("index of", "list: list, match: any~")
def _index_of(run: Run, items: list[Any], match: Any) -> list[Decimal]:
    return [Decimal(index) for index, item in enumerate(items, start=1) if equal(item, match)]


def _distinct(run: Run, items: list[Any]) -> list[Any]:
    distinct: list[Any] = []
    for item in items:
        run.spend(len(distinct) * (1 + cost(item)))
        if not any(equal(item, seen) for seen in distinct):
            distinct.append(item)
    return distinct


@builtin("union", "list: list...")
def _union(run: Run, *lists: list[Any]) -> list[Any]:
    return _distinct(run, [item for items in lists for item in items])


@builtin("distinct values", "list: list")
def _distinct_values(run: Run, items: list[Any]) -> list[Any]:
    return _distinct(run, items)


@builtin("flatten", "list: list")
def _flatten(run: Run, items: list[Any]) -> list[Any]:
    flat: list[Any] = []
    stack = items[::-1]
    while stack:
        run.spend()
        item = stack.pop()
        if type(item) is list:
            stack.extend(item[::-1])
        else:
            flat.append(item)
    return flat


@builtin("sort", "list: list, precedes: function")
def _sort(run: Run, items: list[Any], precedes: Function) -> list[Any]:
    def order(left: Any, right: Any) -> int:
        if precedes.call(run, [left, right]) is True:
            return -1
        return 1 if precedes.call(run, [right, left]) is True else 0

    return sorted(items, key=cmp_to_key(order))


@builtin("sort", "list: list")
def _sort_naturally(run: Run, items: list[Any]) -> list[Any] | None:
    if len({type(item) for item in items}) > 1 or any(order_key(item) is None for item in items):
        return None
    return sorted(items, key=order_key)
