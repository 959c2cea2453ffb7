from workflow_engine import drawing as d
from workflow_engine.world import World

BOTH = d.drawn(
    d.start(), d.gateway("parallel", "fork", "join"), d.user("a", "b", "after"), d.end(),
    d.path("start", "fork", "a", "join", "after", "end"), d.path("fork", "b", "join"),
)  # fmt: skip


def test_fork_gives_a_token_to_every_flow_whatever_the_conditions() -> None:
    process = d.drawn(
        d.start(), d.gateway("parallel", "fork"), d.user("a", "b"), d.flow("start", "fork"), d.flow("fork", "a", "false"),
        d.flow("fork", "b"),
    )  # fmt: skip
    assert World(process).start().names == ["a", "b"]


def test_join_waits_for_all() -> None:
    world = World(BOTH).start()
    world.complete("b")
    assert world.names == ["a"]
    world.complete("a")
    assert world.names == ["after"]


def test_join_records_all_its_causes() -> None:
    world = World(BOTH).start()
    world.complete("b")
    world.complete("a")
    join = world.recorder.visits[world.visit("join")]
    assert set(join.parents) == {world.visit("a"), world.visit("b")}


def test_join_needs_a_token_on_each_flow_not_just_their_number() -> None:
    # Two tokens come by the same flow; other engines count them and fire, the standard does not.
    process = d.drawn(
        d.start(), d.gateway("parallel", "fork", "join"), d.gateway("exclusive", "merge"), d.user("a", "b", "c", "after"),
        d.path("start", "fork", "a", "merge", "join", "after"), d.path("fork", "b", "merge"), d.path("fork", "c", "join"),
    )  # fmt: skip
    world = World(process).start()
    world.complete("a")
    world.complete("b")
    assert world.names == ["c"]
    world.complete("c")
    assert world.names == ["after"]
    assert sum(token.node == "join" for token in world.state.tokens.values()) == 1


def test_surplus_token_at_a_join_is_shown_as_an_incident() -> None:
    process = d.drawn(
        d.start(), d.gateway("exclusive", "choice", default="to-a"), d.gateway("parallel", "join"), d.user("a", "b"),
        d.flow("start", "choice"), d.flow("choice", "a", id="to-a"), d.flow("choice", "b", "n = 1"), d.path("a", "join"),
        d.path("b", "join"), d.end(), d.path("join", "end"),
    )  # fmt: skip
    world = World(process).start()
    world.complete("a")
    (incident,) = world.state.incidents.values()
    assert incident.code == "join_never_completes"


def test_fork_into_ends_completes_when_the_last_path_ends() -> None:
    process = d.drawn(
        d.start(), d.gateway("parallel", "fork"), d.user("a", "b"), d.end("one"), d.end("two"),
        d.path("start", "fork", "a", "one"), d.path("fork", "b", "two"),
    )  # fmt: skip
    world = World(process).start()
    world.complete("a")
    assert world.state.status == "active"
    world.complete("b")
    assert world.ended is not None
    assert world.ended.end_node_id == "two"
