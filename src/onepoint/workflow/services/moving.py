"""Running instances to another version of their process: tried out first, then moved one by one by the worker.

For the designer's screen: ``queries.guess_nodes`` proposes the mapping, ``plan_migration`` says per instance whether it can move,
``migrate_instances`` orders the move; its progress stands in ``InstanceMove.instances``.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core import audit, clock, jobs
from onepoint.core.errors import BusinessError, require
from onepoint.workflow import kernel, limits, policies
from onepoint.workflow.definitions import compiled
from onepoint.workflow.engine import Migration, NotPossible, Process, State, migrate
from onepoint.workflow.engine import plan_migration as plan_in_engine
from onepoint.workflow.engine.migration import why_not_migrate
from onepoint.workflow.errors import MoveRefused, NotPossibleHere
from onepoint.workflow.kernel import Loaded, Notes
from onepoint.workflow.models import Incident, InstanceMove, MovedInstance, ProcessInstance, ProcessVersion
from onepoint.workflow.states import LIVE_INSTANCE, MoveStatus

#: Instances moved by one job, which then lets others work before it goes on.
AT_ONCE = 50


@dataclass(frozen=True)
class Tried:
    """One instance of a dry run; without ``problems`` it can be moved."""

    instance: ProcessInstance
    problems: tuple[str, ...]


@dataclass(frozen=True)
class MigrationPlan:
    """A dry run: ``problems`` are wrong for every instance, ``instances`` says which can be moved.

    ``nodes`` is the whole mapping, old node id → new one, with what equal ids add to what was said.
    """

    source: ProcessVersion
    target: ProcessVersion
    nodes: Mapping[str, str]
    problems: tuple[str, ...]
    instances: tuple[Tried, ...]

    @property
    def movable(self) -> list[ProcessInstance]:
        return [tried.instance for tried in self.instances if not tried.problems]


def plan_migration(
    source: ProcessVersion,
    target: ProcessVersion,
    *,
    nodes: Mapping[str, str] | None = None,
    instances: Iterable[int] | None = None,
    by: User | None,
) -> MigrationPlan:
    """A dry run over running instances of ``source`` (all, or those with the given ids); nothing is written.

    ``nodes`` maps old node ids to new ones; equal ids need not be said. Raises NotPermitted.
    """
    require(policies.why_not_manage(by))
    plan = _plan(source, target, nodes)
    rows = _running(source, instances).defer("version__bpmn").order_by("pk")
    tried = tuple(Tried(row, tuple(_why_not(plan, row))) for row in rows.iterator(chunk_size=500))
    return MigrationPlan(source, target, dict(plan.nodes), tuple(_in_words(plan, plan.problems)), tried)


def _plan(source: ProcessVersion, target: ProcessVersion, nodes: Mapping[str, str] | None) -> Migration:
    if source.definition_id != target.definition_id or source.pk == target.pk:
        raise MoveRefused({"target": _("Choose another version of the same process.")})
    if target.is_draft:
        raise MoveRefused({"target": _("This version has never been published.")})
    return plan_in_engine(compiled(source.pk).process, compiled(target.pk).process, nodes)


def _running(source: ProcessVersion, instances: Iterable[int] | None) -> Any:
    rows = ProcessInstance.objects.filter(version=source, ended_at=None)
    return rows if instances is None else rows.filter(pk__in=list(instances))


def _why_not(plan: Migration, row: ProcessInstance) -> list[str]:
    if plan.problems:
        return _in_words(plan, plan.problems)
    return _in_words(plan, why_not_migrate(plan, State.from_json({**row.marking, "v": row.variables})))


def _in_words(plan: Migration, problems: Iterable[str]) -> list[str]:
    """The engine's reasons with the names of steps instead of their ids."""
    return [_named(plan.old, plan.new, problem) for problem in dict.fromkeys(problems)]


def _named(old: Process, new: Process, problem: str) -> str:
    place, colon, reason = problem.partition(": ")
    names = [
        next((p.nodes[part].name for p in (old, new) if part in p.nodes and p.nodes[part].name), part)
        for part in place.split(" → ")
    ]
    sentence = _REASONS.get(reason, reason)
    return f"{' → '.join(names)}{colon}{sentence}" if colon else problem


