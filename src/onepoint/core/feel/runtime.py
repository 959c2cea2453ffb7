"""What one evaluation carries: budget, warnings, the clock; and the frames names are looked up in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from .errors import FeelLimitError
from .values import utc_now

MAX_STEPS: Final = 100_000
MAX_ITEMS: Final = 100_000
MAX_CHARACTERS: Final = 1_000_000
MAX_CALL_DEPTH: Final = 60
#: Parts of a value that is written out, those that stand in it several times counted as often.
MAX_PARTS: Final = 2 * MAX_ITEMS
#: Characters or elements a function goes through for one step.
AT_A_STEP: Final = 100
MAX_WARNINGS: Final = 50

_clock: Callable[[], datetime] = utc_now


def use_clock(clock: Callable[[], datetime]) -> None:
    """Make `now()` and `today()` ask this clock wherever the caller passes no moment of its own."""
    global _clock
    _clock = clock


def cost(value: Any) -> int:
    """The steps it takes to go through a value once."""
    kind = type(value)
    if kind is str:
        return len(value) // AT_A_STEP
    return parts_of(value, {}) // AT_A_STEP if kind is list or kind is dict else 0


def parts_of(value: Any, known: dict[int, int]) -> int:
    """How many parts a value would have if none of them were shared; a hundred characters are one."""
    kind = type(value)
    if kind is str:
        return 1 + len(value) // AT_A_STEP
    if kind is not list and kind is not dict:
        return 1
    found = known.get(id(value))
    if found is None:
        found = 1 + sum(parts_of(part, known) for part in (value if kind is list else value.values()))
        known[id(value)] = found
    return found


def require_size(value: Any) -> None:
    """Keep what doubles at every step from being written out. Raises FeelLimitError."""
    if parts_of(value, {}) > MAX_PARTS:
        raise FeelLimitError(f"a value of more than {MAX_PARTS} parts")


class Run:
    """One evaluation."""

    __slots__ = ("_now", "depth", "steps", "warnings")

    def __init__(self, warnings: list[str] | None = None, now: datetime | None = None) -> None:
        self.warnings = warnings
        self.steps = MAX_STEPS
        self.depth = 0
        self._now = now

    def warn(self, text: str) -> None:
        if self.warnings is not None and len(self.warnings) < MAX_WARNINGS and text not in self.warnings:
            self.warnings.append(text)

    def spend(self, steps: int = 1) -> None:
        self.steps -= steps
        if self.steps < 0:
            raise FeelLimitError(f"more than {MAX_STEPS} steps")

    def moment(self) -> datetime:
        if self._now is None:
            self._now = _clock()
        return self._now


class Frame:
    """Names of one scope over those of the scope around it; the outermost holds the caller's context."""

    __slots__ = ("bindings", "parent", "run")

    def __init__(self, bindings: Mapping[str, Any], parent: Frame | None, run: Run) -> None:
        self.bindings = bindings
        self.parent = parent
        self.run = run
