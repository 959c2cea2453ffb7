"""A process whose subject is on hold: what counts time stands still, what names a moment keeps it, people may go on."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from cast import Cast
from onepoint.core import clock
from onepoint.sla.models import DueMoment
from onepoint.sla.services import calendars
from onepoint.workflow import services
from onepoint.workflow.models import ProcessInstance, Timer
from onepoint.workflow.services import timers
from workflow.conftest import Running, chain, check_instance, drawing, publish, start, user_task
from workflow.test_fire_timer import NOON, begun, tick, timer, watched

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def rest(running: Running, at: datetime) -> None:
    with clock.at(at), transaction.atomic():
        services.lock_instance(running.id)
        services.let_processes_rest([running.id], by=None)
    check_instance(running.id)


def let_go(running: Running, at: datetime) -> None:
    with clock.at(at), transaction.atomic():
        services.lock_instance(running.id)
        services.let_processes_go_on([running.id], by=None)
    check_instance(running.id)


def alive(running: Running) -> Timer:
    return Timer.objects.get(instance=running.id, status__in=("waiting", "frozen"))


def test_a_limit_stands_still_and_goes_on_with_what_was_left(cast: Cast) -> None:
    running = begun(cast, watched("PT2H"))
    rest(running, NOON + HOUR)
    assert tick(3 * DAY) == 0
    let_go(running, NOON + 3 * DAY)
    assert (alive(running).status, alive(running).due_at) == ("waiting", NOON + 3 * DAY + HOUR)
    assert tick(3 * DAY + HOUR) == 1
    assert running.nodes() == ["late"]


def test_a_reminder_drawn_as_a_cycle_stands_still_from_round_to_round(cast: Cast) -> None:
    running = begun(cast, watched("R3/PT1H", "timeCycle", "false"))
    tick(HOUR)
    rest(running, NOON + 1.5 * HOUR)
    assert tick(DAY) == 0
    let_go(running, NOON + DAY)
    for hours in (0.5, 1.5, 2.5):
        tick(DAY + hours * HOUR)
    assert running.nodes() == ["late", "late", "late", "work"]
    rounds = (
        Timer.objects.filter(instance=running.id, status="fired").order_by("round").values_list("due_at", flat=True)
    )
    assert list(rounds) == [NOON + HOUR, NOON + DAY + HOUR / 2, NOON + DAY + 1.5 * HOUR]


@pytest.mark.parametrize(
    ("value", "kind"), [("2026-11-24T09:00:00", "timeDate"), ("R/2026-11-24T09:00:00/P1D", "timeCycle")]
)
def test_what_names_a_moment_keeps_it(cast: Cast, value: str, kind: str) -> None:
    running = begun(cast, watched(value, kind, "false"))
    rest(running, NOON + HOUR)
    assert alive(running).status == "waiting"
    assert tick(21 * HOUR) == 1
    assert running.nodes() == ["late", "work"]
    check_instance(running.id)


def test_a_date_keeps_its_moment_in_a_suspended_process_and_happens_when_that_goes_on(cast: Cast) -> None:
    running = begun(cast, watched("2026-11-24T09:00:00", "timeDate"))
    with clock.at(NOON + HOUR):
        services.suspend_process(running.id, reason="等资料", by=cast.supervisor)
    assert tick(2 * DAY) == 0
    with clock.at(NOON + 2 * DAY):
        services.resume_process(running.id, by=cast.supervisor)
        check_instance(running.id)
    assert alive(running).due_at == NOON + 21 * HOUR
    assert tick(2 * DAY) == 1


@pytest.mark.parametrize("suspended", [False, True])
def test_working_time_that_was_left_is_counted_in_working_time(cast: Cast, suspended: bool) -> None:
    office = [{"from": "09:00", "to": "18:00"}]
    calendars.create_calendar(by=None, name="办公", week=[office] * 5 + [[], []])
    running = begun(cast, watched("PT8H", more='op:calendar="working"'))  # Monday noon: six hours, then two on Tuesday
    assert alive(running).due_at == NOON + 23 * HOUR
    wednesday, saturday = NOON + 2 * DAY, NOON + 5 * DAY
    if suspended:
        with clock.at(NOON + 5 * HOUR):
            services.suspend_process(running.id, reason="等资料", by=cast.supervisor)
        with clock.at(wednesday):
            services.resume_process(running.id, by=cast.supervisor)
    else:
        rest(running, NOON + 5 * HOUR)
        let_go(running, wednesday)
    assert alive(running).due_at == wednesday + 3 * HOUR  # one hour of Monday and two of Tuesday were left
    rest(running, wednesday + HOUR)
    let_go(running, saturday)
    assert alive(running).due_at == NOON + 6 * DAY + 23 * HOUR  # Monday, eleven o'clock


def test_steps_may_be_finished_meanwhile_and_what_begins_rests_too(cast: Cast) -> None:
    limit = '<op:limit duration="PT4H" clock="clock"/><op:reminder after="PT1H" every="PT1H" times="3" clock="clock"/>'
    body = (
        '<bpmn:startEvent id="s"/>' + user_task("first") + user_task("work", more=limit) + user_task("late")
        + f'<bpmn:boundaryEvent id="limit" attachedToRef="work">{timer("timeDuration", "PT2H")}</bpmn:boundaryEvent>'
        + chain("s", "first", "work") + chain("limit", "late")
    )  # fmt: skip
    running = begun(cast, drawing(body, "resting"), "resting")
    rest(running, NOON)
    with clock.at(NOON + HOUR):
        running.do("first", cast.agent, "done")
    assert (alive(running).status, alive(running).remaining) == ("frozen", 2 * HOUR)
    assert running.task("work").due_at is None  # its clock stands still
    assert _reminders_of(running.task("work").pk) == ["held"]
    let_go(running, NOON + DAY)
    assert alive(running).due_at == NOON + DAY + 2 * HOUR


def _reminders_of(task_id: int) -> list[str]:
    found = DueMoment.objects.filter(subject_type="task", subject_id=task_id, kind="task.reminder")
    return list(found.values_list("status", flat=True))


def test_called_processes_rest_with_their_caller_also_those_called_meanwhile(cast: Cast) -> None:
    inner = (
        '<bpmn:startEvent id="s"/>' + user_task("deep") + user_task("late")
        + f'<bpmn:boundaryEvent id="limit" attachedToRef="deep">{timer("timeDuration", "PT2H")}</bpmn:boundaryEvent>'
        + chain("s", "deep") + chain("limit", "late")
    )  # fmt: skip
    publish(drawing(inner, "inner"))
    call = '<bpmn:callActivity id="{}" calledElement="inner"/>'
    body = '<bpmn:startEvent id="s"/>' + user_task("work") + call.format("one") + call.format("two")
    body += '<bpmn:parallelGateway id="p"/>' + chain("s", "p", "one") + chain("p", "work", "two")
    running = begun(cast, drawing(body, "outer"), "outer")
    rest(running, NOON + HOUR)
    with clock.at(NOON + 2 * HOUR):
        running.do("work", cast.agent, "done")
    called = ProcessInstance.objects.filter(caller=running.id)
    for instance in called:
        check_instance(instance.pk)
    assert tick(DAY) == 0
    let_go(running, NOON + DAY)
    due = Timer.objects.filter(instance__in=called).order_by("due_at").values_list("due_at", flat=True)
    assert list(due) == [NOON + DAY + HOUR, NOON + DAY + 2 * HOUR]


@pytest.mark.parametrize("clocks", ["stop", "run"])
@pytest.mark.parametrize("rest_ends", [3, 5])
def test_a_suspension_within_a_rest_and_one_that_outlasts_it_stop_a_timer_once(
    cast: Cast, clocks: str, rest_ends: int
) -> None:
    running = begun(cast, watched("PT10H"))
    rest(running, NOON + HOUR)
    with clock.at(NOON + 2 * HOUR):
        services.suspend_process(running.id, reason="等资料", clocks=clocks, by=cast.supervisor)
        check_instance(running.id)
    if rest_ends == 3:
        let_go(running, NOON + 3 * HOUR)
    with clock.at(NOON + 4 * HOUR):
        services.resume_process(running.id, by=cast.supervisor)
        check_instance(running.id)
    if rest_ends == 5:
        let_go(running, NOON + 5 * HOUR)
    stood = 4 if rest_ends == 5 else 3 if clocks == "stop" else 2
    assert (alive(running).status, alive(running).due_at) == ("waiting", NOON + (10 + stood) * HOUR)


def test_a_rest_that_begins_in_a_suspension_whose_clocks_run_stops_them(cast: Cast) -> None:
    running = begun(cast, watched("PT10H"))
    with clock.at(NOON + HOUR):
        services.suspend_process(running.id, reason="等资料", clocks="run", by=cast.supervisor)
    rest(running, NOON + 2 * HOUR)
    with clock.at(NOON + 4 * HOUR):
        services.resume_process(running.id, by=cast.supervisor)
        check_instance(running.id)
    assert alive(running).status == "frozen"
    let_go(running, NOON + 5 * HOUR)
    assert alive(running).due_at == NOON + 13 * HOUR


def test_a_timer_due_in_the_moment_of_the_hold_happens_once_afterwards(cast: Cast) -> None:
    running = begun(cast, watched("PT2H"))
    with clock.at(NOON + 2 * HOUR):
        (claimed,) = timers._claim()  # a worker has it in hand
    rest(running, NOON + 2 * HOUR)
    with clock.at(NOON + 2 * HOUR):
        assert services.fire_timer(claimed, by=None) is False
    assert tick(DAY) == 0
    assert running.nodes() == ["work"]
    let_go(running, NOON + DAY)
    assert tick(DAY) == 1
    assert running.nodes() == ["late"]
    assert tick(2 * DAY) == 0


def test_resting_twice_or_going_on_without_a_rest_changes_nothing(cast: Cast) -> None:
    running = begun(cast, watched("PT2H"))
    let_go(running, NOON + HOUR)
    assert alive(running).due_at == NOON + 2 * HOUR
    rest(running, NOON + HOUR)
    rest(running, NOON + 1.5 * HOUR)
    let_go(running, NOON + 5 * HOUR)
    assert alive(running).due_at == NOON + 6 * HOUR


def test_a_process_ended_in_its_rest_leaves_no_timer(cast: Cast) -> None:
    running = begun(cast, watched("PT2H"))
    rest(running, NOON + HOUR)
    services.terminate_process(running.id, reason="客户撤诉", by=cast.supervisor)
    check_instance(running.id)
    assert not Timer.objects.filter(instance=running.id, status__in=("waiting", "frozen")).exists()


def test_workers_and_a_hold_at_the_same_moment_fire_a_timer_once_or_keep_it(cast: Cast, transactional_db: None) -> None:
    running = begun(cast, watched("PT1H", cancels="false"))
    timer_id = alive(running).pk
    gate = threading.Barrier(4)

    def at_once(act: Callable[[], Any]) -> threading.Thread:
        def run() -> None:
            try:
                gate.wait(30)
                act()
            finally:
                connection.close()

        return threading.Thread(target=run)

    def fire() -> None:
        with clock.at(NOON + HOUR):
            services.fire_timer(timer_id, by=None)

    people = [at_once(fire), at_once(fire), at_once(fire), at_once(lambda: rest(running, NOON + HOUR))]
    for person in people:
        person.start()
    for person in people:
        person.join(60)
    check_instance(running.id)
    fired = Timer.objects.get(pk=timer_id).status == "fired"
    assert len(running.tasks("late")) == fired
    let_go(running, NOON + DAY)
    tick(DAY)
    tick(2 * DAY)
    assert len(running.tasks("late")) == 1
    check_instance(running.id)


def test_a_hold_that_dies_before_its_commit_has_stopped_nothing(cast: Cast) -> None:
    running = begun(cast, watched("PT2H"))
    with pytest.raises(KeyboardInterrupt), clock.at(NOON + HOUR), transaction.atomic():
        services.let_processes_rest([running.id], by=None)
        raise KeyboardInterrupt
    check_instance(running.id)
    assert tick(2 * HOUR) == 1


def test_a_step_of_a_process_that_does_not_rest_asks_nothing_about_it(cast: Cast) -> None:
    two_steps = drawing(
        '<bpmn:startEvent id="s"/>' + user_task("first") + user_task("second") + chain("s", "first", "second"), "plain"
    )
    running = begun(cast, two_steps, "plain")
    task = running.task("first").pk
    with CaptureQueriesContext(connection) as captured:
        services.complete_task(task, outcome="done", by=cast.agent)
    assert not [query["sql"] for query in captured if "rests_since" in query["sql"]]


def test_many_processes_rest_and_go_on_with_as_many_statements_as_one(cast: Cast) -> None:
    running = [begun(cast, watched("PT2H"))]
    with clock.at(NOON):
        running += [start("watched", cast.agent, region=cast.east) for _number in range(5)]

    def statements(act: Callable[..., None], ids: list[int]) -> int:
        with clock.at(NOON + HOUR), CaptureQueriesContext(connection) as captured:
            act(ids, by=None)
        return len(captured)

    one, others = [running[0].id], [each.id for each in running[1:]]
    assert statements(services.let_processes_rest, one) == statements(services.let_processes_rest, others)
    assert statements(services.let_processes_go_on, one) == statements(services.let_processes_go_on, others)
    assert Timer.objects.filter(due_at=NOON + 2 * HOUR, status="waiting").count() == 6
