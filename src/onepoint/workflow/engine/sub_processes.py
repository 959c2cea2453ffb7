"""Embedded sub-processes, event sub-processes, and what happens when a scope is empty."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from onepoint.workflow.engine import effects as fx
from onepoint.workflow.engine import multi_instance
from onepoint.workflow.engine.activities import hand_out, map_variables
from onepoint.workflow.engine.graph import Node
from onepoint.workflow.engine.run import Entry, Run
from onepoint.workflow.engine.state import ROOT, Scope, Token


class SubProcess:
    """Opens a scope and starts inside; the token waits outside until the scope is empty (BPMN 2.0 §13.3.4)."""

    def enter(self, run: Run, node: Node, token: Token, entry: Entry) -> None:
        local = map_variables(run, node.inputs, run.view(token.scope)) if node.inputs else {}
        run.arm_boundary(node, token)
        open_inside(run, node, token, local)

    def cancel(self, run: Run, node: Node, token: Token, outcome: str) -> None:
        for scope in run.scopes_opened_by(token.visit):
            if scope.kind == "sub_process":
                run.cancel_scope(scope, outcome)


def open_inside(run: Run, node: Node, token: Token, local: Mapping[str, Any]) -> Scope:
    scope = run.open_scope("sub_process", node, token.scope, token.visit, local)
    run.start_scope(scope)
    return scope


def complete_empty_scopes(run: Run) -> bool:
    """Complete scopes that hold neither token nor open scope until a token is under way; True if anything moved."""
    moved = False
    while run.dirty and not run.queue:
        scope = run.state.scopes.get(run.dirty.pop())
        if scope is None or scope.alive or run.state.is_over:
            continue
        if scope.kind == "mi_body" or (scope.kind == "mi_child" and not run.owns_visit(scope)):
            continue
        complete_scope(run, scope)
        moved = True
    return moved


def complete_scope(run: Run, scope: Scope) -> None:
    """A scope is empty: the instance ends, or the activity it is the inside of goes on."""
    if scope.kind == "process":
        end_instance(run, "completed")
        return
    node = run.process.nodes[scope.node or ""]
    handed = hand_out(run, node, run.view(scope.id))
    if scope.kind == "mi_child":
        multi_instance.finish_child(run, node, scope, handed)
        return
    outside = scope.parent if scope.parent is not None else ROOT
    host = run.state.token_in(scope.visit) if scope.kind == "sub_process" else None
    run.close_scope(scope, "completed")
    run.assign(outside, handed)
    if host is not None:
        run.leave(host)


def end_instance(run: Run, outcome: str, error_code: str | None = None) -> None:
    """The process scope is empty or was cleared: the instance is over."""
    root = run.state.scopes[ROOT]
    run.disarm_scope(root)
    run.effects.append(fx.CloseScope(ROOT, outcome))
    run.state.status = outcome if outcome in ("completed", "error") else "terminated"
    run.effects.append(fx.EndInstance(outcome, run.last_end, error_code))


def start_event_sub_process(run: Run, start: Node, scope: Scope, variables: Mapping[str, Any]) -> None:
    """The start event of an event sub-process happened (BPMN 2.0 §13.4.4).

    An interrupting one cancels everything else in the scope and stops listening for the others.
    """
    node = run.process.nodes[start.parent or ""]
    parents = [scope.visit] if scope.visit else []
    if start.interrupting:
        parents += [token.visit for token in run.state.tokens_of(scope.id)]
        run.clear_scope(scope, "interrupted")
        run.disarm_scope(scope)
    visit = run.record(node, scope.id, tuple(dict.fromkeys(parents)), tuple((seq, None) for seq in parents[:1]))
    inside = run.open_scope("event_sub_process", node, scope.id, visit, variables_declared(run, node, scope))
    run.assign(inside.id, variables)
    run.arm_scope(inside)
    run.arrive(inside.id, start.id, None, visit, triggered=True)


def variables_declared(run: Run, node: Node, scope: Scope) -> dict[str, Any]:
    return map_variables(run, node.inputs, run.view(scope.id)) if node.inputs else {}
