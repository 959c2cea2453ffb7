"""Returning to an earlier step, and taking back what one has sent."""

import pytest

from cast import Cast
from onepoint.core.models import AuditEntry
from onepoint.workflow import policies, queries, services
from onepoint.workflow.errors import (
    ActionNotOffered,
    AlreadyTouched,
    NotAnEarlierStep,
    NotDoneByYou,
    NotPossibleHere,
    ProcessOver,
    ReasonMissing,
    TaskAlreadyDone,
    TaskNotYours,
)
from onepoint.workflow.models import UserTask
from workflow.conftest import Running, check_instance, heard, publish, sees, start


def at_handle(cast: Cast, complaint: Running) -> UserTask:
    complaint.do("coordinate", cast.coordinator, "departments_in_sequence", departments=[cast.network.pk])
    complaint.do("receive", cast.deputy, "assign_handler", handler=cast.handler.pk)
    return complaint.task("handle")


def target_of(task: UserTask, node: str) -> int:
    return next(target.visit_seq for target in queries.return_targets(task) if target.node_id == node)


def test_targets_are_the_earlier_people_newest_first_with_the_previous_marked(cast: Cast, complaint: Running) -> None:
    targets = queries.return_targets(at_handle(cast, complaint))
    assert [(t.node_id, t.actor_name, t.is_previous) for t in targets] == [
        ("receive", cast.deputy.name, True),
        ("coordinate", cast.coordinator.name, False),
    ]
    assert targets[0].unit == "东市网络部"
    assert targets[0].left_at is not None


def test_a_return_reaches_the_person_who_handled_that_step_and_goes_on_from_there(
    cast: Cast, complaint: Running
) -> None:
    task = at_handle(cast, complaint)
    with heard("task_completed", "task_created") as told:
        services.send_back_task(task, to_visit=target_of(task, "receive"), opinion="不是我们的基站", by=cast.handler)
    check_instance(complaint.id)
    assert [name for name, _facts in told] == ["task_completed", "task_created"]
    returned = complaint.task("receive")
    assert (returned.assignee_id, returned.arrival, returned.unit_id) == (cast.deputy.pk, "returned", cast.network.pk)
    assert queries.counts_by_kind(cast.deputy)["returned"] == 1
    old = UserTask.objects.get(pk=task.pk)
    assert (old.status, old.outcome, old.completed_by_id) == ("sent_back", "sent_back", cast.handler.pk)
    opinion = queries.opinions_of(complaint.id).last()
    assert opinion is not None
    assert (opinion.outcome, opinion.text) == ("sent_back", "不是我们的基站")
    entry = AuditEntry.objects.get(verb="task.sent_back")
    assert (entry.data["to_step"], entry.data["to"]) == ("部门接收", cast.deputy.name)


def test_a_return_beyond_the_department_ends_the_departments_work(cast: Cast, complaint: Running) -> None:
    task = at_handle(cast, complaint)
    services.send_back_task(task, to_visit=target_of(task, "coordinate"), opinion="派错了", by=cast.handler)
    check_instance(complaint.id)
    assert complaint.nodes() == ["coordinate"]
    assert complaint.task().assignee_id == cast.coordinator.pk
    complaint.do("coordinate", cast.coordinator, "departments_in_sequence", departments=[cast.billing.pk])
    assert complaint.task("receive").unit_id == cast.billing.pk


def test_one_of_two_departments_cannot_return_past_the_other(cast: Cast, complaint: Running) -> None:
    complaint.do("coordinate", cast.coordinator, "departments_at_once", departments=[cast.network.pk, cast.billing.pk])
    task = next(task for task in complaint.tasks() if task.unit_id == cast.billing.pk)
    with pytest.raises(NotPossibleHere):
        services.send_back_task(
            task, to_visit=target_of(task, "coordinate"), opinion="派错了", by=cast.billing_interface
        )
    assert complaint.nodes() == ["receive", "receive"]


def test_where_the_drawing_says_so_a_return_past_the_other_departments_ends_their_work(
    cast: Cast, complaint: Running
) -> None:
    drawn = complaint.row.version.bpmn.replace("<op:actions>", '<op:returns siblings="end"/><op:actions>')
    publish(drawn)
    running = start("complaint", cast.agent, region=cast.east, unit=cast.call_centre)
    running.do("coordinate", cast.coordinator, "departments_at_once", departments=[cast.network.pk, cast.billing.pk])
    task = next(task for task in running.tasks() if task.unit_id == cast.billing.pk)
    with heard("task_cancelled") as told:
        services.send_back_task(
            task, to_visit=target_of(task, "coordinate"), opinion="派错了", by=cast.billing_interface
        )
    check_instance(running.id)
    assert [task.unit_id for task in told[0][1]["tasks"]] == [cast.network.pk]
    assert running.nodes() == ["coordinate"]


