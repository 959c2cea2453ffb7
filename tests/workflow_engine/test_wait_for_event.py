from onepoint.workflow.engine import effects, events
from workflow_engine import drawing as d
from workflow_engine.world import World


def catching(*definition: str, interrupting: bool = True) -> World:
    process = d.drawn(
        d.start(), d.user("a", "after", "aside"), d.path("start", "a", "after"), d.boundary("b", "a", *definition, interrupting=interrupting),
        d.path("b", "aside"),
    )  # fmt: skip
    return World(process).start()


def waiting(tag: str, *definition: str, **attributes: str) -> World:
    process = d.drawn(d.start(), d.element(tag, "w", *definition, **attributes), d.user("a"), d.path("start", "w", "a"))
    return World(process, n=0)


def test_intermediate_timer() -> None:
    world = waiting("intermediateCatchEvent", d.timer("PT5M")).start()
    (timer,) = world.timers.values()
    assert (timer.kind, timer.value) == ("duration", "PT5M")
    world.fire("w")
    assert world.names == ["a"]


def test_timer_by_expression() -> None:
    world = waiting("intermediateCatchEvent", d.timer("limit", "timeDate"))
    world.variables = {"limit": "2026-11-22T08:00:00Z"}
    (timer,) = world.start().timers.values()
    assert (timer.kind, timer.value) == ("date", "2026-11-22T08:00:00Z")


def test_timer_whose_expression_is_null_is_an_incident_one_can_mend() -> None:
    world = waiting("intermediateCatchEvent", d.timer("limit")).start()
    (incident,) = world.state.incidents.values()
    assert incident.code == "timer_without_value"
    world.do(events.RetryIncident(variables={"limit": "PT1H"}))
    world.fire("w")
    assert world.names == ["a"]


def test_message_by_name_and_key() -> None:
    event = d.event("message", "msg1")
    process = d.drawn(
        d.start(),
        d.element("intermediateCatchEvent", "w", event, op__correlationKey="number"),
        d.user("a"),
        d.path("start", "w", "a"),
    )
    world = World(process, number="TS1").start()
    (subscription,) = world.subscriptions.values()
    assert (subscription.kind, subscription.name, subscription.correlation) == ("message", "message 1", "TS1")
    world.message("w", answer="yes")
    assert world.names == ["a"]
    assert world.state.variables["answer"] == "yes"


def test_receive_task() -> None:
    world = waiting("receiveTask", messageRef="msg1").start()
    world.message("w")
    assert world.names == ["a"]


def test_signal() -> None:
    world = waiting("intermediateCatchEvent", d.event("signal", "sig1")).start()
    world.signal("w")
    assert world.names == ["a"]


def test_event_that_nobody_waits_for_any_more_is_ignored() -> None:
    world = waiting("intermediateCatchEvent", d.timer()).start()
    ((visit, node),) = world.timers
    world.fire("w")
    assert world.do(events.TimerFired(visit, node)).ignored
    world.do(events.Terminate())
    assert world.do(events.TimerFired(visit, node)).ignored


def test_interrupting_boundary_event_takes_the_task_away() -> None:
    world = catching(d.timer())
    world.fire("b")
    assert world.names == ["aside"]
    assert [effect.outcome for effect in world.made(effects.CancelTask)] == ["interrupted"]


def test_non_interrupting_boundary_event_adds_a_token() -> None:
    world = catching(d.timer(), interrupting=False)
    world.fire("b")
    assert world.names == ["a", "aside"]
    assert world.timers == {}


def test_cycle_timer_stays_armed_while_there_is_more() -> None:
    world = catching(d.timer("R3/PT1H", "timeCycle"), interrupting=False)
    world.fire("b", more=True)
    world.fire("b", more=True)
    world.fire("b")
    assert world.names == ["a", "aside", "aside", "aside"]
    assert world.timers == {}


def test_message_on_the_boundary_may_come_again() -> None:
    world = catching(d.event("message", "msg1"), interrupting=False)
    world.message("b")
    world.message("b")
    assert world.names == ["a", "aside", "aside"]


