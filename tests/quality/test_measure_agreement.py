"""Cohen's kappa: examples reckoned by hand, and another way to the same figure."""

from itertools import product
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onepoint.quality.agreement import agreement, kappa, squared


def table(*rows: tuple[int, ...]) -> list[tuple[int, int]]:
    """Pairs from a table of counts: row = first inspector, column = second."""
    return [(i, j) for i, row in enumerate(rows) for j, count in enumerate(row) for _ in range(count)]


def test_an_example_reckoned_by_hand() -> None:
    """20 both yes, 15 both no, 5 and 10 apart: observed 0.7, expected 0.5·0.6 + 0.5·0.4 = 0.5, so kappa is 0.4."""
    pairs = table((20, 5), (10, 15))
    found = agreement(pairs)
    assert (found.count, found.percent) == (50, 70)
    assert kappa(pairs) == pytest.approx(0.4)


def test_the_paradox_of_kappa_high_agreement_by_chance() -> None:
    """45 + 15 of 100 apart 25 / 15: observed 0.6, expected 0.7·0.6 + 0.3·0.4 = 0.54; other margins, same observed, 0.26."""
    assert kappa(table((45, 15), (25, 15))) == pytest.approx((0.60 - 0.54) / (1 - 0.54))
    assert kappa(table((25, 35), (5, 35))) == pytest.approx((0.60 - 0.46) / (1 - 0.46))


def test_a_weighted_example_reckoned_by_hand() -> None:
    """Three steps, squared weights. Seen Σ v·o = 4·1 + 1·(2+3+1+2) = 12; expected Σ v·r·c / n by the sums below."""
    pairs = table((10, 2, 1), (3, 8, 2), (0, 1, 9))
    rows, columns, count = (13, 13, 10), (13, 11, 12), 36
    expected = sum((i - j) ** 2 * rows[i] * columns[j] for i, j in product(range(3), range(3))) / count
    assert kappa(pairs, squared) == pytest.approx(1 - 12 / expected)


def test_full_agreement_is_one_and_the_same_score_for_all_is_not_defined() -> None:
    assert kappa([(1, 1), (2, 2)]) == 1
    assert kappa([(1, 2), (2, 1)]) == -1
    assert kappa([(3, 3)] * 5) is None
    assert kappa([]) is None
    assert agreement([]).observed == 0


scores = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=60)


@given(scores, st.booleans())
def test_another_way_gives_the_same(pairs: list[tuple[int, int]], weighted: bool) -> None:
    """Chance as every score of one inspector beside every score of the other, counted one by one."""

    def apart(one: int, other: int) -> int:
        return (one - other) ** 2 if weighted else int(one != other)

    seen = sum(apart(one, other) for one, other in pairs) / len(pairs)
    by_chance = [apart(one, other) for one, _ in pairs for _, other in pairs]
    expected = sum(by_chance) / len(by_chance)
    found = kappa(pairs, squared) if weighted else kappa(pairs)
    if expected == 0:
        assert found is None
    else:
        assert found is not None
        assert isclose(found, 1 - seen / expected, abs_tol=1e-9)
        assert found <= 1


@given(scores)
def test_it_does_not_matter_who_is_first(pairs: list[tuple[int, int]]) -> None:
    assert kappa(pairs) == kappa([(other, one) for one, other in pairs])