_REASONS: dict[str, Any] = {}


# -- moving -------------------------------------------------------------------------------------------------------


@transaction.atomic
def migrate_instances(
    source: ProcessVersion,
    target: ProcessVersion,
    *,
    nodes: Mapping[str, str] | None = None,
    instances: Iterable[int],
    by: User | None,
) -> InstanceMove:
    """Order the worker to move instances; each moves as a whole or not at all, with the reason in its row.

    Raises NotPermitted, MoveRefused with everything wrong about the mapping itself.
    """
    require(policies.why_not_manage(by))
    plan = _plan(source, target, nodes)
    if plan.problems:
        words = _in_words(plan, plan.problems)
        raise MoveRefused({str(number): problem for number, problem in enumerate(words, 1)})
    move = InstanceMove.objects.create(
        definition_id=source.definition_id, source=source, target=target, nodes=dict(nodes or {}),
        ordered_at=clock.now(), ordered_by=by,
    )  # fmt: skip
    chosen = _running(source, instances).order_by("pk").values_list("pk", flat=True)
    MovedInstance.objects.bulk_create([MovedInstance(move=move, instance_id=pk) for pk in chosen], batch_size=1000)
    audit.record(
        "process.move_ordered", by=by, subject_type="process", subject_id=source.definition_id,
        source=source.number, target=target.number, move=move.pk,
    )  # fmt: skip
    jobs.defer("workflow.move_instances", move=move.pk)
    return move


def move_instances(move_id: int, *, by: User | None = None) -> int:
    """The worker's side: move the next instances of an order, and defer the rest. Harmless when repeated."""
    move = InstanceMove.objects.select_related("source", "target", "ordered_by").get(pk=move_id)
    waiting = MovedInstance.objects.filter(move=move, status=MoveStatus.WAITING).order_by("pk")
    plan = _plan(move.source, move.target, move.nodes)
    rows = list(waiting[:AT_ONCE])
    for row in rows:
        try:
            _move(plan, row, move)
        except BusinessError as refusal:
            MovedInstance.objects.filter(pk=row.pk).update(status=MoveStatus.REFUSED, problem=str(refusal))
    if waiting.exists():
        jobs.defer("workflow.move_instances", move=move.pk)
    else:
        InstanceMove.objects.filter(pk=move.pk, finished_at=None).update(finished_at=clock.now())
    return len(rows)


@transaction.atomic
def _move(plan: Migration, row: MovedInstance, move: InstanceMove) -> None:
    loaded = kernel.load(instance_id=row.instance_id)
    taken = MovedInstance.objects.select_for_update().filter(pk=row.pk, status=MoveStatus.WAITING)
    if loaded is None or not taken.exists():
        return
    if loaded.version_id != move.source_id or loaded.instance_status not in LIVE_INSTANCE:
        raise NotPossibleHere(reason=_("it no longer runs on that version."))
    state = kernel.state_of(loaded)
    try:
        change = migrate(plan, state)
    except NotPossible as refusal:
        raise NotPossibleHere(
            reason="; ".join(_in_words(plan, why_not_migrate(plan, state)) or [refusal.message])
        ) from refusal
    told = {"source": move.source.number, "target": move.target.number}
    notes = Notes(journal=[("process.moved", told)], also=_renamings(plan, loaded, state))
    target = compiled(move.target_id)
    kernel.rewrite(loaded, target, change, by=move.ordered_by, notes=notes)
    limits.follow_version(loaded.id, target, by=move.ordered_by)
    taken.update(status=MoveStatus.MOVED, problem="")


def _renamings(plan: Migration, loaded: Loaded, state: State) -> dict[str, Any]:
    """How the visits made so far are called under the new version, and open incidents with them."""
    names = {old: plan.nodes.get(old, "") for old in plan.old.nodes if plan.nodes.get(old, "") != old}
    moves = [*json.loads(loaded.moves), [state.next_visit, names]]
    places = Incident.objects.filter(instance_id=loaded.id, resolved_at=None).values_list("node_id", flat=True)
    renamed = [{"old": place, "node_id": names[place]} for place in set(places) if names.get(place)]
    return {"moves": moves, **({"moved_incidents": renamed} if renamed else {})}
