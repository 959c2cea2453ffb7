"""Service tasks: called once per visit by the worker, retried, then an incident."""

from collections.abc import Iterator
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from cast import Cast
from onepoint.workflow import registry, services
from onepoint.workflow.models import Incident, ServiceCall
from onepoint.workflow.services.calls import HandlerFailed
from workflow.conftest import Running, chain, check_instance, drawing, publish, start, user_task

CHECK = (
    '<bpmn:startEvent id="s"/><bpmn:serviceTask id="check" op:handler="line_check"/>'
    + user_task("a")
    + '<bpmn:endEvent id="e"/>'
    + chain("s", "check", "a", "e")
)


@pytest.fixture
def asked() -> Iterator[list[dict[str, Any]]]:
    """The variables of every call of ``line_check``, which answers that the line is fine."""
    calls: list[dict[str, Any]] = []

    def line_check(instance: Any, variables: dict[str, Any]) -> dict[str, Any]:
        calls.append({**variables, "number": instance.subject_number})
        return {"line": "ok"}

    registry.register_handler("line_check", line_check)
    yield calls
    registry.register_handler("line_check", line_check)


def running_check(cast: Cast) -> tuple[Running, ServiceCall]:
    publish(drawing(CHECK))
    running = start("small", cast.agent, variables={"account": "0571"})
    return running, ServiceCall.objects.get(instance_id=running.id)


def test_the_call_is_deferred_in_the_same_transaction_and_its_answer_moves_the_process_on(
    cast: Cast, asked: list[dict[str, Any]]
) -> None:
    running, call = running_check(cast)
    job = ProcrastinateJob.objects.get(task_name="workflow.run_service_call")
    assert job.args["call"] == call.pk
    assert running.nodes() == []
    services.run_service_call(call.pk)
    check_instance(running.id)
    assert asked == [{"account": "0571", "number": running.row.subject_number}]
    assert (running.nodes(), running.row.variables["line"]) == (["a"], "ok")
    call.refresh_from_db()
    assert (call.status, call.attempts) == ("done", 1)


def test_a_repeated_call_calls_nobody(cast: Cast, asked: list[dict[str, Any]]) -> None:
    running, call = running_check(cast)
    services.run_service_call(call.pk)
    services.run_service_call(call.pk)
    assert len(asked) == 1
    assert running.nodes() == ["a"]


def test_a_failing_handler_is_tried_three_times_and_then_held_for_a_person(cast: Cast) -> None:
    tries = []

    def broken(instance: Any, variables: dict[str, Any]) -> dict[str, Any]:
        tries.append(1)
        raise TimeoutError("no answer")

    registry.register_handler("line_check", broken)
    running, call = running_check(cast)
    for _attempt in range(4):
        services.run_service_call(call.pk)
    assert len(tries) == 3
    later = ProcrastinateJob.objects.filter(task_name="workflow.run_service_call", scheduled_at__isnull=False)
    assert later.count() == 2
    incident = Incident.objects.get(instance_id=running.id)
    assert (incident.code, running.row.status) == ("service_failed", "incident")
    assert "no answer" in incident.message

    registry.register_handler("line_check", lambda instance, variables: {"line": "slow"})
    services.retry_incident(incident, by=cast.admin)
    services.run_service_call(ServiceCall.objects.get(instance_id=running.id).pk)
    check_instance(running.id)
    assert (running.row.status, running.nodes()) == ("active", ["a"])


def test_a_handler_that_kills_its_worker_runs_out_of_attempts(cast: Cast, asked: list[dict[str, Any]]) -> None:
    running, call = running_check(cast)
    ServiceCall.objects.filter(pk=call.pk).update(attempts=3)
    services.run_service_call(call.pk)
    assert asked == []
    assert running.row.status == "incident"


def test_a_missing_handler_is_an_incident_at_once(cast: Cast) -> None:
    registry._handlers.pop("line_check", None)
    running, call = running_check(cast)
    services.run_service_call(call.pk)
    assert "line_check" in Incident.objects.get(instance_id=running.id).message


def test_an_expected_failure_is_not_tried_again(cast: Cast) -> None:
    def refuse(instance: Any, variables: dict[str, Any]) -> dict[str, Any]:
        raise HandlerFailed("unknown number")

    registry.register_handler("line_check", refuse)
    running, call = running_check(cast)
    services.run_service_call(call.pk)
    call.refresh_from_db()
    assert (call.status, call.attempts, running.row.status) == ("failed", 1, "incident")


def test_an_answer_that_comes_after_the_end_changes_nothing(cast: Cast, asked: list[dict[str, Any]]) -> None:
    running, call = running_check(cast)
    services.terminate_process(running.id, reason="不查了", by=None)
    services.run_service_call(call.pk)
    assert asked == []
    call.refresh_from_db()
    assert call.status == "cancelled"
