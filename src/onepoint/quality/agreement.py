"""How far two inspectors agree beyond chance: Cohen's kappa. Plain arithmetic.

Source: J. Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological Measurement 20 (1960) 37–46;
for ordered scales with weights: J. Cohen, "Weighted kappa", Psychological Bulletin 70 (1968) 213–220.

With ``n`` cases, ``o[i][j]`` of which the first inspector scored ``i`` and the second ``j``, row sums ``r`` and column sums
``c``: ``κ = (pₒ − pₑ) / (1 − pₑ)`` where ``pₒ = Σ o[i][i] / n`` and ``pₑ = Σ r[i]·c[i] / n²``. Weighted, with the disagreement
``v(i, j) = (i − j)²``: ``κ = 1 − Σ v·o / (Σ v·r[i]·c[j] / n)``. Where chance alone would agree entirely (both gave all cases the
same score) kappa is not defined: None.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction

Pair = tuple[Hashable, Hashable]


@dataclass(frozen=True)
class Agreement:
    """What came of comparing the pairs of one item, card or pair of inspectors."""

    count: int
    observed: float  # share of pairs that are equal
    kappa: float | None

    @property
    def percent(self) -> int:
        return round(100 * self.observed)


def _differs(one: Hashable, other: Hashable) -> int:
    return int(one != other)


def squared(one: Hashable, other: Hashable) -> int:
    """The disagreement of two marks of an ordered scale of whole numbers."""
    return (int(str(one)) - int(str(other))) ** 2


def kappa(pairs: Sequence[Pair], disagreement: Callable[[Hashable, Hashable], int] = _differs) -> float | None:
    """Cohen's kappa of the pairs; None where there are none, or where it is not defined."""
    if not pairs:
        return None
    observed = Counter(pairs)
    rows, columns = Counter(one for one, _other in pairs), Counter(other for _one, other in pairs)
    seen = sum(disagreement(one, other) * count for (one, other), count in observed.items())
    expected = sum(
        disagreement(one, other) * row * column for one, row in rows.items() for other, column in columns.items()
    )
    return None if expected == 0 else float(1 - Fraction(seen * len(pairs), expected))


def agreement(pairs: Sequence[Pair], *, is_scale: bool = False) -> Agreement:
    """Share of equal pairs and kappa; of a scale with squared weights."""
    equal = sum(one == other for one, other in pairs)
    return Agreement(len(pairs), equal / len(pairs) if pairs else 0.0, kappa(pairs, squared if is_scale else _differs))
