from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from cast import Cast
from onepoint.sla.models import BusinessCalendar, CalendarAssignment, CalendarChange, Holiday
from onepoint.sla.services import calendar_changes, calendar_days, calendars

OFFICE = [[{"from": "08:30", "to": "12:00"}, {"from": "13:30", "to": "17:30"}]] * 5 + [[], []]


@pytest.fixture
def office(cast: Cast) -> BusinessCalendar:
    made = calendars.create_calendar(by=None, name="总部办公", name_en="Office", week=OFFICE, country="CN")
    calendar_days.fill_year("CN", 2026, by=None)
    return made


@pytest.fixture
def client(client_of: Any, cast: Cast) -> Client:
    found: Client = client_of(cast.admin)
    return found


def typed(**changed: Any) -> dict[str, Any]:
    """What the form of a calendar sends: two bands on weekdays, one row left empty."""
    rows = {
        "bands-TOTAL_FORMS": "3", "bands-INITIAL_FORMS": "0",
        "bands-0-days": ["0", "1", "2", "3", "4"], "bands-0-begins": "08:00", "bands-0-ends": "16:00", "bands-0-shift": "早班", "bands-0-shift_en": "Early",
        "bands-1-days": ["0", "1", "2", "3", "4", "5"], "bands-1-begins": "16:00", "bands-1-ends": "00:00", "bands-1-shift": "中班",
        "bands-2-begins": "", "bands-2-ends": "",
        "name": "车间两班", "time_zone": "Asia/Shanghai", "country": "CN",
    }  # fmt: skip
    return {**rows, **changed}


def test_a_calendar_is_made_in_the_form_and_shown_again_in_it(client: Client, cast: Cast) -> None:
    answer = client.post(reverse("calendar-create"), typed())
    made = BusinessCalendar.objects.get(name="车间两班")
    assert (answer.status_code, answer["Location"]) == (302, made.get_absolute_url())
    assert made.week[0] == [
        {"from": "08:00", "to": "16:00", "shift": "早班", "shift_en": "Early"},
        {"from": "16:00", "to": "00:00", "shift": "中班"},
    ]
    assert made.week[5] == [{"from": "16:00", "to": "00:00", "shift": "中班"}]
    assert made.week[6] == []
    page = client.get(reverse("calendar-edit", args=[made.pk])).content.decode()
    assert page.count('value="早班"') == 1
    assert page.count("checked") == 11
    detail = client.get(made.get_absolute_url()).content.decode()
    assert "早班 08:00–16:00" in detail
    assert "中班 16:00–24:00" in detail


def test_what_was_typed_stays_when_the_week_is_refused(client: Client, office: BusinessCalendar) -> None:
    answer = client.post(
        reverse("calendar-edit", args=[office.pk]), typed(**{"bands-1-begins": "15:00", "version": office.version})
    )
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "两段时间相互重叠" in page
    assert 'value="15:00"' in page
    assert 'value="中班"' in page
    incomplete = client.post(reverse("calendar-edit", args=[office.pk]), typed(**{"bands-0-ends": ""}))
    assert incomplete.status_code == 422
    office.refresh_from_db()
    assert office.name == "总部办公"


def test_the_second_of_two_who_change_at_once_hears_of_the_first(client: Client, office: BusinessCalendar) -> None:
    url = reverse("calendar-edit", args=[office.pk])
    assert client.post(url, typed(version=office.version)).status_code == 302
    late = client.post(url, typed(name="另一个", version=office.version), headers={"HX-Request": "true"})
    assert late.status_code == 409
    office.refresh_from_db()
    assert office.name == "车间两班"


def test_the_month_shows_holidays_make_up_days_and_own_days(client: Client, office: BusinessCalendar) -> None:
    calendar_days.set_days(office, first=date(2026, 2, 27), kind="holiday", name="厂庆", by=None)
    page = client.get(office.get_absolute_url(), {"month": "2026-02"}).content.decode()
    for shown in (
        "春节",
        "除夕",
        "春节调休上班",
        "厂庆",
        "month__day--makeup",
        "month__day--holiday",
        "month__day--closed",
    ):
        assert shown in page
    assert "尚未公布" not in page
    later = client.get(office.get_absolute_url(), {"month": "2031-02"}).content.decode()
    assert "尚未公布" in later


def test_the_preview_tells_the_due_moment_with_every_day_on_the_way(client: Client, office: BusinessCalendar) -> None:
    asked = {"since": "2026-02-13T16:00", "amount": "10", "measure": "hours"}
    page = client.get(office.get_absolute_url(), asked).content.decode()
    assert "2026-02-24 09:30" in page
    assert "02-15" in page
    assert "02-23" in page
    assert "08:30–12:00, 13:30–17:30" in page or "08:30–12:00、13:30–17:30" in page
    days = client.get(office.get_absolute_url(), {**asked, "measure": "days", "amount": "2"}).content.decode()
    assert "2026-02-24 16:00" in days
    for bad in (
        {"amount": "1.5", "measure": "days"},
        {"amount": "99999"},
        {"since": "x"},
        {"since": "1700-01-01T00:00"},
    ):
        assert client.get(office.get_absolute_url(), {**asked, **bad}).status_code == 200


