"""Reads of the operations screen: how many instances wait where and how long, what is stuck, what is late to fire.

Everything is in the reader's scope of ``process.view``. Nothing here is proportional to history: only live tasks, waiting
timers and open incidents are counted, each by a partial index.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Min, Q, QuerySet
from django.utils.translation import get_language

from onepoint.accounts.models import User
from onepoint.accounts.scope import scope_of
from onepoint.core import clock
from onepoint.core.explaining import explain_feel_warning
from onepoint.core.templatetags.ui_time import duration_text
from onepoint.workflow.definitions import compiled
from onepoint.workflow.engine import State
from onepoint.workflow.models import (
    ExpressionWarning,
    Incident,
    ProcessDefinition,
    ProcessInstance,
    ProcessVersion,
    ServiceCall,
    Subscription,
    Timer,
    UserTask,
)
from onepoint.workflow.queries import node_name
from onepoint.workflow.states import CallStatus, InstanceStatus, TaskStatus, TimerStatus

#: A timer that should have fired this long ago, or failed this often, is shown as stuck.
LATE = timedelta(minutes=5)
STUCK_ATTEMPTS = 3
#: A step is warm when its oldest task waits longer than the first, hot beyond the second.
WARM, HOT = timedelta(days=1), timedelta(days=3)


def _in_scope(user: User, prefix: str = "instance__") -> Q:
    scope = scope_of(user, "process.view")
    condition: Q = scope.by_unit_and_region(f"{prefix}unit", f"{prefix}region")
    return condition


def _label(name: str, name_en: str) -> str:
    return name_en if name_en and (get_language() or "").startswith("en") else name


@dataclass(frozen=True)
class StepLoad:
    """How many tasks wait at one step; ``oldest_at`` is when the longest waiting one arrived."""

    process_key: str
    process: str
    node_id: str
    step: str
    count: int
    unclaimed: int
    suspended: int
    late: int
    oldest_at: datetime

    @property
    def heat(self) -> str:
        return heat_of(self.oldest_at)


def heat_of(since: datetime) -> str:
    """``cool``, ``warm`` or ``hot``, by age."""
    age = clock.now() - since
    return "hot" if age > HOT else "warm" if age > WARM else "cool"


def step_loads(visible_to: User, process_key: str = "") -> list[StepLoad]:
    """Live tasks by process and step: two queries."""
    tasks = UserTask.objects.live().filter(_in_scope(visible_to), parent=None)
    if process_key:
        tasks = tasks.filter(process_key=process_key)
    rows = tasks.values("process_key", "node_id").annotate(
        count=Count("pk"), unclaimed=Count("pk", filter=Q(status=TaskStatus.OPEN, held=False)),
        suspended=Count("pk", filter=Q(held=True)), late=Count("pk", filter=Q(due_at__lt=clock.now())),
        oldest=Min("created_at"), step=Min("name"), step_en=Min("name_en"),
    )  # fmt: skip
    names = {row.key: row.label for row in ProcessDefinition.objects.all()}
    loads = [
        StepLoad(
            row["process_key"], names.get(row["process_key"], row["process_key"]), row["node_id"],
            _label(row["step"], row["step_en"]), row["count"], row["unclaimed"], row["suspended"], row["late"],
            row["oldest"],
        )
        for row in rows
    ]  # fmt: skip
    return sorted(loads, key=lambda load: (load.process, -load.count, load.node_id))


@dataclass(frozen=True)
class Totals:
    """Figures over all running instances a person may see."""

    running: int
    suspended: int
    incidents: int
    stuck_timers: int


def totals(visible_to: User) -> Totals:
    alive = ProcessInstance.objects.filter(_in_scope(visible_to, ""), ended_at=None, caller=None)
    figures = alive.aggregate(running=Count("pk"), suspended=Count("pk", filter=Q(status=InstanceStatus.SUSPENDED)))
    incidents = Incident.objects.filter(_in_scope(visible_to), resolved_at=None).count()
    return Totals(figures["running"], figures["suspended"], incidents, stuck_timers(visible_to).count())


def stuck_timers(visible_to: User) -> QuerySet[Timer]:
    """Timers that are late or keep failing; those that start processes only for who sees everything."""
    late = Q(due_at__lt=clock.now() - LATE) | Q(due_at__lt=clock.now(), attempts__gte=STUCK_ATTEMPTS)
    waiting = Timer.objects.filter(late, _in_scope(visible_to), status=TimerStatus.WAITING)
    return waiting.select_related("instance__version__definition", "version__definition").defer(
        "instance__version__bpmn", "version__bpmn"
    )


def find_stuck_timer(pk: int, visible_to: User) -> Timer | None:
    return stuck_timers(visible_to).filter(pk=pk).first()


def timer_steps(timers: Iterable[Timer]) -> dict[int, str]:
    """What the drawing calls where each timer stands, by timer id."""
    return {
        timer.pk: node_name(timer.instance.version_id if timer.instance else timer.version_id or 0, timer.node_id)
        if timer.node_id
        else ""
        for timer in timers
    }


def tasks_at(visible_to: User, process_key: str, node_id: str) -> QuerySet[UserTask]:
    """The live tasks of one step, with instance, people and units."""
    tasks = UserTask.objects.live().filter(_in_scope(visible_to), process_key=process_key, node_id=node_id, parent=None)
    return tasks.select_related("instance", "assignee", "unit")


def find_running(pk: int, visible_to: User) -> ProcessInstance | None:
    """An instance in the person's scope, with its version and definition."""
    rows = ProcessInstance.objects.filter(_in_scope(visible_to, ""), pk=pk)
    return rows.select_related("version__definition", "caller", "region", "unit").first()


