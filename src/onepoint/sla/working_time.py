"""Working time, plain Python: moments and spans in a calendar of weekly bands, exceptions by date, and a time zone.

All moments are aware; results are in UTC. A band is open from the first moment the wall clock shows its beginning or later
until the first moment it shows its end or later: so an hour that a change to summer time leaves out is not worked, and one that
comes twice is worked twice. A band may run past midnight; it belongs to the date on which it begins, whatever the next date is.

Nothing walks over minutes: a day is a short table of open pieces, made once, and the totals of months and years are kept, so
that years of working time are added and measured in a few steps.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo

DAY = 86400
_MICRO = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
#: A calendar that is closed for so long is closed for ever.
_YEARS_AHEAD = 30


class NoWorkingTime(ValueError):
    """The calendar never opens (or not for decades), so nothing in it is ever due."""


class Band(NamedTuple):
    """Open time of a day in seconds from its midnight on the wall; ``ends`` is beyond 86,400 when it is past midnight."""

    begins: int
    ends: int
    name: str = ""  # of the shift
    name_en: str = ""


class ExceptionalDay(NamedTuple):
    """How one date differs from the week: the bands it has instead (none: closed)."""

    kind: str  # holiday, workday, special
    bands: tuple[Band, ...]
    name: str = ""
    name_en: str = ""


class Piece(NamedTuple):
    """One step in the explanation of a deadline: a stretch that counts, or a day that does not and why."""

    date: date  # the date on the wall
    begins: datetime | None  # UTC; None where nothing of the date is open
    ends: datetime | None
    counted: timedelta
    kind: str  # workday, makeup, special: it counts; rest, holiday: it does not; round: 7×24; more: days left out here
    name: str = ""  # of the holiday, or of the shift
    name_en: str = ""
    is_unpublished: bool = False  # the holidays of its year are not known yet


class WorkingTime(Protocol):
    """What a calendar becomes when loaded."""

    def later(self, since: datetime, span: timedelta) -> datetime:
        """The earliest moment with ``span`` of working time since ``since``; ``since`` itself for nothing."""

    def days_later(self, since: datetime, days: int) -> datetime:
        """The same time of day ``days`` working days on, counted from the first working time at or after ``since``; a day
        that is closed at that time gives its last open moment before it, else its first."""

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Working time in [start, end); nothing if end is not after start."""

    def next_open(self, moment: datetime) -> datetime:
        """``moment`` itself if it is working time, else the next beginning of working time."""

    def explain(self, since: datetime, span: timedelta, *, most: int = 400) -> list[Piece]:
        """How ``later`` comes to its answer, day by day; after ``most`` pieces one of kind ``more`` and the last."""


class _RoundTheClock:
    """All time is working time."""

    def later(self, since: datetime, span: timedelta) -> datetime:
        return since.astimezone(UTC) + max(span, timedelta(0))

    def days_later(self, since: datetime, days: int) -> datetime:
        return self.later(since, timedelta(days=days))

    def between(self, start: datetime, end: datetime) -> timedelta:
        return max(end - start, timedelta(0))

    def next_open(self, moment: datetime) -> datetime:
        return moment.astimezone(UTC)

    def explain(self, since: datetime, span: timedelta, *, most: int = 400) -> list[Piece]:
        since = since.astimezone(UTC)
        end = self.later(since, span)
        return [Piece(since.date(), since, end, end - since, "round")]


ROUND_THE_CLOCK: WorkingTime = _RoundTheClock()


