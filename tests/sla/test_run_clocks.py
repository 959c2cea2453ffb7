"""Clocks of a subject: started, paused, re-targeted, settled, reopened; warned and breached in their moments."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.utils import DatabaseError
from django.test.utils import CaptureQueriesContext

from onepoint.core import clock
from onepoint.core.models import AuditEntry
from onepoint.sla import moments, signals
from onepoint.sla.calendars import calendar_for
from onepoint.sla.clock_rows import NewClock
from onepoint.sla.clock_verification import find_wrong_clocks
from onepoint.sla.models import BusinessCalendar, Clock, ClockPolicy, ClockSegment, DueMoment
from onepoint.sla.services import calendar_changes, calendars, clocks
from onepoint.sla.services.clock_recomputing import recompute_clocks
from onepoint.sla.states import AfterReopening, ClockKind, ClockState
from onepoint.sla.working_time import ROUND_THE_CLOCK

MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # nine o'clock in China
HOUR = timedelta(hours=1)
SUBJECT = ("parcel", 7)


def start(limit: timedelta = 10 * HOUR, **more) -> Clock:
    new = NewClock(ClockKind.TOTAL, limit, time=ROUND_THE_CLOCK, warnings=[int(0.8 * limit.total_seconds())], **more)
    with clock.at(MONDAY):
        (one,) = clocks.start_clocks(SUBJECT, [new], by=None)
    return one


def again(one: Clock) -> Clock:
    return Clock.objects.get(pk=one.pk)


def verbs() -> list[str]:
    return list(AuditEntry.objects.filter(subject_type="parcel").order_by("id").values_list("verb", flat=True))


@pytest.fixture
def heard():
    """The news of clocks, in order."""
    found: list[tuple[str, int]] = []
    kept = []
    for name in ("clock_at_risk", "clock_breached", "clock_settled", "clock_retargeted", "clock_started"):

        def hear(sender, clock, name=name, **_more):
            found.append((name, clock.pk))

        kept.append(hear)
        getattr(signals, name).connect(hear)
    yield found
    for name, hear in zip(
        ("clock_at_risk", "clock_breached", "clock_settled", "clock_retargeted", "clock_started"), kept, strict=True
    ):
        getattr(signals, name).disconnect(hear)


@pytest.mark.django_db
def test_a_clock_starts_with_its_segment_and_its_moment_in_one_statement() -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        one = start()
    assert len([q for q in queries if "sla_" in q["sql"]]) == 1
    assert (one.state, one.due_at, one.warn_at) == (ClockState.RUNNING, MONDAY + 10 * HOUR, MONDAY + 8 * HOUR)
    assert DueMoment.objects.get().due_at == MONDAY + 8 * HOUR
    assert verbs() == ["clock.started"]
    assert not list(find_wrong_clocks())


@pytest.mark.django_db
def test_a_warning_and_the_breach_come_once_each(heard) -> None:
    one = start()
    for hours in (7, 8, 9, 10, 11):
        moments.fire_due(MONDAY + hours * HOUR)
        moments.fire_due(MONDAY + hours * HOUR)
    assert heard == [("clock_started", one.pk), ("clock_at_risk", one.pk), ("clock_breached", one.pk)]
    assert again(one).breached_at == MONDAY + 10 * HOUR
    assert verbs() == ["clock.started", "clock.breached"]
    assert not list(find_wrong_clocks())


@pytest.mark.django_db
def test_a_pause_with_its_reason_leaves_nothing_due_and_moves_the_limit(heard) -> None:
    one = start()
    with clock.at(MONDAY + 2 * HOUR):
        clocks.pause_clocks(SUBJECT, reason="等配件", by=None)
    assert (again(one).state, again(one).due_at) == (ClockState.PAUSED, None)
    assert not list(find_wrong_clocks())
    moments.fire_due(MONDAY + 20 * HOUR)
    assert heard == [("clock_started", one.pk)]
    with clock.at(MONDAY + 25 * HOUR):
        clocks.resume_clocks(SUBJECT, by=None)
    assert again(one).due_at == MONDAY + 33 * HOUR
    assert list(ClockSegment.objects.values_list("what", "reason")) == [
        ("started", ""), ("paused", "等配件"), ("resumed", ""),
    ]  # fmt: skip
    assert not list(find_wrong_clocks())


@pytest.mark.django_db
def test_rules_say_which_pause_stops_a_clock() -> None:
    one = start(pauses_on_hold=False, pauses_on_waiting=True)
    with clock.at(MONDAY + HOUR):
        clocks.pause_clocks(SUBJECT, reason="内部原因", by=None)
        assert again(one).state == ClockState.RUNNING
        clocks.pause_clocks(SUBJECT, reason="等客户", waiting=True, by=None)
    assert again(one).state == ClockState.PAUSED


@pytest.mark.django_db
def test_another_limit_keeps_what_has_elapsed(heard) -> None:
    one = start()
    ClockPolicy.objects.create(
        name="特急", kind=ClockKind.TOTAL, severities=["critical"], limit=4 * HOUR, in_working_time=False
    )
    with clock.at(MONDAY + 3 * HOUR):
        clocks.retarget_clocks(SUBJECT, {"severity": "critical"}, by=None)
    assert again(one).due_at == MONDAY + 4 * HOUR
    assert AuditEntry.objects.get(verb="clock.retargeted").data["clocks"][0]["was"] == 36000
    assert ("clock_retargeted", one.pk) in heard
    with clock.at(MONDAY + 3 * HOUR):
        assert clocks.retarget_clocks(SUBJECT, {"severity": "critical"}, by=None) == []
    assert not list(find_wrong_clocks())


@pytest.mark.django_db
def test_a_limit_that_is_over_already_is_breached_at_once_and_no_more_when_there_is_time_again(heard) -> None:
    one = start()
    ClockPolicy.objects.create(
        name="特急", kind=ClockKind.TOTAL, severities=["critical"], limit=4 * HOUR, in_working_time=False
    )
    ClockPolicy.objects.create(
        name="轻微", kind=ClockKind.TOTAL, severities=["minor"], limit=40 * HOUR, in_working_time=False
    )
    with clock.at(MONDAY + 5 * HOUR):
        clocks.retarget_clocks(SUBJECT, {"severity": "critical"}, by=None)
        moments.fire_due()
        assert again(one).breached_at == MONDAY + 4 * HOUR
        clocks.retarget_clocks(SUBJECT, {"severity": "minor"}, by=None)
    assert again(one).breached_at is None
    moments.fire_due(MONDAY + 41 * HOUR)
    assert [name for name, _pk in heard].count("clock_breached") == 2
    assert not list(find_wrong_clocks())


@pytest.mark.django_db
def test_what_is_settled_neither_counts_nor_warns_any_more(heard) -> None:
    one = start()
    with clock.at(MONDAY + 2 * HOUR):
        clocks.settle_clocks(SUBJECT, by=None)
        assert clocks.settle_clocks(SUBJECT, by=None) == []
    moments.fire_due(MONDAY + 30 * HOUR)
    now = again(one)
    assert (now.state, now.breached_at, now.light) == (ClockState.SETTLED, None, "kept")
    assert heard == [("clock_started", one.pk), ("clock_settled", one.pk)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("rule", "due"),
    [
        (AfterReopening.CONTINUE, 58),
        (AfterReopening.RESTART, 60),
        (AfterReopening.NEW_LIMIT, 53),
        (AfterReopening.STAY, None),
    ],
)
def test_reopening_counts_on_or_begins_anew_as_the_rule_says(rule: str, due: int | None) -> None:
    one = start(after_reopening=rule, reopened_limit=3 * HOUR)
    with clock.at(MONDAY + 2 * HOUR):
        clocks.settle_clocks(SUBJECT, by=None)
    with clock.at(MONDAY + 50 * HOUR):
        clocks.reopen_clocks(SUBJECT, by=None)
    if due is None:
        assert again(one).state == ClockState.SETTLED
    else:
        assert again(one).due_at == MONDAY + due * HOUR
    assert not list(find_wrong_clocks())


@pytest.mark.django_db
def test_a_segment_moved_by_hand_is_found_by_night_too() -> None:
    week = [[{"from": "08:30", "to": "17:30"}]] * 5 + [[], []]
    calendars.create_calendar(name="白班", week=week, by=None)
    loaded = calendar_for(unit_id=None, region_id=None)
    with clock.at(MONDAY + 12 * HOUR):
        clocks.start_clocks(
            SUBJECT, [NewClock(ClockKind.TOTAL, 10 * HOUR, True, loaded.calendar_id, loaded.time)], by=None
        )
    assert not list(find_wrong_clocks())
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE sla_clocksegment DISABLE TRIGGER USER")
        cursor.execute("UPDATE sla_clocksegment SET from_at = from_at - interval '1 hour'")
    (wrong,) = find_wrong_clocks()
    assert "its first segment says" in wrong.faults[0]


@pytest.mark.django_db
def test_a_changed_calendar_moves_open_clocks_and_only_those(heard) -> None:
    week = [[{"from": "08:30", "to": "17:30"}]] * 5 + [[], []]
    calendar = calendars.create_calendar(name="白班", week=week, by=None)
    loaded = calendar_for(unit_id=None, region_id=None)
    new = NewClock(ClockKind.TOTAL, 10 * HOUR, True, loaded.calendar_id, loaded.time, warnings=[28800])
    with clock.at(MONDAY):
        (one,) = clocks.start_clocks(SUBJECT, [new], by=None)
    before = one.due_at
    assert before is not None
    BusinessCalendar.objects.filter(pk=calendar.pk).update(is_round_the_clock=True)
    calendar_changes.renew_stamp()
    with clock.at(MONDAY + HOUR):
        done = recompute_clocks([calendar.pk], by=None)
    assert again(one).due_at == MONDAY + 10 * HOUR
    assert (done.looked_count, done.moved_count) == (1, 1)
    assert done.earliest_shift == MONDAY + 10 * HOUR - before
    assert not list(find_wrong_clocks())


@pytest.mark.django_db
def test_what_happened_to_a_clock_cannot_be_written_again() -> None:
    start()
    with pytest.raises(DatabaseError, match="append-only"):
        ClockSegment.objects.update(reason="别的")


@pytest.mark.django_db
def test_a_wrong_clock_is_found() -> None:
    one = start()
    Clock.objects.filter(pk=one.pk).update(due_at=MONDAY)
    (wrong,) = find_wrong_clocks()
    assert wrong.clock == one
