"""Working time against a count of every single minute, in random calendars and awkward time zones."""

from bisect import bisect_left
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import accumulate
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onepoint.sla.working_time import (
    DAY,
    ROUND_THE_CLOCK,
    Band,
    ExceptionalDay,
    NoWorkingTime,
    WeeklyTime,
    read_bands,
)

MINUTE = timedelta(minutes=1)

#: A zone with the moment around which to look: leaps forward and back, by half an hour, at midnight, and none at all.
PLACES = [
    ("Asia/Shanghai", datetime(2026, 2, 27)),  # the end of a February
    ("Asia/Shanghai", datetime(2028, 2, 28)),  # with a 29th
    ("Asia/Shanghai", datetime(2026, 12, 30)),
    ("Europe/Berlin", datetime(2026, 3, 28)),  # 2:00 is followed by 3:00 on the 29th
    ("Europe/Berlin", datetime(2026, 10, 24)),  # 2:00–3:00 comes twice on the 25th
    ("America/New_York", datetime(2026, 10, 31)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4)),  # put back by half an hour
    ("America/Sao_Paulo", datetime(2018, 11, 3)),  # midnight of the 4th does not come
    ("America/Havana", datetime(2026, 10, 31)),  # put back from 1:00 to 0:00 of the 1st
    ("America/Santiago", datetime(2026, 4, 3)),  # put back from 0:00 of the 5th to 23:00 of the 4th
]
DAYS = 7


@st.composite
def bands(draw: st.DrawFn) -> tuple[Band, ...]:
    """Up to three bands of a day, apart from each other; the last may run into the next day."""
    edges = sorted(draw(st.sets(st.integers(0, 32 * 60), max_size=6)))
    pairs = zip(edges[::2], edges[1::2], strict=False)
    return tuple(Band(begins * 60, ends * 60) for begins, ends in pairs if begins * 60 < DAY)


@st.composite
def calendars(draw: st.DrawFn) -> tuple[WeeklyTime, datetime]:
    """A calendar, and the first of the days to look at (naive)."""
    name, first = draw(st.sampled_from(PLACES))
    week = [draw(st.one_of(st.just(()), bands())) for _ in range(7)]
    days = [first.date() + timedelta(days=number) for number in range(-1, DAYS + 1)]
    differing = draw(st.dictionaries(st.sampled_from(days), st.one_of(st.just(()), bands()), max_size=3))
    exceptions = {day: ExceptionalDay("special", one) for day, one in differing.items()}
    return WeeklyTime(week, ZoneInfo(name), exceptions), first


@cache
def _highest_shown(zone: ZoneInfo, first: datetime) -> list[datetime]:
    """For each minute the latest time the wall clock has shown until then."""
    minutes = [_moment(first, number) for number in range((DAYS + 5) * 24 * 60)]
    return list(accumulate((minute.astimezone(zone).replace(tzinfo=None) for minute in minutes), max))


def open_minutes(calendar: WeeklyTime, first: datetime) -> list[bool]:
    """For each minute from the first midnight on: is it working time? Knows nothing but what the wall clock shows."""
    highest = _highest_shown(calendar.zone, first)
    count = len(highest)

    def first_shown(wall: datetime) -> int:
        return bisect_left(highest, wall)

    found = [False] * count
    for number in range(-1, DAYS + 1):
        day = first + timedelta(days=number)
        exception = calendar.exceptions.get(day.date())
        for band in exception.bands if exception else calendar.week[day.weekday()]:
            begins = first_shown(day + timedelta(seconds=band.begins))
            ends = first_shown(day + timedelta(seconds=band.ends))
            found[begins:ends] = [True] * (ends - begins)
    return found


def _moment(first: datetime, minute: int) -> datetime:
    return first.replace(tzinfo=UTC) - timedelta(days=2) + minute * MINUTE


#: Minutes well inside the days that were counted one by one.
MINUTES = st.integers(3 * 24 * 60, DAYS * 24 * 60)


@settings(max_examples=100, deadline=None)
@given(calendars(), MINUTES, MINUTES)
def test_time_between_is_the_count_of_working_minutes(drawn: tuple[WeeklyTime, datetime], one: int, two: int) -> None:
    calendar, first = drawn
    start, end = sorted((one, two))
    expected = sum(open_minutes(calendar, first)[start:end])
    assert calendar.between(_moment(first, start), _moment(first, end)) == expected * MINUTE
    assert calendar.between(_moment(first, end), _moment(first, start)) == timedelta(0)


