"""Commands made durable: load and lock in one round trip, advance the engine, apply everything in another.

Hand-written SQL (``migrations/0003_kernel.sql``), never the ORM: workflow.md, Rules. The caller opened the transaction.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from onepoint.accounts.models import User
from onepoint.core import clock, jobs
from onepoint.core.audit import current_address
from onepoint.workflow import acting, signals
from onepoint.workflow.batch import Batch, Row
from onepoint.workflow.candidates import Setting
from onepoint.workflow.definitions import Compiled, compiled
from onepoint.workflow.engine import State, advance
from onepoint.workflow.engine.errors import NotPossible
from onepoint.workflow.engine.events import Event, Start
from onepoint.workflow.errors import ENGINE_SENTENCES, NotPossibleHere
from onepoint.workflow.news import InstanceNews, TaskNews
from onepoint.workflow.states import InstanceStatus, TaskStatus

#: Status of the engine's state → status of the instance. Open incidents turn "active" into "incident" on the way in.
_STATUS = {
    "active": InstanceStatus.ACTIVE,
    "incident": InstanceStatus.ACTIVE,
    "completed": InstanceStatus.COMPLETED,
    "terminated": InstanceStatus.TERMINATED,
    "error": InstanceStatus.TERMINATED,
}


class Loaded(NamedTuple):
    """An instance locked for a command, with the task the command is about: the columns of ``workflow_load``."""

    id: int
    version_id: int
    subject_type: str
    subject_id: int
    subject_number: str
    region_id: int | None
    unit_id: int | None
    started_by_id: int | None
    instance_status: str
    marking: str
    variables: str
    instance_outcome: str
    region_path: str | None
    unit_path: str | None
    replayed: bool
    task_id: int
    visit_seq: int
    node_id: str
    task_name: str
    task_name_en: str
    status: str  # of the task
    arrival: str
    assignee_id: int | None
    owner_id: int | None
    candidate_keys: list[str] | None
    task_unit_id: int | None
    created_at: datetime
    completed_by_id: int | None
    completed_at: datetime | None
    outcome: str  # of the task
    assignee_name: str | None

    @property
    def compiled(self) -> Compiled:
        return compiled(self.version_id)

    @property
    def instance(self) -> InstanceNews:
        return instance_news(self)

    @property
    def task_news(self) -> TaskNews:
        step = self.compiled.steps.get(self.node_id)
        return TaskNews(
            id=self.task_id, visit_seq=self.visit_seq, node_id=self.node_id, name=self.task_name,
            name_en=self.task_name_en, status=self.status, arrival=self.arrival,
            subject_status=step.subject_status if step else "", assignee_id=self.assignee_id,
            candidate_keys=tuple(self.candidate_keys or ()), unit_id=self.task_unit_id, outcome=self.outcome,
        )  # fmt: skip


@dataclass(frozen=True)
class NewInstance:
    """What an instance is about when it starts."""

    version_id: int
    subject_type: str
    subject_id: int
    subject_number: str
    region_id: int | None
    unit_id: int | None
    region_path: str
    unit_path: str


@dataclass
class Notes:
    """What a command adds beside the engine's effects."""

    journal: list[tuple[str, Row]] = field(default_factory=list)
    done: Row | None = None  # the acting task: status, outcome
    opinion: Row | None = None
    calls_ended: list[Row] = field(default_factory=list)
    resolved: list[Row] = field(default_factory=list)
    key: str = ""
    outcome: str = ""  # of the instance, where the drawing does not say


@dataclass(frozen=True)
class CommandResult:
    """What a command did. ``replayed``: it had been done before under the same key, and nothing was done now."""

    instance: InstanceNews
    completed: tuple[TaskNews, ...] = ()
    created: tuple[TaskNews, ...] = ()
    cancelled: tuple[TaskNews, ...] = ()
    replayed: bool = False


def load(*, task_id: int | None = None, instance_id: int | None = None, key: str = "") -> Loaded | None:
    """Lock an instance, and a task of it if given, and read both. None when there is no such row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM workflow_load(%s, %s, %s)", [task_id, instance_id, key])
        row = cursor.fetchone()
    return Loaded(*row) if row else None


def lock_instance(instance_id: int) -> None:
    """Lock an instance and its live tasks before its subject, the order every command and claim keeps.

    Call it inside a transaction that will change the subject first and the process afterwards.
    """
    load(instance_id=instance_id)
    with connection.cursor() as cursor:
        live = "SELECT 1 FROM workflow_usertask WHERE instance_id = %s AND status IN ('open', 'claimed') FOR UPDATE"
        cursor.execute(live, [instance_id])


def state_of(loaded: Loaded) -> State:
    return State.from_json({**json.loads(loaded.marking), "v": json.loads(loaded.variables)})


def view_of(loaded: Loaded) -> tuple[int, Mapping[str, Any]]:
    """The scope of the loaded task and the variables seen from it: a sub-process's hide those of the process."""
    state = state_of(loaded)
    token = state.token_in(loaded.visit_seq)
    return (token.scope, state.visible(token.scope)) if token else (0, state.variables)


