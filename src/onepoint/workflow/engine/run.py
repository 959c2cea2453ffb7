"""One advance in progress: the working state, the effects so far, and the steps every element is made of."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol

from onepoint.workflow.engine import effects as fx
from onepoint.workflow.engine import times
from onepoint.workflow.engine.errors import Stuck
from onepoint.workflow.engine.graph import Flow, Formula, Node, Process
from onepoint.workflow.engine.state import (
    ARRIVING,
    JOINING,
    ROOT,
    WAITING,
    Body,
    Incident,
    Scope,
    State,
    Token,
)

STEP_BUDGET = 1000


class Entry(NamedTuple):
    """Why a node is entered, for the task that may come of it."""

    reason: str = "arrived"
    restores: int | None = None
    is_chosen: bool = False  # somebody named this very node, so no rule of the drawing passes it by


ARRIVED = Entry()
CHOSEN = Entry(is_chosen=True)


class Arrival(NamedTuple):
    """A token under way. `triggered`: the event awaited at the target has already happened (event-based gateway)."""

    scope: int
    node: str
    flow: str | None
    producer: int
    triggered: bool = False
    entry: Entry = ARRIVED


class Behaviour(Protocol):
    """What one kind of element does with a token that has entered it."""

    def enter(self, run: Run, node: Node, token: Token, entry: Entry) -> None: ...

    def cancel(self, run: Run, node: Node, token: Token, outcome: str) -> None: ...


class Run:
    """The mutable side of `advance`; it lives for one event only."""

    def __init__(
        self,
        process: Process,
        state: State,
        find_behaviour: Callable[[Run, Node, Token], Behaviour],
        settle: Settle,
        budget: int = STEP_BUDGET,
    ) -> None:
        self.process = process
        self.state = state
        self.effects: list[fx.Effect] = []
        self.queue: deque[Arrival] = deque()
        self.budget = budget
        self.dirty: set[int] = set()
        self.check_conditions = False
        self.last_end: str | None = None
        self._recorded: dict[int, int] = {}
        self._find_behaviour = find_behaviour
        self._settle = settle

    # Tokens and visits

    def add_token(self, scope: int, node: str, flow: str | None, status: str, visit: int) -> Token:
        state = self.state
        token = Token(state.next_token, scope, node, flow, status, visit)
        state.next_token += 1
        state.tokens[token.id] = token
        state.scopes[scope].alive += 1
        return token

    def drop_token(self, token: Token) -> None:
        del self.state.tokens[token.id]
        self.state.scopes[token.scope].alive -= 1
        self.dirty.add(token.scope)
        self.resolve_incident(token.id)

    def record(
        self,
        node: Node,
        scope: int,
        parents: tuple[int, ...],
        consumed: tuple[fx.Consumed, ...],
        replaces: int | None = None,
    ) -> int:
        """Record the entering of a node and return the new visit's number."""
        state = self.state
        seq = state.next_visit
        state.next_visit += 1
        nth = state.counts.get(node.id, 0) + 1
        state.counts[node.id] = nth
        local = None
        if scope != ROOT and node.kind == "user_task":
            local = state.scopes[scope].locals
        self._recorded[seq] = len(self.effects)
        self.effects.append(fx.RecordVisit(seq, node.id, scope, nth, parents, consumed, local, replaces))
        return seq

    def leave_visit(self, visit: int, outcome: str, actor: int | None = None) -> None:
        self.state.resumes.pop(visit, None)
        place = self._recorded.pop(visit, None)
        if place is None:
            self.effects.append(fx.LeaveVisit(visit, outcome, actor))
            return
        old = self.effects[place]
        assert isinstance(old, fx.RecordVisit)
        self.effects[place] = fx.RecordVisit(
            old.seq,
            old.node_id,
            old.scope,
            old.nth,
            old.parents,
            old.consumed,
            old.locals,
            old.replaces,
            outcome,
            actor,
        )

    # Going in and out of nodes

    def arrive(
        self,
        scope: int,
        node: str,
        flow: str | None,
        producer: int,
        triggered: bool = False,
        entry: Entry = ARRIVED,
    ) -> None:
        self.queue.append(Arrival(scope, node, flow, producer, triggered, entry))

    def enter(
        self,
        node: Node,
        scope: int,
        parents: tuple[int, ...],
        consumed: tuple[fx.Consumed, ...],
        flow: str | None = None,
        entry: Entry = ARRIVED,
        triggered: bool = False,
    ) -> Token:
        """Record a visit and let the element act on its token."""
        visit = self.record(node, scope, parents, consumed, entry.restores)
        token = self.add_token(scope, node.id, flow, WAITING, visit)
        if triggered:
            self.leave(token)
        else:
            self.activate(node, token, entry)
        return token

    def activate(self, node: Node, token: Token, entry: Entry = ARRIVED) -> None:
        try:
            self._find_behaviour(self, node, token).enter(self, node, token, entry)
        except Stuck as stuck:
            # A retry enters again, so nothing of the failed attempt may stay.
            self.disarm(token.visit)
            for scope in self.scopes_opened_by(token.visit):
                self.cancel_scope(scope, "cancelled")
            self.raise_incident(token, stuck, "enter")

    def leave(self, token: Token, outcome: str = "completed", actor: int | None = None) -> None:
        """The element is done with its token: on along the flows, or back to where it was sent from."""
        self._settle.leave(self, token, outcome, actor)

    def depart(self, token: Token, flows: tuple[Flow, ...], outcome: str, actor: int | None = None) -> None:
        """Consume the token and send one along each flow."""
        visit = token.visit
        self.disarm(visit)
        self.leave_visit(visit, outcome, actor)
        self.drop_token(token)
        for flow in flows:
            self.effects.append(fx.PathPassed(flow.id, visit))
            self.queue.append(Arrival(token.scope, flow.target, flow.id, visit))

    def cancel(self, token: Token, outcome: str, actor: int | None = None) -> None:
        """Remove a token and everything that hangs on it."""
        if token.id not in self.state.tokens:
            return
        if token.status == WAITING:
            if token.id not in self.state.incidents:
                node = self.process.nodes[token.node]
                self._find_behaviour(self, node, token).cancel(self, node, token, outcome)
            self.disarm(token.visit)
            self.leave_visit(token.visit, outcome, actor)
        self.drop_token(token)

    # Scopes

    def open_scope(
        self,
        kind: str,
        node: Node | None,
        parent: int | None,
        visit: int,
        local: Mapping[str, Any] | None = None,
        index: int | None = None,
        body: Body | None = None,
        replaces: int | None = None,
    ) -> Scope:
        state = self.state
        if parent is None:
            number = ROOT
        else:
            number = state.next_scope
            state.next_scope += 1
            state.scopes[parent].alive += 1
        node_id = node.id if node else None
        scope = Scope(number, kind, node_id, parent, visit, dict(local or {}), index, body)
        state.scopes[number] = scope
        items = tuple(body.items) if body else None
        self.effects.append(fx.OpenScope(number, kind, node_id, parent, visit, index, scope.locals, items, replaces))
        return scope

    def arm_scope(self, scope: Scope) -> None:
        """Listen for the starts of the event sub-processes of a scope."""
        contents = self.process.contents.get(scope.node)
        if contents:
            for start in contents.event_starts:
                self.arm(scope.visit, self.process.nodes[start], scope.id)

    def start_scope(self, scope: Scope) -> None:
        """Put a token at every entry of a scope and listen for its event sub-processes."""
        self.arm_scope(scope)
        for entry in self.process.contents[scope.node].entries:
            self.arrive(scope.id, entry, None, scope.visit)
        self.dirty.add(scope.id)

    def disarm_scope(self, scope: Scope) -> None:
        contents = self.process.contents.get(scope.node)
        if contents and scope.kind != "mi_body":
            for start in contents.event_starts:
                self.disarm(scope.visit, start)

    def owns_visit(self, scope: Scope) -> bool:
        """Whether the visit that opened the scope has no token of its own outside."""
        if scope.kind == "event_sub_process":
            return True
        return scope.kind == "mi_child" and self.process.nodes[scope.node or ""].kind == "sub_process"

    def close_scope(self, scope: Scope, outcome: str) -> None:
        """Forget an empty scope."""
        self.disarm_scope(scope)
        if self.owns_visit(scope):
            self.leave_visit(scope.visit, outcome)
        self.effects.append(fx.CloseScope(scope.id, outcome))
        del self.state.scopes[scope.id]
        self.dirty.discard(scope.id)
        if scope.parent is not None and scope.parent in self.state.scopes:
            self.state.scopes[scope.parent].alive -= 1
            self.dirty.add(scope.parent)

    def clear_scope(self, scope: Scope, outcome: str) -> None:
        """Cancel all inside a scope, innermost first, tokens under way included."""
        for child in self.state.children_of(scope.id):
            self.cancel_scope(child, outcome)
        for token in self.state.tokens_of(scope.id):
            self.cancel(token, outcome)
        if self.queue:
            self.queue = deque(arrival for arrival in self.queue if arrival.scope != scope.id)

    def cancel_scope(self, scope: Scope, outcome: str) -> None:
        if scope.id not in self.state.scopes:
            return
        self.clear_scope(scope, outcome)
        self.close_scope(scope, outcome)

    def scopes_opened_by(self, visit: int) -> list[Scope]:
        return [scope for scope in self.state.scopes.values() if scope.visit == visit and scope.id != ROOT]

    # Variables and expressions

    def view(self, scope: int) -> Mapping[str, Any]:
        return self.state.visible(scope)

    def assign(self, scope: int, variables: Mapping[str, Any]) -> None:
        """Set each name where the nearest enclosing scope has it as a local, else in the process."""
        if not variables:
            return
        self.check_conditions = True
        state = self.state
        if scope == ROOT:
            state.variables = {**state.variables, **variables}
            return
        facts: dict[str, Any] = {}
        path = [found for found in state.path(scope) if found.id != ROOT]
        for name, value in variables.items():
            owner = next((found for found in path if name in found.locals), None)
            if owner is None:
                facts[name] = value
            else:
                owner.locals = {**owner.locals, name: value}
        if facts:
            state.variables = {**state.variables, **facts}

    def assign_local(self, scope: int, variables: Mapping[str, Any]) -> None:
        if not variables:
            return
        self.check_conditions = True
        if scope == ROOT:
            self.state.variables = {**self.state.variables, **variables}
        else:
            found = self.state.scopes[scope]
            found.locals = {**found.locals, **variables}

    def evaluate(self, formula: Formula, view: Mapping[str, Any]) -> Any:
        """Value of an expression; whatever a compiled expression raises holds this token only."""
        try:
            return formula.evaluate(view)
        except Exception as error:  # the compiler is injected, so its errors are not known here
            raise Stuck("expression_failed", f"{formula.text}: {error}") from error

    def value_or_null(self, formula: Formula, view: Mapping[str, Any]) -> Any:
        """For expressions judged after their token has gone, where nothing is left to hold back."""
        try:
            return self.evaluate(formula, view)
        except Stuck:
            return None

    # Waiting for events

    def arm(self, visit: int, node: Node, scope: int) -> None:
        """Start waiting for the event of a node on behalf of a visit."""
        event = node.event
        if event.kind in ("error", "escalation", "none", "link", "terminate"):
            return
        if event.kind == "timer":
            value = event.value
            if event.value_formula is not None:
                value = self.evaluate(event.value_formula, self.view(scope))
            if value is None:
                raise Stuck("timer_without_value", f"{node.id}: the timer expression yielded nothing")
            if event.value_formula is not None and not times.is_readable(event.timer or "duration", value):
                raise Stuck("timer_unreadable", f"{node.id}: {value} is no {event.timer or 'duration'}")
            self.effects.append(fx.ScheduleTimer(visit, node.id, event.timer or "duration", value))
        elif event.kind in ("message", "signal"):
            name = self.event_name(node, self.view(scope))
            key = self.evaluate(event.correlation, self.view(scope)) if event.correlation else None
            if name:
                self.effects.append(fx.Subscribe(visit, node.id, event.kind, name, key))
        elif event.kind == "conditional":
            self.check_conditions = True
        self.state.waits[visit] = (*self.state.waits.get(visit, ()), node.id)

    def event_name(self, node: Node, view: Mapping[str, Any]) -> str:
        event = node.event
        if event.name_formula is None:
            return event.name or ""
        name = self.evaluate(event.name_formula, view)
        if not isinstance(name, str) or not name:
            raise Stuck("event_without_name", f"{node.id}: {event.name_formula.text} yielded no name")
        return name

    def disarm(self, visit: int, node_id: str | None = None) -> None:
        """Stop waiting for one event of a visit, or for all."""
        armed = self.state.waits.get(visit)
        if not armed:
            return
        for waiting in armed:
            if node_id is not None and waiting != node_id:
                continue
            kind = self.process.nodes[waiting].event.kind
            if kind == "timer":
                self.effects.append(fx.CancelTimer(visit, waiting))
            elif kind in ("message", "signal"):
                self.effects.append(fx.Unsubscribe(visit, waiting))
        self._forget_waits(visit, armed, node_id)

    def _forget_waits(self, visit: int, armed: tuple[str, ...], node_id: str | None) -> None:
        left = tuple(waiting for waiting in armed if waiting != node_id) if node_id is not None else ()
        if left:
            self.state.waits[visit] = left
        else:
            del self.state.waits[visit]
        if self.state.held:
            self.state.held = frozenset((seq, node) for seq, node in self.state.held if seq != visit or node in left)

    def arm_boundary(self, node: Node, token: Token) -> None:
        """Listen for the boundary events of an activity; those of a multi-instance task belong to its body."""
        if self.state.scopes[token.scope].node == node.id:
            return
        for boundary in node.boundary:
            self.arm(token.visit, self.process.nodes[boundary], token.scope)

    # Incidents

    def raise_incident(
        self, token: Token, stuck: Stuck, phase: str, outcome: str | None = None, actor: int | None = None
    ) -> None:
        self.state.incidents[token.id] = Incident(stuck.code, stuck.message, phase, outcome, actor)
        visit = token.visit if token.status == WAITING else None
        self.effects.append(fx.RaiseIncident(token.id, token.node, stuck.code, stuck.message, visit))

    def resolve_incident(self, token: int) -> Incident | None:
        incident = self.state.incidents.pop(token, None)
        if incident is not None:
            self.effects.append(fx.ResolveIncident(token))
        return incident

    # Walks

    def host_path(self, scope: int) -> Iterator[tuple[Scope, Token | None]]:
        """From a scope outwards: each scope with the token of the activity it is the inside of, if it has one."""
        for found in list(self.state.path(scope)):
            host = None
            if found.kind in ("sub_process", "mi_body"):
                host = self.state.token_in(found.visit)
            yield found, host

    def stop_arrivals(self) -> None:
        """The step budget is spent: leave the tokens under way where they are, with an incident."""
        while self.queue:
            arrival = self.queue.popleft()
            if arrival.scope not in self.state.scopes:
                continue
            token = self.add_token(arrival.scope, arrival.node, arrival.flow, ARRIVING, arrival.producer)
            self.raise_incident(
                token, Stuck("too_many_steps", f"more than {STEP_BUDGET} automatic steps in one go"), "arrive"
            )

    def joining(self, scope: int, node: str) -> list[Token]:
        """Tokens waiting at a join, oldest first."""
        return [t for t in self.state.tokens.values() if t.status == JOINING and t.node == node and t.scope == scope]


class Settle(Protocol):
    """How a finished token goes on; given to the run so that elements need not know each other."""

    def leave(self, run: Run, token: Token, outcome: str, actor: int | None) -> None: ...