def test_a_return_needs_a_reason_an_earlier_step_and_the_holder(cast: Cast, complaint: Running) -> None:
    task = at_handle(cast, complaint)
    target = target_of(task, "receive")
    with pytest.raises(ReasonMissing):
        services.send_back_task(task, to_visit=target, opinion=" ", by=cast.handler)
    for nowhere in (task.visit_seq, 0, 10_000):
        with pytest.raises(NotAnEarlierStep):
            services.send_back_task(task, to_visit=nowhere, opinion="x", by=cast.handler)
    for person in (cast.deputy, cast.outsider, cast.coordinator):
        with pytest.raises(TaskNotYours):
            services.send_back_task(task, to_visit=target, opinion="x", by=person)
    services.complete_task(task, outcome="done", opinion="好", by=cast.handler)
    with pytest.raises(TaskAlreadyDone):
        services.send_back_task(task, to_visit=target, opinion="x", by=cast.handler)


def test_a_step_that_offers_no_return_refuses_it(cast: Cast, complaint: Running) -> None:
    complaint.do("coordinate", cast.coordinator, "send_back_for_correction")
    task = complaint.task("correct")
    with pytest.raises(ActionNotOffered):
        services.send_back_task(task, to_visit=target_of(task, "coordinate"), opinion="x", by=cast.agent)


def test_what_was_just_sent_can_be_taken_back_while_nobody_has_touched_it(cast: Cast, complaint: Running) -> None:
    sent = complaint.task()
    complaint.do("coordinate", cast.coordinator, "departments_at_once", departments=[cast.network.pk, cast.billing.pk])
    assert (
        policies.why_not_recall(UserTask.objects.select_related("instance").get(pk=sent.pk), cast.coordinator) is None
    )
    with heard("task_cancelled", "task_created") as told:
        services.recall_task(sent, by=cast.coordinator)
    check_instance(complaint.id)
    cancelled = dict(told)["task_cancelled"]["tasks"]
    assert {task.unit_id for task in cancelled} == {cast.network.pk, cast.billing.pk}
    assert complaint.nodes() == ["coordinate"]
    assert complaint.task().assignee_id == cast.coordinator.pk
    assert sees(cast.billing_interface, complaint) == []
    assert AuditEntry.objects.filter(verb="task.recalled", actor_id=cast.coordinator.pk).count() == 1


def test_nothing_is_taken_back_once_the_next_person_has_begun(cast: Cast, complaint: Running) -> None:
    sent = complaint.task()
    complaint.do("coordinate", cast.coordinator, "departments_in_sequence", departments=[cast.network.pk])
    services.claim_task(complaint.task(), by=cast.deputy)
    with pytest.raises(AlreadyTouched):
        services.recall_task(sent, by=cast.coordinator)
    services.complete_task(complaint.task(), outcome="done", opinion="好", by=cast.deputy)
    with pytest.raises(AlreadyTouched):
        services.recall_task(sent, by=cast.coordinator)


def test_only_the_person_who_sent_it_takes_it_back_and_only_while_the_process_runs(
    cast: Cast, complaint: Running
) -> None:
    sent = complaint.task()
    with pytest.raises(ActionNotOffered):
        services.recall_task(sent, by=cast.coordinator)
    complaint.do("coordinate", cast.coordinator, "answer_original")
    with pytest.raises(NotDoneByYou):
        services.recall_task(sent, by=cast.supervisor)
    answer = complaint.task("answer")
    services.complete_task(answer, outcome="answered_and_settled", opinion="好", by=cast.agent)
    with pytest.raises(ProcessOver):
        services.recall_task(answer, by=cast.agent)


def test_a_return_is_not_taken_back_it_is_for_the_other_one_to_act(cast: Cast, complaint: Running) -> None:
    task = at_handle(cast, complaint)
    services.send_back_task(task, to_visit=target_of(task, "receive"), opinion="?", by=cast.handler)
    with pytest.raises(ActionNotOffered):
        services.recall_task(task, by=cast.handler)
    assert complaint.nodes() == ["receive"]
