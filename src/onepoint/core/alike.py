"""How much two short texts have in common: enough to say "perhaps the same matter", in microseconds and without a model."""

from functools import lru_cache

from onepoint.core.search_keys import fold, runs

#: So many characters are looked at; what a matter is about stands at the beginning.
LOOKED_AT = 600
#: A text with fewer terms than this says too little to be wholly contained in another.
LEAST_TERMS = 6


def terms_of(text: str) -> frozenset[str]:
    """Every two neighbouring Chinese characters, and other words whole, folded."""
    return _terms_of(text[:LOOKED_AT])


@lru_cache(maxsize=2048)  # what came lately is compared with each that comes next
def _terms_of(text: str) -> frozenset[str]:
    found: set[str] = set()
    for run, han in runs(fold(text), folded=True):
        if han and len(run) > 1:
            found.update(run[index : index + 2] for index in range(len(run) - 1))
        else:
            found.add(run)
    return frozenset(found)


def likeness(terms: frozenset[str], others: frozenset[str]) -> float:
    """0 (nothing in common) to 1: what the shorter text shares with the longer one."""
    least = max(min(len(terms), len(others)), LEAST_TERMS)
    return min(len(terms & others) / least, 1.0)