def test_a_calendar_abroad_tells_the_due_moment_in_both_times(client: Client, office: BusinessCalendar) -> None:
    abroad = calendars.create_calendar(by=None, name="北美", time_zone="America/Chicago", week=OFFICE)
    asked = {"since": "2026-11-22T21:00", "amount": "1", "measure": "hours"}  # Sunday 7:00 in Chicago
    page = client.get(abroad.get_absolute_url(), asked).content.decode()
    assert "2026-11-23 23:30" in page  # Monday 9:30 there, 14 hours behind
    assert "2026-11-23 09:30" in page


def test_own_days_are_added_copied_and_removed(client: Client, office: BusinessCalendar) -> None:
    add = reverse("calendar-days-set", args=[office.pk])
    sent = {
        "first": "2026-12-24",
        "last": "2026-12-25",
        "kind": "special",
        "name": "年终",
        "bands": "9:00-12:00、13：00～15:00",
    }
    assert client.post(add, sent).status_code == 302
    first = Holiday.objects.get(calendar=office, date=date(2026, 12, 24))
    assert first.bands == [{"from": "09:00", "to": "12:00"}, {"from": "13:00", "to": "15:00"}]
    refused = client.post(add, {**sent, "bands": "morning"})
    assert refused.status_code == 422
    assert "morning" in refused.content.decode()
    copied = client.post(
        reverse("calendar-year-copy", args=[office.pk]), {"from_year": "2026", "to_year": "2027"}, follow=True
    )
    assert "已复制 2 天" in copied.content.decode()
    assert client.post(reverse("calendar-day-remove", args=[office.pk, first.pk])).status_code == 302
    assert client.post(reverse("calendar-day-remove", args=[office.pk, first.pk])).status_code == 404
    assert not Holiday.objects.filter(pk=first.pk).exists()


def test_a_year_is_filled_by_the_button_and_one_unpublished_is_refused_with_the_reason(
    client: Client, office: BusinessCalendar
) -> None:
    fill = reverse("calendar-year-fill")
    page = client.post(fill, {"country": "CN", "year": "2025"}, follow=True).content.decode()
    assert "国务院办公厅关于2025年部分节假日安排的通知" in page
    refused = client.post(fill, {"country": "CN", "year": "2031"}, follow=True).content.decode()
    assert "2031 年的法定节假日尚未公布" in refused
    assert client.post(fill, {"country": "XX", "year": "1"}).status_code == 422


def test_a_calendar_is_assigned_looked_up_and_withdrawn(client: Client, office: BusinessCalendar, cast: Cast) -> None:
    hotline = calendars.create_calendar(by=None, name="热线", is_round_the_clock=True)
    url = reverse("calendar-assignments")
    assert client.post(url, {"calendar": hotline.pk, "unit": cast.call_centre.pk}).status_code == 302
    assert client.post(url, {"calendar": hotline.pk}).status_code == 422
    own = client.get(url, {"unit": cast.call_centre.pk}).content.decode()
    assert "单独指定" in own
    house = client.get(url, {"unit": cast.west_branch.pk}).content.decode()
    assert "总部办公" in house
    row = CalendarAssignment.objects.get()
    assert client.post(reverse("calendar-withdraw", args=[row.pk])).status_code == 302
    assert client.post(reverse("calendar-withdraw", args=[row.pk])).status_code == 404


def test_a_calendar_in_use_is_not_deleted_and_the_page_says_why(client: Client, office: BusinessCalendar) -> None:
    page = client.get(office.get_absolute_url()).content.decode()
    assert "正在使用，不能删除" in page
    assert client.post(reverse("calendar-delete", args=[office.pk]), headers={"HX-Request": "true"}).status_code == 409
    spare = calendars.create_calendar(by=None, name="备用", week=OFFICE)
    assert client.post(reverse("calendar-delete", args=[spare.pk])).status_code == 302
    assert client.post(reverse("calendar-default", args=[office.pk]), headers={"HX-Request": "true"}).status_code == 409


def test_the_report_tells_who_changed_what_and_how_far_clocks_moved(
    client: Client, office: BusinessCalendar, cast: Cast
) -> None:
    calendar_days.set_days(office, first=date(2026, 12, 24), kind="holiday", name="厂庆", by=cast.admin)
    calendar_changes.settle_changes(by=None)
    CalendarChange.objects.filter(what="calendar.days_set").update(
        looked_count=12, moved_count=3, earliest_shift=timedelta(hours=-2), latest_shift=timedelta(days=1)
    )
    page = client.get(reverse("calendar-changes")).content.decode()
    for shown in ("厂庆", cast.admin.label, "3 / 12", "提前 2 小时", "推后 1 天"):
        assert escape(shown) in page


def test_lists_cost_the_same_however_many_rows(client: Client, office: BusinessCalendar, cast: Cast) -> None:
    pages = [reverse("calendar-list"), reverse("calendar-assignments"), reverse("calendar-changes")]
    for url in pages:
        client.get(url)
    counts = []
    for number in range(2):
        hotline = calendars.create_calendar(by=None, name=f"热线{number}", is_round_the_clock=True)
        calendars.assign_calendar(hotline, unit=[cast.call_centre, cast.network][number], by=None)
        for url in pages:
            client.get(url)
        counts.append([_queries(client, url) for url in pages])
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 12


def _queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        client.get(url)
    return len(captured)
