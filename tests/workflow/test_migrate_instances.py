"""Running instances move to another version: tried out, then moved as a whole or not at all, with a report."""

from datetime import timedelta

import pytest

from cast import Cast
from onepoint.core import clock
from onepoint.core.errors import NotPermitted
from onepoint.core.models import AuditEntry
from onepoint.sla.clock_verification import find_wrong_clocks
from onepoint.sla.models import Clock
from onepoint.workflow import picture, queries, services
from onepoint.workflow.errors import MoveRefused
from onepoint.workflow.models import InstanceMove, ProcessVersion, Timer, UserTask
from onepoint.workflow.services import moving
from workflow.conftest import Running, chain, check_instance, drawing, publish, start, user_task
from workflow.test_fire_timer import NOON, tick, timer


def limited(step: str, limit: str, name: str = "办理", more: str = "", key: str = "moving") -> str:
    return drawing(
        '<bpmn:startEvent id="s"/>' + user_task("first")
        + user_task(step).replace(f'name="{step}"', f'name="{name}"') + user_task("late") + more
        + f'<bpmn:boundaryEvent id="{limit}" attachedToRef="{step}">' + timer("timeDuration", "PT2H")
        + '</bpmn:boundaryEvent><bpmn:endEvent id="e"/>' + chain("s", "first", step, "e") + chain(limit, "late", "e"),
        key,
    )  # fmt: skip


@pytest.fixture
def versions(cast: Cast) -> tuple[ProcessVersion, ProcessVersion]:
    old = publish(limited("handle", "limit"))
    return old, old


def running_at_handle(cast: Cast) -> Running:
    with clock.at(NOON):
        running = start("moving", cast.agent, region=cast.east)
        running.do("first", cast.agent, "done")
    return running


def move(source: ProcessVersion, target: ProcessVersion, nodes: dict[str, str], *instances: Running) -> InstanceMove:
    order = services.migrate_instances(
        source, target, nodes=nodes, instances=[running.id for running in instances], by=None
    )
    while moving.move_instances(order.pk):
        pass
    for running in instances:
        check_instance(running.id)
    return order


def test_a_task_and_its_timer_keep_who_has_it_and_when_it_is_due_under_their_new_names(cast: Cast) -> None:
    old = publish(limited("handle", "limit"))
    running = running_at_handle(cast)
    new = publish(limited("process", "deadline", "处理"))
    task = running.task("handle")
    order = move(old, new, {"handle": "process", "limit": "deadline"}, running)
    moved = running.task("process")
    assert (moved.pk, moved.assignee, moved.name) == (task.pk, cast.agent, "处理")
    assert running.row.version == new
    row = Timer.objects.get(instance=running.id)
    assert (row.node_id, row.due_at, row.status) == ("deadline", NOON + timedelta(hours=2), "waiting")
    assert [(item.status, item.problem) for item in order.instances.all()] == [("moved", "")]
    assert InstanceMove.objects.get().finished_at is not None
    assert AuditEntry.objects.get(verb="process.moved").data == {"source": 1, "target": 2}
    assert tick(timedelta(hours=2)) == 1
    assert running.nodes() == ["late"]


def test_what_was_done_before_the_move_can_still_be_returned_to_and_is_in_the_picture(cast: Cast) -> None:
    old = publish(limited("handle", "limit"))
    running = running_at_handle(cast)
    new = publish(limited("process", "deadline").replace('"first"', '"begin"').replace('"first-', '"begin-'))
    move(old, new, {"handle": "process", "first": "begin", "limit": "deadline"}, running)
    (target,) = queries.return_targets(running.task())
    assert (target.node_id, target.actor) == ("begin", cast.agent)
    assert picture.process_picture(running.row)["nodes"]["begin"]["state"] == "done"
    services.send_back_task(running.task(), to_visit=target.visit_seq, opinion="再来", by=cast.agent)
    check_instance(running.id)
    assert running.nodes() == ["begin"]
    running.do("begin", cast.agent, "done")
    running.do("process", cast.agent, "done")
    assert running.row.status == "completed"


def test_a_limit_the_new_version_adds_counts_from_when_the_step_was_entered(cast: Cast) -> None:
    plain = limited("handle", "limit")
    cut = plain.index("<bpmn:boundaryEvent"), plain.index("</bpmn:boundaryEvent>") + len("</bpmn:boundaryEvent>")
    old = publish(plain[: cut[0]] + plain[cut[1] :].replace(chain("limit", "late", "e"), chain("late", "e")))
    running = running_at_handle(cast)
    new = publish(plain)
    with clock.at(NOON + timedelta(hours=1)):
        move(old, new, {}, running)
    assert Timer.objects.get(instance=running.id).due_at == NOON + timedelta(hours=2)


