"""Two people act on one process at the same moment, whatever they do: a state machine over the services."""

import threading
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cast import Cast
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


#: What one person is about to do, drawn without looking at the process: two at once leave it in one state or another.
plans = st.tuples(st.sampled_from(ACTIONS), *[st.integers(0, 1000)] * 4)


def pick(items: Any, number: int) -> Any:
    found = list(items)
    return found[number % len(found)]


def prepared(running: Running, cast: Cast, plan: tuple[Any, ...]) -> Callable[[], Any] | None:
    """The action with all that is needed for it; carried out later, when the state may be another one."""
    what, nth_task, nth_person, nth, way = plan
    tasks = running.tasks()
    if not tasks:
        return None
    task = pick(tasks, nth_task)
    by = task.assignee or cast.agent
    other = pick([cast.agent, cast.second_agent, cast.handler], nth_person)
    if what == "complete":
        outcome = pick([outcome.id for outcome in queries.step_of(task).outcomes], nth)
        return lambda: services.complete_task(task.pk, outcome=outcome, opinion="x", by=by)
    if what == "send_back":
        target = pick([target.visit_seq for target in queries.return_targets(task)] or [0], nth)
        resume = pick(["flow", "straight"], way)
        return lambda: services.send_back_task(task.pk, to_visit=target, resume=resume, opinion="x", by=by)
    if what == "recall":
        done = UserTask.objects.filter(instance_id=running.id, status="completed", parent=None).order_by("-pk").first()
        return (lambda: services.recall_task(done, by=done.completed_by)) if done else None
    if what == "jump":
        target = pick(sorted({task.node_id for task in queries.tasks_of(running.id)}), nth)
        return lambda: services.jump_process(running.id, to_node=target, reason="x", by=None)
    if what == "suspend":
        return lambda: toggle(running)
    if what == "signers":
        position = pick(["before", "beside", "after"], way)
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
@given(tree=blocks, rounds=st.lists(st.tuples(plans, plans), min_size=1, max_size=8))
def test_two_people_at_once_break_nothing_whatever_the_drawing(cast: Cast, tree: Any, rounds: list[Any]) -> None:
    key = f"at-once-{next(_numbers)}"
    publish(
        drawing(Sketch().scope(tree).replace("<op:actions>send_back recall reassign release</op:actions>", ""), key=key)
    )
    running = start(key, cast.agent, region=cast.east)
    for both in rounds:
        pair = [prepared(running, cast, plan) for plan in both]
        actions = [action for action in pair if action is not None]
        if actions:
            together(actions)
            check_instance(running.id)
    if running.row.status != "incident":
        finish(running)


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(tree=blocks, moves=st.lists(plans, min_size=1, max_size=10))
def test_every_action_in_every_structure_leaves_a_process_that_can_end(cast: Cast, tree: Any, moves: list[Any]) -> None:
    key = f"actions-{next(_numbers)}"
    publish(
        drawing(Sketch().scope(tree).replace("<op:actions>send_back recall reassign release</op:actions>", ""), key=key)
    )
    running = start(key, cast.agent, region=cast.east)
    for plan in moves:
        action = prepared(running, cast, plan)
        if action is None:
            continue
        try:
            action()
        except BusinessError:
            pass
        check_instance(running.id)
        assert running.row.status != "incident"
    finish(running)
