"""Commands made durable: load and lock in one round trip, advance the engine, apply everything in another.

Hand-written SQL (``migrations/0009_kernel_row_by_row.sql``), never the ORM: workflow.md, Rules. The caller opened the
transaction. What one instance asks of another (a called process begins, ends, escalates, is cancelled) follows in the same
transaction: every command on an instance of such a tree holds the outermost one's lock.
"""

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from onepoint.accounts.models import User
from onepoint.core import clock, jobs, live
from onepoint.core.audit import current_address
from onepoint.core.prepared import Statement
from onepoint.sla.clock_rows import NewClock
from onepoint.workflow import acting, noticing, signals
from onepoint.workflow.batch import Batch, FollowUp, Row
from onepoint.workflow.candidates import Setting
from onepoint.workflow.definitions import Compiled, compiled
from onepoint.workflow.engine import Change, Process, State, advance
from onepoint.workflow.engine import effects as fx
from onepoint.workflow.engine.errors import NotPossible
from onepoint.workflow.engine.events import CalledEnded, CalledEscalated, CallFailed, Event, Start, Terminate
from onepoint.workflow.engine.run import STEP_BUDGET
from onepoint.workflow.errors import ENGINE_SENTENCES, NotPossibleHere
from onepoint.workflow.limits import Subject, end_limits, limited_steps, plan_limits, start_limits
from onepoint.workflow.loading import (
    CommandResult,
    Loaded,
    NewInstance,
    Notes,
    instance_news,
    load,
    lock_instance,
    lock_instances,
    state_of,
    to_json,
    view_of,
)
from onepoint.workflow.models import ProcessInstance, ProcessVersion, Visit
from onepoint.workflow.moments import Place
from onepoint.workflow.news import InstanceNews, TaskNews
from onepoint.workflow.resting import let_newcomers_rest, suspend_called, suspend_newcomers
from onepoint.workflow.states import InstanceStatus, TaskStatus, VersionStatus
from onepoint.workflow.urging.plans import forget_urging, plan_urging
from onepoint.workflow.waiting import Waits

__all__ = [
    "CommandResult",
    "Loaded",
    "NewInstance",
    "Notes",
    "begin",
    "instance_news",
    "load",
    "lock_instance",
    "lock_instances",
    "perform",
    "preview",
    "rewrite",
    "state_of",
    "view_of",
]

_APPLY = Statement("workflow_apply", "SELECT workflow_apply($1::jsonb)")
#: Processes that call processes that call processes: deeper than this is a circle.
DEEPEST_CALL = 20
#: Processes that one command may begin: one that calls itself twice would be a million before it is too deep.
MOST_CALLED = 500
#: In less time than this no instance makes ``STEP_BUDGET`` steps that people have a part in.
STEPS_WITHIN = timedelta(minutes=1)

#: Status of the engine's state → status of the instance. Open incidents turn "active" into "incident" on the way in.
_STATUS = {
    "active": InstanceStatus.ACTIVE,
    "incident": InstanceStatus.ACTIVE,
    "completed": InstanceStatus.COMPLETED,
    "terminated": InstanceStatus.TERMINATED,
    "error": InstanceStatus.TERMINATED,
}


@dataclass
class _Over:
    """A called process has ended."""

    outcome: str
    error_code: str | None
    variables: Mapping[str, Any]


@dataclass
class _Tree:
    """What one command did in all instances of a call tree, and what is still to follow, in order."""

    by: User | None
    pending: deque[tuple[Loaded | NewInstance, int, FollowUp | _Over, Mapping[str, Any]]] = field(default_factory=deque)
    news: dict[int, InstanceNews] = field(default_factory=dict)
    created: list[TaskNews] = field(default_factory=list)
    cancelled: list[TaskNews] = field(default_factory=list)
    completed: list[TaskNews] = field(default_factory=list)
    called: int = 0

    def result(self, instance_id: int) -> CommandResult:
        return CommandResult(self.news[instance_id], tuple(self.completed), tuple(self.created), tuple(self.cancelled))


