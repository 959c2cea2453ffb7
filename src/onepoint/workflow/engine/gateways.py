"""Where tokens split and meet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from onepoint.workflow.engine.errors import Stuck
from onepoint.workflow.engine.graph import Flow, Node
from onepoint.workflow.engine.run import Entry, Run
from onepoint.workflow.engine.state import JOINING, Token

# Splits


def choose_flows(run: Run, node: Node, view: Mapping[str, Any]) -> tuple[Flow, ...]:
    """The flows a finished node sends tokens along."""
    if not node.outgoing:
        return ()
    if node.kind == "exclusive_gateway":
        return choose_exclusive(run, node, view)
    if node.kind == "inclusive_gateway":
        return choose_inclusive(run, node, view)
    if node.kind == "parallel_gateway":
        return node.outgoing
    return choose_activity(run, node, view)


def is_true(run: Run, flow: Flow, view: Mapping[str, Any]) -> bool:
    """A flow without a condition is true; null counts as false."""
    return flow.condition is None or run.evaluate(flow.condition, view) is True


def choose_exclusive(run: Run, node: Node, view: Mapping[str, Any]) -> tuple[Flow, ...]:
    """First true flow in document order, else the default (BPMN 2.0 §13.4.2)."""
    for flow in node.outgoing:
        if flow is not node.default and is_true(run, flow, view):
            return (flow,)
    return otherwise(node)


def choose_inclusive(run: Run, node: Node, view: Mapping[str, Any]) -> tuple[Flow, ...]:
    """Every true flow, else the default (BPMN 2.0 §13.4.3)."""
    chosen = tuple(flow for flow in node.outgoing if flow is not node.default and is_true(run, flow, view))
    return chosen or otherwise(node)


def choose_activity(run: Run, node: Node, view: Mapping[str, Any]) -> tuple[Flow, ...]:
    """Several flows out of an activity or event are an implicit fork that honours conditions (BPMN 2.0 §13.3.1)."""
    if node.default is None and not any(flow.condition for flow in node.outgoing):
        return node.outgoing
    return choose_inclusive(run, node, view)


def otherwise(node: Node) -> tuple[Flow, ...]:
    if node.default is None:
        raise Stuck("no_flow", f"{node.id}: no outgoing flow is true and there is no default flow")
    return (node.default,)


class PassingGateway:
    """Exclusive gateway, and the other gateways once their tokens are together: on at once."""

    def enter(self, run: Run, node: Node, token: Token, entry: Entry) -> None:
        run.leave(token)

    def cancel(self, run: Run, node: Node, token: Token, outcome: str) -> None:
        pass


# Joins


def join_arrival(run: Run, node: Node, scope: int, flow: str | None, producer: int) -> None:
    """A token reaches a join. One that was put there without a flow stands for the first flow still empty."""
    if flow is None:
        taken = {token.flow for token in run.joining(scope, node.id)}
        flow = next((f.id for f in node.incoming if f.id not in taken), node.incoming[0].id)
    run.add_token(scope, node.id, flow, JOINING, producer)
    if node.kind == "parallel_gateway":
        fire_parallel_join(run, node, scope)


def fire_parallel_join(run: Run, node: Node, scope: int) -> None:
    """Fires while there is a token on each incoming flow; consumes the oldest of each (BPMN 2.0 §13.4.1)."""
    while True:
        oldest = oldest_per_flow(run, node, scope)
        if len(oldest) < len(node.incoming):
            return
        consume_joined(run, node, scope, oldest)


def oldest_per_flow(run: Run, node: Node, scope: int) -> list[Token]:
    oldest: dict[str | None, Token] = {}
    for token in run.joining(scope, node.id):
        oldest.setdefault(token.flow, token)
    return [oldest[flow.id] for flow in node.incoming if flow.id in oldest]


def consume_joined(run: Run, node: Node, scope: int, tokens: list[Token]) -> None:
    for token in tokens:
        run.drop_token(token)
    parents = tuple(dict.fromkeys(token.visit for token in tokens if token.visit))
    consumed = tuple((token.visit, token.flow) for token in tokens)
    run.enter(node, scope, parents, consumed)


def fire_inclusive_join(run: Run) -> bool:
    """Fire the first inclusive join that may fire (BPMN 2.0 §13.4.3); to be repeated until none may."""
    for node, scope in waiting_inclusive_joins(run):
        if not blockers(run, node, scope):
            consume_joined(run, node, scope, oldest_per_flow(run, node, scope))
            return True
    return False


def waiting_inclusive_joins(run: Run) -> list[tuple[Node, int]]:
    """Inclusive joins with a waiting token, in document order."""
    places = {(token.node, token.scope) for token in run.state.tokens.values() if token.status == JOINING}
    found = [(run.process.nodes[node], scope) for node, scope in places]
    found = [(node, scope) for node, scope in found if node.kind == "inclusive_gateway"]
    return sorted(found, key=lambda place: (place[0].position, place[1]))


def blockers(run: Run, node: Node, scope: int) -> list[Token]:
    """Tokens of the scope that could still reach an empty flow of the join but no flow that already has a token.

    The join fires when there are none.
    """
    filled = {token.flow for token in run.joining(scope, node.id)}
    empty = [flow.id for flow in node.incoming if flow.id not in filled]
    if not empty:
        return []
    full = [flow.id for flow in node.incoming if flow.id in filled]
    found = []
    for token in run.state.tokens.values():
        if token.scope != scope or (token.node == node.id and token.status == JOINING):
            continue
        reaches_empty = any(token.node in run.process.reaching(node.id, flow) for flow in empty)
        if reaches_empty and not any(token.node in run.process.reaching(node.id, flow) for flow in full):
            found.append(token)
    return found


def hopeless_tokens(run: Run) -> list[Token]:
    """Tokens at joins that nothing alive can ever release: joins that wait for each other or for nobody.

    A join has hope while something that is not itself at a join, or is at a join with hope, may come to it.
    """
    waiting: dict[tuple[str, int], list[Token]] = {}
    for token in run.state.tokens.values():
        if token.status == JOINING:
            waiting.setdefault((token.node, token.scope), []).append(token)
    if not waiting:
        return []
    hopeful: set[tuple[str, int]] = set()
    changed = True
    while changed:
        changed = False
        for place in waiting:
            if place not in hopeful and _has_hope(run, place, waiting, hopeful):
                hopeful.add(place)
                changed = True
    return [token for place, tokens in waiting.items() if place not in hopeful for token in tokens]


def _has_hope(
    run: Run,
    place: tuple[str, int],
    waiting: dict[tuple[str, int], list[Token]],
    hopeful: set[tuple[str, int]],
) -> bool:
    node, scope = run.process.nodes[place[0]], place[1]
    filled = {token.flow for token in waiting[place]}
    empty = [flow.id for flow in node.incoming if flow.id not in filled]
    for token in run.state.tokens.values():
        if token.scope != scope or (token.node == node.id and token.status == JOINING):
            continue
        if token.status == JOINING and (token.node, scope) not in hopeful:
            continue
        if any(token.node in run.process.reaching(node.id, flow) for flow in empty):
            return True
    return False
