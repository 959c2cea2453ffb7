"""Calendars as they are used: loaded once per process, good as long as nobody writes to them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import get_language

from onepoint.core import stamped
from onepoint.core.prepared import Statement
from onepoint.sla.models import BusinessCalendar, CalendarAssignment, Holiday, HolidayYear
from onepoint.sla.states import DayKind
from onepoint.sla.working_time import ROUND_THE_CLOCK, Band, ExceptionalDay, Piece, WeeklyTime, WorkingTime, read_bands


@dataclass(frozen=True)
class LoadedCalendar:
    """A :class:`WorkingTime` with the calendar it comes from; ``calendar_id`` None is the house without any: 7×24."""

    calendar_id: int | None
    name: str
    name_en: str
    time: WorkingTime

    @property
    def label(self) -> str:
        return self.name_en if self.name_en and (get_language() or "").startswith("en") else self.name

    def later(self, since: datetime, span: timedelta) -> datetime:
        return self.time.later(since, span)

    def days_later(self, since: datetime, days: int) -> datetime:
        return self.time.days_later(since, days)

    def between(self, start: datetime, end: datetime) -> timedelta:
        return self.time.between(start, end)

    def next_open(self, moment: datetime) -> datetime:
        return self.time.next_open(moment)

    def explain(self, since: datetime, span: timedelta, *, most: int = 400) -> list[Piece]:
        return self.time.explain(since, span, most=most)


WITHOUT_CALENDAR = LoadedCalendar(None, "7×24", "7×24", ROUND_THE_CLOCK)

_STAMP = "(SELECT stamp FROM sla_calendarstamp ORDER BY id LIMIT 1)"
_stamp = Statement("sla_stamp", f"SELECT {_STAMP}")
#: The trees are read afresh: who moves a unit writes no calendar.
_place = Statement(
    "sla_place",
    f"SELECT {_STAMP}, (SELECT path FROM accounts_orgunit WHERE id = $1::bigint),"
    " (SELECT path FROM accounts_region WHERE id = coalesce($2::bigint,"
    " (SELECT region_id FROM accounts_orgunit WHERE id = $3::bigint)))",
)


@dataclass
class _Loaded:
    stamp: str | None = None
    calendars: dict[int, LoadedCalendar] = field(default_factory=dict)
    of_unit: dict[int, int] = field(default_factory=dict)
    of_region: dict[int, int] = field(default_factory=dict)
    default_id: int | None = None


_EMPTY = _Loaded()
_loaded: _Loaded | None = None


def calendar_for(*, unit_id: int | None, region_id: int | None) -> LoadedCalendar:
    """By which calendar a place works: that of the unit or the nearest one above it, else of the region (or the unit's
    region) or the nearest above, else the house's; round the clock where the house has none. One short statement, or none.
    """
    # The trees change with "access".
    return stamped.kept("access calendars", ("calendar of", unit_id, region_id), lambda: _find(unit_id, region_id))


def _find(unit_id: int | None, region_id: int | None) -> LoadedCalendar:
    row = _place.row(unit_id, region_id, unit_id)
    assert row is not None
    stamp, unit_path, region_path = row
    loaded = _current(stamp)
    for path, chosen in ((unit_path, loaded.of_unit), (region_path, loaded.of_region)):
        for node in reversed((path or "").strip("/").split("/")):
            if node and int(node) in chosen:
                return loaded.calendars[chosen[int(node)]]
    return loaded.calendars[loaded.default_id] if loaded.default_id else WITHOUT_CALENDAR


def calendar_of(calendar_id: int | None) -> LoadedCalendar:
    """One calendar by its id; round the clock for None. Raises BusinessCalendar.DoesNotExist."""
    if calendar_id is None:
        return WITHOUT_CALENDAR
    row = _stamp.row()
    found = _current(row[0] if row else None).calendars.get(calendar_id)
    if found is None:
        raise BusinessCalendar.DoesNotExist(calendar_id)
    return found


def _current(stamp: str | None) -> _Loaded:
    global _loaded
    if stamp is None:  # nobody has ever written a calendar here
        return _EMPTY
    kept = _loaded
    if kept is None or kept.stamp != stamp:
        kept = _loaded = _load(stamp)
    return kept


def _load(stamp: str) -> _Loaded:
    """Everything there is: a house has a dozen calendars."""
    loaded = _Loaded(stamp)
    rows = {calendar.pk: calendar for calendar in BusinessCalendar.objects.all()}
    own: dict[int, list[Holiday]] = {}
    public: dict[str, list[Holiday]] = {}
    for holiday in Holiday.objects.all():
        if holiday.calendar_id:
            own.setdefault(holiday.calendar_id, []).append(holiday)
        else:
            public.setdefault(holiday.country, []).append(holiday)
    years: dict[str, set[int]] = {}
    for country, year in HolidayYear.objects.values_list("country", "year"):
        years.setdefault(country, set()).add(year)
    for calendar in rows.values():
        differing = [
            *public.get(calendar.country, ()),
            *own.get(calendar.based_on_id or 0, ()),
            *own.get(calendar.pk, ()),
        ]
        published = frozenset(years.get(calendar.country, ())) if calendar.country else None
        loaded.calendars[calendar.pk] = LoadedCalendar(
            calendar.pk, calendar.name, calendar.name_en, working_time_of(calendar, differing, published)
        )
        if calendar.is_default:
            loaded.default_id = calendar.pk
    for unit_id, region_id, calendar_id in CalendarAssignment.objects.values_list(
        "unit_id", "region_id", "calendar_id"
    ):
        (loaded.of_unit if unit_id else loaded.of_region)[unit_id or region_id] = calendar_id
    return loaded


def working_time_of(
    calendar: BusinessCalendar, differing: list[Holiday], published: frozenset[int] | None
) -> WorkingTime:
    """A calendar's working time; of ``differing`` days the later in the list wins."""
    if calendar.is_round_the_clock:
        return ROUND_THE_CLOCK
    week = [read_bands(day) for day in calendar.week] or [()] * 7
    usual = next((bands for bands in week if bands), ())
    exceptions = {holiday.date: exceptional_day(holiday, usual) for holiday in differing}
    return WeeklyTime(week, ZoneInfo(calendar.time_zone), exceptions, published)


def exceptional_day(holiday: Holiday, usual: tuple[Band, ...]) -> ExceptionalDay:
    """How the arithmetic sees one row; a make-up workday is worked like the first working day of the week."""
    names = (holiday.name, holiday.name_en)
    bands: Mapping[str, tuple[Band, ...]] = {
        DayKind.WORKDAY: usual,
        DayKind.SPECIAL: read_bands(holiday.bands),
    }
    return ExceptionalDay(holiday.kind, bands.get(holiday.kind, ()), *names)
