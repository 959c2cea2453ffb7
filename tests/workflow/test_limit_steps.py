"""The clock of a step: from the arrival of its task to its end, standing still with the process, coming back with the work."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cast import Cast
from onepoint.core import clock
from onepoint.core.models import AuditEntry
from onepoint.sla import moments
from onepoint.sla.clock_verification import find_wrong_clocks
from onepoint.sla.models import Clock
from onepoint.sla.services import calendars
from onepoint.sla.states import ClockState
from onepoint.workflow import services
from workflow.conftest import Running, chain, drawing, publish, start, user_task

MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # nine o'clock in China
HOUR = timedelta(hours=1)
LIMIT = '<op:limit duration="{}" clock="{}"/>'


def limited(duration: str = "PT4H", kind: str = "clock") -> str:
    limit = LIMIT.format(duration, kind)
    body = (
        '<bpmn:startEvent id="s"/>' + user_task("first", more=limit) + user_task("second", more=limit)
        + user_task("third") + '<bpmn:endEvent id="e"/>' + chain("s", "first", "second", "third", "e")
    )  # fmt: skip
    return drawing(body, key="limited")


def begin(cast: Cast, duration: str = "PT4H", kind: str = "clock") -> Running:
    publish(limited(duration, kind))
    with clock.at(MONDAY):
        return start("limited", cast.agent, region=cast.east, unit=cast.call_centre)


def clock_of(running: Running, node: str) -> Clock:
    task = running.row.tasks.filter(node_id=node).order_by("-pk").first()
    return Clock.objects.get(subject_type="task", subject_id=task.pk)


def test_a_task_is_due_when_the_clock_of_its_step_is(cast: Cast) -> None:
    running = begin(cast)
    assert running.task("first").due_at == MONDAY + 4 * HOUR
    assert clock_of(running, "first").due_at == MONDAY + 4 * HOUR
    assert not list(find_wrong_clocks())


def test_it_is_settled_with_the_task_and_the_next_step_begins_its_own(cast: Cast) -> None:
    running = begin(cast)
    with clock.at(MONDAY + 3 * HOUR):
        running.do("first", cast.agent, "done")
    assert clock_of(running, "first").state == ClockState.SETTLED
    assert running.task("second").due_at == MONDAY + 7 * HOUR
    with clock.at(MONDAY + 8 * HOUR):
        running.do("second", cast.agent, "done")
    assert clock_of(running, "second").is_breached
    assert running.task("third").due_at is None
    assert Clock.objects.filter(subject_type="task").count() == 2


def test_a_limit_costs_two_statements_and_none_nothing(cast: Cast) -> None:
    running = begin(cast)
    task = running.task("first")
    with clock.at(MONDAY + HOUR), CaptureQueriesContext(connection) as with_limit:
        services.complete_task(task, outcome="done", by=cast.agent)
    ours = [query["sql"] for query in with_limit if "sla_" in query["sql"]]
    assert len(ours) == 2  # one clock settled, one begun
    running.do("second", cast.agent, "done")
    last = running.task("third")
    with CaptureQueriesContext(connection) as at_the_end:
        services.complete_task(last, outcome="done", by=cast.agent)
    assert not [query["sql"] for query in at_the_end if "INSERT INTO sla_" in query["sql"]]


def test_sent_back_work_counts_on_from_what_it_had_counted(cast: Cast) -> None:
    running = begin(cast)
    with clock.at(MONDAY + 3 * HOUR):
        running.do("first", cast.agent, "done")
    with clock.at(MONDAY + 5 * HOUR):
        target = running.row.tasks.get(node_id="first").visit_seq
        services.send_back_task(running.task("second"), to_visit=target, opinion="补充", by=cast.agent)
    assert running.task("first").due_at == MONDAY + 6 * HOUR
    assert not list(find_wrong_clocks())


def test_a_suspended_process_stops_the_clocks_of_its_steps(cast: Cast) -> None:
    running = begin(cast)
    with clock.at(MONDAY + HOUR):
        services.suspend_process(running.id, reason="等资料", by=cast.supervisor)
    assert running.task("first").due_at is None
    assert clock_of(running, "first").state == ClockState.PAUSED
    with clock.at(MONDAY + 11 * HOUR):
        services.resume_process(running.id, by=cast.supervisor)
    assert running.task("first").due_at == MONDAY + 14 * HOUR
    assert not list(find_wrong_clocks())


def test_clocks_that_are_to_run_on_run_on(cast: Cast) -> None:
    running = begin(cast)
    with clock.at(MONDAY + HOUR):
        services.suspend_process(running.id, reason="等资料", clocks="run", by=cast.supervisor)
    assert running.task("first").due_at == MONDAY + 4 * HOUR


def test_the_timeline_of_the_subject_tells_of_a_late_step(cast: Cast) -> None:
    running = begin(cast)
    moments.fire_due(MONDAY + 4 * HOUR)
    assert clock_of(running, "first").breached_at == MONDAY + 4 * HOUR
    entry = AuditEntry.objects.get(verb="task.late")
    assert (entry.subject_type, entry.subject_id) == ("thing", running.row.subject_id)


def test_a_reassigned_task_keeps_its_clock(cast: Cast) -> None:
    running = begin(cast)
    with clock.at(MONDAY + HOUR):
        services.reassign_task(running.task("first"), to=cast.second_agent, reason="换人", by=cast.supervisor)
    assert running.task("first").due_at == MONDAY + 4 * HOUR


@pytest.mark.parametrize(("duration", "due"), [("PT4H", MONDAY + 5 * HOUR), ("P1D", MONDAY + 24 * HOUR)])
def test_working_time_is_that_of_the_place(cast: Cast, duration: str, due: datetime) -> None:
    bands = [{"from": "08:30", "to": "12:00"}, {"from": "13:00", "to": "17:30"}]
    calendars.create_calendar(name="白班", week=[bands] * 5 + [[], []], by=None)
    running = begin(cast, duration, "working")
    assert running.task("first").due_at == due
    assert clock_of(running, "first").in_working_time


def test_terminated_work_cancels_its_clocks(cast: Cast) -> None:
    running = begin(cast)
    services.terminate_process(running.id, reason="不办了", by=cast.supervisor)
    assert Clock.objects.get(subject_type="task").state == ClockState.CANCELLED
