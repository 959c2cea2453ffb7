"""Supervisors move a process to another step, if it can still end afterwards; ended ones live again."""

import pytest

from cast import Cast
from onepoint.core.errors import NotPermitted
from onepoint.core.models import AuditEntry
from onepoint.workflow import queries, services
from onepoint.workflow.errors import (
    JumpUnsound,
    NotAnEarlierStep,
    NotPossibleHere,
    ProcessNotOver,
    ProcessOver,
    ReasonMissing,
)
from workflow.conftest import Running, chain, check_instance, drawing, heard, publish, start, user_task


def forked() -> str:
    return drawing(
        '<bpmn:startEvent id="s"/>' + user_task("first") + '<bpmn:parallelGateway id="split"/>' + user_task("left")
        + user_task("right") + '<bpmn:parallelGateway id="join" name="汇合"/>' + user_task("last")
        + '<bpmn:endEvent id="e"/>' + chain("s", "first", "split", "left", "join", "last", "e")
        + chain("split", "right", "join"),
        "forked",
    )  # fmt: skip


@pytest.fixture
def running(cast: Cast) -> Running:
    publish(forked())
    running = start("forked", cast.agent, region=cast.east)
    running.do("first", cast.agent, "done")
    return running


def jump(running: Running, cast: Cast, to: str, visits: list[int] | None = None) -> None:
    services.jump_process(running.id, to_node=to, visits=visits, reason="走错了", by=cast.supervisor)
    check_instance(running.id)


def test_everything_is_left_and_one_step_begins(cast: Cast, running: Running) -> None:
    with heard("task_cancelled", "task_created") as told:
        jump(running, cast, "last")
    assert [name for name, _facts in told] == ["task_cancelled", "task_created"]
    assert running.nodes() == ["last"]
    assert running.task().arrival == "jumped"
    entry = AuditEntry.objects.get(verb="process.jumped")
    assert (entry.data["to_step"], entry.data["reason"]) == ("last", "走错了")
    running.do("last", cast.agent, "done")
    assert running.row.status == "completed"


def test_a_jump_back_goes_along_the_drawing_again(cast: Cast, running: Running) -> None:
    jump(running, cast, "first")
    running.do("first", cast.agent, "done")
    assert running.nodes() == ["left", "right"]


def test_a_jump_that_would_strand_the_other_branch_is_refused_and_changes_nothing(cast: Cast, running: Running) -> None:
    visit = running.task("left").visit_seq
    for target in ("last", "first"):
        with pytest.raises((JumpUnsound, NotPossibleHere)) as refusal:
            jump(running, cast, target, [visit])
        if target == "last":
            assert "汇合" in str(refusal.value)
            assert running.nodes() == ["left", "right"]
            assert not AuditEntry.objects.filter(verb="process.jumped").exists()
        break


def test_a_token_waiting_at_a_join_goes_with_the_jump(cast: Cast, running: Running) -> None:
    running.do("left", cast.agent, "done")
    jump(running, cast, "first")
    running.do("first", cast.agent, "done")
    assert running.nodes() == ["left", "right"]
    running.do("left", cast.agent, "done")
    running.do("right", cast.agent, "done")
    running.do("last", cast.agent, "done")
    assert running.row.status == "completed"


def test_one_branch_may_be_moved_within_itself(cast: Cast) -> None:
    body = '<bpmn:startEvent id="s"/><bpmn:parallelGateway id="split"/>' + user_task("a") + user_task("b")
    body += user_task("c") + '<bpmn:parallelGateway id="join"/><bpmn:endEvent id="e"/>'
    body += chain("s", "split", "a", "b", "join", "e") + chain("split", "c", "join")
    publish(drawing(body, "branch"))
    running = start("branch", cast.agent, region=cast.east)
    jump(running, cast, "b", [running.task("a").visit_seq])
    assert running.nodes() == ["b", "c"]


def test_a_jump_into_a_part_that_runs_several_times_is_refused(cast: Cast, complaint: Running) -> None:
    with pytest.raises(NotPossibleHere):
        services.jump_process(complaint.id, to_node="handle", reason="x", by=cast.supervisor)
    assert complaint.nodes() == ["coordinate"]


def test_jumping_needs_a_reason_a_step_and_the_right_there(cast: Cast, running: Running) -> None:
    with pytest.raises(ReasonMissing):
        services.jump_process(running.id, to_node="last", reason="", by=cast.supervisor)
    for nowhere in ("nowhere", "join", "e"):
        with pytest.raises(NotPossibleHere):
            jump(running, cast, nowhere)
    for person in (cast.agent, cast.outsider, cast.coordinator):
        with pytest.raises(NotPermitted):
            services.jump_process(running.id, to_node="last", reason="x", by=person)
    services.terminate_process(running.id, reason="x", by=None)
    with pytest.raises(ProcessOver):
        jump(running, cast, "last")


def ended(running: Running, cast: Cast) -> Running:
    for node in ("left", "right", "last"):
        running.do(node, cast.agent, "done")
    assert running.row.status == "completed"
    return running


def test_an_ended_process_lives_again_at_its_last_step_with_its_last_handler(cast: Cast, running: Running) -> None:
    ended(running, cast)
    with heard("process_reopened", "task_created") as told:
        services.reopen_process(running.id, reason="客户不满意", by=cast.supervisor)
    check_instance(running.id)
    assert [name for name, _facts in told] == ["task_created", "process_reopened"]
    task = running.task()
    assert (task.node_id, task.assignee, task.arrival) == ("last", cast.agent, "reopened")
    row = running.row
    assert (row.status, row.generation, row.ended_at) == ("active", 2, None)
    running.do("last", cast.agent, "done")
    assert running.row.status == "completed"
    assert AuditEntry.objects.get(verb="process.reopened").data["reason"] == "客户不满意"


def test_an_ended_process_may_live_again_at_an_earlier_step_even_inside_a_part(cast: Cast, complaint: Running) -> None:
    complaint.do("coordinate", cast.coordinator, "departments_in_sequence", departments=[cast.network.pk])
    complaint.do("receive", cast.deputy, "assign_handler", handler=cast.handler.pk)
    complaint.do("handle", cast.handler, "done")
    services.terminate_process(complaint.id, reason="误关", by=None)
    targets = queries.reopen_targets(complaint.row)
    handled = next(target for target in targets if target.node_id == "handle")
    services.reopen_process(complaint.id, to_visit=handled.visit_seq, reason="不满意", by=None)
    check_instance(complaint.id)
    assert (complaint.task().node_id, complaint.task().assignee) == ("handle", cast.handler)
    complaint.do("handle", cast.handler, "done")
    assert complaint.nodes() == ["review"]


def test_reopening_needs_an_ended_process_a_reason_a_visit_of_it_and_the_right(cast: Cast, running: Running) -> None:
    with pytest.raises(ProcessNotOver):
        services.reopen_process(running.id, reason="x", by=cast.supervisor)
    ended(running, cast)
    with pytest.raises(ReasonMissing):
        services.reopen_process(running.id, reason=" ", by=cast.supervisor)
    with pytest.raises(NotAnEarlierStep):
        services.reopen_process(running.id, to_visit=999, reason="x", by=cast.supervisor)
    for person in (cast.agent, cast.outsider):
        with pytest.raises(NotPermitted):
            services.reopen_process(running.id, reason="x", by=person)
    services.reopen_process(running.id, reason="x", by=None, key="again")
    assert services.reopen_process(running.id, reason="x", by=None, key="again").replayed
    assert running.nodes() == ["last"]
