"""What a clock has counted, and when it is due, against a count minute by minute that shares no code with it."""

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from onepoint.sla import clock_arithmetic
from onepoint.sla.clock_arithmetic import Entry
from onepoint.sla.working_time import ROUND_THE_CLOCK, Band, ExceptionalDay, WeeklyTime, WorkingTime

MINUTE = timedelta(minutes=1)
BEGIN = datetime(2026, 2, 11, 22, 0, tzinfo=UTC)  # the Thursday before the Spring Festival, 6:00 in China
#: Events fall into the first days; the count goes on for longer, so that dues after the last event are met.
EVENT_MINUTES, COUNTED_MINUTES = 3 * 1440, 7 * 1440
ZONES = {"Asia/Shanghai": 8, "Asia/Tashkent": 5, "UTC": 0}  # none of them changes to summer time


@st.composite
def bands(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Up to three bands of a day in minutes, apart from each other; the last may run past midnight."""
    marks = sorted(draw(st.lists(st.integers(0, 1440), min_size=0, max_size=6, unique=True)))
    return [(a, b) for a, b in zip(marks[::2], marks[1::2], strict=False)]


@st.composite
def calendars(draw: st.DrawFn) -> tuple[WorkingTime, set[int]]:
    """A calendar, and the minutes after BEGIN in which it is open by plain looking."""
    if draw(st.booleans()) and draw(st.booleans()):
        return ROUND_THE_CLOCK, set(range(COUNTED_MINUTES))
    name = draw(st.sampled_from(sorted(ZONES)))
    week = [draw(bands()) for _ in range(7)]
    if not any(week):
        week[2] = [(480, 1020)]
    exceptions = draw(
        st.dictionaries(st.integers(0, 7).map(lambda n: date(2026, 2, 11) + timedelta(n)), bands(), max_size=4)
    )
    calendar = WeeklyTime(
        [[Band(a * 60, b * 60) for a, b in day] for day in week],
        ZoneInfo(name),
        {day: ExceptionalDay("special", tuple(Band(a * 60, b * 60) for a, b in of)) for day, of in exceptions.items()},
    )
    opened = set()
    for minute in range(COUNTED_MINUTES):
        wall = BEGIN + minute * MINUTE + timedelta(hours=ZONES[name])
        of_day = exceptions.get(wall.date(), week[wall.weekday()])
        if any(a <= wall.hour * 60 + wall.minute < b for a, b in of_day):
            opened.add(minute)
    return calendar, opened


#: What may happen to a clock: it runs, it stands, its limit changes, its calendar changes, it begins anew.
VERBS = ["run", "pause", "target", "calendar", "restart", "carry"]


@st.composite
def lives(draw: st.DrawFn) -> tuple[list[Entry], list[tuple[int, bool, int, set[int], int | None]]]:
    """Entries of a clock, and the same as (minute, runs, limit, open minutes, carried)."""
    known = draw(st.lists(calendars(), min_size=1, max_size=2))
    steps = draw(
        st.lists(st.tuples(st.sampled_from(VERBS), st.integers(0, EVENT_MINUTES), st.integers(0, 3000)), max_size=9)
    )
    runs, limit, (calendar, opened) = True, draw(st.integers(1, 3000)), known[0]
    minute = draw(st.integers(0, 600))
    entries = [Entry(BEGIN + minute * MINUTE, runs, limit * MINUTE, calendar)]
    plain: list[tuple[int, bool, int, set[int], int | None]] = [(minute, runs, limit, opened, None)]
    for verb, at, number in sorted(steps, key=lambda step: step[1]):
        minute = max(minute, at)
        carried: int | None = None
        match verb:
            case "run" | "pause":
                runs = verb == "run"
            case "target":
                limit = number + 1
            case "calendar":
                calendar, opened = known[number % len(known)]
            case "restart":
                carried, runs = 0, True
            case "carry":
                carried, runs = number, True
        span = None if carried is None else carried * MINUTE
        entries.append(Entry(BEGIN + minute * MINUTE, runs, limit * MINUTE, calendar, span))
        plain.append((minute, runs, limit, opened, carried))
    return entries, plain


def count(plain: list[tuple[int, bool, int, set[int], int | None]], until: int) -> list[int]:
    """What has been counted at the beginning of each minute up to ``until``, one minute after the other."""
    counted, total, place = [], 0, -1
    for minute in range(until + 1):
        while place + 1 < len(plain) and plain[place + 1][0] <= minute:
            place += 1
            total = plain[place][4] if plain[place][4] is not None else total
        counted.append(total)
        if place >= 0 and plain[place][1] and minute in plain[place][3]:
            total += 1
    return counted


@settings(max_examples=60, deadline=None)
@given(lives(), st.integers(0, COUNTED_MINUTES - 1))
def test_elapsed_is_what_a_count_by_the_minute_gives(life, minute: int) -> None:
    entries, plain = life
    counted = count(plain, minute)
    assert clock_arithmetic.elapsed(entries, BEGIN + minute * MINUTE) == counted[minute] * MINUTE


@settings(max_examples=60, deadline=None)
@given(lives())
def test_a_clock_is_due_in_the_first_minute_by_which_its_limit_is_counted(life) -> None:
    entries, plain = life
    due = clock_arithmetic.due(entries)
    if not plain[-1][1]:
        assert due is None
        return
    limit = plain[-1][2]
    counted = count(plain, COUNTED_MINUTES - 1)
    since = max((at for at, _runs, _limit, _open, carried in plain if carried is not None), default=plain[0][0])
    reached = next((minute for minute in range(since, COUNTED_MINUTES) if counted[minute] >= limit), None)
    if reached is None:
        assert due is not None
        assert due >= BEGIN + (COUNTED_MINUTES - 1) * MINUTE
    else:
        assert due == BEGIN + reached * MINUTE


@settings(max_examples=40, deadline=None)
@given(lives(), st.integers(0, 600), st.integers(0, 600))
def test_the_more_is_counted_the_sooner_it_is_due(life, less: int, more: int) -> None:
    entries, _plain = life
    last = entries[-1]
    at = last.at + MINUTE

    def due_with(minutes: int) -> datetime:
        moment = clock_arithmetic.due([*entries, Entry(at, True, last.limit, last.time, minutes * MINUTE)])
        assert moment is not None
        return moment

    few, many = sorted((less, more))
    assert due_with(many) <= due_with(few)


@settings(max_examples=40, deadline=None)
@given(lives(), st.randoms(use_true_random=False), st.integers(0, COUNTED_MINUTES - 1))
def test_the_order_in_which_entries_are_read_is_of_no_matter(life, chance: random.Random, minute: int) -> None:
    entries, _plain = life
    apart = list({entry.at: entry for entry in entries}.values())
    shuffled = chance.sample(apart, len(apart))
    at = BEGIN + minute * MINUTE
    assert clock_arithmetic.elapsed(shuffled, at) == clock_arithmetic.elapsed(apart, at)
    assert clock_arithmetic.due(shuffled) == clock_arithmetic.due(apart)


@settings(max_examples=40, deadline=None)
@given(lives(), st.integers(1, 3000), st.integers(0, COUNTED_MINUTES - 1))
def test_another_limit_changes_nothing_of_what_is_counted(life, limit: int, minute: int) -> None:
    entries, _plain = life
    at = BEGIN + minute * MINUTE
    retargeted = [Entry(entry.at, entry.runs, limit * MINUTE, entry.time, entry.carried) for entry in entries]
    assert clock_arithmetic.elapsed(retargeted, at) == clock_arithmetic.elapsed(entries, at)


def test_a_pause_moves_the_due_moment_by_its_length() -> None:
    nine = datetime(2026, 3, 2, 1, tzinfo=UTC)
    hours = timedelta(hours=1)
    entries = [Entry(nine, True, 4 * hours, ROUND_THE_CLOCK)]
    assert clock_arithmetic.due(entries) == nine + 4 * hours
    entries.append(Entry(nine + hours, False, 4 * hours, ROUND_THE_CLOCK))
    assert clock_arithmetic.due(entries) is None
    entries.append(Entry(nine + 3 * hours, True, 4 * hours, ROUND_THE_CLOCK))
    assert clock_arithmetic.due(entries) == nine + 6 * hours
    assert clock_arithmetic.left(entries, nine + 4 * hours) == 2 * hours


def test_a_shorter_limit_can_be_over_already() -> None:
    nine = datetime(2026, 3, 2, 1, tzinfo=UTC)
    hours = timedelta(hours=1)
    entries = [
        Entry(nine, True, 8 * hours, ROUND_THE_CLOCK),
        Entry(nine + 5 * hours, True, 2 * hours, ROUND_THE_CLOCK),
    ]
    assert clock_arithmetic.due(entries) == nine + 2 * hours
