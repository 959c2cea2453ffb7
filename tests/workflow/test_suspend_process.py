"""Suspending and resuming: nobody works on it, no timer fires, clocks by policy, and it ends by itself at its date."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cast import Cast
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.core.models import AuditEntry
from onepoint.workflow import queries, services
from onepoint.workflow.errors import ProcessNotSuspended, ProcessOver, ProcessSuspended, ReasonMissing
from onepoint.workflow.models import Timer
from workflow.conftest import Running, check_instance, fresh_user, heard, publish, sees, start
from workflow.test_fire_timer import NOON, tick, watched

DAY = timedelta(days=1)


@pytest.fixture
def running(cast: Cast) -> Running:
    publish(watched("PT2H"))
    with clock.at(NOON):
        return start("watched", cast.agent, region=cast.east)


def suspend(running: Running, cast: Cast, clocks: str = "stop", until: datetime | None = None) -> None:
    with clock.at(NOON + timedelta(hours=1)):
        services.suspend_process(running.id, reason="等客户资料", clocks=clocks, until=until, by=cast.supervisor)
        check_instance(running.id)


def test_nobody_works_on_a_suspended_process_and_no_timer_fires(cast: Cast, running: Running) -> None:
    with heard("process_suspended") as told:
        suspend(running, cast)
    assert told[0][1]["clocks"] == "stop"
    assert running.row.status == "suspended"
    assert sees(cast.agent, running) == []
    task = running.task()
    for action in (
        lambda: services.complete_task(task, outcome="done", by=cast.agent),
        lambda: services.release_task(task, by=cast.agent),
        lambda: services.reassign_task(task, to=cast.second_agent, reason="x", by=cast.supervisor),
        lambda: services.delegate_task(task, to=cast.second_agent, reason="x", by=cast.agent),
        lambda: services.suspend_process(running.id, reason="x", by=cast.supervisor),
        lambda: services.jump_process(running.id, to_node="late", reason="x", by=cast.supervisor),
    ):
        with pytest.raises(ProcessSuspended):
            action()
    assert tick(timedelta(days=3)) == 0


def test_stopped_clocks_go_on_by_what_was_left(cast: Cast, running: Running) -> None:
    suspend(running, cast)
    with clock.at(NOON + DAY), heard("process_resumed") as told:
        services.resume_process(running.id, by=cast.supervisor)
        check_instance(running.id)
    assert told[0][1]["clocks"] == "stop"
    assert Timer.objects.get(instance=running.id).due_at == NOON + DAY + timedelta(hours=1)
    assert sees(cast.agent, running) == ["work"]
    assert (running.row.status, running.row.suspended_at) == ("active", None)
    assert [entry.verb for entry in AuditEntry.objects.filter(verb__startswith="process.").order_by("pk")][-2:] == [
        "process.suspended", "process.resumed",
    ]  # fmt: skip


def test_running_clocks_let_what_came_due_happen_when_it_goes_on(cast: Cast, running: Running) -> None:
    suspend(running, cast, "run")
    with clock.at(NOON + DAY):
        services.resume_process(running.id, by=cast.supervisor)
    assert Timer.objects.get(instance=running.id).due_at == NOON + timedelta(hours=2)
    assert tick(DAY) == 1
    assert running.nodes() == ["late"]


def test_a_suspension_with_a_date_ends_by_itself(cast: Cast, running: Running) -> None:
    suspend(running, cast, until=NOON + DAY)
    assert tick(DAY - timedelta(minutes=1)) == 0
    assert tick(DAY) == 1
    check_instance(running.id)
    assert running.row.status == "active"
    assert sees(cast.agent, running) == ["work"]
    assert tick(DAY + timedelta(hours=1)) == 1  # the limit, moved on by the pause
    assert running.nodes() == ["late"]


def test_a_suspended_process_can_be_terminated_and_forgets_its_date(cast: Cast, running: Running) -> None:
    suspend(running, cast, until=NOON + DAY)
    services.terminate_process(running.id, reason="客户撤诉", by=cast.supervisor)
    check_instance(running.id)
    assert not Timer.objects.filter(instance=running.id, status__in=["waiting", "frozen"]).exists()
    with pytest.raises(ProcessOver):
        services.suspend_process(running.id, reason="x", by=cast.supervisor)


def test_suspending_needs_a_reason_a_future_date_and_the_right_in_that_region(cast: Cast, running: Running) -> None:
    with pytest.raises(ReasonMissing):
        services.suspend_process(running.id, reason="", by=cast.supervisor)
    with pytest.raises(InvalidInput), clock.at(NOON):
        services.suspend_process(running.id, reason="x", until=NOON, by=cast.supervisor)
    with pytest.raises(InvalidInput):
        services.suspend_process(running.id, reason="x", clocks="backwards", by=cast.supervisor)
    for person in (cast.agent, cast.outsider):
        with pytest.raises(NotPermitted):
            services.suspend_process(running.id, reason="x", by=person)
    with pytest.raises(ProcessNotSuspended):
        services.resume_process(running.id, by=cast.supervisor)


def test_the_to_do_counts_leave_out_what_is_suspended(cast: Cast, running: Running) -> None:
    assert queries.counts_by_kind(cast.agent)["all"] == 1
    suspend(running, cast)
    assert queries.counts_by_kind(fresh_user(cast.agent))["all"] == 0
    assert ZoneInfo("Asia/Shanghai") == NOON.tzinfo
