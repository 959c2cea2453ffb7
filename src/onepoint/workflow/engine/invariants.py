"""What must hold of a state at rest; used by property tests and by `verify`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from onepoint.workflow.engine.graph import Process
from onepoint.workflow.engine.state import ARRIVING, JOINING, ROOT, WAITING, Scope, State, Token


def check_invariants(process: Process, state: State) -> list[str]:
    """Every broken rule in words; an empty list means the state is sound."""
    if state.status == "new":
        return []
    found = list(_check_tokens(process, state))
    found += _check_scopes(process, state)
    found += _check_attachments(process, state)
    if state.is_over:
        if state.tokens:
            found.append(f"the instance is {state.status} but tokens are left: {sorted(state.tokens)}")
        if len(state.scopes) > 1:
            found.append(f"the instance is {state.status} but scopes are open: {sorted(state.scopes)}")
    elif not state.tokens and len(state.scopes) == 1:
        found.append("the instance is alive without a token")
    return found


def _check_tokens(process: Process, state: State) -> Iterator[str]:
    visits = Counter(token.visit for token in state.tokens.values() if token.status == WAITING)
    for visit, count in visits.items():
        if count > 1:
            yield f"{count} tokens wait in visit {visit}"
    for token in state.tokens.values():
        yield from _check_token(process, state, token)


def _check_token(process: Process, state: State, token: Token) -> Iterator[str]:
    node = process.nodes.get(token.node)
    scope = state.scopes.get(token.scope)
    if node is None or scope is None:
        yield f"token {token.id} is at an unknown node or in a closed scope"
        return
    is_child = scope.kind == "mi_child" and scope.node == node.id and node.kind != "sub_process"
    if not is_child and node.parent != scope.node:
        yield f"token {token.id} is at {node.id}, which does not lie in {scope.node}"
    if token.visit >= state.next_visit or token.id >= state.next_token:
        yield f"token {token.id} is numbered beyond the counters"
    if token.status == JOINING:
        if not node.is_join:
            yield f"token {token.id} waits to join at {node.id}, which is no join"
        elif token.flow not in {flow.id for flow in node.incoming}:
            yield f"token {token.id} joins by {token.flow}, which does not lead to {node.id}"
    elif token.status == ARRIVING and token.id not in state.incidents:
        yield f"token {token.id} has stopped on its way without an incident"
    elif token.status == WAITING and token.id not in state.incidents and not _can_wait(process, state, token):
        yield f"token {token.id} rests in {node.id} with nothing to wait for"


def _can_wait(process: Process, state: State, token: Token) -> bool:
    node = process.nodes[token.node]
    if node.multi_instance is not None and state.scopes[token.scope].node != node.id:
        return any(scope.visit == token.visit and scope.kind == "mi_body" for scope in state.scopes.values())
    if node.kind == "sub_process":
        return any(scope.visit == token.visit and scope.kind == "sub_process" for scope in state.scopes.values())
    if node.kind in ("receive_task", "intermediate_catch_event", "event_based_gateway"):
        return bool(state.waits.get(token.visit))
    return node.kind in ("user_task", "service_task", "business_rule_task", "send_task", "call_activity")


def _check_scopes(process: Process, state: State) -> Iterator[str]:
    inside: Counter[int] = Counter(token.scope for token in state.tokens.values())
    inside.update(scope.parent for scope in state.scopes.values() if scope.parent is not None)
    for scope in state.scopes.values():
        if scope.alive != inside[scope.id]:
            yield f"scope {scope.id} counts {scope.alive} alive but holds {inside[scope.id]}"
        if scope.id == ROOT:
            continue
        if scope.parent not in state.scopes:
            yield f"scope {scope.id} lies in a closed scope"
            continue
        if not inside[scope.id]:
            yield f"scope {scope.id} ({scope.kind} {scope.node}) is open and empty"
        yield from _check_scope_kind(process, state, scope)


def _check_scope_kind(process: Process, state: State, scope: Scope) -> Iterator[str]:
    if scope.kind in ("sub_process", "mi_body"):
        host = state.token_in(scope.visit)
        if host is None or host.node != scope.node or host.scope != scope.parent:
            yield f"scope {scope.id} ({scope.kind} {scope.node}) has no token waiting for it"
    if scope.body is None:
        return
    children = [child for child in state.scopes.values() if child.parent == scope.id]
    if len(children) != scope.body.active:
        yield f"body {scope.id} counts {scope.body.active} active but has {len(children)} children"
    spec = process.nodes[scope.node or ""].multi_instance
    if spec is not None and spec.sequential and len(children) > 1:
        yield f"sequential body {scope.id} has {len(children)} children at once"


def _check_attachments(process: Process, state: State) -> Iterator[str]:
    alive = {token.visit for token in state.tokens.values() if token.status == WAITING}
    alive |= {scope.visit for scope in state.scopes.values()}
    if not state.is_over:
        alive.add(0)
    for visit in state.waits:
        if visit not in alive or (state.is_over and visit == 0):
            yield f"visit {visit} is gone but something still waits for it"
    for visit in state.resumes:
        if state.token_in(visit) is None:
            yield f"visit {visit} is gone but is to be resumed from"
    for token in state.incidents:
        if token not in state.tokens:
            yield f"token {token} is gone but has an incident"
    yield from _check_parallel_joins(process, state)


def _check_parallel_joins(process: Process, state: State) -> Iterator[str]:
    arrived: dict[tuple[str, int], set[str | None]] = {}
    for token in state.tokens.values():
        if token.status == JOINING:
            arrived.setdefault((token.node, token.scope), set()).add(token.flow)
    for (node_id, scope), flows in arrived.items():
        node = process.nodes[node_id]
        if len(flows) == len(node.incoming):
            yield f"the join {node_id} in scope {scope} has a token on every flow and has not fired"
