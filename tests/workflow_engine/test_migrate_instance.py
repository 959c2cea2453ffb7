import pytest

from onepoint.workflow.engine import NotPossible, Process, effects, migrate, plan_migration
from workflow_engine import drawing as d
from workflow_engine.world import World

BEFORE = d.drawn(
    d.start(), d.gateway("parallel", "fork", "join"), d.user("a", "b", "after"), d.end(), d.path("start", "fork", "a", "join", "after", "end"),
    d.path("fork", "b", "join"), d.boundary("limit", "a", d.timer()), d.user("late"), d.path("limit", "late"),
)  # fmt: skip


def changed(*more: str, first: str = "a", timer: str = "limit") -> Process:
    return d.drawn(
        d.start(), d.gateway("parallel", "fork", "join"), d.user(first, "b", "check", "after"), d.end(),
        d.path("start", "fork", first, "join", "check", "after", "end"), d.path("fork", "b", "join"),
        d.boundary(timer, first, d.timer()), d.user("late"), d.path(timer, "late"), *more,
    )  # fmt: skip


def move(world: World, new: Process, **nodes: str) -> World:
    """Migrate a world and go on in the new version."""
    change = migrate(plan_migration(world.process, new, nodes), world.state)
    for effect in change.effects:
        if isinstance(effect, effects.MoveWait):
            key = (effect.visit, effect.old_node_id)
            if key in world.timers:
                world.timers[effect.visit, effect.node_id] = world.timers.pop(key)
        elif isinstance(effect, effects.MoveVisit) and effect.visit in world.tasks:
            old = world.tasks[effect.visit]
            world.tasks[effect.visit] = effects.CreateTask(old.visit, effect.node_id, old.scope, old.variables)
        else:
            world._carry_out(effect)
    world.recorder.apply(change.effects)
    world.process, world.state, world.last = new, change.state, change
    world.check()
    return world


def test_same_names_go_to_themselves_and_the_new_way_holds() -> None:
    world = move(World(BEFORE).start(), changed())
    assert world.last is not None
    assert world.last.effects == ()
    world.complete("a")
    world.complete("b")
    assert world.names == ["check"]


def test_renamed_step_keeps_its_task_and_its_timer() -> None:
    world = move(World(BEFORE).start(), changed(first="assess", timer="limit2"), a="assess", limit="limit2")
    assert world.names == ["assess", "b"]
    assert [key[1] for key in world.timers] == ["limit2"]
    world.fire("limit2")
    assert world.names == ["b", "late"]


def test_token_at_a_join_waits_on_the_mapped_flow() -> None:
    world = World(BEFORE).start()
    world.complete("a")
    world = move(world, changed(first="assess"), a="assess")
    assert [token.flow for token in world.state.tokens.values() if token.node == "join"] == ["assess-join"]
    world.complete("b")
    assert world.names == ["check"]


def test_unmapped_timer_ends_and_a_new_one_begins() -> None:
    world = move(World(BEFORE).start(), changed(timer="other"))
    assert [key[1] for key in world.timers] == ["other"]
    assert [effect.node_id for effect in world.made(effects.CancelTimer)] == ["limit"]


def test_new_event_sub_process_listens_at_once() -> None:
    begin = d.start("h-start", d.event("message", "msg1"))
    handler = d.sub("h", begin, d.user("handle"), d.path("h-start", "handle"), triggeredByEvent="true")
    world = move(World(BEFORE).start(), changed(handler))
    world.message("h-start")
    assert world.names == ["handle"]


def test_join_that_is_complete_in_the_new_version_fires() -> None:
    process = d.drawn(
        d.start(), d.gateway("inclusive", "join"), d.gateway("parallel", "fork"), d.user("a", "b", "after"), d.end("gone"),
        d.path("start", "fork", "a", "join", "after"), d.path("fork", "b", "join"),
    )  # fmt: skip
    loose = d.drawn(
        d.start(), d.gateway("inclusive", "join"), d.gateway("parallel", "fork"), d.user("a", "b", "c", "after"), d.end("gone"),
        d.path("start", "fork", "a", "join", "after"), d.path("fork", "b", "gone"), d.path("c", "join"),
    )  # fmt: skip
    world = World(process).start()
    world.complete("a")
    assert move(world, loose).names == ["after", "b"]


@pytest.mark.parametrize(
    ("new", "nodes", "reason"),
    [
        (changed(first="x"), {}, "a: a token is there"),
        (changed(first="x"), {"a": "y"}, "y: no such node in the new version"),
        (changed(), {"z": "a"}, "z: no such node in the old version"),
        (changed(), {"a": "join"}, "user_task cannot become parallel_gateway"),
        (changed(d.sub("s", d.user("inner"))), {"a": "inner"}, "they lie in different sub-processes"),
        (changed(d.element("userTask", "m", d.many("[1]"))), {"a": "m"}, "only one of them is multi-instance"),
    ],
)
def test_what_cannot_be_carried_over_is_named_and_nothing_moves(
    new: Process, nodes: dict[str, str], reason: str
) -> None:
    world = World(BEFORE).start()
    before = world.state.to_json()
    with pytest.raises(NotPossible) as refusal:
        migrate(plan_migration(BEFORE, new, nodes), world.state)
    assert reason in refusal.value.message
    assert world.state.to_json() == before


def test_equal_id_of_another_kind_matters_only_where_a_token_is() -> None:
    other = d.drawn(
        d.start(), d.gateway("parallel", "fork"), d.user("a", "b"), d.element("serviceTask", "after"), d.path("start", "fork", "a", "after"),
        d.path("fork", "b"),
    )  # fmt: skip
    world = World(BEFORE).start()
    assert plan_migration(BEFORE, other).problems == ()
    assert move(world, other).names == ["a", "b"]


def test_ended_instance_is_not_moved() -> None:
    world = World(BEFORE).start()
    for step in ("a", "b", "after"):
        world.complete(step)
    with pytest.raises(NotPossible, match="completed"):
        migrate(plan_migration(BEFORE, changed()), world.state)
