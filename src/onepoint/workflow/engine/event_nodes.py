"""Start, end, intermediate and boundary events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from onepoint.workflow.engine import effects as fx
from onepoint.workflow.engine import faults
from onepoint.workflow.engine.activities import correlation_of, map_variables
from onepoint.workflow.engine.graph import Node
from onepoint.workflow.engine.run import Entry, Run
from onepoint.workflow.engine.state import ROOT, Token
from onepoint.workflow.engine.sub_processes import start_event_sub_process


class PassingEvent:
    """Start events and boundary events that have happened, and intermediate none events: on at once (§13.4.5)."""

    def enter(self, run: Run, node: Node, token: Token, entry: Entry) -> None:
        run.leave(token)

    def cancel(self, run: Run, node: Node, token: Token, outcome: str) -> None:
        pass


class CatchEvent:
    """Intermediate catch event: waits for its timer, message, signal or condition (§13.4.2); a link target passes."""

    def enter(self, run: Run, node: Node, token: Token, entry: Entry) -> None:
        if node.event.kind in ("link", "none"):
            run.leave(token)
        else:
            run.arm(token.visit, node, token.scope)

    def cancel(self, run: Run, node: Node, token: Token, outcome: str) -> None:
        pass


class EventBasedGateway:
    """Waits for all events behind it; the first one wins and the others are cancelled (BPMN 2.0 §13.4.4)."""

    def enter(self, run: Run, node: Node, token: Token, entry: Entry) -> None:
        for flow in node.outgoing:
            target = run.process.nodes[flow.target]
            if target.kind == "receive_task" and target.event.kind != "message":
                run.state.waits[token.visit] = (*run.state.waits.get(token.visit, ()), target.id)
            else:
                run.arm(token.visit, target, token.scope)

    def cancel(self, run: Run, node: Node, token: Token, outcome: str) -> None:
        pass


class ThrowingEvent:
    """Intermediate throw and end events: do what the definition says, then on, or the end of this path (§13.5)."""

    def enter(self, run: Run, node: Node, token: Token, entry: Entry) -> None:
        if node.kind == "end_event" and token.scope == ROOT:
            run.last_end = node.id
        kind = node.event.kind
        if kind == "terminate":
            terminate_scope(run, token)
            return
        if kind == "error":
            faults.throw_error(run, token, node.event.code, {})
            return
        if kind == "escalation":
            faults.throw_escalation(run, token.scope, token.visit, node.event.code, {})
        elif kind in ("message", "signal"):
            throw_named(run, node, token)
        elif kind == "link":
            follow_link(run, node, token)
            return
        if token.id in run.state.tokens:
            run.leave(token)

    def cancel(self, run: Run, node: Node, token: Token, outcome: str) -> None:
        pass


def throw_named(run: Run, node: Node, token: Token) -> None:
    view = run.view(token.scope)
    name = run.event_name(node, view)
    handed = map_variables(run, node.inputs, view)
    if node.event.kind == "message":
        run.effects.append(fx.ThrowMessage(token.visit, node.id, name, handed, correlation_of(run, node, view)))
    else:
        run.effects.append(fx.ThrowSignal(token.visit, node.id, name, handed))


def follow_link(run: Run, node: Node, token: Token) -> None:
    """A link is a flow that is not drawn (BPMN 2.0 §10.5.5)."""
    run.depart(token, (), "completed")
    if node.link_target is not None:
        run.arrive(token.scope, node.link_target, None, token.visit)


def terminate_scope(run: Run, token: Token) -> None:
    """Terminate end event: cancels its own scope only; whatever called the scope goes on (BPMN 2.0 §13.5.6)."""
    scope = run.state.scopes[token.scope]
    run.depart(token, (), "completed")
    run.clear_scope(scope, "terminated")
    run.dirty.add(scope.id)


def event_happened(run: Run, visit: int, node_id: str, variables: Mapping[str, Any], more: bool = False) -> bool:
    """Something awaited has happened; False if nobody waits for it any more."""
    if node_id not in run.state.waits.get(visit, ()):
        return False
    node = run.process.nodes[node_id]
    if node.kind == "start_event":
        _start_by_event(run, node, visit, variables, more)
        return True
    token = run.state.token_in(visit)
    if token is None:
        return False
    run.assign(token.scope, variables)
    if node.kind == "boundary_event":
        if not node.interrupting and not more and node.event.kind == "timer":
            run.disarm(visit, node_id)
        trigger_boundary(run, node, token)
    elif token.node == node_id:
        run.disarm(visit, node_id)
        run.leave(token)
    else:
        _leave_event_gateway(run, token, node_id)
    return True


def _start_by_event(run: Run, node: Node, visit: int, variables: Mapping[str, Any], more: bool) -> None:
    around = run.process.nodes[node.parent or ""].parent
    scope = next(
        found
        for found in run.state.scopes.values()
        if found.visit == visit and found.node == around and found.kind != "mi_body"
    )
    if not node.interrupting and not more and node.event.kind == "timer":
        run.disarm(visit, node.id)
    start_event_sub_process(run, node, scope, variables)


def _leave_event_gateway(run: Run, token: Token, node_id: str) -> None:
    gateway = run.process.nodes[token.node]
    flow = next(flow for flow in gateway.outgoing if flow.target == node_id)
    run.disarm(token.visit)
    run.leave_visit(token.visit, "completed")
    run.drop_token(token)
    run.effects.append(fx.PathPassed(flow.id, token.visit))
    run.arrive(token.scope, node_id, flow.id, token.visit, triggered=True)


def trigger_boundary(run: Run, node: Node, host: Token) -> None:
    """A boundary event happened (BPMN 2.0 §13.4.3): interrupting cancels the host with all inside, non-interrupting
    adds a token beside it."""
    if node.interrupting:
        run.cancel(host, "interrupted")
    run.enter(node, host.scope, (host.visit,), ((host.visit, None),))


def check_conditions(run: Run) -> bool:
    """Fire the first armed conditional event whose condition has become true (BPMN 2.0 §13.5.4)."""
    state = run.state
    for visit, armed in list(state.waits.items()):
        for node_id in armed:
            node = run.process.nodes[node_id]
            if node.event.kind != "conditional" or node.event.condition is None:
                continue
            is_true = run.value_or_null(node.event.condition, run.view(_scope_of(run, visit))) is True
            key = (visit, node_id)
            if not is_true:
                state.held -= {key}
            elif key not in state.held:
                # A condition fires when it becomes true, not again while it stays so.
                state.held |= {key}
                event_happened(run, visit, node_id, {})
                return True
    return False


def _scope_of(run: Run, visit: int) -> int:
    if visit == 0:
        return ROOT
    inside = [s for s in run.state.scopes.values() if s.visit == visit and run.owns_visit(s)]
    if inside:
        return inside[0].id
    token = run.state.token_in(visit)
    return token.scope if token else ROOT