class _Day(NamedTuple):
    """A date as microseconds since 1970: open pieces in order, and for each the working time before it on that date."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    before: tuple[int, ...]
    total: int
    begins: int  # the date's own midnights
    finishes: int


@dataclass(eq=False)
class WeeklyTime:
    """Working time by a week of bands (Monday first) with exceptions by date, in a time zone.

    ``published`` are the years whose exceptions are known; None when that is no question (no public holidays kept).
    """

    week: Sequence[Sequence[Band]]
    zone: ZoneInfo
    exceptions: Mapping[date, ExceptionalDay]
    published: frozenset[int] | None = None

    def __post_init__(self) -> None:
        self._days: dict[date, _Day] = {}
        self._months: dict[int, int] = {}  # year * 12 + month - 1 → working time
        self._years: dict[int, int] = {}

    # --- the three questions ---------------------------------------------------------------------------------------

    def later(self, since: datetime, span: timedelta) -> datetime:
        left = span // _MICROSECOND
        if left <= 0:
            return since.astimezone(UTC)
        at = _micros(since)
        left += self._until(at)
        return _moment(self._reach(left, self._date_of(since)))

    def days_later(self, since: datetime, days: int) -> datetime:
        if days <= 0:
            return since.astimezone(UTC)
        begun = self.next_open(since)
        day = self._date_of(begun)
        wall = begun.astimezone(self.zone)
        for _ in range(days):
            day = self._next_open_date(day + timedelta(days=1))
        table = self._day(day)
        at = self._instant(day, wall.hour * 3600 + wall.minute * 60 + wall.second) + wall.microsecond
        index = bisect_right(table.starts, at) - 1
        return _moment(min(at, table.ends[index]) if index >= 0 else table.starts[0])

    def between(self, start: datetime, end: datetime) -> timedelta:
        if end <= start:
            return timedelta(0)
        first, last = self._date_of(start), self._date_of(end)
        whole = self._total(first, last)
        return timedelta(microseconds=whole - self._until(_micros(start)) + self._until(_micros(end)))

    def next_open(self, moment: datetime) -> datetime:
        at, day = _micros(moment), self._day(self._date_of(moment))
        index = bisect_right(day.ends, at)
        if index < len(day.starts):
            return _moment(max(at, day.starts[index]))
        following = self._next_open_date(self._date_of(moment) + timedelta(days=1))
        return _moment(self._day(following).starts[0])

    # --- why -------------------------------------------------------------------------------------------------------

    def explain(self, since: datetime, span: timedelta, *, most: int = 400) -> list[Piece]:
        at, due = _micros(since), _micros(self.later(since, span))
        pieces: list[Piece] = []
        day, last = self._date_of(since), self._last_date(since, due)
        while day <= last:
            if len(pieces) >= most and day < last:
                pieces.append(self._rest_of_them(day, last))
                day = last
            pieces += self._pieces(day, at, due)
            day += timedelta(days=1)
        return pieces

    def kind_of(self, day: date) -> tuple[str, str, str]:
        """What kind of day a date is (as :class:`Piece` has it) and the name of its holiday, in both languages."""
        if exception := self.exceptions.get(day):
            return {"workday": "makeup"}.get(exception.kind, exception.kind), exception.name, exception.name_en
        return ("workday" if self.week[day.weekday()] else "rest"), "", ""

    def is_unpublished(self, year: int) -> bool:
        return self.published is not None and year not in self.published

    def bands_of(self, day: date) -> tuple[Band, ...]:
        """The bands that begin on a date."""
        exception = self.exceptions.get(day)
        return exception.bands if exception else tuple(self.week[day.weekday()])

    def worked_on(self, day: date) -> timedelta:
        """Working time between the midnights of a date."""
        return timedelta(microseconds=self._day(day).total)

    def _last_date(self, since: datetime, due: int) -> date:
        """The date of the deadline; what ends at midnight ends with the date before."""
        return self._date_of(max(_moment(due) - _MICROSECOND, since))

    def _pieces(self, day: date, at: int, due: int) -> list[Piece]:
        kind, name, name_en = self.kind_of(day)
        unknown = self.is_unpublished(day.year)
        table, found = self._day(day), []
        for start, end in zip(table.starts, table.ends, strict=True):
            begins, ends = max(start, at), min(end, due)
            if begins < ends:
                shift, shift_en = self._shift_at(day, start)
                counted = timedelta(microseconds=ends - begins)
                open_kind = kind if kind not in ("rest", "holiday") else "workday"  # a night shift of the day before
                label, label_en = (name, name_en) if open_kind in ("makeup", "special") and name else (shift, shift_en)
                found.append(Piece(day, _moment(begins), _moment(ends), counted, open_kind, label, label_en, unknown))
        if not found and kind in ("rest", "holiday"):
            found.append(Piece(day, None, None, timedelta(0), kind, name, name_en, unknown))
        return found

    def _shift_at(self, day: date, start: int) -> tuple[str, str]:
        """The name of the shift that is on at a moment of a date, in both languages."""
        for back in (0, 1):
            begun = day - timedelta(days=back)
            for band in self.bands_of(begun):
                if self._instant(begun, band.begins) <= start < self._instant(begun, band.ends):
                    return band.name, band.name_en
        return "", ""

    def _rest_of_them(self, first: date, last: date) -> Piece:
        counted = timedelta(microseconds=self._total(first, last))
        return Piece(first, None, None, counted, "more", is_unpublished=self.is_unpublished(last.year))

    # --- days ------------------------------------------------------------------------------------------------------

    def _date_of(self, moment: datetime) -> date:
        """The date whose table holds a moment."""
        day = moment.astimezone(self.zone).date()
        # Where clocks are put back at midnight a date comes twice for an hour; it ends when its midnight first comes.
        return day + timedelta(days=1) if _micros(moment) >= self._day(day).finishes else day

    def _day(self, day: date) -> _Day:
        found = self._days.get(day)
        if found is None:
            found = self._days[day] = self._make_day(day)
        return found

    def _make_day(self, day: date) -> _Day:
        yesterday = self.bands_of(day - timedelta(days=1))
        pieces = [(0, band.ends - DAY) for band in yesterday if band.ends > DAY]
        pieces += [(band.begins, min(band.ends, DAY)) for band in self.bands_of(day)]
        starts, ends, before, total = [], [], [], 0
        midnight, next_midnight = self._instant(day, 0), self._instant(day, DAY)
        is_even = next_midnight - midnight == DAY * _MICRO  # no clock is put forward or back on this date
        for begins, finishes in _united(pieces):
            if is_even:
                start, end = midnight + begins * _MICRO, midnight + finishes * _MICRO
            else:
                start, end = self._instant(day, begins), self._instant(day, finishes)
            if start < end:
                starts.append(start)
                ends.append(end)
                before.append(total)
                total += end - start
        return _Day(tuple(starts), tuple(ends), tuple(before), total, midnight, next_midnight)

    def _instant(self, day: date, seconds: int) -> int:
        """The first moment at which the wall clock shows this time of that date, or later."""
        wall = datetime(day.year, day.month, day.day) + timedelta(seconds=seconds)  # noqa: DTZ001  wall time
        early = wall.replace(tzinfo=self.zone, fold=0)
        late = early.replace(fold=1)
        if early.utcoffset() == late.utcoffset():
            return _micros_of_wall(wall, early.utcoffset())
        first, second = _micros_of_wall(wall, early.utcoffset()), _micros_of_wall(wall, late.utcoffset())
        if first < second:  # it comes twice
            return first
        return self._leap(second, first)  # it is left out: the moment of the leap

    def _leap(self, low: int, high: int) -> int:
        """The moment between two at which the zone's offset changes (whole seconds)."""
        low, high = low // _MICRO, high // _MICRO
        before = self._offset(low - 1)
        while low < high:
            middle = (low + high) // 2
            if self._offset(middle) == before:
                low = middle + 1
            else:
                high = middle
        return low * _MICRO

    def _offset(self, second: int) -> timedelta | None:
        return datetime.fromtimestamp(second, self.zone).utcoffset()

    # --- totals ----------------------------------------------------------------------------------------------------

    def _until(self, at: int) -> int:
        """Working time of the moment's own date before the moment."""
        day = self._day(self._date_of(_moment(at)))
        index = bisect_right(day.starts, at) - 1
        if index < 0:
            return 0
        return day.before[index] + min(at, day.ends[index]) - day.starts[index]

    def _month(self, index: int) -> int:
        found = self._months.get(index)
        if found is None:
            first = date(index // 12, index % 12 + 1, 1)
            found = self._months[index] = sum(
                self._day(first + timedelta(days=number)).total for number in range((_next_month(first) - first).days)
            )
        return found

    def _year(self, year: int) -> int:
        found = self._years.get(year)
        if found is None:
            found = self._years[year] = sum(self._month(year * 12 + month) for month in range(12))
        return found

    def _total(self, first: date, last: date) -> int:
        """Working time from the beginning of one date to the beginning of another."""
        total, day = 0, first
        while day < last:
            if day.day == 1 and day.month == 1 and date(day.year, 12, 31) < last:
                total += self._year(day.year)
                day = date(day.year + 1, 1, 1)
            elif day.day == 1 and _next_month(day) <= last:
                total += self._month(day.year * 12 + day.month - 1)
                day = _next_month(day)
            else:
                total += self._day(day).total
                day += timedelta(days=1)
        return total

    def _reach(self, left: int, day: date) -> int:
        """The earliest moment with ``left`` of working time from the beginning of ``day``."""
        empty = 0
        while True:
            if day.day == 1 and day.month == 1 and self._year(day.year) < left:
                empty = 0 if self._year(day.year) else empty + 1
                if empty >= _YEARS_AHEAD or day.year >= 9990:
                    raise NoWorkingTime
                left -= self._year(day.year)
                day = date(day.year + 1, 1, 1)
            elif day.day == 1 and self._month(day.year * 12 + day.month - 1) < left:
                left -= self._month(day.year * 12 + day.month - 1)
                day = _next_month(day)
            elif self._day(day).total < left:
                left -= self._day(day).total
                day += timedelta(days=1)
            else:
                break
        table = self._day(day)
        index = bisect_right(table.before, left - 1) - 1
        return table.starts[index] + left - table.before[index]

    def _next_open_date(self, day: date) -> date:
        """The first date from ``day`` on with working time."""
        latest = day.year + _YEARS_AHEAD
        while not self._day(day).total:
            if day.year > latest:
                raise NoWorkingTime
            if day.day == 1 and not self._month(day.year * 12 + day.month - 1):
                day = _next_month(day)
            else:
                day += timedelta(days=1)
        return day


def _united(pieces: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The pieces in order, those that overlap as one."""
    found: list[tuple[int, int]] = []
    for begins, ends in sorted(pieces):
        if found and begins < found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], ends))
        elif begins < ends:
            found.append((begins, ends))
    return found


def _next_month(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _micros_of_wall(wall: datetime, offset: timedelta | None) -> int:
    assert offset is not None
    return (wall - offset - _EPOCH.replace(tzinfo=None)) // _MICROSECOND


def _moment(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)


def read_bands(raw: Sequence[Mapping[str, Any]]) -> tuple[Band, ...]:
    """Bands as they are stored: ``[{"from": "22:00", "to": "06:00", "shift": "夜班", "shift_en": "Night"}]``; an end not after the beginning
    is on the next day. Raises ValueError for what is no time of day."""
    found = []
    for row in raw:
        begins, ends = _seconds(row["from"]), _seconds(row["to"])
        ends = ends if ends > begins else ends + DAY
        found.append(Band(begins, ends, str(row.get("shift", "")), str(row.get("shift_en", ""))))
    return tuple(sorted(found))


def _seconds(text: str) -> int:
    """``"08:30"`` as seconds from midnight; ``"24:00"`` is the end of the day."""
    hour, _, minute = text.partition(":")
    seconds = int(hour) * 3600 + int(minute) * 60
    if not (0 <= seconds <= DAY and 0 <= int(minute) < 60):
        raise ValueError(f"{text} is no time of day")
    return seconds
