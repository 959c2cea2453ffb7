"""Reads of workflow, named by what they return."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.accounts.queries import candidate_keys, delegated_keys
from onepoint.accounts.scope import scope_of
from onepoint.core import clock, stamped
from onepoint.core.compiled import Compiled
from onepoint.core.prepared import Statement
from onepoint.workflow.definitions import compiled
from onepoint.workflow.engine import State, VisitRecord
from onepoint.workflow.engine.graph import Countersign
from onepoint.workflow.models import (
    Incident,
    Opinion,
    ProcessDefinition,
    ProcessInstance,
    ProcessVersion,
    ServiceCall,
    UserTask,
    UserTaskQuerySet,
)
from onepoint.workflow.past import history_of, share_past, shared_past  # noqa: F401 (shown as its own)
from onepoint.workflow.states import Arrival, CallStatus, TaskStatus, VersionStatus
from onepoint.workflow.steps import StepSpec, as_delegated, as_signer


class InProcess(Protocol):
    """A task as rows and locked facts both show it."""

    @property
    def node_id(self) -> Any: ...

    @property
    def visit_seq(self) -> Any: ...

    @property
    def instance(self) -> Any: ...

    @property
    def parent_id(self) -> Any: ...

    @property
    def delegators(self) -> Any: ...


# -- tasks --------------------------------------------------------------------------------------------------------


def open_tasks_for(user: User) -> QuerySet[UserTask]:
    """The to-do of one person: claimed by him, or open to him; in no order yet."""
    return _waiting_for(user).select_related("assignee", "unit")


def _waiting_for(user: User) -> UserTaskQuerySet:
    return UserTask.objects.waiting_for(user.pk, candidate_keys(user), delegated_keys(user))


def counts_by_kind(user: User) -> dict[str, int]:
    """Figures over the to-do, one query: all, pool (to be claimed), mine, returned (sent back to me), late."""
    figures: dict[str, int] = _waiting_for(user).aggregate(
        all=Count("pk"),
        pool=Count("pk", filter=Q(status=TaskStatus.OPEN)),
        mine=Count("pk", filter=Q(status=TaskStatus.CLAIMED)),
        returned=Count("pk", filter=Q(arrival=Arrival.RETURNED)),
        late=Count("pk", filter=Q(due_at__lt=clock.now())),
    )
    return figures


def counts_by_step(user: User) -> list[dict[str, Any]]:
    """How many of the to-do wait at each step: rows with name, name_en, node_id, process_key and count."""
    rows = _waiting_for(user)
    named = rows.values("process_key", "node_id", "name", "name_en")
    return [dict(row) for row in named.annotate(count=Count("pk")).order_by("-count", "node_id")]


def find_task(task_id: int) -> UserTask | None:
    return _TASK.first(task_id)


_TASK = Compiled(
    "task", lambda pk: UserTask.objects.select_related("instance", "assignee", "unit").filter(pk=pk).order_by()
)


def live_tasks_of(subject_type: str, subject_id: int) -> list[UserTask]:
    """The steps a subject waits at now, oldest first: one query, with people, units and instance."""
    return _LIVE_TASKS.rows(subject_type, subject_id)


def _live_tasks(subject_type: str, subject_id: int) -> QuerySet[UserTask]:
    live = UserTask.objects.live().filter(subject_type=subject_type, subject_id=subject_id)
    return live.select_related("instance", "assignee", "unit").order_by("pk")


_LIVE_TASKS = Compiled("live_tasks", _live_tasks)


def live_tasks_of_many(subject_type: str, subject_ids: Iterable[int]) -> dict[int, list[UserTask]]:
    """The present steps of several subjects by subject id, for lists: one query."""
    found: dict[int, list[UserTask]] = {}
    if ids := list(subject_ids):
        for task in _LIVE_TASKS_OF_MANY.rows(subject_type, ids):
            found.setdefault(task.subject_id, []).append(task)
    return found


def _live_tasks_of_many(subject_type: str, subject_ids: list[int]) -> QuerySet[UserTask]:
    live = UserTask.objects.live().filter(subject_type=subject_type, subject_id__any_of=subject_ids)
    return live.select_related("assignee", "unit").order_by("pk")


_LIVE_TASKS_OF_MANY = Compiled("live_tasks_of_many", _live_tasks_of_many)


def tasks_of(instance: ProcessInstance | int) -> QuerySet[UserTask]:
    """Every task of an instance, oldest first, with people and units: the table under the process picture."""
    instance_id = instance if isinstance(instance, int) else instance.pk
    tasks = UserTask.objects.filter(instance_id=instance_id)
    return tasks.select_related("assignee", "completed_by", "on_behalf_of", "unit").order_by("pk")


def last_task_done(instance_id: int) -> UserTask | None:
    """The step of an instance finished last, if any was."""
    done = UserTask.objects.filter(instance_id=instance_id, completed_at__isnull=False, status=TaskStatus.COMPLETED)
    return done.order_by("-completed_at", "-pk").select_related("instance").first()


def last_task_done_by(user: User, instance: ProcessInstance) -> UserTask | None:
    """The task this person finished last in an instance: the one he might recall."""
    past = shared_past(instance)
    if past and "tasks" in past.__dict__:
        own = [task for task in past.tasks if task.completed_by_id == user.pk and task.parent_id is None]
        finished = [(task.completed_at, task.pk, task) for task in own if task.status == TaskStatus.COMPLETED]
        return max(finished)[-1] if finished else None
    return _LAST_DONE_BY.first(instance.pk, user.pk)


_LAST_DONE_BY = Compiled(
    "last_task_done_by",
    lambda instance_id, person_id: (
        UserTask.objects.filter(
            instance_id=instance_id, completed_by_id=person_id, status=TaskStatus.COMPLETED, parent=None
        )
        .select_related("instance", "assignee", "unit")
        .order_by("-completed_at", "-pk")[:1]
    ),
)


def step_of(task: InProcess) -> StepSpec:
    """What the drawing says about the step of a task: outcomes with inputs, actions, edits.

    Who was delegated it, or added as a signer, finishes it in a way of his own.
    """
    step = compiled(task.instance.version_id).steps[task.node_id]
    if task.delegators:
        return as_delegated(step)
    return as_signer(step) if task.parent_id else step


def step_of_node(version_id: int, node_id: str) -> StepSpec:
    """What the drawing says about one human step."""
    return compiled(version_id).steps[node_id]


def steps_of_version(version: ProcessVersion) -> list[StepSpec]:
    """The human steps of a drawing, in its order."""
    return list(compiled(version.pk).steps.values())


@dataclass(frozen=True)
class Votes:
    """How a countersign stands; ``rule`` says in words what decides it."""

    yes: int
    no: int
    abstained: int
    total: int
    rule: str

    @property
    def open(self) -> int:
        return self.total - self.yes - self.no - self.abstained


def votes_of(task: UserTask) -> Votes | None:
    """The votes so far where a task is one vote of a countersign, else None; no query."""
    node = compiled(task.instance.version_id).process.nodes.get(task.node_id)
    spec = node.multi_instance if node else None
    if spec is None or spec.countersign is None:
        return None
    state = State.from_json({**task.instance.marking, "v": task.instance.variables})
    token = state.token_in(task.visit_seq)
    body = next((scope.body for scope in state.path(token.scope) if scope.body), None) if token else None
    return Votes(body.yes, body.no, body.abstained, body.total, _rule_of(spec.countersign)) if body else None


def _rule_of(rule: Countersign) -> str:
    if rule.any_decides:
        return _("one vote decides")
    said = _("all must agree") if rule.rate == 100 else _("%d %% must agree") % rule.rate
    return "; ".join((said, _("a veto decides"))) if rule.veto else said


def visible_variables(task: UserTask) -> Mapping[str, Any]:
    """The process variables seen from a task: what the formulas of its inputs may use."""
    state = State.from_json({**task.instance.marking, "v": task.instance.variables})
    token = state.token_in(task.visit_seq)
    return state.visible(token.scope) if token else state.variables


# -- opinions and returns -----------------------------------------------------------------------------------------


def opinions_of(instance: ProcessInstance | int) -> QuerySet[Opinion]:
    """The joint opinions of an instance in the order they were written."""
    instance_id = instance if isinstance(instance, int) else instance.pk
    return Opinion.objects.filter(instance_id=instance_id).select_related("author", "on_behalf_of", "unit")


def opinions_of_subject(subject_type: str, subject_id: int) -> list[Opinion]:
    """The joint opinions of a subject over all its processes (a reopened ticket has several)."""
    return _OPINIONS.rows(subject_type, subject_id)


def _opinions(subject_type: str, subject_id: int) -> QuerySet[Opinion]:
    about = Opinion.objects.filter(instance__subject_type=subject_type, instance__subject_id=subject_id)
    return about.select_related("author", "on_behalf_of", "unit")


_OPINIONS = Compiled("opinions", _opinions)


@dataclass(frozen=True)
class ReturnTarget:
    """An earlier human visit a task may be sent back to."""

    visit_seq: int
    node_id: str
    name: str
    name_en: str
    actor_id: int | None
    actor: User | None
    unit: str
    left_at: datetime | None
    is_previous: bool

    @property
    def actor_name(self) -> str:
        return _label(self.actor)

    @property
    def label(self) -> str:
        return self.name_en if self.name_en and (get_language() or "").startswith("en") else self.name


def return_targets(task: InProcess) -> list[ReturnTarget]:
    """Where a task may be sent back to, newest first; the nearest human steps are marked as previous."""
    past = shared_past(task.instance)
    history = past.history if past else history_of(task.instance.pk, task.instance.version_id)
    previous = {record.seq for record in history.previous_human(task.visit_seq)}
    if past:
        return _named_targets(history.return_targets(task.visit_seq), previous, past.tasks, task.instance.version_id)
    return _as_targets(task.instance.pk, task.instance.version_id, history.return_targets(task.visit_seq), previous)


def reopen_targets(instance: ProcessInstance) -> list[ReturnTarget]:
    """Where an ended instance may live again, newest first; the first is where it does when nothing else is said."""
    records = history_of(instance.pk, instance.version_id).human_visits()
    return _as_targets(instance.pk, instance.version_id, records, {record.seq for record in records[:1]})


def _as_targets(
    instance_id: int, version_id: int, records: Sequence[VisitRecord], previous: Collection[int]
) -> list[ReturnTarget]:
    seqs = [record.seq for record in records]
    tasks = UserTask.objects.filter(instance_id=instance_id, visit_seq__in=seqs).select_related("completed_by", "unit")
    return _named_targets(records, previous, tasks, version_id)


def _named_targets(
    records: Sequence[VisitRecord], previous: Collection[int], tasks: Iterable[UserTask], version_id: int
) -> list[ReturnTarget]:
    steps = compiled(version_id).steps
    done = {row.visit_seq: row for row in tasks if row.parent_id is None}
    return [
        ReturnTarget(
            visit_seq=record.seq, node_id=record.node_id, name=steps[record.node_id].name,
            name_en=steps[record.node_id].name_en, actor_id=record.actor, is_previous=record.seq in previous,
            actor=done[record.seq].completed_by if record.seq in done else None,
            unit=_label(done[record.seq].unit) if record.seq in done else "",
            left_at=done[record.seq].completed_at if record.seq in done else None,
        )
        for record in records
    ]  # fmt: skip


def _label(named: Any) -> str:
    return named.label if named else ""


def is_untouched(instance: Any, visit_seq: int) -> bool:
    """Whether nobody has done anything with what followed a visit: no task worked on, no service called."""
    past = shared_past(instance)
    history = past.history if past else history_of(instance.pk, instance.version_id)
    followers = history.causal_future(visit_seq) - {visit_seq}
    if not followers:
        return True
    if past:
        tasks = [task for task in past.tasks if task.visit_seq in followers]
    else:
        tasks = _TASKS_OF_VISITS.rows(instance.pk, sorted(followers))
    if any(_is_touched(task) for task in tasks):
        return False
    return _CALLED_OF_VISITS.first(instance.pk, sorted(followers)) is None


_TASKS_OF_VISITS = Compiled(
    "tasks_of_visits",
    lambda instance_id, visits: (
        UserTask.objects.filter(instance_id=instance_id, visit_seq__any_of=visits)
        .only("status", "claimed_at", "created_at")
        .order_by()
    ),
)
_CALLED_OF_VISITS = Compiled(
    "calls_of_visits",
    lambda instance_id, visits: (
        ServiceCall.objects.filter(instance_id=instance_id, visit_seq__any_of=visits)
        .exclude(status__in=(CallStatus.PENDING, CallStatus.CANCELLED))
        .only("pk")
        .order_by()[:1]
    ),
)


def _is_touched(task: UserTask) -> bool:
    # Given to one person on arrival counts as untouched; claiming or reassigning later moves claimed_at.
    is_waiting = task.status == TaskStatus.OPEN or (
        task.status == TaskStatus.CLAIMED and task.claimed_at == task.created_at
    )
    return not is_waiting and task.status != TaskStatus.CANCELLED


# -- instances ----------------------------------------------------------------------------------------------------


def find_instance(instance_id: int) -> ProcessInstance | None:
    return ProcessInstance.objects.select_related("version__definition").filter(pk=instance_id).first()


def instances(ended: bool = False) -> QuerySet[ProcessInstance]:
    """Running instances, or all of them, oldest first."""
    rows = ProcessInstance.objects.order_by("pk")
    return rows if ended else rows.filter(ended_at=None)


def instance_of(subject_type: str, subject_id: int) -> ProcessInstance | None:
    """The latest process of a subject; not one it called."""
    about = ProcessInstance.objects.filter(subject_type=subject_type, subject_id=subject_id, caller=None)
    return about.select_related("version__definition").order_by("-pk").first()


# -- definitions --------------------------------------------------------------------------------------------------


def published_version_id(process_key: str) -> int | None:
    """The version new instances of a process begin with; None where none is published."""

    def find() -> int | None:
        row = _PUBLISHED.row(process_key, VersionStatus.PUBLISHED)
        return row[0] if row else None

    return stamped.kept("processes", ("published", process_key), find)


_PUBLISHED = Statement(
    "published_version",
    "SELECT version.id FROM workflow_processversion version"
    " JOIN workflow_processdefinition definition ON definition.id = version.definition_id"
    " WHERE definition.key = $1::text AND version.status = $2::text",
)


def published_versions() -> QuerySet[ProcessVersion]:
    """The versions in force with the processes they draw, by key."""
    rows = ProcessVersion.objects.defer("bpmn").filter(status=VersionStatus.PUBLISHED)
    return rows.select_related("definition").order_by("definition__key")


def definitions() -> QuerySet[ProcessDefinition]:
    """Every process with its versions and how many instances run on each."""
    running = Count("instances", filter=Q(instances__ended_at=None))
    versions = ProcessVersion.objects.defer("bpmn").select_related("published_by").annotate(running_count=running)
    return ProcessDefinition.objects.prefetch_related(Prefetch("versions", versions.order_by("-number")))


def find_definition(key: str) -> ProcessDefinition | None:
    return definitions().filter(key=key).first()


def find_version(key: str, number: int) -> ProcessVersion | None:
    return ProcessVersion.objects.select_related("definition").filter(definition__key=key, number=number).first()


def guess_nodes(source: ProcessVersion, target: ProcessVersion) -> dict[str, str]:
    """A mapping to begin with: equal ids of the same kind, then equal names that are the only ones of their kind."""
    old, new = compiled(source.pk).process, compiled(target.pk).process
    found = {key: key for key, node in old.nodes.items() if key in new.nodes and new.nodes[key].kind == node.kind}
    for node in old.nodes.values():
        if node.id not in found and node.name:
            alike = [n.id for n in new.nodes.values() if (n.kind, n.name) == (node.kind, node.name)]
            if len(alike) == 1 and alike[0] not in found.values():
                found[node.id] = alike[0]
    return found


# -- incidents ----------------------------------------------------------------------------------------------------


def open_incidents(visible_to: User, text: str = "") -> QuerySet[Incident]:
    """What cannot go on by itself, in the person's scope; ``text`` is part of a number or step."""
    scope = scope_of(visible_to, "process.view")
    unresolved = Incident.objects.filter(
        scope.by_unit_and_region("instance__unit", "instance__region"), resolved_at=None
    )
    if text:
        unresolved = unresolved.filter(Q(instance__subject_number__istartswith=text) | Q(node_id__icontains=text))
    return unresolved.select_related("instance__version__definition").defer("instance__version__bpmn")


