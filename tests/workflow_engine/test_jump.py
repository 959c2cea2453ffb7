import pytest

from onepoint.workflow.engine import effects, events
from workflow_engine import drawing as d
from workflow_engine.world import World

PROCESS = d.drawn(
    d.start(), d.user("a"), d.gateway("parallel", "fork", "join"), d.user("b", "c", "after"), d.sub("s", d.user("x", "y"), d.path("x", "y")),
    d.end(), d.path("start", "a", "fork", "b", "join", "after", "s", "end"), d.path("fork", "c", "join"),
)  # fmt: skip


def jump(world: World, *steps: events.JumpStep) -> list[str]:
    world.do(events.Jump(steps))
    return world.names


def test_token_moves_from_here_to_there() -> None:
    world = World(PROCESS).start()
    assert jump(world, events.CancelNode("a"), events.Activate("after")) == ["after"]


def test_one_visit_is_cancelled_and_the_others_stay() -> None:
    world = World(PROCESS).start()
    world.complete("a")
    assert jump(world, events.CancelVisit(world.task("b")), events.Activate("after")) == ["after", "c"]


def test_scope_is_entered_without_its_start() -> None:
    world = World(PROCESS).start()
    assert jump(world, events.CancelNode("a"), events.Activate("y")) == ["y"]
    world.complete("y")
    assert world.state.status == "completed"


def test_open_scope_is_used_rather_than_a_second_one() -> None:
    world = World(PROCESS).start()
    jump(world, events.CancelNode("a"), events.Activate("x"))
    assert jump(world, events.Activate("y")) == ["x", "y"]
    assert len(world.state.scopes) == 2


def test_jump_to_a_join_obeys_the_join() -> None:
    world = World(PROCESS).start()
    world.complete("a")
    assert jump(world, events.CancelNode("b"), events.Activate("join")) == ["c"]
    world.complete("c")
    assert world.names == ["after"]


def test_after_a_node_and_along_a_flow() -> None:
    world = World(PROCESS).start()
    assert jump(world, events.CancelNode("a"), events.Activate("a", "after")) == ["b", "c"]
    assert jump(world, events.Activate("after-s", "flow")) == ["b", "c", "x"]


def test_scope_left_empty_is_cancelled_and_an_empty_instance_ends() -> None:
    world = World(PROCESS).start()
    jump(world, events.CancelNode("a"), events.Activate("y"))
    jump(world, events.CancelNode("y"))
    assert world.ended == effects.EndInstance("terminated", None)


def test_what_was_cancelled_is_an_earlier_step_of_what_was_activated() -> None:
    world = World(PROCESS).start()
    world.complete("a")
    jump(world, events.CancelNode("b"), events.CancelNode("c"), events.Activate("after"))
    assert [record.node_id for record in world.history.return_targets(world.task("after"))] == ["c", "a"]


def test_multi_instance_is_entered_whole_or_by_one_child() -> None:
    process = d.drawn(d.start(), d.user("a"), d.element("userTask", "m", d.many("[1, 2]")), d.path("start", "a", "m"))
    world = World(process).start()
    assert jump(world, events.Activate("m")) == ["a", "m", "m"]
    assert jump(world, events.Activate("m", body=False)) == ["a", "m", "m", "m"]
    assert len([scope for scope in world.state.scopes.values() if scope.kind == "mi_body"]) == 1


def test_one_more_child_of_a_sequence_waits_for_its_turn() -> None:
    process = d.drawn(d.start(), d.element("userTask", "m", d.many("[1]", sequential=True)), d.path("start", "m"))
    world = World(process).start()
    assert jump(world, events.Activate("m", body=False)) == ["m"]
    world.complete("m")
    assert world.names == ["m"]


@pytest.mark.parametrize(
    ("step", "code"),
    [
        (events.CancelNode("nowhere"), "unknown_element"),
        (events.Activate("nowhere"), "unknown_element"),
        (events.Activate("nowhere", "flow"), "unknown_element"),
        (events.CancelVisit(77), "visit_not_alive"),
        (events.CancelScope(77), "scope_not_alive"),
    ],
)
def test_unknown_places_are_refused(step: events.JumpStep, code: str) -> None:
    assert World(PROCESS).start().refused(events.Jump((step,))) == code


def test_scope_that_could_be_any_of_several_must_be_named() -> None:
    inside = d.user("x", "y")
    process = d.drawn(d.start(), d.sub("s", d.many("[1, 2]"), inside), d.path("start", "s"))
    world = World(process).start()
    assert world.refused(events.Jump((events.Activate("y"),))) == "ambiguous_scope"
    scope = next(task.scope for task in world.tasks.values())
    assert jump(world, events.Activate("y", scope=scope)) == ["x", "x", "y", "y", "y"]
