"""The recorded past of an instance in the engine's own terms; read only by the actions that go back."""

from functools import cached_property
from typing import Any

from onepoint.core.compiled import Compiled
from onepoint.workflow.definitions import compiled
from onepoint.workflow.engine.history import History, ScopeRecord, VisitRecord
from onepoint.workflow.models import ProcessInstance, UserTask, Visit
from onepoint.workflow.models import ScopeRecord as ScopeRow

_VISITS = Compiled(
    "visits_of_instance", lambda instance_id: Visit.objects.filter(instance_id=instance_id).order_by("seq")
)
_SCOPES = Compiled(
    "scopes_of_instance", lambda instance_id: ScopeRow.objects.filter(instance_id=instance_id).order_by("number")
)
_MOVES = Compiled("moves_of_instance", lambda pk: ProcessInstance.objects.filter(pk=pk).only("moves"))


def load_past(
    instance_id: int, moves: list[tuple[int, dict[str, str]]] | None = None
) -> tuple[tuple[VisitRecord, ...], tuple[ScopeRecord, ...]]:
    """Every visit and scope of an instance: three queries, two where its moves to other versions are known already.

    Nodes are called as in the version it runs on now.
    """
    if moves is None:
        instance = _MOVES.first(instance_id)
        if instance is None:
            raise ProcessInstance.DoesNotExist
        moves = instance.moves
    visits = tuple(
        VisitRecord(
            row.seq, present_name(row.node_id, row.seq, moves), row.scope, row.nth, tuple(row.parents),
            tuple((producer, flow) for producer, flow in row.consumed), row.locals, row.replaces, row.actor_id,
            row.outcome or None, row.undone,
        )
        for row in _VISITS.rows(instance_id)
    )  # fmt: skip
    scopes = tuple(
        ScopeRecord(
            row.number, row.kind, row.node_id or None, row.parent, row.visit_seq, row.index, row.locals,
            None if row.items is None else tuple(row.items), row.replaces, row.outcome or None,
        )
        for row in _SCOPES.rows(instance_id)
    )  # fmt: skip
    return visits, scopes


def present_name(node_id: str, seq: int, moves: list[tuple[int, dict[str, str]]]) -> str:
    """What a node a visit was made at is called since the instance moved to other versions of its process.

    A node the newer version does not have keeps its name with a mark, so that it is not taken for another one.
    """
    for first_visit, names in moves:
        if seq < first_visit and node_id in names:
            node_id = names[node_id] or f"{node_id} (gone)"
    return node_id


def history_of(instance_id: int, version_id: int) -> History:
    return History(compiled(version_id).process, *load_past(instance_id))


class Past:
    """What a page reads of the past of one instance: each part once, however many of its pieces ask."""

    def __init__(self, instance: ProcessInstance) -> None:
        self.instance = instance

    @cached_property
    def history(self) -> History:
        process = compiled(self.instance.version_id).process
        return History(process, *load_past(self.instance.pk, self.instance.moves))

    @cached_property
    def tasks(self) -> list[UserTask]:
        """Every task of the instance, oldest first, with people and units."""
        rows = UserTask.objects.filter(instance=self.instance).select_related("assignee", "completed_by", "unit")
        tasks = list(rows.order_by("pk"))
        for task in tasks:
            task.instance = self.instance
        return tasks


def share_past(tasks: list[UserTask], instance: ProcessInstance) -> None:
    """Let all that is asked about these tasks on one page, and about the instance, read its past once."""
    instance.past = Past(instance)  # type: ignore[attr-defined]
    for task in tasks:
        if task.instance_id == instance.pk:
            task.instance = instance


def shared_past(instance: Any) -> Past | None:
    """What ``share_past`` laid beside an instance."""
    past: Past | None = getattr(instance, "past", None)
    return past
