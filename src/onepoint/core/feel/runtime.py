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
MAX_WARNINGS: Final = 50

_clock: Callable[[], datetime] = utc_now


def use_clock(clock: Callable[[], datetime]) -> None:
    """Make `now()` and `today()` ask this clock wherever the caller passes no moment of its own."""
    global _clock
    _clock = clock


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
