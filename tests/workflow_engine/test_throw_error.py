import pytest

from onepoint.workflow.engine import effects, events
from workflow_engine import drawing as d
from workflow_engine.world import World


def failing(code: str = "err1", catchers: str = "", around: str = "") -> World:
    inside = d.user("x") + d.end("fail", d.event("error", code)) + d.path("x", "fail") + around
    process = d.drawn(
        d.start(), d.sub("s", inside), d.user("after", "one", "two", "any"), d.path("start", "s", "after"), catchers
    )
    world = World(process).start()
    world.complete("x")
    return world


def boundary(id: str, target: str, code: str | None = None) -> str:
    return d.boundary(id, "s", d.event("error", code)) + d.path(id, target)


def test_boundary_event_with_the_code_catches() -> None:
    assert failing(catchers=boundary("b", "one", "err1")).names == ["one"]


def test_specific_code_goes_before_one_that_catches_all() -> None:
    assert failing("err2", boundary("b", "any") + boundary("c", "two", "err2")).names == ["two"]
    assert failing("err1", boundary("b", "any") + boundary("c", "two", "err2")).names == ["any"]


def test_error_travels_outwards_over_scopes_that_do_not_catch_it() -> None:
    deep = d.sub("t", d.user("y"), d.end("fail", d.event("error", "err1")), d.path("y", "fail"))
    inside = deep + d.boundary("no", "t", d.event("error", "err2")) + d.user("u") + d.path("no", "u")
    process = d.drawn(d.start(), d.sub("s", inside), d.user("one"), d.path("start", "s"), boundary("b", "one", "err1"))
    world = World(process).start()
    world.complete("y")
    assert world.names == ["one"]


def test_uncaught_error_is_an_incident() -> None:
    world = failing()
    (incident,) = world.state.incidents.values()
    assert incident.code == "uncaught_error"


def test_uncaught_error_ends_a_called_instance() -> None:
    process = d.drawn(d.start(), d.user("a"), d.end("fail", d.event("error", "err1")), d.path("start", "a", "fail"))
    world = World(process).start(called=True)
    world.complete("a")
    assert world.ended == effects.EndInstance("error", "fail", "E1")
    assert world.state.status == "error"


def test_event_sub_process_inside_catches_before_the_boundary() -> None:
    begin = d.start("h-start", d.event("error", "err1"))
    handler = d.sub("h", begin, d.user("handle"), d.path("h-start", "handle"), triggeredByEvent="true")
    world = failing(catchers=boundary("b", "one", "err1"), around=handler)
    assert world.names == ["handle"]


def test_handler_does_not_catch_what_it_throws_itself() -> None:
    begin = d.start("h-start", d.event("error", "err1"))
    again = d.end("again", d.event("error", "err1"))
    handler = d.sub("h", begin, d.user("handle"), again, d.path("h-start", "handle", "again"), triggeredByEvent="true")
    world = failing(catchers=boundary("b", "one", "err1"), around=handler)
    world.complete("handle")
    assert world.names == ["one"]


def test_error_of_one_multi_instance_child_cancels_all() -> None:
    inside = d.user("x") + d.end("fail", d.event("error", "err1")) + d.path("x", "fail")
    process = d.drawn(
        d.start(),
        d.sub("s", d.many("[1, 2, 3]"), inside),
        d.user("one"),
        d.path("start", "s"),
        boundary("b", "one", "err1"),
    )
    world = World(process).start()
    world.complete("x", nth=1)
    assert world.names == ["one"]


@pytest.mark.parametrize("interrupting", [True, False])
def test_escalation_is_caught_at_the_boundary(interrupting: bool) -> None:
    raised = d.element("intermediateThrowEvent", "raise", d.event("escalation", "esc1"))
    inside = d.user("x", "y") + raised + d.path("x", "raise", "y")
    process = d.drawn(
        d.start(), d.sub("s", inside), d.user("after", "one"), d.path("start", "s", "after"),
        d.boundary("b", "s", d.event("escalation", "esc1"), interrupting), d.path("b", "one"),
    )  # fmt: skip
    world = World(process).start()
    world.complete("x")
    assert world.names == (["one"] if interrupting else ["one", "y"])


def test_uncaught_escalation_leaves_and_the_thrower_goes_on() -> None:
    raised = d.element("intermediateThrowEvent", "raise", d.event("escalation", "esc1"))
    world = World(d.drawn(d.start(), raised, d.user("a"), d.path("start", "raise", "a"))).start()
    assert world.names == ["a"]
    assert [thrown.code for thrown in world.thrown] == ["C1"]


def test_code_goes_into_the_variable_asked_for() -> None:
    definition = '<errorEventDefinition op:codeVariable="code"/>'
    world = failing(catchers=d.boundary("b", "s", definition) + d.path("b", "any"))
    assert world.state.variables["code"] == "E1"


def test_error_of_a_called_process_is_caught_at_the_call() -> None:
    process = d.drawn(
        d.start(), d.element("callActivity", "call", calledElement="other"), d.user("after", "one"), d.path("start", "call", "after"),
        d.boundary("b", "call", d.event("error", "err1")), d.path("b", "one"),
    )  # fmt: skip
    world = World(process).start()
    world.do(events.CalledEnded(world.visit("call"), outcome="error", error_code="E1"))
    assert world.names == ["one"]
