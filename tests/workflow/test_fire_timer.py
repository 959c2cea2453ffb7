"""Timers of running processes: due moments, cycles, cancellation, and firing once in effect."""

import threading
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from cast import Cast
from onepoint.core import clock
from onepoint.core.models import AuditEntry
from onepoint.workflow import registry, services
from onepoint.workflow.errors import ProcessRefused
from onepoint.workflow.models import ProcessInstance, Timer
from onepoint.workflow.services import timers
from workflow.conftest import Running, chain, check_instance, drawing, publish, start, user_task

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


def timer(kind: str, value: str, more: str = "") -> str:
    return f"<bpmn:timerEventDefinition {more}><bpmn:{kind}>{value}</bpmn:{kind}></bpmn:timerEventDefinition>"


def watched(value: str, kind: str = "timeDuration", cancels: str = "true", more: str = "", key: str = "watched") -> str:
    """A step with a time limit; when it is over somebody else is asked (as well)."""
    return drawing(
        '<bpmn:startEvent id="s"/>' + user_task("work") + user_task("late")
        + f'<bpmn:boundaryEvent id="limit" name="超时" attachedToRef="work" cancelActivity="{cancels}">'
        + timer(kind, value, more) + '</bpmn:boundaryEvent><bpmn:endEvent id="e"/>'
        + chain("s", "work", "e") + chain("limit", "late"),
        key,
    )  # fmt: skip


def begun(cast: Cast, bpmn: str, key: str = "watched") -> Running:
    publish(bpmn)
    with clock.at(NOON):
        return start(key, cast.agent, region=cast.east)


def tick(after: timedelta) -> int:
    with clock.at(NOON + after):
        return services.fire_due_timers()


def test_a_limit_that_is_over_cancels_the_step_and_asks_the_next(cast: Cast) -> None:
    running = begun(cast, watched("PT2H"))
    row = Timer.objects.get(instance=running.id)
    assert (row.status, row.due_at, row.node_id) == ("waiting", NOON + timedelta(hours=2), "limit")
    assert tick(timedelta(hours=1, minutes=59)) == 0
    assert running.nodes() == ["work"]
    assert tick(timedelta(hours=2)) == 1
    assert running.nodes() == ["late"]
    assert Timer.objects.get(pk=row.pk).status == "fired"
    assert AuditEntry.objects.filter(verb="process.timer_fired").count() == 1
    check_instance(running.id)
    assert tick(timedelta(hours=3)) == 0


def test_a_step_done_in_time_takes_its_limit_with_it(cast: Cast) -> None:
    running = begun(cast, watched("PT2H"))
    running.do("work", cast.agent, "done")
    assert Timer.objects.get(instance=running.id).status == "cancelled"
    assert tick(timedelta(hours=5)) == 0
    assert running.row.status == "completed"


def test_a_reminder_comes_as_often_as_drawn_and_leaves_the_step_alone(cast: Cast) -> None:
    running = begun(cast, watched("R3/PT1H", "timeCycle", "false"))
    for hours in (1, 2, 3, 4, 5):
        tick(timedelta(hours=hours))
        check_instance(running.id)
    assert running.nodes() == ["late", "late", "late", "work"]
    rounds = list(Timer.objects.filter(instance=running.id).order_by("round").values_list("round", "status"))
    assert rounds == [(0, "fired"), (1, "fired"), (2, "fired")]


def test_a_counted_cycle_makes_up_for_a_night_without_worker_an_endless_one_does_not(cast: Cast) -> None:
    counted = begun(cast, watched("R3/PT1H", "timeCycle", "false", key="counted"), "counted")
    endless = begun(cast, watched("R/PT1H", "timeCycle", "false", key="endless"), "endless")
    tick(timedelta(hours=10, minutes=30))
    assert len(counted.tasks("late")) == 3
    assert len(endless.tasks("late")) == 1
    following = Timer.objects.get(instance=endless.id, status="waiting")
    assert following.due_at == NOON + timedelta(hours=11)


def test_a_date_is_read_in_the_houses_time_zone(cast: Cast) -> None:
    running = begun(cast, watched("2026-11-24T09:00:00", "timeDate"))
    assert Timer.objects.get(instance=running.id).due_at == datetime(2026, 11, 24, 9, tzinfo=NOON.tzinfo)


def test_an_expression_gives_the_time_and_one_that_gives_nonsense_is_an_incident_to_mend(cast: Cast) -> None:
    bpmn = watched("limit")
    publish(bpmn)
    with clock.at(NOON):
        good = start("watched", cast.agent, variables={"limit": "P1DT1H"})
        bad = start("watched", cast.agent, variables={"limit": "soon"})
    assert Timer.objects.get(instance=good.id).due_at == NOON + timedelta(hours=25)
    assert bad.row.status == "incident"
    incident = bad.row.incidents.get()
    assert incident.code == "timer_unreadable"
    services.retry_incident(incident, variables={"limit": "PT1H"}, reason="按标准时限", by=None)
    check_instance(bad.id)
    assert bad.row.status == "active"
    assert Timer.objects.filter(instance=bad.id, status="waiting").count() == 1


