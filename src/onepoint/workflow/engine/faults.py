"""Errors and escalations: how they travel outwards until somebody catches them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from onepoint.workflow.engine import effects as fx
from onepoint.workflow.engine.errors import Stuck
from onepoint.workflow.engine.graph import Node
from onepoint.workflow.engine.run import Run
from onepoint.workflow.engine.state import ROOT, Scope, Token
from onepoint.workflow.engine.sub_processes import end_instance, start_event_sub_process


class Catcher(NamedTuple):
    """Who catches: an event sub-process start in a scope, or a boundary event on a host token."""

    node: Node
    scope: Scope | None
    host: Token | None


def find_catcher(run: Run, kind: str, code: str | None, scope: int, thrower: Token | None) -> Catcher | None:
    """The nearest catcher from a scope outwards (BPMN 2.0 §10.5.1); event sub-processes before boundary events, a
    specific code before one that catches all.

    What is thrown inside an event sub-process is not offered to that event sub-process again.
    """
    if thrower is not None:
        found = _boundary_catcher(run, kind, code, thrower)
        if found is not None:
            return found
    handler = None
    for inside, host in run.host_path(scope):
        found = _event_start_catcher(run, kind, code, inside, handler)
        if found is not None:
            return found
        handler = inside.node if inside.kind == "event_sub_process" else None
        if host is not None:
            found = _boundary_catcher(run, kind, code, host)
            if found is not None:
                return found
    return None


def _best(candidates: list[Node], kind: str, code: str | None) -> Node | None:
    matching = [node for node in candidates if node.event.kind == kind]
    for node in matching:
        if node.event.code is not None and node.event.code == code:
            return node
    return next((node for node in matching if node.event.code is None), None)


def _boundary_catcher(run: Run, kind: str, code: str | None, host: Token) -> Catcher | None:
    node = run.process.nodes[host.node]
    if run.state.scopes[host.scope].node == host.node:
        # The task of one multi-instance child: boundary events belong to the body around it (workflow.md, rule 9).
        return None
    best = _best([run.process.nodes[boundary] for boundary in node.boundary], kind, code)
    return Catcher(best, None, host) if best else None


def _event_start_catcher(run: Run, kind: str, code: str | None, scope: Scope, without: str | None) -> Catcher | None:
    contents = run.process.contents.get(scope.node)
    if contents is None or scope.kind == "mi_body":
        return None
    starts = [run.process.nodes[start] for start in contents.event_starts]
    best = _best([start for start in starts if start.parent != without], kind, code)
    return Catcher(best, scope, None) if best else None


def throw_error(run: Run, token: Token, code: str | None, variables: Mapping[str, Any]) -> None:
    """An error end event, or an activity that failed with an error code. Uncaught, a called instance ends with it and
    any other keeps the token as an incident."""
    catcher = find_catcher(run, "error", code, token.scope, _catching_thrower(run, token))
    if catcher is None:
        _uncaught_error(run, token, code)
        return
    if run.process.nodes[token.node].kind == "end_event":
        run.depart(token, (), "completed")
    catch(run, catcher, {**variables, **caught_code(catcher.node, code)})


def _catching_thrower(run: Run, token: Token) -> Token | None:
    return token if run.process.nodes[token.node].is_activity else None


def _uncaught_error(run: Run, token: Token, code: str | None) -> None:
    if not run.state.called:
        raise Stuck("uncaught_error", f"{token.node}: nobody catches the error {code or 'without code'}")
    run.clear_scope(run.state.scopes[ROOT], "terminated")
    end_instance(run, "error", code)


def throw_escalation(
    run: Run, scope: int, visit: int, code: str | None, variables: Mapping[str, Any], thrower: Token | None = None
) -> None:
    """An escalation never stops who throws it unless its catcher interrupts (BPMN 2.0 §10.5.1)."""
    catcher = find_catcher(run, "escalation", code, scope, thrower)
    if catcher is None:
        run.effects.append(fx.EscapeEscalation(visit, code, dict(run.view(ROOT))))
        return
    catch(run, catcher, {**variables, **caught_code(catcher.node, code)})


def caught_code(node: Node, code: str | None) -> dict[str, Any]:
    """The code for the variable the catching event asks for it in (op:codeVariable)."""
    extension = node.event.extension
    name = extension.attribute("op:codeVariable", "camunda:errorCodeVariable", "camunda:escalationCodeVariable")
    return {name: code} if name else {}


def catch(run: Run, catcher: Catcher, variables: Mapping[str, Any]) -> None:
    if catcher.scope is not None:
        start_event_sub_process(run, catcher.node, catcher.scope, variables)
    elif catcher.host is not None:
        host = catcher.host
        run.assign(host.scope, variables)
        if catcher.node.interrupting:
            run.cancel(host, "interrupted")
        run.enter(catcher.node, host.scope, (host.visit,), ((host.visit, None),))