def _budget(loaded: Loaded, state: State, notes: Notes) -> int:
    """How many automatic steps may follow: none where the last thousand took less than a minute.

    What waits between two steps, for a timer of no time, a service or a process it calls, begins anew with every event;
    the number of a visit tells how many there were, so that this costs nothing before the thousandth.
    """
    first = state.next_visit - STEP_BUDGET
    if first < 1 or notes.done:  # a task that is done is a part people have in it
        return STEP_BUDGET
    hurries = Visit.objects.filter(instance_id=loaded.id, seq=first, entered_at__gt=clock.now() - STEPS_WITHIN)
    return 0 if hurries.exists() else STEP_BUDGET


def _advance(process: Process, state: State, event: Event, budget: int = STEP_BUDGET) -> Change:
    noticing.listen()
    try:
        return advance(process, state, event, budget)
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
    (answer,) = _APPLY.row(to_json(payload)) or (None,)
    applied: Row = json.loads(answer) if isinstance(answer, str) else answer
    return applied


def _payload(batch: Batch, state: State, about: Loaded | NewInstance, by: User | None, notes: Notes) -> Row:
    marking = state.to_marking()
    outcome = _end_outcome(batch, notes)
    journal = [{"verb": verb, "data": data} for verb, data in notes.journal]
    if batch.end is not None:
        data = {"outcome": outcome} if about.caller_id is None else {"process": batch.compiled.key, "outcome": outcome}
        journal.append({"verb": "process.ended" if about.caller_id is None else "process.returned", "data": data})
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
        **({"fired": notes.fired} if notes.fired else {}),
        **({"taken": notes.taken} if notes.taken else {}),
        **({"reopened": True} if batch.reopened else {}),
        **notes.also,
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


def _announce(
    instance: InstanceNews, batch: Batch, by: User | None, is_called: bool, told: Mapping[str, tuple[TaskNews, ...]]
) -> None:
    for signal, tasks in (
        (signals.task_completed, told["completed"]),
        (signals.task_cancelled, told["cancelled"]),
        (signals.task_created, told["created"]),
    ):
        if tasks:
            signal.send(sender=InstanceNews, instance=instance, tasks=tasks, by=by)
    for row in batch.incidents:
        facts = {name: row[name] for name in ("code", "message", "node_id")}
        signals.incident_raised.send(sender=InstanceNews, instance=instance, by=by, **facts)
    if batch.reopened:
        signals.process_reopened.send(sender=InstanceNews, instance=instance, by=by)
    if batch.end is not None and not is_called:
        signals.process_ended.send(sender=InstanceNews, instance=instance, by=by)


def _finish(
    batch: Batch, payload: Row, about: Loaded | NewInstance, tree: _Tree, completed: tuple[TaskNews, ...]
) -> InstanceNews:
    variables = payload["variables"]
    planned = _plan_limits(batch, about) if batch.limits else {}
    applied = _apply(payload)
    for visit, call in (applied["calls"] or {}).items():
        jobs.defer("workflow.run_service_call", lock=f"process-{applied['id']}", call=call, visit=int(visit))
    for message in applied["thrown"] or ():
        jobs.defer("workflow.deliver_message", message=message)
    noticing.keep_warnings(applied["id"], batch.compiled.process)
    instance = InstanceNews(
        id=applied["id"], process_key=batch.compiled.key, version_id=batch.compiled.version_id,
        subject_type=about.subject_type, subject_id=about.subject_id, subject_number=about.subject_number,
        region_id=about.region_id, unit_id=about.unit_id, status=applied["status"], outcome=payload["outcome"],
    )  # fmt: skip
    told = {"completed": completed, "created": _created(batch, applied), "cancelled": _cancelled(applied)}
    if limited := limited_steps(batch.compiled):
        end_limits(limited, told["completed"], told["cancelled"], by=tree.by)
    if planned:
        start_limits(planned, told["created"], by=tree.by)
    forget_urging(instance, batch.compiled, [*told["completed"], *told["cancelled"]], variables)
    plan_urging(instance, batch.compiled, told["created"], variables)
    tree.news[instance.id] = instance
    tree.completed += told["completed"]
    tree.created += told["created"]
    tree.cancelled += told["cancelled"]
    _announce(instance, batch, tree.by, about.caller_id is not None, told)
    newcomers = [task.id for task in told["created"]]
    if isinstance(about, NewInstance) and about.is_suspended:
        suspend_called(about.caller_id, instance.id)
    if "suspended" in payload:
        suspend_newcomers(instance.id, newcomers, by=tree.by)
    if about.rests:
        let_newcomers_rest(about.root_id or instance.id, instance.id, newcomers, by=tree.by)
    tree.pending += [(about, instance.id, effect, variables) for effect in batch.follow_ups]
    if batch.end is not None and about.caller_id is not None:
        over = _Over(batch.end.outcome, batch.end.error_code, variables)
        tree.pending.append((about, instance.id, over, variables))
    return instance


