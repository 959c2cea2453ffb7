"""Two people act on one process at the same moment, whatever they do: a state machine over the services."""

import threading
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import Cast
from onepoint.accounts.models import User
from onepoint.core.errors import BusinessError
from onepoint.workflow import queries, services
from onepoint.workflow.models import UserTask
from workflow.conftest import Running, check_instance, drawing, publish, start
from workflow.test_keep_invariants import Sketch, blocks

_numbers = count(1)
ACTIONS = (
    "complete", "complete", "complete", "send_back", "recall", "reassign", "delegate", "signers", "suspend", "jump",
)  # fmt: skip


def chosen(data: st.DataObject, items: Any, label: str) -> Any:
    return data.draw(st.sampled_from(list(items)), label=label)


def prepared(running: Running, cast: Cast, data: st.DataObject) -> Callable[[], Any] | None:
    """One random action with all that is needed for it; carried out later, when the state may be another one."""
    tasks = running.tasks()
    if not tasks:
        return None
    task, what = chosen(data, tasks, "task"), chosen(data, ACTIONS, "action")
    by = task.assignee or cast.agent
    other = chosen(data, [cast.agent, cast.second_agent, cast.handler], "other")
    if what == "complete":
        outcome = chosen(data, [outcome.id for outcome in queries.step_of(task).outcomes], "outcome")
        return lambda: services.complete_task(task.pk, outcome=outcome, opinion="x", by=by)
    if what == "send_back":
        targets = [target.visit_seq for target in queries.return_targets(task)] or [0]
        target, resume = chosen(data, targets, "target"), chosen(data, ["flow", "straight"], "resume")
        return lambda: services.send_back_task(task.pk, to_visit=target, resume=resume, opinion="x", by=by)
    if what == "recall":
        done = UserTask.objects.filter(instance_id=running.id, status="completed", parent=None).order_by("-pk").first()
        return (lambda: services.recall_task(done, by=done.completed_by)) if done else None
    if what == "jump":
        target = chosen(data, {task.node_id for task in queries.tasks_of(running.id)}, "target")
        return lambda: services.jump_process(running.id, to_node=target, reason="x", by=None)
    if what == "suspend":
        return lambda: toggle(running)
    if what == "signers":
        position = chosen(data, ["before", "beside", "after"], "position")
        return lambda: services.add_signers(task.pk, people=[other], position=position, by=by)
    if what == "delegate":
        return lambda: services.delegate_task(task.pk, to=other, reason="x", by=by)
    return lambda: services.reassign_task(task.pk, to=other, reason="x", by=None)


def toggle(running: Running) -> None:
    if running.row.status == "suspended":
        services.resume_process(running.id, by=None)
    else:
        services.suspend_process(running.id, reason="x", by=None)


def together(actions: list[Callable[[], Any]]) -> None:
    """Both at once; a refusal is an answer, anything else is a fault."""
    problems: list[BaseException] = []
    ready = threading.Barrier(len(actions))

    def run(action: Callable[[], Any]) -> None:
        try:
            ready.wait(20)
            action()
        except BusinessError:
            pass
        except BaseException as problem:
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[action]) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert problems == []


def finish(running: Running, system: User | None = None) -> None:
    """Whatever has happened, the process can still be brought to its end."""
    if running.row.status == "suspended":
        services.resume_process(running.id, by=None)
    for _step in range(300):
        tasks = [task for task in running.tasks() if task.status != "waiting"]
        if not tasks:
            break
        task = tasks[0]
        outcome = queries.step_of(task).outcomes[0].id
        services.complete_task(task, outcome=outcome, opinion="x", by=task.assignee)
    check_instance(running.id)
    assert running.row.status == "completed"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@settings(
    max_examples=12, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
@given(tree=blocks, data=st.data())
def test_two_people_at_once_break_nothing_whatever_the_drawing(cast: Cast, tree: Any, data: st.DataObject) -> None:
    key = f"at-once-{next(_numbers)}"
    publish(
        drawing(Sketch().scope(tree).replace("<op:actions>send_back recall reassign release</op:actions>", ""), key=key)
    )
    running = start(key, cast.agent, region=cast.east)
    for _round in range(data.draw(st.integers(1, 8), label="rounds")):
        pair = [prepared(running, cast, data) for _person in range(2)]
        actions = [action for action in pair if action is not None]
        if actions:
            together(actions)
            check_instance(running.id)
    if running.row.status != "incident":
        finish(running)


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(tree=blocks, data=st.data())
def test_every_action_in_every_structure_leaves_a_process_that_can_end(
    cast: Cast, tree: Any, data: st.DataObject
) -> None:
    key = f"actions-{next(_numbers)}"
    publish(
        drawing(Sketch().scope(tree).replace("<op:actions>send_back recall reassign release</op:actions>", ""), key=key)
    )
    running = start(key, cast.agent, region=cast.east)
    for _action in range(data.draw(st.integers(1, 10), label="actions")):
        action = prepared(running, cast, data)
        if action is None:
            continue
        try:
            action()
        except BusinessError:
            pass
        check_instance(running.id)
        assert running.row.status != "incident"
    finish(running)
