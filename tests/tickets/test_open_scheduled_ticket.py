"""Tickets that open by themselves: dates, and exactly one ticket per occurrence."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from cast import Cast
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, NotPermitted, SomebodyWasFaster
from onepoint.tickets import services, tasks
from onepoint.tickets.models import ScheduledOccurrence, Ticket, TicketSchedule
from onepoint.tickets.recurrence import Recurrence
from onepoint.tickets.services import ScheduleItems
from onepoint.tickets.states import TicketKind
from tickets.conftest import fresh, task_at, verbs_of

ZONE = ZoneInfo("Asia/Shanghai")
NINE = time(9, 0)
BEGINNING = datetime(2026, 1, 1, tzinfo=ZONE)


def dates(rule: Recurrence, count: int = 4) -> list[str]:
    return [f"{moment:%Y-%m-%d %H:%M}" for moment in rule.preview(after=BEGINNING, count=count)]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (Recurrence("once", date(2026, 3, 5), NINE, ZONE), ["2026-03-05 09:00"]),
        (Recurrence("daily", date(2026, 3, 5), NINE, ZONE, 3), ["2026-03-05 09:00", "2026-03-08 09:00", "2026-03-11 09:00", "2026-03-14 09:00"]),
        (Recurrence("weekly", date(2026, 3, 5), NINE, ZONE, 2, (0, 4)), ["2026-03-06 09:00", "2026-03-16 09:00", "2026-03-20 09:00", "2026-03-30 09:00"]),
        (Recurrence("weekly", date(2026, 3, 5), NINE, ZONE), ["2026-03-05 09:00", "2026-03-12 09:00", "2026-03-19 09:00", "2026-03-26 09:00"]),
        (Recurrence("monthly", date(2026, 1, 31), NINE, ZONE, 1, (), 31), ["2026-01-31 09:00", "2026-02-28 09:00", "2026-03-31 09:00", "2026-04-30 09:00"]),
        (Recurrence("monthly", date(2026, 11, 20), NINE, ZONE, 2, (), 15), ["2027-01-15 09:00", "2027-03-15 09:00", "2027-05-15 09:00", "2027-07-15 09:00"]),
        (Recurrence("daily", date(2026, 3, 5), NINE, ZONE, ends_on=date(2026, 3, 6)), ["2026-03-05 09:00", "2026-03-06 09:00"]),
    ],
)  # fmt: skip
def test_the_dates_of_a_rule(rule: Recurrence, expected: list[str]) -> None:
    assert dates(rule) == expected


def test_december_follows_november_by_one_month() -> None:
    rule = Recurrence("monthly", date(2026, 11, 30), NINE, ZONE, 1, (), 30)
    assert dates(rule, 3) == ["2026-11-30 09:00", "2026-12-30 09:00", "2027-01-30 09:00"]


@pytest.fixture
def items(cast: Cast, categories, complaint_process) -> ScheduleItems:
    today = clock.today()
    return ScheduleItems(
        name="每日巡检", frequency="daily", at_time=NINE, starts_on=today + timedelta(days=1), kind=TicketKind.REPORT,
        category=categories["billing"], title="机房巡检", region=cast.east, unit=cast.call_centre, owner=cast.agent,
    )  # fmt: skip


def at(items: ScheduleItems, days: int, minutes: int = 0) -> datetime:
    day = items.starts_on + timedelta(days=days)
    return datetime.combine(day, NINE, tzinfo=ZONE) + timedelta(minutes=minutes)


def test_each_occurrence_opens_one_ticket_however_often_the_job_runs(cast: Cast, items) -> None:
    schedule = services.create_schedule(items, by=None)
    tasks.open_scheduled_tickets(0)
    assert not Ticket.objects.exists()
    for days in (0, 1):
        with clock.at(at(items, days, 1)):
            tasks.open_scheduled_tickets(0)
            tasks.open_scheduled_tickets(0)
    first, second = Ticket.objects.order_by("pk")
    assert (first.title, first.owner, first.region, first.unit) == ("机房巡检", cast.agent, cast.east, cast.call_centre)
    assert task_at(second, "coordinate")
    assert "ticket.opened_by_schedule" in verbs_of(first)
    schedule.refresh_from_db()
    assert schedule.next_at == at(items, 2)


def test_a_run_that_died_before_moving_on_opens_no_second_ticket(items) -> None:
    schedule = services.create_schedule(items, by=None)
    with clock.at(at(items, 0, 1)):
        tasks.open_scheduled_tickets(0)
        TicketSchedule.objects.filter(pk=schedule.pk).update(next_at=at(items, 0))
        tasks.open_scheduled_tickets(0)
        ScheduledOccurrence.objects.all().delete()
        TicketSchedule.objects.filter(pk=schedule.pk).update(next_at=at(items, 0))
        tasks.open_scheduled_tickets(0)
    assert Ticket.objects.count() == 1


def test_what_was_missed_is_made_up_for(items) -> None:
    services.create_schedule(items, by=None)
    with clock.at(at(items, 2, 1)):
        tasks.open_scheduled_tickets(0)
    assert Ticket.objects.count() == 3


def test_a_paused_schedule_opens_nothing_and_what_fell_into_the_pause_stays_out(items) -> None:
    schedule = services.create_schedule(items, by=None)
    services.pause_schedule(schedule, by=None)
    with clock.at(at(items, 2, 1)):
        tasks.open_scheduled_tickets(0)
        services.resume_schedule(schedule, by=None)
        tasks.open_scheduled_tickets(0)
    assert not Ticket.objects.exists()
    schedule.refresh_from_db()
    assert schedule.next_at == at(items, 3)


def test_a_schedule_that_cannot_open_says_why_and_goes_on(items, categories) -> None:
    schedule = services.create_schedule(items, by=None)
    services.deactivate_category(categories["billing"], by=None)
    with clock.at(at(items, 0, 1)):
        tasks.open_scheduled_tickets(0)
    occurrence = ScheduledOccurrence.objects.get()
    assert occurrence.ticket is None
    assert occurrence.failure
    schedule.refresh_from_db()
    assert schedule.next_at == at(items, 1)


def test_nonsense_is_refused(cast: Cast, items) -> None:
    today = clock.today()
    for wrong in (
        {"interval": 0}, {"interval": 10**6}, {"weekdays": (9,)}, {"month_day": 32}, {"name": " "}, {"title": ""},
        {"frequency": "hourly"}, {"ends_on": items.starts_on - timedelta(days=1)},
        {"frequency": "once", "starts_on": today - timedelta(days=1)},
    ):  # fmt: skip
        with pytest.raises(InvalidInput):
            services.create_schedule(replace(items, **wrong), by=None)
    with pytest.raises(NotPermitted):
        services.create_schedule(items, by=fresh(cast.agent))


def test_of_two_changes_of_a_schedule_the_second_is_told(items) -> None:
    schedule = services.create_schedule(items, by=None)
    services.change_schedule(schedule, replace(items, title="甲"), version=1, by=None)
    with pytest.raises(SomebodyWasFaster):
        services.change_schedule(schedule, replace(items, title="乙"), version=1, by=None)
    assert TicketSchedule.objects.get().title == "甲"