def _plan_limits(batch: Batch, about: Loaded | NewInstance) -> dict[int, NewClock]:
    instance_id = about.id if isinstance(about, Loaded) else None
    return plan_limits(
        batch.limits,
        batch.tasks,
        batch.restored,
        Subject(batch.compiled.key, about.subject_type, about.subject_id, about.unit_id, about.region_id),
        instance_id=instance_id,
    )


# -- beginning and going on -----------------------------------------------------------------------------------------


@live.gathered()
def begin(
    new: NewInstance, variables: Mapping[str, Any], *, by: User | None, key: str = "", notes: Notes | None = None,
    node_id: str | None = None,
) -> CommandResult:  # fmt: skip
    """Start an instance: no load, one apply. ``node_id`` is the start event that has happened, if it is not a plain one."""
    tree = _Tree(by)
    began = [("process.started", {"process": compiled(new.version_id).key, "version": new.version_id})]
    notes = notes or Notes()
    notes.key, notes.journal = key, [*began, *notes.journal]
    started = _begin(new, variables, tree, notes, node_id)
    _follow(tree)
    return tree.result(started.id)


def _begin(
    new: NewInstance, variables: Mapping[str, Any], tree: _Tree, notes: Notes, node_id: str | None = None
) -> InstanceNews:
    version = compiled(new.version_id)
    is_called = new.caller_id is not None
    change = _advance(version.process, State(), Start(dict(variables), node_id, called=is_called))
    started_by_id = new.started_by_id or (tree.by.pk if tree.by else None)
    waits = Waits(version, Place(new.region_id, new.unit_id), lambda visit: clock.now())
    subject = (new.subject_type, new.subject_id)
    setting = Setting(None, new.region_path, new.unit_path, started_by_id, subject=subject)
    batch = Batch(version, setting, waits)
    batch.take(change.effects)
    payload = _payload(batch, change.state, new, tree.by, notes)
    payload["new"] = {
        "version_id": new.version_id, "subject_type": new.subject_type, "subject_id": new.subject_id,
        "subject_number": new.subject_number, "region_id": new.region_id, "unit_id": new.unit_id,
        "started_by_id": started_by_id, "caller_id": new.caller_id, "caller_visit": new.caller_visit,
        "root_id": new.root_id, "depth": new.depth,
    }  # fmt: skip
    if new.is_suspended:
        payload["suspended"] = True
    return _finish(batch, payload, new, tree, ())


@live.gathered()
def perform(loaded: Loaded, event: Event, *, by: User | None, notes: Notes) -> CommandResult:
    """Let ``event`` happen to a loaded instance and write all that follows. Raises NotPossibleHere, changing nothing."""
    with acting.on_behalf(loaded, loaded.task_id, by):
        tree = _Tree(by)
        if not _perform(loaded, event, tree, notes):
            return CommandResult(instance_news(loaded), replayed=True)
        _follow(tree)
        return tree.result(loaded.id)


