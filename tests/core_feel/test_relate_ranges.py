"""Relations between points and ranges, as the table of the standard has them."""

import pytest

from onepoint.core.feel import compile_expression

TRUE = """
before(1, 10); before(1, (1..10]); before(1, [5..10]); before([1..10), 10); before([1..10], 15)
before([1..10], [15..20]); before([1..10), [10..20]); before([1..10], (10..20])
after(10, 5); after(12, [1..10]); after(10, [1..10)); after([11..20], 12) = false; after([11..20], 10); after((11..20], 11)
after([11..20], [1..10]); after([1..10], [11..20]) = false; after([11..20], [1..11)); after((11..20], [1..11])
meets([1..5], [5..10]); met by([5..10], [1..5])
overlaps([1..5], [3..8]); overlaps([3..8], [1..5]); overlaps([1..8], [3..5]); overlaps([3..5], [1..8])
overlaps([1..5], [5..8]); overlaps([5..8], [1..5])
overlaps before([1..5], [3..8]); overlaps before([1..5], [5..8]); overlaps before([1..5), (1..5])
overlaps before([1..5], (1..5])
overlaps after([3..8], [1..5]); overlaps after([5..8], [1..5]); overlaps after((1..5], [1..5)); overlaps after((1..5], [1..5])
finishes(10, [1..10]); finishes([5..10], [1..10]); finishes([5..10), [1..10)); finishes([1..10], [1..10])
finishes((1..10], [1..10]); finished by([1..10], 10); finished by([1..10], [5..10]); finished by([1..10], (1..10])
includes([1..10], 5); includes([1..10], 1); includes([1..10], 10); includes([1..10], [4..6]); includes((1..10], (1..5])
includes([1..10], (1..10)); includes([1..10), [5..10)); includes([1..10], [1..10])
during(5, [1..10]); during([4..6], [1..10]); during((1..5], (1..10])
starts(1, [1..10]); starts([1..5], [1..10]); starts((1..5], (1..10]); starts([1..10), [1..10])
started by([1..10], 1); started by([1..10], [1..10))
coincides(5, 5); coincides([1..5], [1..5])
"""
FALSE = """
before(10, 1); before(1, [1..10]); before([1..10], 10); before([1..10], [10..20])
after(5, 10); after(10, [1..10]); after([11..20], [1..11])
meets([1..5), [5..10]); meets([1..5], (5..10]); meets([1..5], [6..9])
overlaps([1..5], [6..8]); overlaps([6..8], [1..5]); overlaps([1..5], (5..8]); overlaps([1..5), [5..8])
overlaps before([1..5], [6..8]); overlaps before([1..5], (5..8]); overlaps before([1..5), [5..8])
overlaps before([1..5), [1..5]); overlaps before([1..5], [1..5])
overlaps after([6..8], [1..5]); overlaps after((5..8], [1..5]); overlaps after([5..8], [1..5)); overlaps after([1..5], [1..5))
finishes(10, [1..10)); finishes([5..10), [1..10]); finished by([1..10), 10)
includes([1..10], 12); includes((1..10], 1); includes([1..10), 10)
starts(1, (1..10]); starts(2, [1..10]); starts((1..5], [1..10]); starts([1..5], (1..10])
coincides(3, 4); coincides((1..5), [1..5])
"""


def expressions(table: str) -> list[str]:
    return [text.strip() for text in table.replace("\n", ";").split(";") if text.strip()]


@pytest.mark.parametrize("text", expressions(TRUE))
def test_the_relation_holds(text: str) -> None:
    assert compile_expression(text)({}) is True


@pytest.mark.parametrize("text", expressions(FALSE))
def test_the_relation_does_not_hold(text: str) -> None:
    assert compile_expression(text)({}) is False


def test_what_cannot_be_compared_is_null() -> None:
    assert compile_expression('before(1, ["a".."b"])')({}) is None
    assert compile_expression("includes(1, 2)")({}) is None
