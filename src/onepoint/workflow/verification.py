"""Whether what is stored of an instance agrees with itself (reliability I5): marking, tasks, timers, subscriptions, calls,
visits and status."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice

from django.db.models import Q, QuerySet

from onepoint.core import clock
from onepoint.core.verifying import Report, count_rows, find_overdue, find_rows, register_check
from onepoint.workflow import queries
from onepoint.workflow.definitions import compiled
from onepoint.workflow.engine import Process, State, check_invariants
from onepoint.workflow.models import ProcessInstance, ServiceCall, Subscription, Timer, UserTask, Visit
from onepoint.workflow.resting import COUNTED
from onepoint.workflow.states import LIVE_INSTANCE, CallStatus, InstanceStatus, Position, TaskStatus, TimerStatus

BATCH = 500
_SERVED = ("service_task", "business_rule_task", "send_task")
Wait = tuple[int, str]


@dataclass(slots=True)
class _Kept:
    """What the tables hold of one instance beside its own row."""

    tasks: list[UserTask] = field(default_factory=list)  # live ones
    timers: list[tuple[int, str, str, bool]] = field(
        default_factory=list
    )  # visit, node, status, whether it counts time
    subscriptions: set[Wait] = field(default_factory=set)  # open ones
    calls: set[int] = field(default_factory=set)  # visits of pending ones
    children: list[int] = field(default_factory=list)  # visits whose called process runs
    unleft: set[int] = field(default_factory=set)  # visits
    rests: bool = False  # its subject is on hold


_OF_TASK = ("instance_id", "visit_seq", "parent_id", "status", "position", "finish", "held")


def _read(instances: Sequence[ProcessInstance]) -> dict[int, _Kept]:
    """Of many instances at once; seven queries."""
    kept = {instance.pk: _Kept() for instance in instances}
    outermost = {instance.root_id or instance.pk for instance in instances}
    resting = set(
        ProcessInstance.objects.filter(pk__in=outermost, rests_since__isnull=False).values_list("pk", flat=True)
    )
    for instance in instances:
        kept[instance.pk].rests = (instance.root_id or instance.pk) in resting
    about = {"instance__in": list(kept)}
    for task in UserTask.objects.live().filter(**about).only(*_OF_TASK):
        kept[task.instance_id].tasks.append(task)
    timers = Timer.objects.filter(**about, status__in=(TimerStatus.WAITING, TimerStatus.FROZEN)).exclude(node_id="")
    timers = timers.annotate(counted=Q(COUNTED))
    for pk, *timer in timers.values_list("instance_id", "visit_seq", "node_id", "status", "counted"):
        kept[pk].timers.append(tuple(timer))
    subscriptions = Subscription.objects.filter(**about, closed_at=None)
    for pk, visit, node in subscriptions.values_list("instance_id", "visit_seq", "node_id"):
        kept[pk].subscriptions.add((visit, node))
    pending = ServiceCall.objects.filter(**about, status=CallStatus.PENDING)
    for pk, visit in pending.values_list("instance_id", "visit_seq"):
        kept[pk].calls.add(visit)
    children = ProcessInstance.objects.filter(caller__in=list(kept), ended_at=None)
    for caller, caller_visit in children.values_list("caller_id", "caller_visit"):
        if caller_visit is not None:
            kept[caller].children.append(caller_visit)
    for pk, visit in Visit.objects.filter(**about, left_at=None).values_list("instance_id", "seq"):
        kept[pk].unleft.add(visit)
    return kept


def find_faults(instance: ProcessInstance) -> list[str]:
    """What is wrong with an instance, in the words of those who mend it; empty when all is well."""
    return _faults_of(instance, _read([instance])[instance.pk])


def find_all_faults(instances: QuerySet[ProcessInstance]) -> Iterator[tuple[ProcessInstance, list[str]]]:
    """Of every one of ``instances``, those without a fault too; seven queries for each five hundred of them."""
    rows = instances.iterator(chunk_size=BATCH)
    while batch := list(islice(rows, BATCH)):
        kept = _read(batch)
        for instance in batch:
            yield instance, _faults_of(instance, kept[instance.pk])


def _faults_of(instance: ProcessInstance, kept: _Kept) -> list[str]:
    process = compiled(instance.version_id).process
    state = State.from_json({**instance.marking, "v": instance.variables})
    faults = list(check_invariants(process, state))
    if any(token.node not in process.nodes for token in state.tokens.values()):
        return faults  # the rest asks what those nodes are
    faults += _task_faults(process, state, kept.tasks)
    faults += _signer_faults(kept.tasks)
    faults += _wait_faults(process, state, kept)
    faults += _call_faults(process, state, kept)
    inside = _resting(state) | {scope.visit for scope in state.scopes.values()}
    faults += [f"visit {seq}: never left, yet nothing is there" for seq in sorted(kept.unleft - inside)]
    faults += [f"visit {seq}: left, yet a token is in it" for seq in sorted(_resting(state) - kept.unleft)]
    if instance.status not in LIVE_INSTANCE and (state.tokens or kept.tasks or kept.unleft):
        faults.append("the instance has ended but something in it is alive")
    if instance.status in LIVE_INSTANCE and not state.tokens:
        faults.append("the instance runs but nothing in it is alive")
    return faults + list(_pause_faults(instance, kept))


def _resting(state: State) -> set[int]:
    """Visits in which a token waits."""
    return {token.visit for token in state.tokens.values() if token.status == "w"}


def _waiting_at(process: Process, state: State, *kinds: str) -> set[int]:
    """Visits in which a token waits at a node of one of the kinds, itself and not as the body of several, unhindered."""
    bodies = {scope.visit for scope in state.scopes.values() if scope.kind == "mi_body"}
    return {
        token.visit
        for token in state.tokens.values()
        if token.status == "w"
        and process.nodes[token.node].kind in kinds
        and token.id not in state.incidents
        and token.visit not in bodies
    }


def _task_faults(process: Process, state: State, tasks: list[UserTask]) -> Iterator[str]:
    waiting = _waiting_at(process, state, "user_task")
    live = {task.visit_seq for task in tasks if not task.is_signer}
    yield from (f"visit {seq}: a token waits but nobody has the task" for seq in sorted(waiting - live))
    yield from (f"visit {seq}: a task is open but no token waits" for seq in sorted(live - waiting))


def _signer_faults(tasks: list[UserTask]) -> Iterator[str]:
    alive = {task.pk for task in tasks}
    asked = {task.parent_id for task in tasks if task.is_signer}
    for task in tasks:
        if task.is_signer and task.parent_id not in alive:
            yield f"task {task.pk}: a signer is asked for a task that is over"
        queued = task.position == Position.AFTER and task.finish is None and task.is_signer
        if task.status == TaskStatus.WAITING and task.pk not in asked and not queued:
            yield f"task {task.pk}: waits for signers but nobody is asked"


def _wait_faults(process: Process, state: State, kept: _Kept) -> Iterator[str]:
    armed: dict[str, set[Wait]] = {"timer": set(), "message": set(), "signal": set()}
    for visit, nodes in state.waits.items():
        for node_id in nodes:
            event = process.nodes[node_id].event
            if event.kind == "timer" or (event.kind in armed and (event.name or event.name_formula)):
                armed[event.kind].add((visit, node_id))
    yield from _differences("timer", armed["timer"], {(visit, node) for visit, node, *_more in kept.timers})
    yield from _differences("subscription", armed["message"] | armed["signal"], kept.subscriptions)


def _differences(what: str, wanted: set[Wait], kept: set[Wait]) -> Iterator[str]:
    yield from (f"visit {seq}: waits at {node} without a {what}" for seq, node in sorted(wanted - kept))
    yield from (
        f"visit {seq}: a {what} of {node} is left that nothing waits for" for seq, node in sorted(kept - wanted)
    )


def _call_faults(process: Process, state: State, kept: _Kept) -> Iterator[str]:
    served = _waiting_at(process, state, *_SERVED)
    calls, alive = kept.calls, kept.children
    yield from (f"visit {seq}: waits for a service that is not called" for seq in sorted(served - calls))
    yield from (f"visit {seq}: a service is called that nothing waits for" for seq in sorted(calls - served))
    waiting = _waiting_at(process, state, "call_activity")
    yield from (f"visit {seq}: waits for a called process that is not there" for seq in sorted(waiting - set(alive)))
    yield from (f"visit {seq}: a called process runs that nothing waits for" for seq in sorted({*alive} - waiting))
    yield from (
        f"visit {seq}: called more than one process" for seq in sorted({s for s in alive if alive.count(s) > 1})
    )


def _pause_faults(instance: ProcessInstance, kept: _Kept) -> Iterator[str]:
    """Suspended: nobody works on it and no timer runs; its subject on hold: no timer that counts time; else nothing is held."""
    is_suspended = instance.status == InstanceStatus.SUSPENDED
    stood = "suspended" if is_suspended else "on hold" if kept.rests else "running"
    for _visit, _node, status, counted in kept.timers:
        if (status == TimerStatus.FROZEN) != (is_suspended or kept.rests and counted):
            yield f"{stood}, but a timer {'stands still' if status == TimerStatus.FROZEN else 'runs'}"
    if any(task.held != is_suspended for task in kept.tasks):
        yield "suspended, but a task is not held" if is_suspended else "running, but a task is held"


# -- what ``./onepoint verify`` runs --------------------------------------------------------------------------------

#: Workers look every second; what is late by more is forgotten.
GRACE = timedelta(minutes=10)


@register_check(
    "workflow.instances", "Marking, tasks, timers, waits and calls of every running process agree", "processes"
)
def check_instances(report: Report) -> None:
    for instance, faults in find_all_faults(queries.instances(ended=False)):
        report.look()
        for fault in faults:
            report.fault(f"process {instance.pk} ({instance.subject_number})", fault)


_FORGOTTEN = """
SELECT 'timer ' || id, 'was due at ' || due_at::timestamp(0) FROM workflow_timer
WHERE status = 'waiting' AND due_at < %(before)s
UNION ALL
SELECT 'call ' || id, 'waits since ' || created_at::timestamp(0) FROM workflow_servicecall
WHERE status = 'pending' AND created_at < %(before)s AND NOT EXISTS (
    SELECT 1 FROM workflow_processinstance one WHERE one.id = instance_id AND one.status IN ('suspended', 'incident'))
