"""The stored state follows what is alive, not what has been."""

import json

from onepoint.workflow.engine import State, advance, events
from workflow_engine import drawing as d
from workflow_engine.world import World

LOOP = d.drawn(
    d.start(), d.gateway("exclusive", "begin"), d.gateway("parallel", "fork", "join"), d.gateway("exclusive", "test", default="on"),
    d.user("a"), d.sub("s", d.many('["x", "y"]'), d.user("b")), d.end(), d.path("start", "begin", "fork", "a", "join", "test"),
    d.path("fork", "s", "join"), d.flow("test", "begin", "again = true"), d.flow("test", "end", id="on"),
)  # fmt: skip


def play_round(state: State, again: bool) -> State:
    for _task in range(3):
        visit = next(
            token.visit for token in state.tokens.values()
            if LOOP.nodes[token.node].kind == "user_task"
        )  # fmt: skip
        state = advance(LOOP, State.from_json(state.to_json()), events.CompleteTask(visit, {"again": again})).state
    return state


def test_state_after_five_hundred_rounds_is_as_large_as_after_five() -> None:
    state = advance(LOOP, State(), events.Start({"text": "x" * 100})).state
    sizes = {}
    for number in range(1, 501):
        state = play_round(state, again=True)
        sizes[number] = len(state.to_json())
    # Only the digits of the counters grow.
    assert sizes[500] <= sizes[5] * 1.25
    assert set(json.loads(state.to_json())["k"]) <= set(LOOP.nodes)
    assert play_round(state, again=False).status == "completed"


def test_ended_instance_keeps_no_tokens_and_no_scopes() -> None:
    world = World(d.drawn(d.start(), d.sub("s", d.user("a")), d.end(), d.path("start", "s", "end"))).start()
    world.complete("a")
    marking = json.loads(world.state.to_json())
    assert marking["t"] == []
    assert len(marking["c"]) == 1
    assert "w" not in marking


def test_unreadable_values_of_expressions_become_json() -> None:
    state = State(variables={"when": __import__("datetime").date(2026, 11, 22), "many": (1, 2), "some": {"b"}})
    assert json.loads(state.to_json())["v"] == {"when": "2026-11-22", "many": [1, 2], "some": ["b"]}


def test_budget_of_automatic_steps_is_an_incident_that_can_be_continued() -> None:
    process = d.drawn(
        d.start(), d.gateway("exclusive", "begin"), d.gateway("exclusive", "test", default="on"), d.user("a"),
        d.element("scriptTask", "count", "<script>n + 1</script>", op__resultVariable="n"), d.path("start", "begin", "count", "test"),
        d.flow("test", "begin", "n &lt; 600".replace("&lt;", "<")), d.flow("test", "a", id="on"),
    )  # fmt: skip
    world = World(process, n=0).start()
    (incident,) = world.state.incidents.values()
    assert incident.code == "too_many_steps"
    world.do(events.RetryIncident())
    assert world.names == ["a"]
    assert world.state.variables["n"] == 600
