"""Customer levels as the organisation needs them: a role may count for customers of some levels only (spec §2).

The levels belong to a higher capability, which registers here how they are asked for. Level 0 stands for "no level".
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Levels:
    """``choices``: code and label, lowest first. ``between``: ids from one code to another ("" is no bound)."""

    choices: Callable[[], list[tuple[str, str]]]
    between: Callable[[str, str], frozenset[int]]


_levels: list[Levels] = []


def register(levels: Levels) -> None:
    """Say how levels are asked for; the later registration counts."""
    _levels[:] = [levels]


def level_choices() -> list[tuple[str, str]]:
    """Every level in use with its label, lowest first."""
    return _levels[0].choices() if _levels else []


def levels_between(lowest: str, highest: str) -> frozenset[int]:
    """The ids of the levels within the bounds; without a lower bound 0, the customers without level, is among them."""
    return _levels[0].between(lowest, highest) if _levels else frozenset()
