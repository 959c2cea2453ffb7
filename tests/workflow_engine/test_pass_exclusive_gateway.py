from onepoint.workflow.engine import events
from workflow_engine import drawing as d
from workflow_engine.world import World


def fork(*flows: str, **attributes: str) -> World:
    process = d.drawn(
        d.start(), d.gateway("exclusive", "x", **attributes), d.user("a", "b", "c"), d.flow("start", "x"), *flows
    )
    return World(process)


def run(world: World, **variables: object) -> World:
    world.variables = variables
    return world.start()


def test_first_true_flow_in_document_order_is_taken() -> None:
    flows = [d.flow("x", "b", "n > 1"), d.flow("x", "a", "n > 0"), d.flow("x", "c", "n > 5")]
    assert run(fork(*flows), n=3).names == ["b"]
    assert run(fork(*flows), n=1).names == ["a"]


def test_default_flow_is_taken_when_nothing_is_true() -> None:
    flows = [d.flow("x", "c", id="other"), d.flow("x", "a", "n > 0")]
    assert run(fork(*flows, default="other"), n=0).names == ["c"]


def test_null_counts_as_false() -> None:
    flows = [d.flow("x", "a", "missing > 0"), d.flow("x", "b", id="other")]
    assert run(fork(*flows, default="other")).names == ["b"]


def test_without_a_true_flow_the_step_is_kept_as_an_incident() -> None:
    world = run(fork(d.flow("x", "a", "n > 0")), n=0)
    assert world.state.status == "incident"
    (incident,) = world.state.incidents.values()
    assert incident.code == "no_flow"


def test_incident_is_mended_and_tried_again() -> None:
    world = run(fork(d.flow("x", "a", "n > 0")), n=0)
    world.do(events.RetryIncident(variables={"n": 1}))
    assert world.names == ["a"]
    assert world.state.status == "active"


def test_retry_without_a_mend_leaves_the_incident() -> None:
    world = run(fork(d.flow("x", "a", "n > 0")), n=0)
    world.do(events.RetryIncident())
    assert world.state.status == "incident"


def test_completed_task_is_not_lost_when_what_follows_is_stuck() -> None:
    process = d.drawn(d.start(), d.user("a", "b"), d.path("start", "a"), d.flow("a", "b", "go = true"))
    world = World(process).start()
    world.complete("a", "done", actor=5)
    assert world.names == []
    assert world.state.status == "incident"
    world.do(events.RetryIncident(variables={"go": True}))
    assert world.names == ["b"]
    visit = world.recorder.visits[world.visit("a")]
    assert (visit.outcome, visit.actor) == ("done", 5)


def test_merge_passes_every_token_on() -> None:
    process = d.drawn(
        d.start(), d.gateway("parallel", "fork"), d.gateway("exclusive", "merge"), d.user("a"),
        d.flow("start", "fork"), d.flow("fork", "merge", id="one"), d.flow("fork", "merge", id="two"), d.flow("merge", "a"),
    )  # fmt: skip
    assert World(process).start().names == ["a", "a"]
