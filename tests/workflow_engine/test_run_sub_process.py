from onepoint.workflow.engine import effects, events
from workflow_engine import drawing as d
from workflow_engine.world import World

INSIDE = d.start("inner-start") + d.user("x", "y") + d.end("inner-end") + d.path("inner-start", "x", "y", "inner-end")
AROUND = d.drawn(d.start(), d.sub("s", INSIDE), d.user("after"), d.end(), d.path("start", "s", "after", "end"))


def test_inside_runs_before_what_follows() -> None:
    world = World(AROUND).start()
    world.complete("x")
    assert world.names == ["y"]
    world.complete("y")
    assert world.names == ["after"]


def test_scope_without_start_and_end_events_begins_where_nothing_flows_in() -> None:
    process = d.drawn(
        d.start(), d.sub("s", d.user("x", "y", "z"), d.path("x", "y")), d.user("after"), d.path("start", "s", "after")
    )
    world = World(process).start()
    assert world.names == ["x", "z"]
    world.complete("x")
    world.complete("z")
    assert world.names == ["y"]
    world.complete("y")
    assert world.names == ["after"]


def test_locals_are_set_at_entry_and_gone_afterwards() -> None:
    local = d.extension(
        '<op:local name="department" value="departments[1]"/>', '<op:output name="answer" value="text"/>'
    )
    process = d.drawn(d.start(), d.sub("s", local + d.user("x")), d.user("after"), d.path("start", "s", "after"))
    world = World(process, departments=["network", "billing"]).start()
    (task,) = world.tasks.values()
    assert task.variables["department"] == "network"
    world.complete("x", department="billing", text="mended")
    assert "department" not in world.state.variables
    assert world.state.variables["answer"] == "mended"


def test_assignment_inside_goes_to_the_local_that_has_the_name() -> None:
    local = d.extension('<op:local name="department" value="1"/>')
    process = d.drawn(d.start(), d.sub("s", local + d.user("x", "y"), d.path("x", "y")), d.path("start", "s"))
    world = World(process, department=9, other=1).start()
    world.complete("x", department=2, other=2, new=3)
    (task,) = world.tasks.values()
    assert task.variables["department"] == 2
    assert world.state.variables == {"department": 9, "other": 2, "new": 3}


def test_outcome_stays_inside() -> None:
    world = World(AROUND).start()
    world.complete("x", "fine")
    assert "outcome" not in world.state.variables
    (task,) = world.tasks.values()
    assert task.variables["outcome"] == "fine"


def test_visits_of_tasks_inside_keep_a_snapshot_of_the_locals() -> None:
    local = d.extension('<op:local name="department" value="1"/>')
    process = d.drawn(d.start(), d.sub("s", local + d.user("x", "y"), d.path("x", "y")), d.path("start", "s"))
    world = World(process).start()
    world.complete("x", department=2)
    assert dict(world.recorder.visits[world.visit("x")].locals or {}) == {"department": 1}
    assert dict(world.recorder.visits[world.visit("y")].locals or {}) == {"department": 2}


def test_terminate_end_ends_its_own_scope_only() -> None:
    inside = d.user("x", "y") + d.end("stop", d.event("terminate")) + d.path("x", "stop")
    process = d.drawn(
        d.start(), d.gateway("parallel", "fork"), d.sub("s", inside), d.user("beside", "after"), d.path("start", "fork", "s", "after"),
        d.path("fork", "beside"),
    )  # fmt: skip
    world = World(process).start()
    world.complete("x")
    assert world.names == ["after", "beside"]
    assert [effect.outcome for effect in world.made(effects.CancelTask)] == ["terminated"]


def test_terminate_end_of_the_process_ends_the_instance() -> None:
    process = d.drawn(
        d.start(), d.gateway("parallel", "fork"), d.user("a", "b"), d.end("stop", d.event("terminate")),
        d.path("start", "fork", "a", "stop"), d.path("fork", "b"),
    )  # fmt: skip
    world = World(process).start()
    world.complete("a")
    assert world.ended == effects.EndInstance("completed", "stop")


def test_terminating_from_outside_cancels_everything_innermost_first() -> None:
    world = World(AROUND).start()
    world.do(events.Terminate("withdrawn"))
    assert world.ended == effects.EndInstance("withdrawn", None)
    assert world.state.status == "terminated"
    kinds = [type(effect).__name__ for effect in (world.last.effects if world.last else ())]
    assert kinds.index("CancelTask") < kinds.index("CloseScope")
