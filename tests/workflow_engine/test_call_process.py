from onepoint.workflow.engine import effects, events
from workflow_engine import drawing as d
from workflow_engine.world import World


def calling(*inside: str, called: str = "other") -> World:
    process = d.drawn(
        d.start(), d.element("callActivity", "call", *inside, calledElement=called), d.user("after", "aside"),
        d.path("start", "call", "after"), d.boundary("b", "call", d.event("escalation", "esc1"), interrupting=False), d.path("b", "aside"),
    )  # fmt: skip
    return World(process, number=5, secret=6).start()


def test_called_process_gets_the_variables_and_the_caller_waits() -> None:
    world = calling()
    (call,) = world.calls.values()
    assert (call.called, dict(call.variables)) == ("other", {"number": 5, "secret": 6})
    assert world.names == []
    world.do(events.CalledEnded(world.visit("call"), {"answer": 7}))
    assert world.names == ["after"]
    assert "answer" not in world.state.variables


def test_mappings_say_what_goes_in_and_out() -> None:
    world = calling(d.extension('<op:input name="n" value="number + 1"/>', '<op:output name="result" value="answer"/>'))
    (call,) = world.calls.values()
    assert dict(call.variables) == {"n": 6}
    world.do(events.CalledEnded(world.visit("call"), {"answer": 7}))
    assert world.state.variables["result"] == 7


def test_name_of_the_called_process_by_expression() -> None:
    world = calling(called='="proc-" + string(number)')
    (call,) = world.calls.values()
    assert call.called == "proc-5"


def test_escalation_of_the_called_process_is_caught_at_the_call() -> None:
    world = calling()
    world.do(events.CalledEscalated(world.visit("call"), "C1"))
    assert world.names == ["aside"]
    world.do(events.CalledEnded(world.visit("call")))
    assert world.names == ["after", "aside"]


def test_called_instance_is_cancelled_with_the_caller() -> None:
    world = calling()
    visit = world.visit("call")
    world.do(events.Terminate())
    assert world.made(effects.CancelInstance) == [effects.CancelInstance(visit)]


def test_error_nobody_catches_is_an_incident_and_a_retry_calls_again() -> None:
    world = calling()
    world.do(events.CalledEnded(world.visit("call"), outcome="error", error_code="E9"))
    assert world.state.status == "incident"
    world.do(events.RetryIncident())
    assert list(world.calls) == [world.visit("call")]