def plain(value: Any) -> Any:
    """JSON for what expressions yield beside JSON's own types."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)


def to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=plain)


def _advance(process: Any, state: State, event: Event) -> Any:
    try:
        return advance(process, state, event)
    except NotPossible as refusal:
        raise NotPossibleHere(reason=ENGINE_SENTENCES.get(refusal.code, refusal.message)) from refusal


def _end_outcome(batch: Batch, notes: Notes) -> str:
    """The outcome written on the end event reached, else what the command or the engine says."""
    if batch.end is None:
        return ""
    node = batch.compiled.process.nodes.get(batch.end.end_node_id or "")
    drawn = node.extension.attribute("op:outcome") if node else None
    return (drawn or notes.outcome or batch.end.error_code or batch.end.outcome)[:60]


def _apply(payload: Row) -> Row:
    with connection.cursor() as cursor:
        cursor.execute("SELECT workflow_apply(%s::jsonb)", [to_json(payload)])
        (answer,) = cursor.fetchone()
    applied: Row = json.loads(answer) if isinstance(answer, str) else answer
    return applied


def _payload(batch: Batch, state: State, about: Loaded | NewInstance, by: User | None, notes: Notes) -> Row:
    marking = state.to_marking()
    outcome = _end_outcome(batch, notes)
    journal = [{"verb": verb, "data": data} for verb, data in notes.journal]
    if batch.end is not None:
        journal.append({"verb": "process.ended", "data": {"outcome": outcome}})
    for incident in batch.incidents:
        journal.append({"verb": "process.stuck", "data": _where_stuck(batch, incident)})
    return {
        "at": clock.now(),
        "actor_id": by.pk if by else None,
        "actor_name": by.get_full_name() if by else "",
        "address": current_address.get(),
        "process_key": batch.compiled.key,
        "subject_type": about.subject_type,
        "subject_id": about.subject_id,
        "subject_number": about.subject_number,
        "status": _STATUS[state.status],
        "outcome": outcome,
        "variables": marking.pop("v"),
        "marking": marking,
        "audit": journal,
        **batch.parts(),
        **({"done": notes.done} if notes.done else {}),
        **({"opinion": notes.opinion} if notes.opinion else {}),
        **({"key": notes.key} if notes.key else {}),
    }


def _where_stuck(batch: Batch, incident: Row) -> Row:
    node = batch.compiled.process.nodes.get(incident["node_id"])
    name_en = (node.extension.attribute("op:nameEn") if node else None) or ""
    return {"code": incident["code"], "step": (node.name if node else "") or incident["node_id"], "step_en": name_en}


def _created(batch: Batch, applied: Row) -> tuple[TaskNews, ...]:
    ids = applied["tasks"] or {}
    return tuple(
        TaskNews(
            id=ids[str(row["visit_seq"])], visit_seq=row["visit_seq"], node_id=row["node_id"], name=row["name"],
            name_en=row["name_en"], arrival=row["arrival"], subject_status=row["subject_status"],
            status=TaskStatus.OPEN if row["assignee_id"] is None else TaskStatus.CLAIMED,
            assignee_id=row["assignee_id"], candidate_keys=tuple(row["candidate_keys"]), unit_id=row["unit_id"],
        )
        for row in batch.tasks
    )  # fmt: skip


def _cancelled(applied: Row) -> tuple[TaskNews, ...]:
    return tuple(TaskNews(**{**row, "candidate_keys": tuple(row["candidate_keys"])}) for row in applied["ended"] or ())


def _announce(result: CommandResult, batch: Batch, by: User | None) -> None:
    instance = result.instance
    for signal, tasks in (
        (signals.task_completed, result.completed),
        (signals.task_cancelled, result.cancelled),
        (signals.task_created, result.created),
    ):
        if tasks:
            signal.send(sender=InstanceNews, instance=instance, tasks=tasks, by=by)
    for row in batch.incidents:
        told = {name: row[name] for name in ("code", "message", "node_id")}
        signals.incident_raised.send(sender=InstanceNews, instance=instance, by=by, **told)
    if batch.end is not None:
        signals.process_ended.send(sender=InstanceNews, instance=instance, by=by)


def _finish(
    batch: Batch, payload: Row, about: Loaded | NewInstance, by: User | None, completed: tuple[TaskNews, ...]
) -> CommandResult:
    applied = _apply(payload)
    for visit, call in (applied["calls"] or {}).items():
        jobs.defer("workflow.run_service_call", lock=f"process-{applied['id']}", call=call, visit=int(visit))
    instance = InstanceNews(
        id=applied["id"], process_key=batch.compiled.key, version_id=batch.compiled.version_id,
        subject_type=about.subject_type, subject_id=about.subject_id, subject_number=about.subject_number,
        region_id=about.region_id, unit_id=about.unit_id, status=applied["status"], outcome=payload["outcome"],
    )  # fmt: skip
    result = CommandResult(instance, completed, _created(batch, applied), _cancelled(applied))
    _announce(result, batch, by)
    return result


def begin(new: NewInstance, variables: Mapping[str, Any], *, by: User | None, key: str = "") -> CommandResult:
    """Start an instance: no load, one apply."""
    version = compiled(new.version_id)
    change = _advance(version.process, State(), Start(variables=dict(variables)))
    batch = Batch(version, Setting(None, new.region_path, new.unit_path, by.pk if by else None))
    batch.take(change.effects)
    notes = Notes(journal=[("process.started", {"process": version.key, "version": new.version_id})], key=key)
    payload = _payload(batch, change.state, new, by, notes)
    payload["new"] = {
        "version_id": new.version_id, "subject_type": new.subject_type, "subject_id": new.subject_id,
        "subject_number": new.subject_number, "region_id": new.region_id, "unit_id": new.unit_id,
        "started_by_id": by.pk if by else None,
    }  # fmt: skip
    return _finish(batch, payload, new, by, ())


def perform(loaded: Loaded, event: Event, *, by: User | None, notes: Notes) -> CommandResult:
    """Let ``event`` happen to a loaded instance and write all that follows. Raises NotPossibleHere, changing nothing."""
    with acting.on_behalf(loaded, loaded.task_id, by):
        return _perform(loaded, event, by=by, notes=notes)


def _perform(loaded: Loaded, event: Event, *, by: User | None, notes: Notes) -> CommandResult:
    version = loaded.compiled
    change = _advance(version.process, state_of(loaded), event)
    if change.ignored:  # what it was about is over; a late answer of a service, say
        return CommandResult(instance_news(loaded), replayed=True)
    setting = Setting(loaded.id, loaded.region_path or "", loaded.unit_path or "", loaded.started_by_id)
    completed: tuple[TaskNews, ...] = ()
    if notes.done:
        actor = by.pk if by else None
        setting.handlers[loaded.visit_seq] = (loaded.node_id, actor)
        notes.done = {**notes.done, "id": loaded.task_id, "actor_id": actor}
        completed = (_finished(loaded, notes.done),)
    batch = Batch(version, setting, acting_visit=loaded.visit_seq if notes.done else None)
    batch.calls_ended.extend(notes.calls_ended)
    batch.resolved.extend(notes.resolved)
    batch.take(change.effects)
    payload = _payload(batch, change.state, loaded, by, notes)
    payload["id"] = loaded.id
    return _finish(batch, payload, loaded, by, completed)


def _finished(loaded: Loaded, done: Row) -> TaskNews:
    told = loaded.task_news
    return TaskNews(
        id=told.id, visit_seq=told.visit_seq, node_id=told.node_id, name=told.name, name_en=told.name_en,
        status=done["status"], arrival=told.arrival, subject_status=told.subject_status, assignee_id=done["actor_id"],
        candidate_keys=told.candidate_keys, unit_id=told.unit_id, outcome=done["outcome"],
    )  # fmt: skip


def instance_news(loaded: Loaded) -> InstanceNews:
    return InstanceNews(
        id=loaded.id, process_key=loaded.compiled.key, version_id=loaded.version_id, subject_type=loaded.subject_type,
        subject_id=loaded.subject_id, subject_number=loaded.subject_number, region_id=loaded.region_id,
        unit_id=loaded.unit_id, status=loaded.instance_status, outcome=loaded.instance_outcome,
    )  # fmt: skip