@settings(max_examples=100, deadline=None)
@given(calendars(), MINUTES, st.integers(0, 40 * 60))
def test_later_is_the_end_of_the_last_working_minute_needed(
    drawn: tuple[WeeklyTime, datetime], start: int, wanted: int
) -> None:
    calendar, first = drawn
    minutes = open_minutes(calendar, first)
    counted = [number for number in range(start, DAYS * 24 * 60 + 24 * 60) if minutes[number]]
    since = _moment(first, start)
    if wanted > len(counted):
        return  # beyond what was counted by hand
    expected = _moment(first, counted[wanted - 1] + 1) if wanted else since
    assert calendar.later(since, wanted * MINUTE) == expected


@settings(max_examples=100, deadline=None)
@given(calendars(), MINUTES)
def test_the_next_opening_is_the_first_working_minute(drawn: tuple[WeeklyTime, datetime], start: int) -> None:
    calendar, first = drawn
    minutes = open_minutes(calendar, first)
    expected = next((number for number in range(start, (DAYS + 1) * 24 * 60) if minutes[number]), None)
    if expected is not None:
        assert calendar.next_open(_moment(first, start)) == _moment(first, expected)


SPANS = st.timedeltas(timedelta(0), timedelta(days=400))
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))


def _opens(calendar: WeeklyTime) -> bool:
    return any(calendar.week)


@settings(max_examples=100, deadline=None)
@given(calendars().filter(lambda drawn: _opens(drawn[0])), MOMENTS, SPANS, SPANS)
def test_later_grows_with_the_span_and_with_the_beginning(
    drawn: tuple[WeeklyTime, datetime], since: datetime, one: timedelta, two: timedelta
) -> None:
    calendar, _first = drawn
    less, more = sorted((one, two))
    assert since <= calendar.later(since, less) <= calendar.later(since, more)
    assert calendar.later(since, more) <= calendar.later(since + less, more)


@settings(max_examples=100, deadline=None)
@given(calendars().filter(lambda drawn: _opens(drawn[0])), MOMENTS, MOMENTS, SPANS)
def test_later_and_between_undo_each_other(
    drawn: tuple[WeeklyTime, datetime], one: datetime, two: datetime, span: timedelta
) -> None:
    calendar, _first = drawn
    assert calendar.between(one, calendar.later(one, span)) == span
    start, end = sorted((one, two))
    worked = calendar.between(start, end)
    reached = calendar.later(start, worked)
    assert reached <= end
    assert calendar.between(reached, end) == timedelta(0)


@settings(max_examples=100, deadline=None)
@given(calendars().filter(lambda drawn: _opens(drawn[0])), MOMENTS, MOMENTS, MOMENTS)
def test_time_adds_up(drawn: tuple[WeeklyTime, datetime], one: datetime, two: datetime, three: datetime) -> None:
    calendar, _first = drawn
    first, second, third = sorted((one, two, three))
    assert calendar.between(first, second) + calendar.between(second, third) == calendar.between(first, third)


@settings(max_examples=60, deadline=None)
@given(calendars().filter(lambda drawn: _opens(drawn[0])), MOMENTS, st.timedeltas(MINUTE, timedelta(days=30)))
def test_the_pieces_of_an_explanation_add_up_to_the_span(
    drawn: tuple[WeeklyTime, datetime], since: datetime, span: timedelta
) -> None:
    calendar, _first = drawn
    for most in (400, 5):
        pieces = calendar.explain(since, span, most=most)
        assert sum((piece.counted for piece in pieces), timedelta()) == span
        assert pieces[-1].ends == calendar.later(since, span)
        assert [piece.date for piece in pieces] == sorted(piece.date for piece in pieces)


@settings(max_examples=60, deadline=None)
@given(calendars().filter(lambda drawn: _opens(drawn[0])), MOMENTS, MOMENTS, st.integers(0, 20))
def test_working_days_later_is_open_and_keeps_the_order(
    drawn: tuple[WeeklyTime, datetime], one: datetime, two: datetime, days: int
) -> None:
    calendar, _first = drawn
    sooner, after = sorted((one, two))
    assert sooner <= calendar.days_later(sooner, days) <= calendar.days_later(after, days) or days == 0
    assert calendar.days_later(sooner, days) < calendar.days_later(sooner, days + 1)


SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE_DAY = read_bands([{"from": "08:30", "to": "12:00"}, {"from": "13:30", "to": "17:30"}])
OFFICE = WeeklyTime([OFFICE_DAY] * 5 + [()] * 2, SHANGHAI, {})
NIGHT = read_bands([{"from": "22:00", "to": "06:00", "shift": "夜班"}])
WHOLE_DAY = read_bands([{"from": "00:00", "to": "24:00"}])


def shanghai(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI)


