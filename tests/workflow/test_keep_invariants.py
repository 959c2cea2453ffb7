"""Random drawings and random people: no token is stranded, no task lost or doubled, and the state does not grow."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cast import Cast
from onepoint.core.errors import BusinessError
from onepoint.workflow import queries, services
from onepoint.workflow.models import UserTask
from workflow.conftest import Running, check_instance, drawing, publish, start, user_task

CHOICES = (
    '<op:outcome id="yes" name="是" opinion="none"/><op:outcome id="no" name="否" opinion="none"/>'
    "<op:actions>send_back recall reassign release</op:actions>"
)
_numbers = count(1)

#: A process as a tree of blocks; every tree is a sound drawing.
blocks = st.recursive(
    st.just(("task",)),
    lambda inner: st.one_of(
        st.tuples(st.just("then"), inner, inner),
        st.tuples(st.just("either"), inner, inner),
        st.tuples(st.just("both"), inner, inner),
        st.tuples(st.just("some"), inner, inner),
        st.tuples(st.just("again"), inner),
        st.tuples(st.just("inside"), inner),
        st.tuples(st.just("each"), inner),
    ),
    max_leaves=6,
)


@dataclass
class Sketch:
    """Writes the elements of a tree of blocks; flows go straight into the scope they belong to."""

    ids: Any = field(default_factory=lambda: count(1))

    def name(self, letter: str) -> str:
        return f"{letter}{next(self.ids)}"

    def flow(self, source: str, target: str, condition: str = "") -> str:
        flow_id = self.name("f")
        inside = (
            f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{condition}</bpmn:conditionExpression>'
            if condition
            else ""
        )
        return (
            f'<bpmn:sequenceFlow id="{flow_id}" sourceRef="{source}" targetRef="{target}">{inside}</bpmn:sequenceFlow>'
        )

    def scope(self, block: Any) -> str:
        first, last, xml = self.draw(block)
        start_id, end_id = self.name("s"), self.name("e")
        return (
            f'<bpmn:startEvent id="{start_id}"/><bpmn:endEvent id="{end_id}"/>{xml}'
            + self.flow(start_id, first)
            + self.flow(last, end_id)
        )

    def draw(self, block: Any) -> tuple[str, str, str]:
        """Entry node, exit node and XML of a block."""
        kind, *parts = block
        return getattr(self, f"_{kind}")(*parts)

    def _task(self) -> tuple[str, str, str]:
        node = self.name("t")
        return node, node, user_task(node, more=CHOICES)

    def _then(self, one: Any, two: Any) -> tuple[str, str, str]:
        first, middle, xml_one = self.draw(one)
        onward, last, xml_two = self.draw(two)
        return first, last, xml_one + xml_two + self.flow(middle, onward)

    def _split(self, kind: str, one: Any, two: Any, condition: str) -> tuple[str, str, str]:
        split, join = self.name("g"), self.name("j")
        first, last, xml_one = self.draw(one)
        other, final, xml_two = self.draw(two)
        to_other = self.name("f")
        default = f' default="{to_other}"' if condition else ""
        xml = f'<bpmn:{kind} id="{split}"{default}/><bpmn:{kind} id="{join}"/>' + xml_one + xml_two
        xml += self.flow(split, first, condition) + self.flow(last, join) + self.flow(final, join)
        return split, join, xml + f'<bpmn:sequenceFlow id="{to_other}" sourceRef="{split}" targetRef="{other}"/>'

    def _either(self, one: Any, two: Any) -> tuple[str, str, str]:
        return self._split("exclusiveGateway", one, two, 'outcome = "yes"')

    def _some(self, one: Any, two: Any) -> tuple[str, str, str]:
        return self._split("inclusiveGateway", one, two, 'outcome = "yes"')

    def _both(self, one: Any, two: Any) -> tuple[str, str, str]:
        return self._split("parallelGateway", one, two, "")

    def _again(self, inner: Any) -> tuple[str, str, str]:
        merge, check, out = self.name("m"), self.name("g"), self.name("x")
        first, last, xml = self.draw(inner)
        onward = self.name("f")
        xml += f'<bpmn:exclusiveGateway id="{merge}"/><bpmn:exclusiveGateway id="{check}" default="{onward}"/>'
        xml += f'<bpmn:task id="{out}"/><bpmn:sequenceFlow id="{onward}" sourceRef="{check}" targetRef="{out}"/>'
        xml += self.flow(merge, first) + self.flow(last, check) + self.flow(check, merge, 'outcome = "no"')
        return merge, out, xml

    def _inside(self, inner: Any, multiple: str = "") -> tuple[str, str, str]:
        node = self.name("p")
        return node, node, f'<bpmn:subProcess id="{node}">{multiple}{self.scope(inner)}</bpmn:subProcess>'

    def _each(self, inner: Any) -> tuple[str, str, str]:
        return self._inside(
            inner, '<bpmn:multiInstanceLoopCharacteristics op:collection="[1, 2]" op:elementVariable="item"/>'
        )


def act(running: Running, cast: Cast, data: st.DataObject) -> None:
    """One random action of a random person at a random place; a refusal must change nothing."""
    tasks = running.tasks()
    task = data.draw(st.sampled_from(tasks), label="task")
    action = data.draw(
        st.sampled_from(["complete"] * 4 + ["send_back", "recall", "reassign", "release"]), label="action"
    )
    by = task.assignee or cast.agent
    try:
        if action == "complete":
            services.complete_task(task, outcome=data.draw(st.sampled_from(["yes", "no"])), by=by)
        elif action == "send_back":
            targets = queries.return_targets(task)
            if targets:
                target = data.draw(st.sampled_from(targets), label="target")
                resume = data.draw(st.sampled_from(["flow", "straight"]))
                services.send_back_task(task, to_visit=target.visit_seq, resume=resume, opinion="x", by=by)
        elif action == "recall":
            done = UserTask.objects.filter(instance_id=running.id, status="completed").order_by("-pk").first()
            if done:
                services.recall_task(done, by=done.completed_by)
        elif action == "reassign":
            services.reassign_task(
                task, to=data.draw(st.sampled_from([cast.agent, cast.second_agent])), reason="x", by=by
            )
        else:
            services.release_task(task, by=by)
    except BusinessError:
        assert {task.pk for task in running.tasks()} == {task.pk for task in tasks}


@settings(
    max_examples=60, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
@given(tree=blocks, data=st.data())
def test_no_random_action_strands_a_token_or_loses_or_doubles_a_task(
    cast: Cast, tree: Any, data: st.DataObject
) -> None:
    key = f"random-{next(_numbers)}"
    publish(drawing(Sketch().scope(tree), key=key))
    running = start(key, cast.agent, region=cast.east)
    for _action in range(data.draw(st.integers(0, 12), label="actions")):
        if not running.tasks():
            break
        act(running, cast, data)
        check_instance(running.id)
    for _step in range(200):
        if not (tasks := running.tasks()):
            break
        services.complete_task(tasks[0], outcome="yes", by=tasks[0].assignee)
        check_instance(running.id)
    assert running.row.status == "completed"


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_the_delivered_complaint_survives_whatever_people_do(
    cast: Cast, complaint_version: Any, data: st.DataObject
) -> None:
    running = start("complaint", cast.agent, region=cast.east, unit=cast.call_centre)
    for _action in range(25):
        if not (tasks := running.tasks()):
            break
        task = data.draw(st.sampled_from(tasks))
        outcome = data.draw(st.sampled_from(queries.step_of(task).outcomes))
        department = data.draw(st.sampled_from([cast.network.pk, cast.billing.pk]))
        inputs = {
            "departments": [cast.network.pk, cast.billing.pk] if outcome.id == "departments_at_once" else [department],
            "department": department,
            "answer_by": cast.second_agent.pk,
            "handler": None,
        }
        if outcome.id == "assign_handler":
            inputs["handler"] = (cast.handler if task.unit_id == cast.network.pk else cast.billing_handler).pk
        targets = queries.return_targets(task)
        try:
            if targets and data.draw(st.integers(0, 3)) == 0:
                target = data.draw(st.sampled_from(targets))
                services.send_back_task(task, to_visit=target.visit_seq, opinion="x", by=None)
            else:
                services.complete_task(task, outcome=outcome.id, inputs=inputs, opinion="x", by=None)
        except BusinessError:
            assert {row.pk for row in running.tasks()} == {row.pk for row in tasks}
        check_instance(running.id)
        assert running.row.status != "incident"


def stored_bytes(instance_id: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_column_size(marking) + pg_column_size(variables) FROM workflow_processinstance WHERE id = %s",
            [instance_id],
        )
        return int(cursor.fetchone()[0])


@pytest.mark.slow
def test_the_stored_state_after_500_rounds_is_as_large_as_after_5(cast: Cast, complaint: Running) -> None:
    sizes = {}
    for number in range(1, 501):
        services.complete_task(
            complaint.task(), outcome="send_back_for_correction", opinion="缺电话", by=cast.coordinator
        )
        services.complete_task(complaint.task(), outcome="corrected", by=cast.agent)
        sizes[number] = stored_bytes(complaint.id)
    check_instance(complaint.id)
    assert complaint.row.visits.filter(node_id="coordinate").count() == 501
    # Only the digits of counters may grow.
    assert sizes[500] <= sizes[5] + 32
