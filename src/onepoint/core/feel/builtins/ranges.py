"""Relations between points and ranges (Allen's interval algebra as DMN 1.3 writes it)."""

from __future__ import annotations

from typing import Any

from ..operators import compare, contains
from ..runtime import Run
from ..values import Range
from .registry import builtin


def _lower(run: Run, a: Any, b: Any) -> bool | None:
    return compare(run, "<", a, b)


def _same(run: Run, a: Any, b: Any) -> bool | None:
    return compare(run, "=", a, b)


def _both(a: bool | None, b: bool | None) -> bool | None:
    if a is False or b is False:
        return False
    return None if a is None or b is None else True


def _either(a: bool | None, b: bool | None) -> bool | None:
    if a is True or b is True:
        return True
    return None if a is None or b is None else False


def _starts_no_later(run: Run, outer: Range, inner: Range) -> bool | None:
    """Whether `outer` begins before or exactly with `inner`."""
    with_it = _both(_same(run, outer.start, inner.start), outer.start_included or not inner.start_included)
    return _either(_lower(run, outer.start, inner.start), with_it)


def _ends_no_earlier(run: Run, outer: Range, inner: Range) -> bool | None:
    with_it = _both(_same(run, outer.end, inner.end), outer.end_included or not inner.end_included)
    return _either(_lower(run, inner.end, outer.end), with_it)


def _before(run: Run, a: Any, b: Any) -> bool | None:
    end, end_included = (a.end, a.end_included) if type(a) is Range else (a, True)
    start, start_included = (b.start, b.start_included) if type(b) is Range else (b, True)
    touching = _both(_same(run, end, start), not (end_included and start_included))
    if type(a) is not Range and type(b) is not Range:
        return _lower(run, a, b)
    return _either(_lower(run, end, start), touching)


def _includes(run: Run, interval: Range, other: Any) -> bool | None:
    if type(other) is not Range:
        return contains(run, interval, other)
    return _both(_starts_no_later(run, interval, other), _ends_no_earlier(run, interval, other))


def _overlaps_before(run: Run, a: Range, b: Range) -> bool | None:
    """`a` begins first and ends inside `b`."""
    begins = _either(
        _lower(run, a.start, b.start),
        _both(_same(run, a.start, b.start), a.start_included and not b.start_included),
    )
    reaches = _either(
        _lower(run, b.start, a.end), _both(_same(run, a.end, b.start), a.end_included and b.start_included)
    )
    ends = _either(_lower(run, a.end, b.end), _both(_same(run, a.end, b.end), not a.end_included or b.end_included))
    return _both(_both(begins, reaches), ends)


def _overlaps(run: Run, a: Range, b: Range) -> bool | None:
    return _both(_not(_before(run, a, b)), _not(_before(run, b, a)))


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value


def _starts(run: Run, a: Any, b: Range) -> bool | None:
    if type(a) is not Range:
        return _both(_same(run, a, b.start), b.start_included)
    return _both(_both(_same(run, a.start, b.start), a.start_included == b.start_included), _ends_no_earlier(run, b, a))


def _finishes(run: Run, a: Any, b: Range) -> bool | None:
    if type(a) is not Range:
        return _both(_same(run, a, b.end), b.end_included)
    return _both(_both(_same(run, a.end, b.end), a.end_included == b.end_included), _starts_no_later(run, b, a))


def _meets(run: Run, a: Range, b: Range) -> bool | None:
    return _both(a.end_included and b.start_included, _same(run, a.end, b.start))


@builtin("before", "point1: any, point2: any")
@builtin("before", "point: any, range: any")
@builtin("before", "range: any, point: any")
@builtin("before", "range1: any, range2: any")
def before(run: Run, a: Any, b: Any) -> bool | None:
    return _before(run, a, b)


@builtin("after", "point1: any, point2: any")
@builtin("after", "point: any, range: any")
@builtin("after", "range: any, point: any")
@builtin("after", "range1: any, range2: any")
def after(run: Run, a: Any, b: Any) -> bool | None:
    return _before(run, b, a)


@builtin("meets", "range1: range, range2: range")
def meets(run: Run, a: Range, b: Range) -> bool | None:
    return _meets(run, a, b)


@builtin("met by", "range1: range, range2: range")
def met_by(run: Run, a: Range, b: Range) -> bool | None:
    return _meets(run, b, a)


@builtin("overlaps", "range1: range, range2: range")
def overlaps(run: Run, a: Range, b: Range) -> bool | None:
    return _overlaps(run, a, b)


@builtin("overlaps before", "range1: range, range2: range")
def overlaps_before(run: Run, a: Range, b: Range) -> bool | None:
    return _overlaps_before(run, a, b)


@builtin("overlaps after", "range1: range, range2: range")
def overlaps_after(run: Run, a: Range, b: Range) -> bool | None:
    """`b` begins first and `a` ends last."""
    begins = _either(
        _lower(run, b.start, a.start),
        _both(_same(run, a.start, b.start), b.start_included and not a.start_included),
    )
    reaches = _either(
        _lower(run, a.start, b.end), _both(_same(run, b.end, a.start), b.end_included and a.start_included)
    )
    ends = _either(_lower(run, b.end, a.end), _both(_same(run, a.end, b.end), a.end_included or not b.end_included))
    return _both(_both(begins, reaches), ends)


@builtin("finishes", "point: any, range: range")
@builtin("finishes", "range1: any, range2: range")
def finishes(run: Run, a: Any, b: Range) -> bool | None:
    return _finishes(run, a, b)


@builtin("finished by", "range: range, point: any")
@builtin("finished by", "range1: range, range2: any")
def finished_by(run: Run, a: Range, b: Any) -> bool | None:
    return _finishes(run, b, a)


@builtin("includes", "range: range, point: any")
@builtin("includes", "range1: range, range2: any")
def includes(run: Run, a: Range, b: Any) -> bool | None:
    return _includes(run, a, b)


@builtin("during", "point: any, range: range")
@builtin("during", "range1: any, range2: range")
def during(run: Run, a: Any, b: Range) -> bool | None:
    return _includes(run, b, a)


@builtin("starts", "point: any, range: range")
@builtin("starts", "range1: any, range2: range")
def starts(run: Run, a: Any, b: Range) -> bool | None:
    return _starts(run, a, b)


@builtin("started by", "range: range, point: any")
@builtin("started by", "range1: range, range2: any")
def started_by(run: Run, a: Range, b: Any) -> bool | None:
    return _starts(run, b, a)


@builtin("coincides", "point1: any, point2: any")
@builtin("coincides", "range1: any, range2: any")
def coincides(run: Run, a: Any, b: Any) -> bool | None:
    return _same(run, a, b)