def incidents_of(instance: ProcessInstance) -> list[Incident]:
    """What keeps one instance from going on, oldest first."""
    return list(instance.incidents.filter(resolved_at=None).select_related("instance").order_by("pk"))


def step_names(incidents: Iterable[Incident]) -> dict[int, str]:
    """The names of the steps incidents are at, by incident id, in the reader's language."""
    return {incident.pk: node_name(incident.instance.version_id, incident.node_id) for incident in incidents}


def node_names(version_id: int, node_id: str) -> tuple[str, str]:
    """What the drawing calls a node, in Chinese and English; its id where it has no name."""
    node = compiled(version_id).process.nodes.get(node_id)
    if node is None:
        return node_id, ""
    return node.name or node_id, node.extension.attribute("op:nameEn") or ""


def node_name(version_id: int, node_id: str) -> str:
    """What the drawing calls a node, in the reader's language; its id where it has no name."""
    node = compiled(version_id).process.nodes.get(node_id)
    if node is None:
        return node_id
    english = node.extension.attribute("op:nameEn") if (get_language() or "").startswith("en") else None
    return english or node.name or node_id


def find_incident(pk: int, visible_to: User) -> Incident | None:
    scope = scope_of(visible_to, "process.view").by_unit_and_region("instance__unit", "instance__region")
    return Incident.objects.filter(scope, pk=pk).select_related("instance").first()


def is_stuck(instance_id: int) -> bool:
    return Incident.objects.filter(instance_id=instance_id, resolved_at=None).exists()
