"""Quiet hours and digest times are wall-clock times of one zone."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from onepoint.notifications.quiet_hours import end_of_quiet, next_digest

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
ALL = [1, 2, 3, 4, 5, 6, 7]


def local(text: str, zone: ZoneInfo = SHANGHAI, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold)


def quiet(text: str, start: str, end: str, days: list[int] = ALL, zone: ZoneInfo = SHANGHAI) -> str:
    found = end_of_quiet(local(text, zone), time.fromisoformat(start), time.fromisoformat(end), days, zone)
    return found.astimezone(zone).strftime("%m-%d %H:%M") if found else ""


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-11-22T21:59:59", ""),
        ("2026-11-22T22:00", "11-23 07:00"),
        ("2026-11-22T23:59", "11-23 07:00"),
        ("2026-11-23T00:00", "11-23 07:00"),
        ("2026-11-23T06:59:59", "11-23 07:00"),
        ("2026-11-23T07:00", ""),
    ],
)
def test_a_quiet_night_reaches_over_midnight(at: str, until: str) -> None:
    assert quiet(at, "22:00", "07:00") == until


def test_a_quiet_break_at_noon_ends_the_same_day() -> None:
    assert quiet("2026-11-23T12:10", "12:00", "13:30") == "11-23 13:30"
    assert quiet("2026-11-23T13:30", "12:00", "13:30") == ""


def test_only_the_chosen_days_begin_a_quiet_night() -> None:
    friday_only = [5]
    assert quiet("2026-11-27T23:00", "22:00", "07:00", friday_only) == "11-28 07:00"  # a Friday
    assert quiet("2026-11-28T03:00", "22:00", "07:00", friday_only) == "11-28 07:00"  # the night of that Friday
    assert quiet("2026-11-28T23:00", "22:00", "07:00", friday_only) == ""


def test_whole_quiet_days_in_a_row_are_one_quiet_time() -> None:
    assert quiet("2026-11-28T10:00", "00:00", "00:00", [6, 7]) == "11-30 00:00"


def test_a_week_of_nothing_but_quiet_still_ends() -> None:
    assert quiet("2026-11-23T10:00", "00:00", "00:00") == "12-01 00:00"


def test_no_days_or_no_times_are_no_quiet_hours() -> None:
    assert quiet("2026-11-23T23:00", "22:00", "07:00", []) == ""
    assert end_of_quiet(local("2026-11-23T23:00"), None, time(7), ALL, SHANGHAI) is None


def test_the_night_summer_time_begins_ends_at_the_wall_clocks_seven() -> None:
    """02:00 becomes 03:00 on 2026-03-29 in Berlin: the night is an hour shorter."""
    end = end_of_quiet(local("2026-03-28T23:00", BERLIN), time(22), time(7), ALL, BERLIN)
    assert end == datetime(2026, 3, 29, 5, tzinfo=UTC)


def test_the_night_summer_time_ends_is_an_hour_longer() -> None:
    end = end_of_quiet(local("2026-10-24T23:00", BERLIN), time(22), time(7), ALL, BERLIN)
    assert end == datetime(2026, 10, 25, 6, tzinfo=UTC)


def test_an_end_that_summer_time_skips_is_the_moment_after_the_gap() -> None:
    end = end_of_quiet(local("2026-03-29T01:00", BERLIN), time(22), time(2, 30), ALL, BERLIN)
    assert end == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)  # 03:30 in summer time


@pytest.mark.parametrize(
    ("mode", "at", "due"),
    [
        ("hourly", "2026-11-23T10:00", "2026-11-23T11:00"),
        ("hourly", "2026-11-23T23:59:59", "2026-11-24T00:00"),
        ("daily", "2026-11-23T08:29:59", "2026-11-23T08:30"),
        ("daily", "2026-11-23T08:30", "2026-11-24T08:30"),
        ("immediately", "2026-11-23T08:30", "2026-11-23T08:30"),
    ],
)
def test_digests_leave_at_the_full_hour_or_the_chosen_time(mode: str, at: str, due: str) -> None:
    assert next_digest(local(at), mode, time(8, 30), SHANGHAI) == local(due)