# -- one instance -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Waiting:
    """Something beside people an instance waits for."""

    kind: str  # timer, message, signal, service, process
    step: str
    about: str
    since: datetime | None
    due_at: datetime | None = None
    is_frozen: bool = False


def waits_of(instance: ProcessInstance) -> list[Waiting]:
    """Timers, messages, signals, services and called processes an instance waits for: four queries."""
    version = instance.version_id
    timers = instance.timers.filter(status__in=(TimerStatus.WAITING, TimerStatus.FROZEN)).exclude(node_id="")
    waits = [
        Waiting("timer", node_name(version, row.node_id), row.value, row.created_at, row.due_at,
                row.status == TimerStatus.FROZEN)
        for row in timers.order_by("due_at")
    ]  # fmt: skip
    for row in Subscription.objects.filter(instance=instance, closed_at=None).order_by("pk"):
        about = f"{row.name} {row.correlation}".strip()
        waits.append(Waiting(row.kind, node_name(version, row.node_id), about, row.created_at))
    for call in ServiceCall.objects.filter(instance=instance, status=CallStatus.PENDING).order_by("pk"):
        waits.append(Waiting("service", node_name(version, call.node_id), call.handler, call.created_at))
    return waits


def called_by(instance: ProcessInstance) -> list[ProcessInstance]:
    return list(instance.called.select_related("version__definition").defer("version__bpmn").order_by("pk"))


@dataclass(frozen=True)
class NoticedWarning:
    """An expression that yielded null because something was missing, and how often."""

    place: str
    expression: str
    problem: str
    count: int
    last_at: datetime


def warnings_of(instance: ProcessInstance) -> list[NoticedWarning]:
    """What was noticed about the expressions of an instance, the latest first."""
    rows = ExpressionWarning.objects.filter(instance=instance).order_by("-last_at", "pk")
    return [
        NoticedWarning(
            _place(instance, row.element_id), row.expression, explain_feel_warning(row.problem), row.count, row.last_at
        )
        for row in rows
    ]


def _place(instance: ProcessInstance, element_id: str) -> str:
    """The name of a step, or of the path a condition stands on with the step it leaves; the id as it was, if it is gone."""
    process = compiled(instance.version_id).process
    if node := process.nodes.get(element_id):
        return _label(node.name, node.extension.attribute("op:nameEn") or "") or node.id
    flow = process.flows.get(element_id)
    if flow is None:
        return element_id
    source, path = process.nodes[flow.source], _label(flow.name, flow.extension.attribute("op:nameEn") or "")
    begins = _label(source.name, source.extension.attribute("op:nameEn") or "") or source.id
    return f"{begins}: {path}" if path else begins


def jump_targets(instance: ProcessInstance) -> list[tuple[str, str]]:
    """The human steps of the drawing as choices."""
    return [(step.node_id, step.label) for step in compiled(instance.version_id).steps.values()]


def variables_of(instance: ProcessInstance) -> dict[str, Any]:
    """The process variables by name, for whoever mends them."""
    state = State.from_json({**instance.marking, "v": instance.variables})
    return dict(sorted(state.variables.items()))


# -- heat on the picture ------------------------------------------------------------------------------------------


def heat(version: ProcessVersion, visible_to: User) -> dict[str, Any]:
    """Per drawn node how many instances of a version wait there and since when, as the process picture shows it."""
    running = Q(instance__version=version, instance__ended_at=None) & _in_scope(visible_to)
    found: dict[str, tuple[int, datetime]] = {}

    def add(rows: Iterable[Mapping[str, Any]]) -> None:
        for row in rows:
            count, since = found.get(row["node_id"], (0, row["since"]))
            found[row["node_id"]] = (count + row["count"], min(since, row["since"]))

    tasks = UserTask.objects.live().filter(running, parent=None)
    add(tasks.values("node_id").annotate(count=Count("pk"), since=Min("created_at")))
    calls = ServiceCall.objects.filter(running, status=CallStatus.PENDING)
    add(calls.values("node_id").annotate(count=Count("pk"), since=Min("created_at")))
    timers = Timer.objects.filter(running, status=TimerStatus.WAITING).exclude(node_id="")
    add(timers.values("node_id").annotate(count=Count("pk"), since=Min("created_at")))
    open_subscriptions = Subscription.objects.filter(running, closed_at=None)
    add(open_subscriptions.values("node_id").annotate(count=Count("pk"), since=Min("created_at")))
    stuck = Incident.objects.filter(running, resolved_at=None).values("node_id")
    incidents = dict(stuck.annotate(count=Count("pk")).values_list("node_id", "count"))
    return {"nodes": {node: _heat(*facts, node in incidents) for node, facts in found.items()}}


def _heat(count: int, since: datetime, is_stuck: bool) -> dict[str, Any]:
    return {
        "state": "incident" if is_stuck else heat_of(since),
        "who": str(count),
        "since": since.isoformat(),
        "duration": duration_text(max(clock.now() - since, timedelta())),
        "waiting": count,
    }


def versions_running(visible_to: User) -> QuerySet[ProcessVersion]:
    """Versions instances run on now, newest first, with how many."""
    running = Count("instances", filter=Q(instances__ended_at=None) & _in_scope(visible_to, "instances__"))
    versions = ProcessVersion.objects.defer("bpmn").select_related("definition").annotate(running_count=running)
    return versions.filter(running_count__gt=0).order_by("definition__key", F("number").desc())
