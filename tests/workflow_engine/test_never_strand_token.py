"""Random processes under random actions: nothing stranded, nothing lost, nothing double.

ONEPOINT_PROPERTY_CASES sets how many processes each test draws.
"""

import contextlib
import os

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onepoint.workflow.engine import NotPossible, events
from workflow_engine import random_processes as random
from workflow_engine.world import World

CASES = int(os.environ.get("ONEPOINT_PROPERTY_CASES", "120"))
FEW = settings(max_examples=CASES, deadline=None, suppress_health_check=list(HealthCheck))


def finish(world: World) -> None:
    """Complete what is open, always choosing to go on, until the instance is over."""
    for _step in range(400):
        if world.state.is_over:
            return
        assert world.tasks, f"nobody can do anything any more: {world.state.to_json()}"
        visit = min(world.tasks)
        world.do(events.CompleteTask(visit, {"choice": 1}))
    raise AssertionError("the process does not come to an end")


def act(world: World, data: st.DataObject) -> None:
    """One random action among those possible now."""
    moves = ["complete", "complete", "complete", "send_back", "recall"]
    if world.timers:
        moves.append("timer")
    if world.state.incidents:
        moves.append("retry")
    move = data.draw(st.sampled_from(moves), label="move")
    if move == "complete" and world.tasks:
        visit = data.draw(st.sampled_from(sorted(world.tasks)), label="visit")
        world.do(events.CompleteTask(visit, {"choice": data.draw(st.sampled_from(random.CHOICES), label="choice")}))
    elif move == "send_back" and world.tasks:
        send_back(world, data)
    elif move == "recall":
        done = [visit.seq for visit in world.recorder.visits.values() if visit.left and not visit.undone]
        if done:
            with contextlib.suppress(NotPossible):
                world.recall(data.draw(st.sampled_from(done), label="recall to"))
    elif move == "timer":
        key = data.draw(st.sampled_from(sorted(world.timers)), label="timer")
        world.do(events.TimerFired(*key))
    elif move == "retry":
        world.do(events.RetryIncident())


def send_back(world: World, data: st.DataObject) -> None:
    source = data.draw(st.sampled_from(sorted(world.tasks)), label="from")
    targets = world.history.return_targets(source)
    if not targets:
        return
    target = data.draw(st.sampled_from(targets), label="to").seq
    resume = data.draw(st.sampled_from(["flow", "straight"]), label="resume")
    future = world.history.causal_future(target)
    before = dict(world.tasks)
    visits, scopes = world.recorder.history(), world.recorder.scope_history()
    whole = data.draw(st.booleans(), label="whole body")
    try:
        world.do(events.SendBack(source, target, visits, scopes, resume, whole_body=whole))
    except NotPossible:
        return
    assert source not in world.tasks
    assert all(visit in world.tasks for visit in before if visit not in future), "a task beside the return was lost"
    assert not [visit for visit in world.tasks if visit in future], "a task of the returned part is still open"
    added = [task for visit, task in world.tasks.items() if visit not in before and task.restores_visit is not None]
    assert [task.restores_visit for task in added] == [target]
    assert added[0].node_id == world.recorder.visits[target].node_id


@FEW
@given(block=random.blocks(), data=st.data())
def test_structured_process_ends_after_any_actions(block: random.Block, data: st.DataObject) -> None:
    world = World(random.structured(block)).start()
    for _step in range(data.draw(st.integers(0, 25), label="steps")):
        if world.state.is_over:
            break
        act(world, data)
        assert not world.state.incidents
    finish(world)
    assert world.state.status == "completed"


@FEW
@given(block=random.blocks(boundaries=True), data=st.data())
def test_structured_process_with_boundary_timers_ends_after_any_actions(
    block: random.Block, data: st.DataObject
) -> None:
    world = World(random.structured(block)).start()
    for _step in range(data.draw(st.integers(0, 25), label="steps")):
        if world.state.is_over:
            break
        act(world, data)
        assert not world.state.incidents
    finish(world)
    assert world.state.status == "completed"


@FEW
@given(process=random.arbitrary(), data=st.data())
def test_arbitrary_process_stays_sound_under_any_actions(process: random.Process, data: st.DataObject) -> None:
    world = World(process).start()
    for _step in range(data.draw(st.integers(0, 20), label="steps")):
        if world.state.is_over:
            break
        act(world, data)
        assert world.tasks or world.state.incidents or world.state.is_over, "silence: nothing to do and nothing said"


@FEW
@given(process=st.one_of(random.arbitrary(), random.blocks(boundaries=True).map(random.structured)), data=st.data())
def test_administrative_moves_keep_every_state_sound(process: random.Process, data: st.DataObject) -> None:
    world = World(process).start()
    for _step in range(data.draw(st.integers(0, 15), label="steps")):
        if world.state.is_over:
            break
        with contextlib.suppress(NotPossible):
            administer(world, data)


def administer(world: World, data: st.DataObject) -> None:
    move = data.draw(st.sampled_from(["act", "jump", "jump", "add", "remove"]), label="administer")
    bodies = [scope.visit for scope in world.state.scopes.values() if scope.kind == "mi_body"]
    if move == "act":
        act(world, data)
    elif move == "jump":
        steps: list[events.JumpStep] = []
        if world.tasks and data.draw(st.booleans(), label="cancel"):
            steps.append(events.CancelVisit(data.draw(st.sampled_from(sorted(world.tasks)), label="cancelled")))
        if data.draw(st.booleans(), label="activate") or not steps:
            node = data.draw(st.sampled_from(sorted(world.process.nodes)), label="node")
            place = data.draw(st.sampled_from(["before", "after"]), label="place")
            steps.append(events.Activate(node, place, body=data.draw(st.booleans(), label="body")))
        world.do(events.Jump(tuple(steps)))
    elif move == "add" and bodies:
        world.do(events.AddInstances(data.draw(st.sampled_from(bodies), label="body"), (7, 8)))
    elif move == "remove" and world.tasks:
        world.do(events.RemoveInstance(data.draw(st.sampled_from(sorted(world.tasks)), label="removed")))


@FEW
@given(block=random.blocks(boundaries=True), data=st.data(), steps=st.integers(0, 15))
def test_terminating_leaves_nothing_behind(block: random.Block, data: st.DataObject, steps: int) -> None:
    world = World(random.structured(block)).start()
    for _step in range(steps):
        if world.state.is_over:
            return
        act(world, data)
    if not world.state.is_over:
        world.do(events.Terminate("withdrawn"))
        assert not world.tasks
        assert not world.timers
        assert not world.state.tokens
        assert world.ended is not None
        assert world.ended.outcome == "withdrawn"


@FEW
@given(block=random.blocks(), data=st.data(), steps=st.integers(0, 15))
def test_reopened_process_can_end_again(block: random.Block, data: st.DataObject, steps: int) -> None:
    world = World(random.structured(block)).start()
    for _step in range(steps):
        if not world.state.is_over:
            act(world, data)
    if not world.state.is_over:
        finish(world)
    world.reopen("last")
    assert world.names == ["last"]
    finish(world)
    assert world.state.status == "completed"
