from onepoint.workflow.engine import events
from workflow_engine import drawing as d
from workflow_engine.world import World


def handler(*definition: str, interrupting: bool = True, inside: str = "") -> str:
    begin = d.start("h-start", *definition, isInterrupting=str(interrupting).lower())
    return d.sub("h", begin, inside or d.user("handle"), d.path("h-start", "handle"), triggeredByEvent="true")


def test_interrupting_one_replaces_what_its_scope_did() -> None:
    world = World(d.drawn(d.start(), d.user("a"), d.path("start", "a"), handler(d.event("message", "msg1")))).start()
    world.message("h-start", reason="storm")
    assert world.names == ["handle"]
    assert world.subscriptions == {}
    world.complete("handle")
    assert world.state.status == "completed"
    assert world.state.variables["reason"] == "storm"


def test_non_interrupting_one_runs_beside_as_often_as_it_happens() -> None:
    process = d.drawn(
        d.start(), d.user("a"), d.path("start", "a"), handler(d.event("signal", "sig1"), interrupting=False)
    )
    world = World(process).start()
    world.signal("h-start")
    world.signal("h-start")
    assert world.names == ["a", "handle", "handle"]
    world.complete("a")
    assert world.state.status == "active"
    world.complete("handle")
    world.complete("handle")
    assert world.state.status == "completed"
    assert world.subscriptions == {}


def test_it_listens_only_while_its_scope_is_open() -> None:
    inside = d.user("x") + handler(d.timer(), interrupting=False)
    world = World(d.drawn(d.start(), d.sub("s", inside), d.user("after"), d.path("start", "s", "after"))).start()
    assert [key[1] for key in world.timers] == ["h-start"]
    world.complete("x")
    assert world.timers == {}
    assert world.names == ["after"]


def test_interrupted_sub_process_goes_on_when_its_handler_is_done() -> None:
    inside = d.user("x") + handler(d.timer())
    world = World(d.drawn(d.start(), d.sub("s", inside), d.user("after"), d.path("start", "s", "after"))).start()
    world.fire("h-start")
    assert world.names == ["handle"]
    world.complete("handle")
    assert world.names == ["after"]


def test_each_multi_instance_child_has_its_own() -> None:
    inside = d.user("x") + handler(d.event("message", "msg1"))
    process = d.drawn(d.start(), d.sub("s", d.many("[1, 2]"), inside), d.path("start", "s"))
    world = World(process).start()
    assert len(world.subscriptions) == 2
    world.do(events.MessageArrived(*min(world.subscriptions)))
    assert world.names == ["handle", "x"]


def test_conditional_one_starts_when_the_condition_becomes_true() -> None:
    condition = "<conditionalEventDefinition><condition>amount > 100</condition></conditionalEventDefinition>"
    world = World(d.drawn(d.start(), d.user("a"), d.path("start", "a"), handler(condition, interrupting=False))).start()
    world.do(events.SetVariables({"amount": 200}))
    assert world.names == ["a", "handle"]