UNION ALL
SELECT 'message ' || id, 'waits beyond its time' FROM workflow_processmessage
WHERE status = 'waiting' AND expires_at < %(before)s
"""


#: What a timer may be; the last ends a suspension.
_KINDS = ["date", "duration", "cycle", "resume"]
_STRANGE = """
SELECT 'timer ' || id, 'is of the unknown kind ' || kind FROM workflow_timer
WHERE status IN ('waiting', 'frozen') AND NOT kind = ANY(%(kinds)s)
UNION ALL
SELECT 'timer ' || id, 'belongs to nothing' FROM workflow_timer
WHERE status IN ('waiting', 'frozen') AND instance_id IS NULL AND version_id IS NULL
UNION ALL
SELECT 'timer ' || timer.id, 'waits for a process that has ended' FROM workflow_timer timer
JOIN workflow_processinstance one ON one.id = timer.instance_id
WHERE timer.status IN ('waiting', 'frozen') AND one.ended_at IS NOT NULL
UNION ALL
SELECT 'timer ' || id, 'has fired, but when is not noted' FROM workflow_timer
WHERE status = 'fired' AND fired_at IS NULL
"""


@register_check("workflow.waits", "No timer, call or message of a process is overdue, strange or left over", "waiting")
def check_waits(report: Report) -> None:
    find_overdue(report, _FORGOTTEN, {"before": clock.now() - GRACE})
    find_rows(report, _STRANGE, {"kinds": _KINDS}, "{1}")
    report.look(
        count_rows(
            "SELECT (SELECT count(*) FROM workflow_timer WHERE status = 'waiting')"
            " + (SELECT count(*) FROM workflow_servicecall WHERE status = 'pending')"
            " + (SELECT count(*) FROM workflow_processmessage WHERE status = 'waiting')"
        )
    )


_DONE_TWICE = """
SELECT 'task ' || (data ->> 'task'), count(*) FROM core_auditentry
WHERE verb = 'task.completed' AND data ? 'task' GROUP BY data ->> 'task' HAVING count(*) > 1
"""


@register_check("workflow.done-once", "No step was finished twice", "finished steps")
def check_done_once(report: Report) -> None:
    find_rows(report, _DONE_TWICE, {}, "was finished {1} times, says the journal")
    report.look(count_rows("SELECT count(*) FROM workflow_usertask WHERE status = 'completed'"))
