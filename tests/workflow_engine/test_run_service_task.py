import pytest

from onepoint.workflow.engine import effects, events
from workflow_engine import drawing as d
from workflow_engine.world import World

CAUGHT = d.drawn(
    d.start(), d.element("serviceTask", "call"), d.user("a", "mend"), d.path("start", "call", "a"),
    d.boundary("failed", "call", d.event("error", "err1")), d.path("failed", "mend"),
)  # fmt: skip


@pytest.mark.parametrize("kind", ["serviceTask", "businessRuleTask", "sendTask"])
def test_service_is_called_with_the_variables_and_its_answer_is_kept(kind: str) -> None:
    process = d.drawn(d.start(), d.element(kind, "call"), d.user("a"), d.path("start", "call", "a"))
    world = World(process, number=5).start()
    (call,) = world.services.values()
    assert call.variables == {"number": 5}
    world.serve("call", found=True)
    assert world.state.variables == {"number": 5, "found": True}
    assert world.names == ["a"]


def test_failure_is_an_incident_and_a_retry_calls_again() -> None:
    world = World(CAUGHT).start()
    visit = world.visit("call")
    world.do(events.ServiceFailed(visit, "no connection"))
    (incident,) = world.state.incidents.values()
    assert (incident.code, incident.message) == ("service_failed", "no connection")
    world.do(events.RetryIncident())
    assert list(world.services) == [visit]
    world.serve("call")
    assert world.names == ["a"]


def test_failure_with_a_code_goes_to_the_boundary_event() -> None:
    world = World(CAUGHT).start()
    world.do(events.ServiceFailed(world.visit("call"), "refused", "E1"))
    assert world.names == ["mend"]


def test_failure_with_a_code_nobody_catches_is_an_incident() -> None:
    world = World(CAUGHT).start()
    world.do(events.ServiceFailed(world.visit("call"), "refused", "E9"))
    (incident,) = world.state.incidents.values()
    assert incident.code == "uncaught_error"
    assert world.state.status == "incident"


def test_answer_that_comes_too_late_is_refused() -> None:
    world = World(CAUGHT).start()
    visit = world.visit("call")
    world.serve("call")
    assert world.refused(events.ServiceDone(visit)) == "visit_not_alive"


def test_call_under_way_is_cancelled_with_its_scope() -> None:
    world = World(CAUGHT).start()
    world.do(events.Terminate())
    assert [effect.visit for effect in world.made(effects.CancelService)] == [world.visit("call")]


def test_send_task_with_a_message_throws_it_and_goes_on() -> None:
    process = d.drawn(
        d.start(), d.element("sendTask", "tell", messageRef="msg1"), d.user("a"), d.path("start", "tell", "a")
    )
    world = World(process).start()
    assert [thrown.name for thrown in world.thrown] == ["message 1"]
    assert world.names == ["a"]


def test_manual_and_untyped_tasks_pass() -> None:
    process = d.drawn(
        d.start(), d.element("manualTask", "m"), d.element("task", "t"), d.user("a"), d.path("start", "m", "t", "a")
    )
    assert World(process).start().names == ["a"]
