"""Who gets what: plain arithmetic over who is at work and what waits. No clock, no database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from onepoint.assignment.states import EXCLUSIVE, Strategy


@dataclass
class Seat:
    """One agent at work. ``load`` grows as things are given to him."""

    agent: int
    queues: frozenset[int]
    capacity: Mapping[str, int]  # by medium
    load: dict[str, int] = field(default_factory=dict)  # by medium
    skills: Mapping[int, int] = field(default_factory=dict)  # skill → level
    idle_since: datetime | None = None
    last_offered_at: datetime | None = None
    given: int = 0  # in this round

    def has_room_for(self, medium: str) -> bool:
        """One more of the medium stays within capacity, and beside what is exclusive there is nothing else."""
        if any(self.load.get(one) for one in EXCLUSIVE):
            return False
        if medium in EXCLUSIVE and any(self.load.values()):
            return False
        return self.load.get(medium, 0) < self.capacity.get(medium, 0)

    def has_skills(self, needs: Mapping[int, int]) -> bool:
        return all(self.skills.get(skill, 0) >= level for skill, level in needs.items())


@dataclass(frozen=True)
class Waiting:
    """One entry that waits."""

    entry: int
    queue: int
    medium: str
    entered_at: datetime
    priority: int = 0
    needs: Mapping[int, int] = field(default_factory=dict)  # skill → least level
    strategy: str = Strategy.LEAST_BUSY
    preferred: int | None = None
    refused_by: frozenset[int] = frozenset()


def fits(one: Waiting, seat: Seat) -> bool:
    """Whether an agent may get an entry: serves its queue, has its skills, has room, has not just refused it."""
    return (
        one.queue in seat.queues
        and seat.agent not in one.refused_by
        and seat.has_room_for(one.medium)
        and seat.has_skills(one.needs)
    )


def match(waiting: Iterable[Waiting], seats: Iterable[Seat]) -> list[tuple[int, int]]:
    """Pairs of entry and agent: entries by priority, then as they came; each to the best agent left for it."""
    pairs = []
    free = list(seats)
    for one in sorted(waiting, key=lambda entry: (-entry.priority, entry.entered_at, entry.entry)):
        fitting = [seat for seat in free if fits(one, seat)]
        if not fitting:
            continue
        chosen = min(fitting, key=lambda seat: (seat.agent != one.preferred, *_rank(one.strategy, seat)))
        chosen.load[one.medium] = chosen.load.get(one.medium, 0) + 1
        chosen.given += 1
        pairs.append((one.entry, chosen.agent))
    return pairs


def _rank(strategy: str, seat: Seat) -> tuple[float, ...]:
    """The lowest is next; what is equal is decided by who has been free longest, then by who was asked longest ago."""
    busy = sum(seat.load.get(medium, 0) / most for medium, most in seat.capacity.items() if most)
    # Nobody who has something in hand has been free at all.
    free_since = _seconds(seat.idle_since) if not any(seat.load.values()) else float("inf")
    asked = seat.given * 1e12 + _seconds(seat.last_offered_at)
    if strategy == Strategy.LONGEST_IDLE:
        return free_since, asked, seat.agent
    if strategy == Strategy.ROUND_ROBIN:
        return asked, seat.agent
    return busy, free_since, asked, seat.agent


def _seconds(moment: datetime | None) -> float:
    return moment.timestamp() if moment else 0.0
