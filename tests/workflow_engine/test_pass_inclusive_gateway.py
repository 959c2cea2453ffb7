from onepoint.workflow.engine import events
from workflow_engine import drawing as d
from workflow_engine.world import World

SOME = d.drawn(
    d.start(), d.gateway("inclusive", "fork", default="other"), d.gateway("inclusive", "join"), d.user("a", "b", "c", "after"),
    d.path("start", "fork"), d.flow("fork", "a", "n >= 1"), d.flow("fork", "b", "n >= 2"), d.flow("fork", "c", id="other"),
    d.path("a", "join", "after"), d.path("b", "join"), d.path("c", "join"),
)  # fmt: skip


def test_every_true_flow_is_taken() -> None:
    assert World(SOME, n=2).start().names == ["a", "b"]
    assert World(SOME, n=1).start().names == ["a"]


def test_default_flow_is_taken_when_nothing_is_true() -> None:
    assert World(SOME, n=0).start().names == ["c"]


def test_join_waits_for_those_that_were_sent_only() -> None:
    world = World(SOME, n=2).start()
    world.complete("a")
    assert world.names == ["b"]
    world.complete("b")
    assert world.names == ["after"]


def test_join_fires_at_once_when_nobody_else_can_come() -> None:
    world = World(SOME, n=1).start()
    world.complete("a")
    assert world.names == ["after"]


def test_join_fires_when_the_branch_it_waited_for_leaves_another_way() -> None:
    process = d.drawn(
        d.start(), d.gateway("parallel", "fork"), d.gateway("inclusive", "join"), d.gateway("exclusive", "x", default="on"),
        d.user("a", "b", "away", "after"), d.path("start", "fork", "a", "join", "after"), d.path("fork", "b", "x"),
        d.flow("x", "join", id="on"), d.flow("x", "away", "leave = true"),
    )  # fmt: skip
    world = World(process).start()
    world.complete("a")
    assert world.names == ["b"]
    world.complete("b", leave=True)
    assert world.names == ["after", "away"]


def test_join_is_judged_again_when_a_boundary_event_takes_the_awaited_token() -> None:
    process = d.drawn(
        d.start(), d.gateway("parallel", "fork"), d.gateway("inclusive", "join"), d.user("a", "b", "late", "after"),
        d.boundary("timeout", "b", d.timer()), d.path("start", "fork", "a", "join", "after"), d.path("fork", "b", "join"),
        d.path("timeout", "late"),
    )  # fmt: skip
    world = World(process).start()
    world.complete("a")
    world.fire("timeout")
    assert world.names == ["after", "late"]


def test_join_counts_the_way_over_a_boundary_event_as_a_way() -> None:
    process = d.drawn(
        d.start(), d.gateway("parallel", "fork"), d.gateway("inclusive", "join"), d.user("a", "b", "after"), d.end(),
        d.boundary("timeout", "b", d.timer()), d.path("start", "fork", "a", "join", "after"), d.path("fork", "b", "end"),
        d.path("timeout", "join"),
    )  # fmt: skip
    world = World(process).start()
    world.complete("a")
    assert world.names == ["b"]
    world.complete("b")
    assert world.names == ["after"]


def test_join_waits_for_a_token_at_another_join() -> None:
    process = d.drawn(
        d.start(), d.gateway("parallel", "fork", "inner"), d.gateway("inclusive", "join"), d.user("a", "b", "c", "after"),
        d.path("start", "fork", "a", "inner", "join", "after"), d.path("fork", "b", "inner"), d.path("fork", "c", "join"),
    )  # fmt: skip
    world = World(process).start()
    world.complete("c")
    world.complete("a")
    assert world.names == ["b"]
    world.complete("b")
    assert world.names == ["after"]


def test_loop_back_before_the_join_does_not_block_it() -> None:
    process = d.drawn(
        d.start(), d.gateway("exclusive", "begin"), d.gateway("inclusive", "fork", "join"),
        d.gateway("exclusive", "again", default="on"), d.user("a", "b"), d.end(), d.path("start", "begin", "fork", "a", "join"),
        d.path("fork", "b", "join", "again"), d.flow("again", "end", id="on"), d.flow("again", "begin", "more = true"),
    )  # fmt: skip
    world = World(process).start()
    world.complete("a", more=True)
    world.complete("b")
    assert world.names == ["a", "b"]
    world.complete("a", more=False)
    world.complete("b")
    assert world.state.status == "completed"


def test_joins_that_wait_for_each_other_are_an_incident() -> None:
    process = d.drawn(
        d.start(), d.gateway("parallel", "fork"), d.gateway("inclusive", "one", "two"), d.user("a", "b"),
        d.path("start", "fork", "a", "one", "two"), d.path("fork", "b", "two", "one"),
    )  # fmt: skip
    world = World(process).start()
    world.complete("a")
    world.complete("b")
    assert {incident.code for incident in world.state.incidents.values()} == {"join_never_completes"}
    world.do(events.Terminate())
    assert world.state.incidents == {}