def _perform(loaded: Loaded, event: Event, tree: _Tree, notes: Notes) -> bool:
    """False when what the event was about is over; a late answer of a service, say."""
    state = state_of(loaded)
    change = _advance(loaded.compiled.process, state, event, _budget(loaded, state, notes))
    if not change.ignored:
        _carry_out(loaded, loaded.compiled, change, tree, notes)
    return not change.ignored


def preview(loaded: Loaded, event: Event) -> Change:
    """What ``event`` would lead to; nothing is written. Raises NotPossibleHere."""
    return _advance(loaded.compiled.process, state_of(loaded), event)


@live.gathered()
def rewrite(loaded: Loaded, version: Compiled, change: Change, *, by: User | None, notes: Notes) -> CommandResult:
    """Write a change the engine made in another way than by an event: the instance goes on under ``version``."""
    tree = _Tree(by)
    notes.also = {**notes.also, "version_id": version.version_id}
    _carry_out(loaded, version, change, tree, notes)
    _follow(tree)
    return tree.result(loaded.id)


def _carry_out(loaded: Loaded, version: Compiled, change: Change, tree: _Tree, notes: Notes) -> None:
    setting = Setting(
        loaded.id, loaded.region_path or "", loaded.unit_path or "", loaded.started_by_id,
        subject=(loaded.subject_type, loaded.subject_id),
    )  # fmt: skip
    completed: tuple[TaskNews, ...] = ()
    acting_visit = None
    if notes.done:
        actor = tree.by.pk if tree.by else None
        notes.done = {"id": loaded.task_id, "actor_id": actor, **notes.done}
        setting.handlers[loaded.visit_seq] = (loaded.node_id, notes.done["actor_id"])
        completed = (_finished(loaded, notes.done),)
        acting_visit = loaded.visit_seq
    batch = Batch(version, setting, _waits(loaded, version, change, notes), acting_visit=acting_visit)
    batch.arrival = notes.arrival
    batch.calls_ended.extend(notes.calls_ended)
    batch.resolved.extend(notes.resolved)
    if loaded.has_signers and notes.done:
        batch.ended.append({"visit_seq": loaded.visit_seq, "outcome": notes.done["outcome"]})
    batch.take(change.effects)
    payload = _payload(batch, change.state, loaded, tree.by, notes)
    payload["id"], payload["was"] = loaded.id, loaded.instance_status
    if loaded.instance_status == InstanceStatus.SUSPENDED:
        payload["suspended"] = True
    _finish(batch, payload, loaded, tree, completed)


def _waits(loaded: Loaded, version: Compiled, change: Change, notes: Notes) -> Waits:
    begun = {effect.seq for effect in change.effects if isinstance(effect, fx.RecordVisit)}

    def entered_at(visit: int) -> Any:
        """Timers count from the entry of their visit, also those a migration or a retry adds later."""
        if visit in begun or notes.counts_from_now:
            return clock.now()
        if visit == 0:
            return ProcessInstance.objects.values_list("started_at", flat=True).get(pk=loaded.id)
        return Visit.objects.values_list("entered_at", flat=True).get(instance_id=loaded.id, seq=visit)

    waits = Waits(version, Place(loaded.region_id, loaded.unit_id), entered_at)
    if notes.next_round:
        waits.timers[notes.next_round["visit_seq"], notes.next_round["node_id"]] = notes.next_round
    return waits


# -- what one instance asks of another ------------------------------------------------------------------------------


