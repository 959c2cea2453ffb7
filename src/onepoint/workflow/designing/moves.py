"""Reads for moving running instances to another version: who runs there, where each step could go, what became of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.utils.translation import get_language

from onepoint.workflow.definitions import compiled
from onepoint.workflow.engine import Node, Process
from onepoint.workflow.models import (
    InstanceMove,
    MovedInstance,
    ProcessDefinition,
    ProcessInstance,
    ProcessVersion,
    UserTask,
)
from onepoint.workflow.states import LIVE_TASK

#: Instances one dry run looks at; more are moved in several orders.
MOST_AT_ONCE = 500


@dataclass(frozen=True)
class Place:
    """A step of the old version where instances wait now, with where they would go."""

    node_id: str
    name: str
    count: int
    target: str
    choices: list[tuple[str, str]]


def _name(node: Node) -> str:
    english = node.extension.attribute("op:nameEn") if (get_language() or "").startswith("en") else None
    return english or node.name or node.id


def _waits(node: Node) -> bool:
    """Whether an instance can be found waiting at such a node, or inside it."""
    passing = ("start_event", "end_event", "exclusive_gateway", "task", "manual_task", "script_task")
    return node.kind not in passing and node.kind != "intermediate_throw_event"


def waiting_counts(version: ProcessVersion) -> dict[str, int]:
    """How many people's steps wait at each node of a version's running instances."""
    live = UserTask.objects.filter(instance__version=version, instance__ended_at=None, status__in=LIVE_TASK)
    rows = live.order_by().values_list("node_id").annotate(count=Count("instance", distinct=True))
    return dict(rows)


def places(source: ProcessVersion, target: ProcessVersion, nodes: Mapping[str, str]) -> list[Place]:
    """The mapping as one chooses it: every node something may wait at, with the like ones of the new version."""
    old, new = compiled(source.pk).process, compiled(target.pk).process
    counts = waiting_counts(source)
    shown = [
        Place(node.id, _name(node), counts.get(node.id, 0), nodes.get(node.id, ""), _like(node, new))
        for node in old.nodes.values()
        if _waits(node)
    ]
    return sorted(shown, key=lambda place: -place.count)


def _like(node: Node, new: Process) -> list[tuple[str, str]]:
    same = (other for other in new.nodes.values() if (other.kind, other.event.kind) == (node.kind, node.event.kind))
    return [(other.id, _name(other)) for other in same]


def chosen_instances(version: ProcessVersion, step: str, text: str) -> QuerySet[ProcessInstance]:
    """Running instances of a version, waiting at a step or with a number that begins like that, oldest first."""
    rows = ProcessInstance.objects.filter(version=version, ended_at=None).defer("marking", "variables").order_by("pk")
    if text:
        rows = rows.filter(subject_number__istartswith=text)
    if step:
        at = UserTask.objects.filter(node_id=step, status__in=LIVE_TASK, instance__version=version)
        rows = rows.filter(pk__in=at.values("instance_id"))
    return rows


def find_move(definition: ProcessDefinition, pk: int) -> InstanceMove | None:
    moves = InstanceMove.objects.filter(definition=definition, pk=pk)
    return moves.select_related("source", "target", "ordered_by").first()


def moves_of(definition: ProcessDefinition) -> list[InstanceMove]:
    """The latest orders to move instances of a process."""
    return list(definition.moves.select_related("source", "target", "ordered_by")[:10])


def move_figures(move: InstanceMove) -> dict[str, int]:
    """How many instances of an order are waiting, moved and refused."""
    statuses = ("waiting", "moved", "refused")
    found: dict[str, int] = MovedInstance.objects.filter(move=move).aggregate(
        **{status: Count("pk", filter=Q(status=status)) for status in statuses}
    )
    return found


def moved_rows(move: InstanceMove) -> QuerySet[MovedInstance]:
    return MovedInstance.objects.filter(move=move).select_related("instance").order_by("pk")


def ids_sent(values: Iterable[str]) -> list[int]:
    """Numbers out of a form, without what is none."""
    return [int(value) for value in values if value.isascii() and value.isdigit() and len(value) < 19][:MOST_AT_ONCE]