def test_working_time_is_asked_of_the_calendar_of_the_instances_place(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def office(since: datetime, days: int, seconds: float, *, region_id: int | None, unit_id: int | None) -> datetime:
        asked.append((since, days, seconds, region_id))
        return since + timedelta(days=3)

    monkeypatch.setitem(registry._calendars, "office", office)
    running = begun(cast, watched("P1DT2H", more='op:calendar="office"'))
    assert asked == [(NOON, 1, 7200.0, cast.east.pk)]
    assert Timer.objects.get(instance=running.id).due_at == NOON + timedelta(days=3)


def test_the_drawing_is_refused_for_a_time_nobody_can_read_and_a_calendar_nobody_keeps(cast: Cast) -> None:
    for bpmn in (watched("PT"), watched("R3/PT0S", "timeCycle"), watched("PT1H", more='op:calendar="lunar"')):
        with pytest.raises(ProcessRefused):
            services.deploy_version(bpmn, by=None)


def test_two_workers_at_once_fire_a_timer_once(cast: Cast, transactional_db: None) -> None:
    running = begun(cast, watched("R2/PT1H", "timeCycle", "false"))
    timer_id = Timer.objects.get(instance=running.id).pk
    fired: list[bool] = []

    def fire() -> None:
        try:
            with clock.at(NOON + timedelta(hours=1)):
                fired.append(services.fire_timer(timer_id, by=None))
        finally:
            connection.close()

    workers = [threading.Thread(target=fire) for _worker in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert sorted(fired) == [False, False, False, True]
    assert len(running.tasks("late")) == 1
    check_instance(running.id)


def test_the_timer_of_a_worker_that_died_is_fired_by_the_next_one_also_when_the_clock_was_set_back(cast: Cast) -> None:
    running = begun(cast, watched("PT1H"))
    with clock.at(NOON + timedelta(hours=1)):
        (claimed,) = timers._claim()  # and then the worker dies
    assert tick(timedelta(hours=1, seconds=30)) == 0
    assert tick(timedelta(hours=1, seconds=61)) == 1
    assert running.nodes() == ["late"]
    other = begun(cast, watched("PT1H", key="other"), "other")
    with clock.at(NOON + timedelta(days=1)):
        timers._claim()
    assert tick(timedelta(hours=2)) == 1
    assert other.nodes() == ["late"]


def test_a_timer_that_fails_is_tried_again_later_and_keeps_no_other_from_firing(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = begun(cast, watched("PT1H"))
    fine = start_beside(cast)
    version_id = broken.row.version_id
    real = timers._go_on

    def fail_for_one(row: Timer, loaded: Any) -> bool:
        if row.instance_id == broken.id:
            raise RuntimeError("the disk is full")
        return real(row, loaded)

    monkeypatch.setattr(timers, "_go_on", fail_for_one)
    tick(timedelta(hours=1))
    row = Timer.objects.get(instance=broken.id)
    assert (row.status, row.attempts, row.last_error) == ("waiting", 1, "RuntimeError: the disk is full")
    assert fine.nodes() == ["late"]
    monkeypatch.setattr(timers, "_go_on", real)
    assert tick(timedelta(hours=1, seconds=5)) == 0
    assert tick(timedelta(hours=1, seconds=11)) == 1
    assert broken.nodes() == ["late"]
    assert version_id


def start_beside(cast: Cast) -> Running:
    with clock.at(NOON):
        return start("watched", cast.agent, region=cast.east)


def test_a_return_brings_the_limit_of_the_earlier_step_back_anew(cast: Cast) -> None:
    bpmn = drawing(
        '<bpmn:startEvent id="s"/>' + user_task("first") + user_task("second") + user_task("late")
        + '<bpmn:boundaryEvent id="limit" attachedToRef="first">' + timer("timeDuration", "PT2H")
        + "</bpmn:boundaryEvent>" + chain("s", "first", "second") + chain("limit", "late"),
        "returning",
    )  # fmt: skip
    running = begun(cast, bpmn, "returning")
    with clock.at(NOON + timedelta(hours=1)):
        running.do("first", cast.agent, "done")
        assert not Timer.objects.filter(instance=running.id, status="waiting").exists()
        task = running.task("second")
        target = task.visit_seq - 1
        services.send_back_task(task, to_visit=target, opinion="再看", by=cast.agent)
        check_instance(running.id)
    assert Timer.objects.get(instance=running.id, status="waiting").due_at == NOON + timedelta(hours=3)


def test_a_process_starts_by_itself_at_its_time_as_often_as_drawn(cast: Cast) -> None:
    bpmn = drawing(
        f'<bpmn:startEvent id="s">{timer("timeCycle", "R2/PT1H")}</bpmn:startEvent>'
        + user_task("look", '<op:assignment rule="role" role="coordinator"/>') + chain("s", "look"),
        "nightly",
    )  # fmt: skip
    with clock.at(NOON):
        publish(bpmn)
    for minutes in (59, 60, 119, 120, 300):
        tick(timedelta(minutes=minutes))
    made = ProcessInstance.objects.filter(version__definition__key="nightly")
    assert [instance.subject_type for instance in made] == ["process", "process"]
    with clock.at(NOON):
        publish(bpmn.replace("R2/", "R5/"))
    assert Timer.objects.filter(version__definition__key="nightly", status="waiting").count() == 1


def test_ten_thousand_due_timers_are_claimed_in_small_batches_by_the_index_of_due_ones(cast: Cast) -> None:
    running = begun(cast, watched("PT1H"))
    row = Timer.objects.get(instance=running.id)
    rows = [
        Timer(instance_id=running.id, visit_seq=1000 + number, node_id="limit", kind="duration", value="PT1H",
              due_at=row.due_at, created_at=NOON)
        for number in range(10_000)
    ]  # fmt: skip
    Timer.objects.bulk_create(rows, batch_size=2000)
    with connection.cursor() as cursor, clock.at(NOON + timedelta(hours=1)):
        cursor.execute("ANALYZE workflow_timer")
        assert len(timers._claim()) == timers.BATCH
        now = clock.now()
        told = {"now": now, "expired": now - timers.LEASE, "impossible": now + timers.PAUSES[-1], "batch": timers.BATCH}
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + timers._CLAIM, told)
        assert "timer_due" in "\n".join(row[0] for row in cursor.fetchall())
