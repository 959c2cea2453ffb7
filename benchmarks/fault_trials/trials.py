"""What a trial is: its code and promise, how large it is done, what it says afterwards."""

import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from fault_trials.house import House


@dataclass(frozen=True)
class Scale:
    """How much is done: ``large`` is what a person asks for, else what CI has time for.

    ``most_minutes`` is how long a person has patience for faults that only have to last.
    """

    is_large: bool
    dice: random.Random
    most_minutes: float = math.inf

    def of(self, small: int, large: int) -> int:
        return large if self.is_large else small

    def seconds(self, small: int, large: int) -> float:
        """How long a fault lasts."""
        return min(self.of(small, large), 60 * self.most_minutes)

    def some(self, count: int, small: int) -> list[int]:
        """Of 1 … ``count`` all in large, else the first, the last and some between."""
        if self.is_large or count <= small:
            return list(range(1, count + 1))
        return sorted({1, count, *self.dice.sample(range(2, count), small - 2)})


@dataclass
class Outcome:
    """What a trial counted, and everything that was wrong."""

    figures: dict[str, float | int | str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def demand(self, is_so: object, otherwise: str) -> None:
        if not is_so:
            self.faults.append(otherwise)


Run = Callable[[House, Scale, Outcome], None]


@dataclass(frozen=True)
class Trial:
    code: str
    promise: str
    run: Run


_trials: dict[str, Trial] = {}


def register_trial(code: str, promise: str) -> Callable[[Run], Run]:
    def register(run: Run) -> Run:
        _trials[code] = Trial(code, promise, run)
        return run

    return register


def trials() -> dict[str, Trial]:
    """Every trial, by its code."""
    return dict(sorted(_trials.items(), key=lambda item: (int(item[0][1:].split("-")[0]), item[0])))


def carry_out(trial: Trial, house: House, scale: Scale) -> Outcome:
    """Do it, then prove from the tables that all is well."""
    outcome = Outcome()
    began = time.monotonic()
    try:
        trial.run(house, scale, outcome)
    except Exception as problem:  # the others are to be tried too
        import traceback

        outcome.faults.append(f"the trial itself failed: {problem!r}\n{traceback.format_exc()}")
    outcome.figures["seconds"] = round(time.monotonic() - began, 1)
    house.forget_connections()
    outcome.faults += verify()
    return outcome


def verify(*names: str, is_at_rest: bool = True) -> list[str]:
    """What ``./onepoint verify`` finds wrong."""
    from onepoint.core import verifying

    reports = verifying.run_checks(names, is_deep=True, is_at_rest=is_at_rest)
    return [f"verify {report.check}: {one.subject}: {one.text}" for report in reports for one in report.faults]