def test_a_dry_run_says_of_each_instance_whether_it_can_move_and_writes_nothing(cast: Cast) -> None:
    old = publish(limited("handle", "limit"))
    at_handle = running_at_handle(cast)
    with clock.at(NOON):
        at_first = start("moving", cast.agent, region=cast.east)
    new = publish(limited("process", "deadline", "处理新"))
    plan = services.plan_migration(old, new, by=None)
    assert {tried.instance.pk: bool(tried.problems) for tried in plan.instances} == {
        at_handle.id: True, at_first.id: False,
    }  # fmt: skip
    (problem,) = next(tried.problems for tried in plan.instances if tried.problems)
    assert problem.startswith("办理: ")
    assert at_handle.row.version == old
    order = move(old, new, {}, at_handle, at_first)
    results = {item.instance_id: item.status for item in order.instances.all()}
    assert results == {at_handle.id: "refused", at_first.id: "moved"}
    assert at_handle.task("handle").is_live


def test_the_mapping_is_guessed_by_id_and_then_by_name(cast: Cast) -> None:
    old = publish(limited("handle", "limit"))
    new = publish(limited("process", "deadline"))
    guessed = queries.guess_nodes(old, new)
    assert (guessed["handle"], guessed["first"]) == ("process", "first")
    assert "limit" not in guessed


def test_a_mapping_between_different_kinds_is_refused_as_a_whole(cast: Cast) -> None:
    old = publish(limited("handle", "limit"))
    running = running_at_handle(cast)
    new = publish(limited("process", "deadline"))
    with pytest.raises(MoveRefused):
        services.migrate_instances(old, new, nodes={"handle": "e"}, instances=[running.id], by=None)
    for wrong in (old, services.deploy_version(limited("third", "limit"), by=None)):
        with pytest.raises(MoveRefused):
            services.plan_migration(old, wrong, by=None)
    for person in (cast.agent, cast.supervisor):
        with pytest.raises(NotPermitted):
            services.plan_migration(old, new, by=person)
        with pytest.raises(NotPermitted):
            services.migrate_instances(old, new, instances=[running.id], by=person)
    assert not InstanceMove.objects.exists()


def test_a_move_that_is_run_again_after_a_crash_moves_nothing_twice(cast: Cast) -> None:
    old = publish(limited("handle", "limit"))
    running = running_at_handle(cast)
    new = publish(limited("process", "deadline"))
    order = move(old, new, {"handle": "process", "limit": "deadline"}, running)
    assert moving.move_instances(order.pk) == 0
    assert UserTask.objects.filter(instance=running.id).count() == 2
    assert AuditEntry.objects.filter(verb="process.moved").count() == 1


def test_an_instance_inside_a_part_moves_with_its_branches(cast: Cast, complaint: Running) -> None:
    complaint.do("coordinate", cast.coordinator, "departments_at_once", departments=[cast.network.pk, cast.billing.pk])
    source = complaint.row.version
    target = publish(source.bpmn.replace("部门接收", "部门签收"))
    move(source, target, {}, complaint)
    assert complaint.nodes() == ["receive", "receive"]
    of_billing = next(task for task in complaint.tasks() if task.unit_id == cast.billing.pk)
    services.complete_task(of_billing, outcome="done", opinion="好", by=cast.billing_interface)
    check_instance(complaint.id)
    assert complaint.nodes() == ["receive"]


@pytest.mark.parametrize("suspended", [False, True])
def test_a_step_the_new_version_limits_no_longer_loses_its_clock(cast: Cast, suspended: bool) -> None:
    plain = limited("handle", "limit")
    drawn = plain.replace(
        'id="handle" name="办理"><bpmn:extensionElements>',
        'id="handle" name="办理"><bpmn:extensionElements><op:limit duration="PT4H" clock="clock"/>',
    )
    assert drawn != plain
    old = publish(drawn)
    running = running_at_handle(cast)
    task = running.task("handle")
    assert task.due_at == NOON + timedelta(hours=4)
    if suspended:
        services.suspend_process(running.id, reason="等资料", by=cast.supervisor)
    with clock.at(NOON + timedelta(hours=1)):
        move(old, publish(plain), {}, running)
    one = Clock.objects.get(subject_type="task", subject_id=task.pk)
    assert (one.state, running.task("handle").due_at) == ("cancelled", None)
    assert AuditEntry.objects.get(verb="clock.lifted").subject_id == running.row.subject_id
    assert not list(find_wrong_clocks())


def test_a_step_the_new_version_limits_too_keeps_its_clock(cast: Cast) -> None:
    def drawn(hours: int) -> str:
        return limited("handle", "limit").replace(
            'id="handle" name="办理"><bpmn:extensionElements>',
            f'id="handle" name="办理"><bpmn:extensionElements><op:limit duration="PT{hours}H" clock="clock"/>',
        )

    old = publish(drawn(4))
    running = running_at_handle(cast)
    move(old, publish(drawn(8)), {}, running)
    assert running.task("handle").due_at == NOON + timedelta(hours=4)
    assert not AuditEntry.objects.filter(verb="clock.lifted").exists()
    running.do("handle", cast.agent, "done")
    assert Clock.objects.get().state == "settled"
