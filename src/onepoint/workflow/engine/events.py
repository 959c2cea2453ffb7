"""What may happen to an instance. Visits are named by their sequence number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from onepoint.workflow.engine.history import ScopeRecord, VisitRecord

Variables = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Start:
    """Begin at the none start events, or at the named start event. `called`: another instance waits for this one."""

    variables: Variables = field(default_factory=dict)
    node_id: str | None = None
    called: bool = False


@dataclass(frozen=True, slots=True)
class CompleteTask:
    """A user task was done. `outcome` becomes the variable `outcome` of the innermost scope."""

    visit: int
    variables: Variables = field(default_factory=dict)
    outcome: str | None = None
    actor: int | None = None


@dataclass(frozen=True, slots=True)
class ServiceDone:
    visit: int
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ServiceFailed:
    """The handler failed. With `error_code` a BPMN error is thrown; without, or uncaught, an incident is raised."""

    visit: int
    message: str = ""
    error_code: str | None = None
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TimerFired:
    """A timer is due. `more` says that a cycle timer stays armed for another time."""

    visit: int
    node_id: str
    more: bool = False


@dataclass(frozen=True, slots=True)
class MessageArrived:
    visit: int
    node_id: str
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SignalArrived:
    visit: int
    node_id: str
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CalledEnded:
    """The instance a call activity started is over. `error_code`: it ended by an uncaught error."""

    visit: int
    variables: Variables = field(default_factory=dict)
    outcome: str = "completed"
    error_code: str | None = None


@dataclass(frozen=True, slots=True)
class CalledEscalated:
    """An escalation left the instance a call activity started."""

    visit: int
    code: str | None = None
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CallFailed:
    """The process a call activity names could not be started; an incident until somebody retries."""

    visit: int
    message: str = ""


@dataclass(frozen=True, slots=True)
class SetVariables:
    """Variables changed from outside; `scope` narrows the assignment to be seen from that scope, `local` forces it."""

    variables: Variables
    scope: int = 0
    local: bool = False


@dataclass(frozen=True, slots=True)
class SendBack:
    """Return to an earlier visit (workflow.md, Return). `resume`: "flow" goes on by the drawing, "straight" comes
    back to the one who sent back. `whole_body` allows leaving a multi-instance child whose siblings still work."""

    from_visit: int
    to_visit: int
    history: tuple[VisitRecord, ...]
    scopes: tuple[ScopeRecord, ...]
    resume: str = "flow"
    actor: int | None = None
    whole_body: bool = False


@dataclass(frozen=True, slots=True)
class Recall:
    """Take back what one has sent on: return to one's own visit. Whether it may be is the caller's policy."""

    to_visit: int
    history: tuple[VisitRecord, ...]
    scopes: tuple[ScopeRecord, ...]
    actor: int | None = None
    whole_body: bool = False


@dataclass(frozen=True, slots=True)
class Reopen:
    """An ended instance lives again at an earlier visit."""

    to_visit: int
    history: tuple[VisitRecord, ...]
    scopes: tuple[ScopeRecord, ...]
    actor: int | None = None


@dataclass(frozen=True, slots=True)
class CancelVisit:
    """Step of a Jump: remove the token waiting in this visit, with all that hangs on it."""

    visit: int


@dataclass(frozen=True, slots=True)
class CancelNode:
    """Step of a Jump: remove every token waiting at this node."""

    node_id: str


@dataclass(frozen=True, slots=True)
class CancelScope:
    """Step of a Jump: cancel one scope; if it was a sub-process, its activity is cancelled with it."""

    scope: int


@dataclass(frozen=True, slots=True)
class Activate:
    """Step of a Jump: put a token before (`place` before), after (after) or on the flow (flow) named.

    Missing scopes are entered without start events. `scope` names the scope below which to do so when several
    could be meant. `body` starts a whole multi-instance body instead of one more child.
    """

    id: str
    place: str = "before"
    scope: int | None = None
    variables: Variables = field(default_factory=dict)
    body: bool = True


JumpStep = CancelVisit | CancelNode | CancelScope | Activate


@dataclass(frozen=True, slots=True)
class Jump:
    """Administrative move: cancel and activate in the order given; scopes are completed only after the last step."""

    steps: tuple[JumpStep, ...]
    actor: int | None = None


@dataclass(frozen=True, slots=True)
class AddInstances:
    """More children for a running multi-instance body (add signer). `visit` is the body's."""

    visit: int
    items: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class RemoveInstance:
    """Withdraw one child of a multi-instance body; `visit` is the child's."""

    visit: int
    actor: int | None = None


@dataclass(frozen=True, slots=True)
class Terminate:
    """End the instance from outside; everything alive is cancelled."""

    outcome: str = "terminated"
    actor: int | None = None


@dataclass(frozen=True, slots=True)
class RetryIncident:
    """Try again where tokens could not go on; all incidents, or that of one token."""

    token: int | None = None
    variables: Variables = field(default_factory=dict)


Event = (
    Start
    | CompleteTask
    | ServiceDone
    | ServiceFailed
    | TimerFired
    | MessageArrived
    | SignalArrived
    | CalledEnded
    | CalledEscalated
    | CallFailed
    | SetVariables
    | SendBack
    | Recall
    | Reopen
    | Jump
    | AddInstances
    | RemoveInstance
    | Terminate
    | RetryIncident
)
