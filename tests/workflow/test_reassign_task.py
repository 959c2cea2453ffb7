"""Giving a task to somebody else, and ending a process from outside."""

import pytest

from cast import Cast
from onepoint.accounts.models import User
from onepoint.core.errors import NotPermitted
from onepoint.core.models import AuditEntry
from onepoint.workflow import services
from onepoint.workflow.errors import (
    ActionNotOffered,
    PersonUnavailable,
    ProcessOver,
    ReasonMissing,
    TaskAlreadyDone,
    TaskNotYours,
)
from onepoint.workflow.models import UserTask
from workflow.conftest import Running, check_instance, heard, sees


def test_the_holder_gives_a_task_to_a_colleague(cast: Cast, complaint: Running) -> None:
    complaint.do("coordinate", cast.coordinator, "answer_original")
    task = complaint.task("answer")
    with heard("task_claimed") as told:
        services.reassign_task(task, to=cast.second_agent, reason="下班", by=cast.agent)
    assert sees(cast.second_agent, complaint) == ["answer"]
    assert sees(cast.agent, complaint) == []
    assert told[0][1]["tasks"][0].assignee_id == cast.second_agent.pk
    assert UserTask.objects.get(pk=task.pk).owner_id == cast.agent.pk
    entry = AuditEntry.objects.get(verb="task.reassigned")
    assert (entry.data["to"], entry.data["reason"]) == (cast.second_agent.name, "下班")
    complaint.do("answer", cast.second_agent, "answered")


def test_a_supervisor_gives_anybodys_task_in_the_region_even_one_nobody_has_claimed(
    cast: Cast, complaint: Running
) -> None:
    services.reassign_task(complaint.task(), to=cast.supervisor, reason="协调员请假", by=cast.supervisor)
    assert sees(cast.supervisor, complaint) == ["coordinate"]
    assert sees(cast.coordinator, complaint) == []


def test_the_permission_reaches_only_ones_own_region(cast: Cast, complaint: Running) -> None:
    # The outsider holds task.reassign too, for West.
    assert cast.outsider.may("task.reassign")
    for person in (cast.outsider, cast.agent, cast.handler, cast.admin):
        with pytest.raises(TaskNotYours):
            services.reassign_task(complaint.task(), to=cast.outsider, reason="x", by=person)


def test_reassigning_needs_a_reason_a_person_at_work_and_a_live_task(cast: Cast, complaint: Running) -> None:
    task = complaint.task()
    with pytest.raises(ReasonMissing):
        services.reassign_task(task, to=cast.supervisor, reason=" ", by=cast.supervisor)
    gone = User.objects.create(username="gone", name="离职", is_active=False)
    with pytest.raises(PersonUnavailable):
        services.reassign_task(task, to=gone, reason="x", by=cast.supervisor)
    complaint.do("coordinate", cast.coordinator, "finish")
    with pytest.raises(TaskAlreadyDone):
        services.reassign_task(task, to=cast.supervisor, reason="x", by=cast.supervisor)


def test_a_step_may_forbid_its_holder_to_pass_it_on(cast: Cast) -> None:
    from workflow.conftest import chain, drawing, publish, start, user_task

    strict = user_task("a", more="<op:actions>release</op:actions>")
    publish(drawing(f'<bpmn:startEvent id="s"/>{strict}<bpmn:endEvent id="e"/>{chain("s", "a", "e")}'))
    running = start("small", cast.agent, region=cast.east)
    with pytest.raises(ActionNotOffered):
        services.reassign_task(running.task(), to=cast.second_agent, reason="x", by=cast.agent)
    services.reassign_task(running.task(), to=cast.second_agent, reason="x", by=cast.supervisor)


def test_terminating_cancels_everything_alive(cast: Cast, complaint: Running) -> None:
    complaint.do("coordinate", cast.coordinator, "departments_at_once", departments=[cast.network.pk, cast.billing.pk])
    with heard("task_cancelled", "process_ended") as told:
        services.terminate_process(complaint.row, reason="客户撤诉", by=cast.supervisor)
    check_instance(complaint.id)
    assert [name for name, _facts in told] == ["task_cancelled", "process_ended"]
    assert len(told[0][1]["tasks"]) == 2
    assert (complaint.row.status, complaint.row.outcome) == ("terminated", "terminated")
    assert AuditEntry.objects.get(verb="process.terminated").data == {"reason": "客户撤诉"}


def test_terminating_needs_the_permission_in_that_region_a_reason_and_a_running_process(
    cast: Cast, complaint: Running
) -> None:
    for person in (cast.coordinator, cast.outsider, cast.admin, cast.agent):
        with pytest.raises(NotPermitted):
            services.terminate_process(complaint.row, reason="x", by=person)
    with pytest.raises(ReasonMissing):
        services.terminate_process(complaint.row, reason="", by=cast.supervisor)
    services.terminate_process(complaint.id, reason="x", by=None)
    with pytest.raises(ProcessOver):
        services.terminate_process(complaint.id, reason="x", by=None)