#: calendar, since, span, due: the edges of days, months and years, to the second
EDGES = [
    (OFFICE, "2026-11-20 17:29:59", timedelta(seconds=1), "2026-11-20 17:30:00"),
    (OFFICE, "2026-11-20 17:29:59", timedelta(seconds=2), "2026-11-23 08:30:01"),
    (OFFICE, "2026-11-20 17:30:00", timedelta(seconds=1), "2026-11-23 08:30:01"),
    (OFFICE, "2026-11-20 12:00:00", timedelta(seconds=1), "2026-11-20 13:30:01"),
    (WeeklyTime([WHOLE_DAY] * 7, SHANGHAI, {}), "2026-02-28 23:59:59", timedelta(seconds=2), "2026-03-01 00:00:01"),
    (WeeklyTime([WHOLE_DAY] * 7, SHANGHAI, {}), "2028-02-28 23:59:59", timedelta(days=1), "2028-02-29 23:59:59"),
    (WeeklyTime([WHOLE_DAY] * 7, SHANGHAI, {}), "2026-12-31 23:59:59", timedelta(seconds=1), "2027-01-01 00:00:00"),
    (
        WeeklyTime([NIGHT] * 5 + [()] * 2, SHANGHAI, {}),
        "2026-11-20 23:59:59",
        timedelta(hours=7),
        "2026-11-23 22:59:59",
    ),
    (
        WeeklyTime([NIGHT] * 5 + [()] * 2, SHANGHAI, {}),
        "2026-11-21 05:59:59",
        timedelta(seconds=2),
        "2026-11-23 22:00:01",
    ),
    (OFFICE, "2028-02-29 17:00:00", timedelta(hours=1), "2028-03-01 09:00:00"),
]


@pytest.mark.parametrize(("calendar", "since", "span", "due"), EDGES)
def test_edges_are_exact_to_the_second(calendar: WeeklyTime, since: str, span: timedelta, due: str) -> None:
    assert calendar.later(shanghai(since), span) == shanghai(due)
    assert calendar.between(shanghai(since), shanghai(due)) == span


def test_a_night_shift_belongs_to_the_day_it_begins_on_even_into_a_holiday() -> None:
    holiday = {date(2026, 10, 1): ExceptionalDay("holiday", (), "国庆节")}
    calendar = WeeklyTime([NIGHT] * 7, SHANGHAI, holiday)
    assert calendar.between(shanghai("2026-09-30 22:00:00"), shanghai("2026-10-02 22:00:00")) == timedelta(hours=8)
    pieces = calendar.explain(shanghai("2026-09-30 23:00:00"), timedelta(hours=8))
    assert [(piece.date.day, piece.counted / timedelta(hours=1), piece.name) for piece in pieces] == [
        (30, 1, "夜班"),
        (1, 6, "夜班"),
        (2, 1, "夜班"),
    ]


def test_a_night_shift_is_an_hour_shorter_or_longer_when_clocks_change() -> None:
    calendar = WeeklyTime([NIGHT] * 7, ZoneInfo("Europe/Berlin"), {})
    assert calendar.between(datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 29, 12, tzinfo=UTC)) == timedelta(
        hours=7
    )
    assert calendar.between(
        datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 25, 12, tzinfo=UTC)
    ) == timedelta(hours=9)


def test_years_are_added_by_their_totals_and_not_day_by_day() -> None:
    calendar = WeeklyTime(OFFICE.week, SHANGHAI, {})
    since = shanghai("2026-01-05 08:30:00")
    due = calendar.later(since, timedelta(hours=7.5 * 5 * 52 * 20))  # 52 weeks of every one of 20 times
    assert calendar.between(since, due) == timedelta(hours=39000)
    known = len(calendar._days)
    assert calendar.later(since + timedelta(minutes=1), timedelta(hours=38000)) < due
    assert len(calendar._days) - known < 40  # everything else came from totals that were kept


def test_a_calendar_that_never_opens_says_so_instead_of_searching_for_ever() -> None:
    closed = WeeklyTime([()] * 7, SHANGHAI, {})
    with pytest.raises(NoWorkingTime):
        closed.later(datetime(2026, 1, 1, tzinfo=UTC), MINUTE)
    with pytest.raises(NoWorkingTime):
        closed.next_open(datetime(2026, 1, 1, tzinfo=UTC))
    assert closed.between(datetime(2026, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)) == timedelta(0)


def test_round_the_clock_all_time_counts() -> None:
    since = datetime(2026, 2, 17, 3, tzinfo=UTC)
    assert ROUND_THE_CLOCK.later(since, timedelta(hours=50)) == since + timedelta(hours=50)
    assert ROUND_THE_CLOCK.between(since, since + timedelta(hours=50)) == timedelta(hours=50)
    assert ROUND_THE_CLOCK.next_open(since) == since
    assert [piece.kind for piece in ROUND_THE_CLOCK.explain(since, timedelta(hours=50))] == ["round"]
