"""Deadlines around the make-up workdays of 2026, counted by hand.

Source of the days: 国务院办公厅关于2026年部分节假日安排的通知 (General Office of the State Council, 4 November 2025):
Spring Festival 15 to 23 February off, Saturday 14 and Saturday 28 February worked; National Day 1 to 7 October off,
Sunday 20 September and Saturday 10 October worked; New Year 1 to 3 January off, Sunday 4 January worked; Labour Day 1 to 5 May
off, Saturday 9 May worked; Qingming 4 to 6 April, Dragon Boat 19 to 21 June and Mid-Autumn 25 to 27 September off.

The office works 8:30–12:00 and 13:30–17:30, Monday to Friday: 3.5 + 4 = 7.5 hours a day. Times are Shanghai's.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from onepoint.sla.public_holidays import published_year
from onepoint.sla.states import DayKind
from onepoint.sla.working_time import ExceptionalDay, WeeklyTime, read_bands

SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE_DAY = read_bands([{"from": "08:30", "to": "12:00"}, {"from": "13:30", "to": "17:30"}])


def _exceptions() -> dict[date, ExceptionalDay]:
    year = published_year("CN", 2026)
    assert year is not None
    return {
        day.date: ExceptionalDay(day.kind, OFFICE_DAY if day.kind == DayKind.WORKDAY else (), day.name, day.name_en)
        for day in year.days
    }


OFFICE = WeeklyTime([OFFICE_DAY] * 5 + [()] * 2, SHANGHAI, _exceptions(), frozenset({2026}))


def at(text: str) -> datetime:
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


#: since, hours, due
BY_HAND = [
    # New Year. Wed 31 Dec is in 2025; Thu 1, Fri 2, Sat 3 off; Sun 4 is worked. Two hours left on Sun 4 (15:30–17:30), one
    # on Mon 5 from 8:30.
    ("01-01 10:00", 7.5, "01-04 17:30"),
    ("01-04 15:30", 3, "01-05 09:30"),
    # Spring Festival. Fri 13 Feb from 16:00: 1.5 h; Sat 14 is worked: 7.5 h, together 9; Sun 15 – Mon 23 off (9 days);
    # Tue 24: the tenth hour from 8:30 to 9:30.
    ("02-13 16:00", 9, "02-14 17:30"),
    ("02-13 16:00", 10, "02-24 09:30"),
    # From the make-up Saturday itself, 17:00: half an hour, then Tue 24 (7.5), Wed 25 (7.5): 15.5; half an hour on Thu 26.
    ("02-14 17:00", 16, "02-26 09:00"),
    # In the middle of the holiday: it begins on Tue 24; 24, 25, 26, 27 and the make-up Sat 28 are five days = 37.5 h.
    ("02-18 12:00", 37.5, "02-28 17:30"),
    # … and half an hour more skips Sun 1 March: Mon 2 March 9:00.
    ("02-18 12:00", 38, "03-02 09:00"),
    # Ten working days from Wed 11 Feb 8:30: 11, 12, 13, 14 (make-up), 24, 25, 26, 27, 28 (make-up), 2 March = 75 h.
    ("02-11 08:30", 75, "03-02 17:30"),
    # Over the midday break: Thu 12 Feb 11:30, one hour: half to 12:00, half from 13:30.
    ("02-12 11:30", 1, "02-12 14:00"),
    # Qingming: Fri 3 April 16:30 one hour, Sat 4 – Mon 6 off, Tue 7.
    ("04-03 16:30", 2, "04-07 09:30"),
    # Labour Day: Thu 30 April 13:30: 4 h; Fri 1 – Tue 5 May off; Wed 6, Thu 7, Fri 8: 22.5 h; Sat 9 (make-up): 7.5 h.
    # 4 + 22.5 + 7.5 = 34 at Sat 9 May 17:30; Sun 10 off; the 35th hour on Mon 11.
    ("04-30 13:30", 34, "05-09 17:30"),
    ("04-30 13:30", 35, "05-11 09:30"),
    # Dragon Boat: Thu 18 June 17:00, half an hour; Fri 19 – Sun 21 off; Mon 22.
    ("06-18 17:00", 1, "06-22 09:00"),
    # The make-up Sunday before National Day. Fri 18 Sep 13:30: 4 h; Sat 19 off; Sun 20 worked: 7.5 = 11.5; Mon 21 one hour.
    ("09-18 13:30", 12.5, "09-21 09:30"),
    # Mid-Autumn: Thu 24 Sep 16:30 one hour; Fri 25 – Sun 27 off; Mon 28, Tue 29, Wed 30: 22.5 = 23.5; 1–7 Oct off; Thu 8: half
    # an hour more.
    ("09-24 16:30", 24, "10-08 09:00"),
    # National Day: Wed 30 Sep 15:00: 2.5 h; Thu 8, Fri 9: 15 = 17.5; Sat 10 (make-up): 7.5 = 25; Sun 11 off; Mon 12.
    ("09-30 15:00", 25, "10-10 17:30"),
    ("09-30 15:00", 26, "10-12 09:30"),
    # On the make-up Saturday: 10 Oct 16:30 one hour, Sunday off, one hour on Mon 12.
    ("10-10 16:30", 2, "10-12 09:30"),
    # 15 working days of 7.5 h from Mon 21 Sep 8:30: 21–24 (4), 28–30 (7), 8, 9, 10 Oct (10), 12–16 (15).
    ("09-21 08:30", 112.5, "10-16 17:30"),
]


@pytest.mark.parametrize(("since", "hours", "due"), BY_HAND)
def test_a_deadline_is_what_hand_and_calendar_say(since: str, hours: float, due: str) -> None:
    span = timedelta(hours=hours)
    assert OFFICE.later(at(since), span).astimezone(SHANGHAI) == at(due)
    assert OFFICE.between(at(since), at(due)) == span
    pieces = OFFICE.explain(at(since), span)
    assert sum((piece.counted for piece in pieces), timedelta()) == span


#: since, working days, due
DAYS_BY_HAND = [
    # The Friday before: the next working days are Sat 14 (make-up) and Tue 24 February.
    ("02-13 16:00", 1, "02-14 16:00"),
    ("02-13 16:00", 2, "02-24 16:00"),
    # Received in the holiday counts from the first opening, Thu 8 Oct 8:30; three days later is Mon 12 (9, 10, 12).
    ("10-03 20:00", 3, "10-12 08:30"),
]


@pytest.mark.parametrize(("since", "days", "due"), DAYS_BY_HAND)
def test_working_days_are_those_of_the_notice(since: str, days: int, due: str) -> None:
    assert OFFICE.days_later(at(since), days).astimezone(SHANGHAI) == at(due)


def test_every_day_of_the_notice_is_as_it_says_and_no_other_is_touched() -> None:
    off = [(1, 1, 3), (2, 15, 23), (4, 4, 6), (5, 1, 5), (6, 19, 21), (9, 25, 27), (10, 1, 7)]  # month, first, last
    worked = {(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)}
    expected = {date(2026, month, day): "holiday" for month, first, last in off for day in range(first, last + 1)}
    expected |= {date(2026, month, day): "workday" for month, day in worked}
    year = published_year("CN", 2026)
    assert year is not None
    assert {day.date: day.kind for day in year.days} == expected
    assert "国务院办公厅关于2026年" in year.source


def test_the_explanation_names_the_days_that_do_not_count() -> None:
    pieces = OFFICE.explain(at("02-13 16:00"), timedelta(hours=10))
    told = [(piece.date.day, piece.kind, piece.name, piece.counted / timedelta(hours=1)) for piece in pieces]
    assert told == [
        (13, "workday", "", 1.5),
        (14, "makeup", "春节调休上班", 3.5),
        (14, "makeup", "春节调休上班", 4),
        (15, "holiday", "春节", 0),
        (16, "holiday", "除夕", 0),
        *((day, "holiday", "春节", 0) for day in range(17, 24)),
        (24, "workday", "", 1),
    ]


def test_a_year_that_is_not_published_counts_weekdays_and_says_so() -> None:
    assert published_year("CN", 2027) is None
    # Fri 31 Dec 2027 16:30 one hour; 1 and 2 January 2028 are a weekend; Mon 3: nobody knows yet, so it counts.
    since = datetime(2027, 12, 31, 16, 30, tzinfo=SHANGHAI)
    assert OFFICE.later(since, timedelta(hours=2)) == datetime(2028, 1, 3, 9, 30, tzinfo=SHANGHAI)
    assert all(piece.is_unpublished for piece in OFFICE.explain(since, timedelta(hours=2)))
    assert not any(piece.is_unpublished for piece in OFFICE.explain(at("03-02 09:00"), timedelta(hours=9)))
