"""What a command reads: an instance locked, with the task it is about; and what it hands over and gives back."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from onepoint.core.prepared import Statement
from onepoint.workflow.definitions import Compiled, compiled
from onepoint.workflow.engine import State
from onepoint.workflow.news import InstanceNews, TaskNews
from onepoint.workflow.states import Arrival

Row = dict[str, Any]

# It waits for the row; the comment tells ``core.patience``.
_LOAD = Statement("workflow_load", "SELECT * FROM workflow_load($1::bigint, $2::bigint, $3::text) /* FOR UPDATE */")

# Those of called processes too: their tasks belong to the same subject.
_LOCK_LIVE_TASKS = """
SELECT 1 FROM workflow_usertask
WHERE status IN ('open', 'claimed', 'waiting')
    AND instance_id IN (SELECT %s UNION SELECT id FROM workflow_processinstance WHERE root_id = %s)
ORDER BY id FOR UPDATE
"""


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
    root_id: int | None = None
    caller_id: int | None = None
    caller_visit: int | None = None
    depth: int = 0
    moves: str = "[]"
    parent_id: int | None = None  # of a task that is an added signer's
    position: str = ""
    delegators: list[int] | None = None
    finish: str | None = None
    has_signers: bool = False
    rests: bool = False  # its subject is on hold

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
    caller_id: int | None = None
    caller_visit: int | None = None
    root_id: int | None = None
    depth: int = 0
    started_by_id: int | None = None  # of a called process: who started the outermost one
    rests: bool = False  # a called process of one whose subject is on hold
    is_suspended: bool = False  # a called process of one that is suspended


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
    fired: int | None = None  # the timer this is about
    next_round: Row | None = None  # the row of its next round
    taken: int | None = None  # the message this is about
    counts_from_now: bool = False  # timers of scopes that live again count from now, not from their first entry
    arrival: Arrival | None = None  # of the tasks that just arrive
    also: Row = field(default_factory=dict)  # further parts of the payload


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
    row = _LOAD.row(task_id, instance_id, key)
    return Loaded(*row) if row else None


def lock_instance(instance_id: int) -> None:
    """Lock an instance and its live tasks before its subject, the order every command and claim keeps.

    Call it inside a transaction that will change the subject first and the process afterwards.
    """
    load(instance_id=instance_id)
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_LIVE_TASKS, [instance_id, instance_id])


_LOCK_MANY = """
SELECT id FROM workflow_processinstance
WHERE id IN (SELECT COALESCE(root_id, id) FROM workflow_processinstance WHERE id = ANY(%(ids)s)) OR id = ANY(%(ids)s)
ORDER BY root_id NULLS FIRST, id FOR UPDATE
"""
_LOCK_LIVE_TASKS_OF_MANY = """
SELECT id FROM workflow_usertask
WHERE status IN ('open', 'claimed', 'waiting') AND instance_id IN (
    SELECT unnest(%(ids)s::bigint[]) UNION SELECT id FROM workflow_processinstance WHERE root_id = ANY(%(ids)s)
)
ORDER BY id FOR UPDATE
"""


def lock_instances(instance_ids: Iterable[int]) -> None:
    """The same for several instances, in two statements."""
    told = {"ids": sorted(set(instance_ids))}
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_MANY, told)
        cursor.execute(_LOCK_LIVE_TASKS_OF_MANY, told)


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


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=plain)


def to_json(value: Any) -> str:
    return _ENCODER.encode(value)


def instance_news(loaded: Loaded) -> InstanceNews:
    return InstanceNews(
        id=loaded.id, process_key=loaded.compiled.key, version_id=loaded.version_id, subject_type=loaded.subject_type,
        subject_id=loaded.subject_id, subject_number=loaded.subject_number, region_id=loaded.region_id,
        unit_id=loaded.unit_id, status=loaded.instance_status, outcome=loaded.instance_outcome,
    )  # fmt: skip
