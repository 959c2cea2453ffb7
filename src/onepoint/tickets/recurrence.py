"""When a schedule comes round: plain dates after the rules of RFC 5545's RRULE, as far as people need them here.

A month without the wanted day takes its last day; days and weeks are counted from the first date of the schedule.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from onepoint.tickets.states import Frequency

#: However far apart its dates, a schedule is searched no further.
FURTHEST = timedelta(days=366 * 12)


@dataclass(frozen=True)
class Recurrence:
    """The rule of a schedule; ``at`` is a time of day in ``zone``."""

    frequency: str
    starts_on: date
    at: time
    zone: ZoneInfo
    interval: int = 1
    weekdays: tuple[int, ...] = ()  # 0: Monday
    month_day: int | None = None
    ends_on: date | None = None

    def dates(self) -> Iterator[date]:
        """The days of the schedule, from its first."""
        last = min(self.ends_on or date.max, _plus(self.starts_on, FURTHEST))
        steps = {Frequency.ONCE: self._once, Frequency.DAILY: self._daily, Frequency.WEEKLY: self._weekly}
        for day in steps.get(Frequency(self.frequency), self._monthly)():
            if day > last:
                return
            if day >= self.starts_on:
                yield day

    def _once(self) -> Iterator[date]:
        yield self.starts_on

    def _daily(self) -> Iterator[date]:
        day = self.starts_on
        while True:
            yield day
            day = _plus(day, timedelta(days=self.interval))

    def _weekly(self) -> Iterator[date]:
        monday = self.starts_on - timedelta(days=self.starts_on.weekday())
        while True:
            for weekday in sorted(self.weekdays) or [self.starts_on.weekday()]:
                yield _plus(monday, timedelta(days=weekday))
            monday = _plus(monday, timedelta(weeks=self.interval))

    def _monthly(self) -> Iterator[date]:
        wanted, months = self.month_day or self.starts_on.day, self.starts_on.year * 12 + self.starts_on.month - 1
        while True:
            year, month = divmod(months, 12)
            following = date(year + month // 11, (month + 1) % 12 + 1, 1)
            yield date(year, month + 1, min(wanted, (following - timedelta(days=1)).day))
            months += self.interval

    def moments(self, *, after: datetime) -> Iterator[datetime]:
        """The moments (aware) of the schedule later than ``after``."""
        for day in self.dates():
            moment = datetime.combine(day, self.at, tzinfo=self.zone)
            if moment > after:
                yield moment

    def next_moment(self, *, after: datetime) -> datetime | None:
        """The first moment later than ``after``; None when the schedule is over."""
        return next(self.moments(after=after), None)

    def preview(self, *, after: datetime, count: int = 5) -> list[datetime]:
        """The next few moments."""
        return list(islice(self.moments(after=after), count))


def _plus(day: date, span: timedelta) -> date:
    return day + span if date.max - day > span else date.max
