from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cast import Cast
from onepoint.accounts.models import Role, User
from onepoint.accounts.services.units import move_unit
from onepoint.core import clock, stamped
from onepoint.core.errors import InvalidInput, NotPermitted, SomebodyWasFaster
from onepoint.core.models import AuditEntry
from onepoint.sla import policies, signals, tasks
from onepoint.sla.calendars import WITHOUT_CALENDAR, calendar_for, calendar_of
from onepoint.sla.clock_rows import NewClock
from onepoint.sla.models import BusinessCalendar, CalendarChange, Holiday, HolidayYear
from onepoint.sla.services import calendar_changes, calendar_days, calendars, clocks
from onepoint.sla.states import ClockKind

SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE = [[{"from": "08:30", "to": "12:00"}, {"from": "13:30", "to": "17:30"}]] * 5 + [[], []]
LONG = [[{"from": "08:00", "to": "20:00"}]] * 7


def at(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


@pytest.fixture
def keeper(cast: Cast) -> User:
    role = Role.objects.get(code="admin")
    role.permissions = sorted({*role.permissions, "calendar.view", "calendar.change"})
    role.save()
    return User.objects.get(pk=cast.admin.pk)


@pytest.fixture
def office(keeper: User) -> BusinessCalendar:
    return calendars.create_calendar(by=keeper, name="总部办公", name_en="Office", week=OFFICE, country="CN")


@pytest.fixture
def heard() -> Any:
    found: list[list[int]] = []

    def hear(calendar_ids: list[int], **_more: Any) -> None:
        found.append(calendar_ids)

    signals.calendar_changed.connect(hear)
    yield found
    signals.calendar_changed.disconnect(hear)


def verbs_of(calendar: BusinessCalendar) -> list[str]:
    rows = AuditEntry.objects.filter(subject_type="calendar", subject_id=calendar.pk).order_by("id")
    return list(rows.values_list("verb", flat=True))


def test_without_any_calendar_the_house_works_round_the_clock(cast: Cast) -> None:
    assert calendar_for(unit_id=cast.network.pk, region_id=None) is WITHOUT_CALENDAR
    assert calendar_of(None) is WITHOUT_CALENDAR


def test_the_first_calendar_becomes_the_houses_and_is_announced(keeper: User, cast: Cast, heard: Any) -> None:
    office = calendars.create_calendar(by=keeper, name="总部办公", week=OFFICE)
    assert office.is_default
    assert heard == [[office.pk]]
    found = calendar_for(unit_id=cast.network.pk, region_id=None)
    assert found.calendar_id == office.pk
    assert found.later(at("2026-11-20 17:00"), timedelta(hours=1)) == at("2026-11-23 09:00")
    second = calendars.create_calendar(by=keeper, name="热线", is_round_the_clock=True)
    assert not second.is_default
    assert heard == [[office.pk]]  # nobody works by the second one yet
    assert verbs_of(second) == ["calendar.created"]


def test_a_unit_beats_its_region_and_the_nearest_one_above_counts(
    keeper: User, office: BusinessCalendar, cast: Cast
) -> None:
    region_one = calendars.create_calendar(by=keeper, name="东市", week=LONG)
    unit_one = calendars.create_calendar(by=keeper, name="热线", is_round_the_clock=True)
    calendars.assign_calendar(region_one, region=cast.province, by=keeper)
    assert calendar_for(unit_id=cast.network.pk, region_id=None).calendar_id == region_one.pk
    assert calendar_for(unit_id=None, region_id=cast.east.pk).calendar_id == region_one.pk
    assignment = calendars.assign_calendar(unit_one, unit=cast.head_office, by=keeper)
    assert calendar_for(unit_id=cast.head_office.pk, region_id=cast.east.pk).calendar_id == unit_one.pk
    below = calendar_for(unit_id=cast.network.pk, region_id=None).calendar_id
    assert below == (unit_one.pk if cast.head_office.pk in cast.network.ancestor_ids else region_one.pk)
    calendars.withdraw_assignment(assignment, by=keeper)
    assert calendar_for(unit_id=cast.head_office.pk, region_id=None).calendar_id == region_one.pk
    assert verbs_of(unit_one) == ["calendar.created", "calendar.assigned", "calendar.withdrawn"]


def test_a_process_keeps_the_calendar_of_a_place_until_calendars_or_places_change(
    keeper: User, office: BusinessCalendar, cast: Cast
) -> None:
    def asked_by_a_request() -> tuple[int | None, int]:
        stamps = stamped.stamps_now()
        with stamped.as_of(stamps), CaptureQueriesContext(connection) as captured:
            found = calendar_for(unit_id=cast.network.pk, region_id=None)
        return found.calendar_id, len(captured)

    asked_by_a_request()
    assert asked_by_a_request() == (office.pk, 0)
    own = calendars.create_calendar(by=keeper, name="热线", is_round_the_clock=True)
    assert asked_by_a_request()[0] == office.pk
    calendars.assign_calendar(own, unit=cast.billing, by=keeper)
    assert asked_by_a_request()[0] == office.pk
    move_unit(cast.network, parent=cast.billing, by=None)
    assert asked_by_a_request()[0] == own.pk
    assert asked_by_a_request() == (own.pk, 0)


def test_a_moved_unit_works_by_the_calendar_of_its_new_place_at_once(
    keeper: User, office: BusinessCalendar, cast: Cast
) -> None:
    hotline = calendars.create_calendar(by=keeper, name="热线", is_round_the_clock=True)
    calendars.assign_calendar(hotline, unit=cast.call_centre, by=keeper)
    assert calendar_for(unit_id=cast.network.pk, region_id=None).calendar_id == office.pk
    move_unit(cast.network, parent=cast.call_centre, by=keeper)
    assert calendar_for(unit_id=cast.network.pk, region_id=None).calendar_id == hotline.pk


def test_asking_for_a_calendar_costs_one_statement_while_nothing_changes(
    keeper: User, office: BusinessCalendar, cast: Cast
) -> None:
    calendar_for(unit_id=cast.network.pk, region_id=None)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        calendar_for(unit_id=cast.network.pk, region_id=None)
        calendar_for(unit_id=cast.billing.pk, region_id=cast.west.pk)
        calendar_of(office.pk)
    assert len(captured) == 3


def test_a_changed_week_counts_at_once_and_waits_for_the_running_clocks(
    keeper: User, office: BusinessCalendar, heard: Any
) -> None:
    calendar_of(office.pk)
    changed = calendars.change_calendar(office, by=keeper, version=1, week=LONG)
    assert calendar_of(office.pk).later(at("2026-11-20 19:00"), timedelta(hours=2)) == at("2026-11-21 09:00")
    assert heard[-1] == [office.pk]
    report = CalendarChange.objects.first()
    assert report is not None
    assert (report.what, report.affected_ids, report.by, report.state) == (
        "calendar.changed", [office.pk], keeper, "waiting",
    )  # fmt: skip
    with pytest.raises(SomebodyWasFaster):
        calendars.change_calendar(changed, by=keeper, version=1, week=OFFICE)
    assert verbs_of(office)[-1] == "calendar.changed"


def test_a_new_name_moves_no_clock(keeper: User, office: BusinessCalendar, heard: Any) -> None:
    before = CalendarChange.objects.count()
    calendars.change_calendar(office, by=keeper, name="机关办公")
    assert calendar_of(office.pk).name == "机关办公"
    assert (CalendarChange.objects.count(), heard) == (before, [])


def test_the_job_settles_every_change_with_its_report(keeper: User, office: BusinessCalendar) -> None:
    calendar_days.set_days(office, first=date(2026, 12, 24), kind="holiday", name="厂庆", by=keeper)
    waiting = CalendarChange.objects.filter(state="waiting").count()
    assert calendar_changes.settle_changes(by=None) == waiting == 2
    assert not CalendarChange.objects.exclude(state="done", done_at__isnull=False).exists()
    assert calendar_changes.settle_changes(by=None) == 0


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " "}, "name"),
        ({"time_zone": "Asia/Atlantis"}, "time_zone"),
        ({"country": "XX"}, "country"),
        ({"week": [[]] * 7}, "week"),
        ({"week": [[{"from": "8", "to": "12:00"}]] + [[]] * 6}, "week"),
        ({"week": [[{"from": "08:00", "to": "12:00"}, {"from": "11:00", "to": "13:00"}]] + [[]] * 6}, "week"),
        # Sunday night runs into Monday morning
        ({"week": [[{"from": "05:00", "to": "09:00"}], *[[]] * 5, [{"from": "22:00", "to": "06:00"}]]}, "week"),
        ({"week": [[{"from": "25:00", "to": "09:00"}]] + [[]] * 6}, "week"),
    ],
)
def test_what_cannot_be_a_calendar_is_refused_with_its_field(
    keeper: User, office: BusinessCalendar, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        calendars.change_calendar(office, by=keeper, **values)
    assert list(refusal.value.errors) == [field]


def test_a_name_is_given_once(keeper: User, office: BusinessCalendar) -> None:
    with pytest.raises(InvalidInput):
        calendars.create_calendar(by=keeper, name="总部办公", week=OFFICE)


def test_shifts_that_touch_do_not_overlap(keeper: User) -> None:
    shifts = [{"from": "06:00", "to": "14:00", "shift": "早班"}, {"from": "14:00", "to": "22:00", "shift": "中班"}]
    shop = calendars.create_calendar(by=keeper, name="车间", week=[shifts] * 6 + [[]])
    pieces = calendar_of(shop.pk).explain(at("2026-11-20 13:00"), timedelta(hours=2))
    assert [(piece.name, piece.counted) for piece in pieces] == [
        ("早班", timedelta(hours=1)),
        ("中班", timedelta(hours=1)),
    ]


def test_days_of_a_base_calendar_count_unless_one_says_otherwise(keeper: User, office: BusinessCalendar) -> None:
    shop = calendars.create_calendar(by=keeper, name="车间", week=LONG, based_on=office)
    calendar_days.set_days(
        office, first=date(2026, 12, 24), last=date(2026, 12, 25), kind="holiday", name="厂庆", by=keeper
    )
    assert CalendarChange.objects.first().affected_ids == [office.pk, shop.pk]
    assert calendar_of(shop.pk).next_open(at("2026-12-24 09:00")) == at("2026-12-26 08:00")
    special = [{"from": "10:00", "to": "11:00"}]
    calendar_days.set_days(shop, first=date(2026, 12, 25), kind="special", bands=special, by=keeper)
    assert calendar_of(shop.pk).next_open(at("2026-12-24 09:00")) == at("2026-12-25 10:00")
    day = Holiday.objects.get(calendar=shop)
    calendar_days.remove_day(day, by=keeper)
    assert calendar_of(shop.pk).next_open(at("2026-12-24 09:00")) == at("2026-12-26 08:00")
    with pytest.raises(InvalidInput):  # no chains
        calendars.create_calendar(by=keeper, name="仓库", week=LONG, based_on=shop)
    with pytest.raises(InvalidInput):
        calendars.change_calendar(office, by=keeper, based_on=shop)


def test_the_published_holidays_fill_a_year_once_and_again_without_change(
    keeper: User, office: BusinessCalendar, heard: Any
) -> None:
    assert calendar_days.fill_year("CN", 2026, by=keeper) == 39
    assert calendar_of(office.pk).later(at("2026-02-13 16:00"), timedelta(hours=10)) == at("2026-02-24 09:30")
    assert HolidayYear.objects.get(country="CN", year=2026).filled_by == keeper
    assert heard == [[office.pk]]
    assert "国务院办公厅" in Holiday.objects.filter(country="CN").first().source
    calendar_days.fill_year("CN", 2026, by=keeper)
    assert (Holiday.objects.filter(country="CN").count(), heard) == (39, [[office.pk]])
    assert AuditEntry.objects.filter(verb="calendar.year_filled").count() == 2
    with pytest.raises(policies.YearNotPublished):
        calendar_days.fill_year("CN", 2031, by=keeper)


def test_a_wrong_public_day_is_put_right_by_filling_again(keeper: User, office: BusinessCalendar) -> None:
    calendar_days.fill_year("CN", 2026, by=keeper)
    Holiday.objects.filter(country="CN", date=date(2026, 10, 1)).update(kind="workday")
    Holiday.objects.create(country="CN", date=date(2026, 7, 1), kind="holiday", name="误录")
    calendar_days.fill_year("CN", 2026, by=keeper)
    assert Holiday.objects.get(country="CN", date=date(2026, 10, 1)).kind == "holiday"
    assert not Holiday.objects.filter(country="CN", date=date(2026, 7, 1)).exists()


def test_own_days_are_copied_to_another_year_without_touching_what_stands_there(
    keeper: User, office: BusinessCalendar
) -> None:
    calendar_days.set_days(
        office, first=date(2028, 2, 28), last=date(2028, 2, 29), kind="holiday", name="检修", by=keeper
    )
    calendar_days.set_days(office, first=date(2028, 12, 24), kind="holiday", name="厂庆", by=keeper)
    calendar_days.set_days(office, first=date(2029, 12, 24), kind="workday", by=keeper)
    assert calendar_days.copy_year(office, from_year=2028, to_year=2029, by=keeper) == 1
    rows = office.holidays.filter(date__year=2029).values_list("date", "kind")
    assert list(rows) == [(date(2029, 2, 28), "holiday"), (date(2029, 12, 24), "workday")]
    with pytest.raises(InvalidInput):
        calendar_days.copy_year(office, from_year=2030, to_year=2031, by=keeper)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"first": date(2026, 12, 24), "last": date(2026, 12, 23), "kind": "holiday"}, "last"),
        ({"first": date(2026, 1, 1), "last": date(2026, 12, 31), "kind": "holiday"}, "last"),
        ({"first": date(1800, 1, 1), "kind": "holiday"}, "first"),
        ({"first": date(2026, 12, 24), "kind": "feast"}, "kind"),
        ({"first": date(2026, 12, 24), "kind": "special"}, "bands"),
        ({"first": date(2026, 12, 24), "kind": "special", "bands": [{"from": "x", "to": "y"}]}, "bands"),
    ],
)
def test_days_nobody_can_mean_are_refused_with_their_field(
    keeper: User, office: BusinessCalendar, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        calendar_days.set_days(office, by=keeper, **values)
    assert list(refusal.value.errors) == [field]


def test_a_calendar_in_use_stays(keeper: User, office: BusinessCalendar, cast: Cast) -> None:
    with pytest.raises(policies.CalendarInUse):  # the house's
        calendars.delete_calendar(office, by=keeper)
    hotline = calendars.create_calendar(by=keeper, name="热线", is_round_the_clock=True)
    assignment = calendars.assign_calendar(hotline, unit=cast.call_centre, by=keeper)
    with pytest.raises(policies.CalendarInUse):
        calendars.delete_calendar(hotline, by=keeper)
    calendars.withdraw_assignment(assignment, by=keeper)
    calendars.delete_calendar(hotline, by=keeper)
    assert not BusinessCalendar.objects.filter(pk=hotline.pk).exists()
    with pytest.raises(BusinessCalendar.DoesNotExist):
        calendar_of(hotline.pk)


def test_another_calendar_becomes_the_houses(keeper: User, office: BusinessCalendar, cast: Cast, heard: Any) -> None:
    longer = calendars.create_calendar(by=keeper, name="长班", week=LONG)
    calendars.make_default(longer, by=keeper)
    assert calendar_for(unit_id=cast.network.pk, region_id=None).calendar_id == longer.pk
    assert heard == [sorted([office.pk, longer.pk])]
    with pytest.raises(policies.AlreadyHouseCalendar):
        calendars.make_default(longer, by=keeper)


def test_nobody_without_the_permission_changes_anything(keeper: User, office: BusinessCalendar, cast: Cast) -> None:
    before = AuditEntry.objects.count()
    agent = cast.agent
    acts = [
        lambda: calendars.create_calendar(by=agent, name="我的", week=OFFICE),
        lambda: calendars.change_calendar(office, by=agent, week=LONG),
        lambda: calendars.make_default(office, by=agent),
        lambda: calendars.delete_calendar(office, by=agent),
        lambda: calendars.assign_calendar(office, unit=cast.network, by=agent),
        lambda: calendar_days.set_days(office, first=date(2026, 12, 24), kind="holiday", by=agent),
        lambda: calendar_days.copy_year(office, from_year=2026, to_year=2027, by=agent),
        lambda: calendar_days.fill_year("CN", 2026, by=agent),
    ]
    for act in acts:
        with pytest.raises(NotPermitted):
            act()
    assert AuditEntry.objects.count() == before


def test_running_clocks_follow_a_new_holiday_and_the_report_tells_how_far(
    keeper: User, office: BusinessCalendar, cast: Cast
) -> None:
    loaded = calendar_of(office.pk)
    with clock.at(at("2026-12-23 15:30")):
        new = NewClock(ClockKind.TOTAL, timedelta(hours=4), True, office.pk, loaded.time, unit_id=cast.network.pk)
        by_clock = NewClock(ClockKind.STATUTORY, timedelta(hours=4), subject_id=8, unit_id=cast.network.pk)
        (one,) = clocks.start_clocks(("parcel", 7), [new], by=None)
        (other,) = clocks.start_clocks(("parcel", 8), [by_clock], by=None)
        assert one.due_at == at("2026-12-24 10:30")  # two hours on the 23rd, two on the 24th
        calendar_changes.settle_changes(by=None)
        calendar_days.set_days(office, first=date(2026, 12, 24), kind="holiday", name="厂庆", by=keeper)
        calendar_changes.settle_changes(by=None)
    report = CalendarChange.objects.get(what="calendar.days_set")
    assert (report.looked_count, report.moved_count) == (1, 1)
    assert report.earliest_shift == report.latest_shift == timedelta(days=1)
    one.refresh_from_db()
    other.refresh_from_db()
    assert one.due_at == at("2026-12-25 10:30")
    assert other.due_at == at("2026-12-23 19:30")


def test_clocks_of_a_unit_follow_its_new_calendar(keeper: User, office: BusinessCalendar, cast: Cast) -> None:
    loaded = calendar_of(office.pk)
    hotline = calendars.create_calendar(by=keeper, name="热线", is_round_the_clock=True)
    with clock.at(at("2026-12-23 15:30")):
        new = NewClock(ClockKind.TOTAL, timedelta(hours=4), True, office.pk, loaded.time, unit_id=cast.network.pk)
        (one,) = clocks.start_clocks(("parcel", 7), [new], by=None)
        calendars.assign_calendar(hotline, unit=cast.network, by=keeper)
        calendar_changes.settle_changes(by=None)
    one.refresh_from_db()
    assert (one.due_at, one.calendar_id) == (at("2026-12-23 19:30"), hotline.pk)
    with pytest.raises(policies.CalendarInUse):  # clocks have counted in it
        calendars.withdraw_assignment(hotline.assignments.get(), by=keeper)
        calendars.delete_calendar(hotline, by=keeper)


def test_the_job_is_queued_with_the_change_and_does_its_work(
    keeper: User, office: BusinessCalendar, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        calendar_days.set_days(office, first=date(2026, 12, 24), kind="holiday", by=keeper)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'sla.recompute_clocks' AND status = 'todo'"
        )
        assert cursor.fetchone() == (1,)
    tasks.recompute_clocks()
    assert not CalendarChange.objects.filter(state="waiting").exists()


def test_what_a_release_knows_of_public_holidays_is_filled_in_by_itself(keeper: User, office: BusinessCalendar) -> None:
    with clock.at(at("2026-11-22 09:00")):
        tasks.fill_missing_years(0)
        assert list(HolidayYear.objects.values_list("country", "year")) == [("CN", 2025), ("CN", 2026)]
        assert calendar_days.fill_missing_years(by=keeper) == []  # 2027 is not published


def test_the_command_fills_a_year_and_says_when_it_is_not_published(office: BusinessCalendar) -> None:
    said = StringIO()
    call_command("fill_holidays", "--year", "2024", stdout=said)
    assert said.getvalue().startswith("CN 2024: ")
    with pytest.raises(CommandError):
        call_command("fill_holidays", "--year", "2031")
    with clock.at(at("2026-11-22 09:00")):
        call_command("fill_holidays", stdout=said)
    assert HolidayYear.objects.count() == 3