def _follow(tree: _Tree) -> None:
    """Carry out what instances asked of each other, in the order they asked, until nothing is left."""
    while tree.pending:
        about, instance_id, wish, variables = tree.pending.popleft()
        match wish:
            case fx.StartInstance():
                _start_called(instance_id, wish, tree)
            case fx.CancelInstance():
                _cancel_called(instance_id, wish.visit, tree)
            case fx.EscapeEscalation():
                if about.caller_id is not None and about.caller_visit is not None:
                    escalated = CalledEscalated(about.caller_visit, wish.code, dict(wish.variables))
                    _tell_caller(about.caller_id, about.caller_visit, escalated, tree)
            case _Over():
                assert about.caller_id is not None
                assert about.caller_visit is not None
                ended = CalledEnded(about.caller_visit, dict(variables), wish.outcome, wish.error_code)
                _tell_caller(about.caller_id, about.caller_visit, ended, tree)


def _start_called(caller_id: int, wish: fx.StartInstance, tree: _Tree) -> None:
    """Begin the published version of the process called; the visit may have been left by what followed before."""
    caller = load(instance_id=caller_id)
    if caller is None or not _awaits(caller, wish.visit):
        return
    version_id = _published(wish.called)
    problem = f"no version of the process {wish.called} is published" if version_id is None else ""
    if caller.depth >= DEEPEST_CALL:
        problem = f"{DEEPEST_CALL} processes call each other"
    tree.called += 1
    if tree.called > MOST_CALLED:
        problem = f"more than {MOST_CALLED} processes called in one go"
    if version_id is None or problem:
        _perform(caller, CallFailed(wish.visit, problem), tree, Notes())
        return
    called = NewInstance(
        version_id=version_id, subject_type=caller.subject_type, subject_id=caller.subject_id,
        subject_number=caller.subject_number, region_id=caller.region_id, unit_id=caller.unit_id,
        region_path=caller.region_path or "", unit_path=caller.unit_path or "", caller_id=caller.id,
        caller_visit=wish.visit, root_id=caller.root_id or caller.id, depth=caller.depth + 1,
        started_by_id=caller.started_by_id, rests=caller.rests,
        is_suspended=caller.instance_status == InstanceStatus.SUSPENDED,
    )  # fmt: skip
    notes = Notes(journal=[("process.called", {"process": wish.called, "version": version_id})])
    try:
        _begin(called, wish.variables, tree, notes)
    except NotPossibleHere as refusal:  # the engine refused before anything was written
        _perform(caller, CallFailed(wish.visit, str(refusal)), tree, Notes())


def _published(key: str) -> int | None:
    versions = ProcessVersion.objects.filter(definition__key=key, status=VersionStatus.PUBLISHED)
    return versions.values_list("pk", flat=True).first()


def _cancel_called(caller_id: int, visit: int, tree: _Tree) -> None:
    alive = ProcessInstance.objects.filter(caller_id=caller_id, caller_visit=visit, ended_at=None)
    for called_id in alive.values_list("pk", flat=True):
        called = load(instance_id=called_id)
        if called is not None:
            _perform(called, Terminate(actor=tree.by.pk if tree.by else None), tree, Notes(outcome="cancelled"))


def _tell_caller(caller_id: int, visit: int, event: Event, tree: _Tree) -> None:
    caller = load(instance_id=caller_id)
    if caller is not None and _awaits(caller, visit):
        _perform(caller, event, tree, Notes())


def _awaits(caller: Loaded, visit: int) -> bool:
    """Whether the call activity of a visit still waits, and is not stuck."""
    state = state_of(caller)
    token = state.token_in(visit)
    return token is not None and token.id not in state.incidents and not state.is_over


def _finished(loaded: Loaded, done: Row) -> TaskNews:
    told = loaded.task_news
    return TaskNews(
        id=told.id, visit_seq=told.visit_seq, node_id=told.node_id, name=told.name, name_en=told.name_en,
        status=done["status"], arrival=told.arrival, subject_status=told.subject_status, assignee_id=done["actor_id"],
        candidate_keys=told.candidate_keys, unit_id=told.unit_id, outcome=done["outcome"],
    )  # fmt: skip
