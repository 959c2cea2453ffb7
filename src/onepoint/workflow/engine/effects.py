"""What an advance asks the outside to do. Effects are facts in order; applying them is the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Variables = Mapping[str, Any]
# A consumed token: the visit that produced it and the flow it came by (None: no flow, as at a start).
Consumed = tuple[int, str | None]


@dataclass(frozen=True, slots=True)
class RecordVisit:
    """A node was entered. `outcome` is set when the visit was already left within the same advance.

    `locals` is the snapshot of the innermost non-root scope at entry (user tasks only); `replaces` names the visit
    whose place this one takes after a return, recall, resume or re-opened scope.
    """

    seq: int
    node_id: str
    scope: int
    nth: int
    parents: tuple[int, ...]
    consumed: tuple[Consumed, ...]
    locals: Variables | None = None
    replaces: int | None = None
    outcome: str | None = None
    actor: int | None = None


@dataclass(frozen=True, slots=True)
class LeaveVisit:
    """A visit recorded by an earlier advance was left.

    Outcomes: completed, returned, recalled, interrupted, superseded, cancelled, terminated, or what a user task was
    completed with.
    """

    visit: int
    outcome: str
    actor: int | None = None


@dataclass(frozen=True, slots=True)
class UndoVisits:
    """These visits were rolled back: they stay in the history but no longer count for later rollbacks."""

    visits: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CreateTask:
    """A user task waits for somebody. `reason`: arrived, returned, recalled, reopened, resumed, jumped."""

    visit: int
    node_id: str
    scope: int
    variables: Variables
    reason: str = "arrived"
    restores_visit: int | None = None


@dataclass(frozen=True, slots=True)
class CancelTask:
    visit: int
    outcome: str


@dataclass(frozen=True, slots=True)
class RunService:
    """Call the handler of a service, business rule or send task; answer with ServiceDone or ServiceFailed."""

    visit: int
    node_id: str
    scope: int
    variables: Variables


@dataclass(frozen=True, slots=True)
class CancelService:
    visit: int


@dataclass(frozen=True, slots=True)
class OpenScope:
    """A scope came into being. Kinds: process, sub_process, event_sub_process, mi_body, mi_child."""

    scope: int
    kind: str
    node_id: str | None
    parent: int | None
    visit: int
    index: int | None
    locals: Variables
    items: tuple[Any, ...] | None = None
    replaces: int | None = None


@dataclass(frozen=True, slots=True)
class ChangeScope:
    """The items of a multi-instance body changed (instances added)."""

    scope: int
    items: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class CloseScope:
    scope: int
    outcome: str


@dataclass(frozen=True, slots=True)
class PathPassed:
    flow_id: str
    source_visit: int


@dataclass(frozen=True, slots=True)
class ScheduleTimer:
    """Arm a timer of `node_id` hanging on `visit` (0: the instance). `kind`: date, duration or cycle; `value` as
    ISO 8601 text or what the expression yielded. Counts from the entry time of the visit."""

    visit: int
    node_id: str
    kind: str
    value: Any


@dataclass(frozen=True, slots=True)
class CancelTimer:
    visit: int
    node_id: str


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Wait for a message or signal (`kind`) by name and, for messages, correlation value."""

    visit: int
    node_id: str
    kind: str
    name: str
    correlation: Any = None


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    visit: int
    node_id: str


@dataclass(frozen=True, slots=True)
class ThrowMessage:
    visit: int
    node_id: str
    name: str
    variables: Variables
    correlation: Any = None


@dataclass(frozen=True, slots=True)
class ThrowSignal:
    visit: int
    node_id: str
    name: str
    variables: Variables


@dataclass(frozen=True, slots=True)
class EscapeEscalation:
    """No scope of this instance caught the escalation; a calling instance may (event CalledEscalated)."""

    visit: int
    code: str | None
    variables: Variables


@dataclass(frozen=True, slots=True)
class StartInstance:
    """Start the process called by a call activity; answer with CalledEnded."""

    visit: int
    node_id: str
    called: str
    variables: Variables


@dataclass(frozen=True, slots=True)
class CancelInstance:
    """Terminate the instance started for this visit."""

    visit: int


@dataclass(frozen=True, slots=True)
class RaiseIncident:
    """A token cannot go on. `visit` is None when the node was not entered yet."""

    token: int
    node_id: str
    code: str
    message: str
    visit: int | None


@dataclass(frozen=True, slots=True)
class ResolveIncident:
    token: int


@dataclass(frozen=True, slots=True)
class EndInstance:
    """The instance is over: outcome completed, terminated (or what Terminate said), or error with its code."""

    outcome: str
    end_node_id: str | None
    error_code: str | None = None


@dataclass(frozen=True, slots=True)
class ReopenInstance:
    """An ended instance lives again."""


@dataclass(frozen=True, slots=True)
class MoveVisit:
    """Migration: what hangs on the visit (a task, a call) now belongs to this node of the new version."""

    visit: int
    node_id: str


@dataclass(frozen=True, slots=True)
class MoveWait:
    """Migration: a timer or subscription of the visit is kept under the new node id, with its due time."""

    visit: int
    old_node_id: str
    node_id: str


@dataclass(frozen=True, slots=True)
class MoveScope:
    """Migration: the scope is now the inside of this node of the new version."""

    scope: int
    node_id: str


Effect = (
    RecordVisit
    | LeaveVisit
    | UndoVisits
    | CreateTask
    | CancelTask
    | RunService
    | CancelService
    | OpenScope
    | ChangeScope
    | CloseScope
    | PathPassed
    | ScheduleTimer
    | CancelTimer
    | Subscribe
    | Unsubscribe
    | ThrowMessage
    | ThrowSignal
    | EscapeEscalation
    | StartInstance
    | CancelInstance
    | RaiseIncident
    | ResolveIncident
    | EndInstance
    | ReopenInstance
    | MoveVisit
    | MoveWait
    | MoveScope
)
