"""Processes that start by themselves: at a time, by a message or by a signal."""

from collections.abc import Iterator, Mapping
from typing import Any

from onepoint.core import clock
from onepoint.workflow import kernel
from onepoint.workflow.definitions import compile_version
from onepoint.workflow.engine import Node
from onepoint.workflow.kernel import NewInstance, Notes
from onepoint.workflow.models import ProcessVersion, Subscription, Timer
from onepoint.workflow.moments import Place, first_due, timer_text
from onepoint.workflow.news import InstanceNews
from onepoint.workflow.states import TimerStatus

NOWHERE = Place(None, None)
#: Such instances are about nothing but themselves.
SUBJECT = "process"


def listen_for_starts(version: ProcessVersion) -> None:
    """Let the start events of a version that comes into force wait, and those of its predecessors no longer."""
    earlier = {"version__definition_id": version.definition_id}
    Timer.objects.filter(status=TimerStatus.WAITING, **earlier).update(status=TimerStatus.CANCELLED)
    Subscription.objects.filter(closed_at=None, **earlier).update(closed_at=clock.now())
    for node in _waiting_starts(version):
        if node.event.kind == "timer":
            _wait_for_time(version, node)
        else:
            name = node.event.name_formula.evaluate({}) if node.event.name_formula else node.event.name
            Subscription.objects.create(
                version=version, node_id=node.id, kind=node.event.kind, name=str(name or "")[:120],
                created_at=clock.now(),
            )  # fmt: skip


def _waiting_starts(version: ProcessVersion) -> Iterator[Node]:
    for node in compile_version(version).process.nodes.values():
        if node.kind == "start_event" and node.parent is None and node.event.kind in ("timer", "message", "signal"):
            yield node


def _wait_for_time(version: ProcessVersion, node: Node) -> None:
    event = node.event
    value = event.value_formula.evaluate({}) if event.value_formula else event.value
    kind, calendar = event.timer or "duration", event.extension.attribute("op:calendar") or ""
    now = clock.now()
    due = first_due(kind, value, calendar, now, NOWHERE)
    if due.at < now:  # a day that is over does not start anything, however often the process is published
        return
    Timer.objects.create(
        version=version, node_id=node.id, kind=kind, value=timer_text(value)[:200], calendar=calendar[:40],
        rounds=due.rounds, due_at=due.at, created_at=now,
    )  # fmt: skip


def start_by_event(
    version_id: int, node_id: str, variables: Mapping[str, Any], *, notes: Notes, key: str = ""
) -> InstanceNews:
    """Start an instance because its start event has happened; it is its own subject."""
    definition = ProcessVersion.objects.select_related("definition").get(pk=version_id).definition
    new = NewInstance(
        version_id=version_id, subject_type=SUBJECT, subject_id=definition.pk, subject_number=definition.key[:40],
        region_id=None, unit_id=None, region_path="", unit_path="",
    )  # fmt: skip
    return kernel.begin(new, variables, by=None, key=key, notes=notes, node_id=node_id).instance
