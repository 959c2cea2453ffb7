"""When each story is told again: believable over the weeks, the months and the hours."""

import math
import random
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from onepoint.demo.scale.stories import Story

WEEK = timedelta(days=7)
DAY = timedelta(days=1)
#: The demo itself lies in its last forty days; more tickets reach further back, as a busier house is an older one.
_FIRST_DAYS, _MOST_DAYS = 40, 4 * 365
#: Complaints by month: quiet around the Spring Festival, many in the thunderstorms of summer and when students move in.
_SEASON = (0.92, 0.72, 0.95, 0.98, 1.0, 1.12, 1.28, 1.22, 1.14, 0.98, 0.94, 0.9)
#: Rows are kept this far from the present, so that nothing happens in the future while it is being written.
_MARGIN = timedelta(minutes=30)


@dataclass(frozen=True)
class Telling:
    """One story at another time: moments up to ``cut`` move by ``shift``, later ones by ``shift`` and ``stretch``."""

    story: Story
    shift: timedelta
    stretch: timedelta = timedelta()
    cut: int = 0  # number of moments before the stretch

    @property
    def begins(self) -> datetime:
        return self.story.begins + self.shift

    def moments(self) -> list[datetime]:
        """What happened, moved: the parts before and after the pause."""
        before, after = self.story.moments[: self.cut], self.story.moments[self.cut :]
        return [at + self.shift for at in before] + [at + self.shift + self.stretch for at in after]


class Calendar:
    """How many of ``total`` tickets fall into which week, the oldest first."""

    def __init__(self, total: int, scale: float, now: datetime, seed: int) -> None:
        days = min(_MOST_DAYS, max(_FIRST_DAYS, _FIRST_DAYS * math.sqrt(scale)))
        chance = random.Random(f"{seed}:weeks")
        weeks = max(1, round(days / 7))
        self.weeks_ago = list(range(weeks, -1, -1))
        weights = [
            _SEASON[(now - WEEK * ago).month - 1] * (1.0 - 0.35 * ago / weeks) * chance.lognormvariate(0, 0.08)
            for ago in self.weeks_ago
        ]
        whole, gone = sum(weights), 0.0
        self._borders: list[float] = []
        for weight in weights:
            gone += weight
            self._borders.append(gone / whole * total)
        self.per_day = total / days

    def week_of(self, ordinal: int) -> int:
        """How many weeks ago the ticket with this ordinal began."""
        return self.weeks_ago[min(bisect(self._borders, ordinal), len(self.weeks_ago) - 1)]


class Plan:
    """Chooses story and time by ordinal; the same for the same seed, however the work is divided."""

    def __init__(self, ended: Sequence[Story], alive: Sequence[Story], total: int, calendar: Calendar, now: datetime) -> None:  # fmt: skip
        self.ended, self.alive, self.total, self.calendar, self.now = ended, alive, total, calendar, now
        share = len(alive) / max(1, len(ended) + len(alive))
        # What is in work is what came in during the last days, whatever the length of the history.
        waiting = min(round(total * share), round(calendar.per_day * 4) + 1) if alive else 0
        self.first_alive = total - waiting if ended else 0

    def telling(self, ordinal: int, chance: random.Random) -> Telling:
        if ordinal >= self.first_alive:
            story = chance.choice(self.alive)
            return Telling(story, -timedelta(seconds=chance.uniform(0, 5 * 3600)))
        story = chance.choice(self.ended)
        return self._ended(story, self.calendar.week_of(ordinal), chance)

    def _ended(self, story: Story, weeks_ago: int, chance: random.Random) -> Telling:
        """The whole story in a past week, at the same time of the day and the week, give or take half an hour."""
        jitter = timedelta(seconds=max(-3000.0, min(3000.0, chance.gauss(0, 1200))))
        target = weeks_ago - (self.now - story.begins) // WEEK
        stretch, cut = timedelta(), 0
        if len(story.moments) > 2 and chance.random() < 0.4:
            stretch = DAY * min(30, math.ceil(chance.lognormvariate(0.6, 0.9)))
            cut = chance.randrange(1, len(story.moments))
        while True:
            shift = -WEEK * target + jitter
            if story.moments[-1] + shift + stretch <= self.now - _MARGIN:
                return Telling(story, shift, stretch, cut)
            target += 1
