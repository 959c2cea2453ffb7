"""Loops no person has a part in stop as an incident, also those that wait a moment in every round (reliability X11)."""

from datetime import timedelta
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from cast import Cast
from onepoint.core import clock
from onepoint.workflow import kernel, registry, services
from onepoint.workflow.models import Incident, ProcessInstance, ServiceCall, Timer
from workflow.conftest import Running, chain, check_instance, drawing, publish, start
from workflow.test_fire_timer import NOON, timer

STEPS = 30


@pytest.fixture(autouse=True)
def few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "STEP_BUDGET", STEPS)


@pytest.fixture
def calls() -> list[int]:
    told: list[int] = []

    def line_check(instance: Any, variables: dict[str, Any]) -> dict[str, Any]:
        told.append(1)
        return {}

    registry.register_handler("line_check", line_check)
    return told


def stuck(running: Running) -> None:
    assert Incident.objects.get(instance_id=running.id, resolved_at=None).code == "too_many_steps"
    assert running.row.status == "incident"
    check_instance(running.id)


def test_a_loop_with_a_timer_of_no_time_ends_and_so_does_the_tick(cast: Cast) -> None:
    body = f'<bpmn:startEvent id="s"/><bpmn:intermediateCatchEvent id="w">{timer("timeDuration", "PT0S")}</bpmn:intermediateCatchEvent><bpmn:task id="x"/>'
    publish(drawing(body + chain("s", "w", "x") + chain("x", "w")))
    with clock.at(NOON):
        running = start("small", cast.agent)
    with clock.at(NOON + timedelta(seconds=1)):
        for _tick in range(STEPS * 2):
            services.fire_due_timers()
    stuck(running)
    assert Timer.objects.filter(instance=running.id, status="fired").count() <= STEPS
    # Who lets it go on after a while gets as many steps again and no more.
    with clock.at(NOON + timedelta(minutes=5)):
        services.retry_incident(running.row.incidents.get(resolved_at=None), by=cast.admin)
    with clock.at(NOON + timedelta(minutes=5, seconds=1)):
        for _tick in range(STEPS * 2):
            services.fire_due_timers()
    stuck(running)


def test_a_loop_of_service_calls_ends(cast: Cast, calls: list[int]) -> None:
    publish(
        drawing(
            '<bpmn:startEvent id="s"/><bpmn:serviceTask id="a" op:handler="line_check"/>'
            + chain("s", "a")
            + chain("a", "a")
        )
    )
    running = start("small", cast.agent)
    for _round in range(STEPS * 2):
        for call in ServiceCall.objects.filter(instance_id=running.id, status="pending").values_list("pk", flat=True):
            services.run_service_call(call)
    stuck(running)
    assert 10 < len(calls) <= STEPS + 1
    assert ProcrastinateJob.objects.filter(task_name="workflow.run_service_call").count() <= STEPS + 1


def test_a_loop_of_calls_of_what_ends_at_once_ends(cast: Cast) -> None:
    publish(drawing('<bpmn:startEvent id="s"/><bpmn:endEvent id="e"/>' + chain("s", "e"), "inner"))
    call = '<bpmn:startEvent id="s"/><bpmn:callActivity id="c" calledElement="inner"/>'
    publish(drawing(call + chain("s", "c") + chain("c", "c")))
    running = start("small", cast.agent)
    stuck(running)
    assert ProcessInstance.objects.filter(caller=running.id).count() <= STEPS + 1


def test_a_process_that_calls_itself_twice_does_not_fill_the_house(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "MOST_CALLED", 40)
    twice = '<bpmn:startEvent id="s"/><bpmn:callActivity id="b" calledElement="small"/><bpmn:callActivity id="c" calledElement="small"/>'
    publish(drawing(twice + chain("s", "b") + chain("s", "c")))
    start("small", cast.agent)
    assert ProcessInstance.objects.count() <= 41
    assert "40" in Incident.objects.filter(code="call_failed")[0].message


def test_a_slow_loop_may_go_on(cast: Cast) -> None:
    body = f'<bpmn:startEvent id="s"/><bpmn:intermediateCatchEvent id="w">{timer("timeDuration", "PT1M")}</bpmn:intermediateCatchEvent>'
    publish(drawing(body + chain("s", "w") + chain("w", "w")))
    with clock.at(NOON):
        running = start("small", cast.agent)
    for minute in range(1, STEPS * 2):
        with clock.at(NOON + timedelta(minutes=minute, seconds=1)):
            services.fire_due_timers()
    assert running.row.status == "active"
    assert Timer.objects.filter(instance=running.id, status="fired").count() > STEPS
