"""A running complaint, and small drawings made on the spot."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from cast import Cast
from onepoint.accounts.models import User
from onepoint.workflow import kernel, queries, services, signals
from onepoint.workflow.models import ProcessInstance, ProcessVersion, UserTask
from onepoint.workflow.verification import find_faults

DELIVERED = Path(kernel.__file__).parent / "delivered"
_subjects = count(1)


def publish(bpmn: str | bytes) -> ProcessVersion:
    """Deploy a drawing and publish it, as the system."""
    return services.publish_version(services.deploy_version(bpmn, by=None), by=None)


def fresh_user(user: User) -> User:
    """The same person without what the last request remembered."""
    return User.objects.get(pk=user.pk)


def drawing(body: str, key: str = "small") -> str:
    """A BPMN file around the elements of one process; no diagram is needed to run."""
    return f"""<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
      xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:op="urn:onepoint:bpmn" targetNamespace="t">
      <bpmn:process id="{key}" name="小流程" op:nameEn="Small" isExecutable="true">{body}</bpmn:process>
    </bpmn:definitions>"""


def user_task(node_id: str, assignment: str = '<op:assignment rule="initiator"/>', more: str = "") -> str:
    inside = f"<bpmn:extensionElements>{assignment}{more}</bpmn:extensionElements>"
    return f'<bpmn:userTask id="{node_id}" name="{node_id}">{inside}</bpmn:userTask>'


def chain(*node_ids: str) -> str:
    """Sequence flows through the nodes in order."""
    pairs = zip(node_ids, node_ids[1:], strict=False)
    return "".join(f'<bpmn:sequenceFlow id="{a}-{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in pairs)


def check_instance(instance_id: int) -> None:
    """Every rule that must hold after every command: one live task per waiting user task, none in an ended instance."""
    assert find_faults(ProcessInstance.objects.get(pk=instance_id)) == []


@dataclass
class Running:
    """One instance seen from outside, with short words for what people do in it."""

    id: int

    @property
    def row(self) -> ProcessInstance:
        return ProcessInstance.objects.get(pk=self.id)

    def tasks(self, node: str = "") -> list[UserTask]:
        live = UserTask.objects.live().filter(instance_id=self.id).select_related("instance", "assignee").order_by("pk")
        return list(live.filter(node_id=node) if node else live)

    def task(self, node: str = "") -> UserTask:
        (only,) = self.tasks(node)
        return only

    def nodes(self) -> list[str]:
        return sorted(task.node_id for task in self.tasks())

    def do(
        self, node: str, by: User | None, outcome: str, opinion: str = "意见", **inputs: Any
    ) -> kernel.CommandResult:
        result = services.complete_task(self.task(node), outcome=outcome, inputs=inputs, opinion=opinion, by=by)
        check_instance(self.id)
        return result


def start(key: str, by: User | None, **more: Any) -> Running:
    subject = next(_subjects)
    news = services.start_process(
        key, subject_type="thing", subject_id=subject, subject_number=f"T{subject}", by=by, **more
    )
    check_instance(news.id)
    return Running(news.id)


@pytest.fixture
def complaint_version(db: None) -> ProcessVersion:
    return publish((DELIVERED / "complaint.bpmn").read_bytes())


@pytest.fixture
def complaint(cast: Cast, complaint_version: ProcessVersion) -> Running:
    """A complaint the agent of East has just registered; it waits for the coordinator."""
    return start("complaint", cast.agent, region=cast.east, unit=cast.call_centre)


def sees(user: User, running: Running) -> list[str]:
    """The steps of an instance in a person's to-do."""
    todo = queries.open_tasks_for(fresh_user(user)).filter(instance_id=running.id)
    return sorted(todo.values_list("node_id", flat=True))


@contextmanager
def heard(*names: str) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """Collects announcements; used beside the real receivers."""
    told: list[tuple[str, dict[str, Any]]] = []
    listeners: list[tuple[Any, Callable[..., None]]] = []
    for name in names:

        def listen(sender: Any, _name: str = name, **facts: Any) -> None:
            told.append((_name, facts))

        signal = getattr(signals, name)
        signal.connect(listen, weak=False)
        listeners.append((signal, listen))
    try:
        yield told
    finally:
        for signal, listener in listeners:
            signal.disconnect(listener)