def test_boundary_events_go_with_the_task() -> None:
    world = catching(d.timer())
    world.complete("a")
    assert world.timers == {}
    assert [effect.node_id for effect in world.made(effects.CancelTimer)] == ["b"]


def test_boundary_event_cancels_a_sub_process_with_all_inside() -> None:
    process = d.drawn(
        d.start(), d.sub("s", d.user("x"), d.sub("t", d.user("y"))), d.user("after", "aside"), d.path("start", "s", "after"),
        d.boundary("b", "s", d.event("signal", "sig1")), d.path("b", "aside"),
    )  # fmt: skip
    world = World(process).start()
    world.signal("b")
    assert world.names == ["aside"]


def test_condition_fires_when_it_becomes_true() -> None:
    condition = "<conditionalEventDefinition><condition>n > 3</condition></conditionalEventDefinition>"
    world = waiting("intermediateCatchEvent", condition).start()
    world.do(events.SetVariables({"n": 2}))
    assert world.names == []
    world.do(events.SetVariables({"n": 4}))
    assert world.names == ["a"]


def test_condition_that_is_true_already_does_not_wait() -> None:
    condition = "<conditionalEventDefinition><condition>n = 0</condition></conditionalEventDefinition>"
    assert waiting("intermediateCatchEvent", condition).start().names == ["a"]


def test_non_interrupting_condition_fires_once_each_time_it_becomes_true() -> None:
    condition = "<conditionalEventDefinition><condition>n > 3</condition></conditionalEventDefinition>"
    world = catching(condition, interrupting=False)
    for value in (4, 5, 1, 6):
        world.do(events.SetVariables({"n": value}))
    assert world.names == ["a", "aside", "aside"]


def test_event_based_gateway_takes_the_first_and_forgets_the_others() -> None:
    process = d.drawn(
        d.start(), d.gateway("eventBased", "g").replace("eventBasedGateway", "eventBasedGateway"),
        d.element("intermediateCatchEvent", "t", d.timer()), d.element("intermediateCatchEvent", "m", d.event("message", "msg1")),
        d.user("late", "answered"), d.path("start", "g", "t", "late"), d.path("g", "m", "answered"),
    )  # fmt: skip
    world = World(process).start()
    assert (len(world.timers), len(world.subscriptions)) == (1, 1)
    world.message("m", text="hello")
    assert world.names == ["answered"]
    assert (world.timers, world.subscriptions) == ({}, {})
    assert world.recorder.visits[world.visit("m")].consumed == ((world.visit("g"), "g-m"),)


def test_link_goes_on_at_its_target() -> None:
    link = '<linkEventDefinition name="far"/>'
    process = d.drawn(
        d.start(), d.element("intermediateThrowEvent", "out", link), d.element("intermediateCatchEvent", "in", link), d.user("a"),
        d.path("start", "out"), d.path("in", "a"),
    )  # fmt: skip
    assert World(process).start().names == ["a"]


def test_throwing_message_and_signal_tell_the_outside() -> None:
    process = d.drawn(
        d.start(), d.element("intermediateThrowEvent", "m", d.event("message", "msg1")), d.end("e", d.event("signal", "sig1")),
        d.path("start", "m", "e"),
    )  # fmt: skip
    world = World(process).start()
    assert [(type(thrown).__name__, thrown.name) for thrown in world.thrown] == [
        ("ThrowMessage", "message 1"),
        ("ThrowSignal", "signal 1"),
    ]
    assert world.state.status == "completed"


def test_process_is_started_by_the_event_named() -> None:
    process = d.drawn(
        d.start("by-hand"), d.start("by-message", d.event("message", "msg1")), d.user("a", "b"), d.path("by-hand", "a"),
        d.path("by-message", "b"),
    )  # fmt: skip
    assert World(process).start().names == ["a"]
    assert World(process).start("by-message").names == ["b"]
