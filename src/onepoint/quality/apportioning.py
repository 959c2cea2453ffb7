"""How a sample is divided over strata: by the largest remainder, so that shares are right to within one. Plain arithmetic."""

from collections.abc import Mapping
from fractions import Fraction


def apportion(total: int, populations: Mapping[str, int]) -> dict[str, int]:
    """``total`` pieces divided in proportion to ``populations``; their sum is ``total`` unless there are fewer to be had.

    Method of the largest remainder (Hamilton): every stratum gets the whole part of its exact share, and what is left goes
    one by one to the largest remainders; of equal ones to the larger stratum, then to the smaller key. So no stratum
    gets more than it has, and none differs from its exact share by one or more.
    """
    whole = sum(populations.values())
    total = min(total, whole)
    if not total:
        return dict.fromkeys(populations, 0)
    exact = {key: Fraction(total * count, whole) for key, count in populations.items()}
    given = {key: int(share) for key, share in exact.items()}
    by_remainder = sorted(exact, key=lambda key: (given[key] - exact[key], -populations[key], key))
    for key in by_remainder[: total - sum(given.values())]:
        given[key] += 1
    return given


def share_of(percent: int, population: int) -> int:
    """So many percent of a population, halves rounded up; at least one where there is anything to be drawn."""
    return min(population, max(1, (2 * population * percent + 100) // 200)) if population and percent else 0
