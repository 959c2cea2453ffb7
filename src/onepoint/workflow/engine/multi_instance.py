"""Multi-instance activities: a body that counts, and a child per item (BPMN 2.0 §13.3.7)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from onepoint.workflow.engine import countersign
from onepoint.workflow.engine import effects as fx
from onepoint.workflow.engine.activities import map_or_null
from onepoint.workflow.engine.errors import Stuck
from onepoint.workflow.engine.graph import MultiInstance, Node
from onepoint.workflow.engine.run import ARRIVED, Entry, Run
from onepoint.workflow.engine.state import Body, Scope, Token


class MultiInstanceBody:
    """The activity as a whole. The collection is what it is at entry; an empty one completes at once."""

    def enter(self, run: Run, node: Node, token: Token, entry: Entry) -> None:
        spec = spec_of(node)
        items = collect(run, node, spec, run.view(token.scope))
        if not items:
            if spec.output_collection:
                run.assign(token.scope, {spec.output_collection: []})
            run.leave(token)
            return
        run.arm_boundary(node, token)
        body = run.open_scope("mi_body", node, token.scope, token.visit, body=Body(items))
        start_children(run, node, body, token.visit, entry)

    def cancel(self, run: Run, node: Node, token: Token, outcome: str) -> None:
        for scope in run.scopes_opened_by(token.visit):
            if scope.kind == "mi_body":
                run.cancel_scope(scope, outcome)


def spec_of(node: Node) -> MultiInstance:
    assert node.multi_instance is not None
    return node.multi_instance


def body_of(scope: Scope) -> Body:
    assert scope.body is not None
    return scope.body


def collect(run: Run, node: Node, spec: MultiInstance, view: Mapping[str, Any]) -> list[Any]:
    if spec.collection is not None:
        found = run.evaluate(spec.collection, view)
        if found is None:
            raise Stuck("no_collection", f"{node.id}: {spec.collection.text} is null")
        return list(found) if isinstance(found, (list, tuple)) else [found]
    if spec.cardinality is not None:
        count = run.evaluate(spec.cardinality, view)
        if isinstance(count, bool) or not isinstance(count, (int, float, Decimal)):
            raise Stuck("no_cardinality", f"{node.id}: {spec.cardinality.text} is not a number")
        return list(range(int(count)))
    raise Stuck("no_collection", f"{node.id}: neither collection nor cardinality")


def start_children(run: Run, node: Node, scope: Scope, producer: int, entry: Entry = ARRIVED) -> None:
    """All children at once, or the next of a sequence."""
    body = body_of(scope)
    if spec_of(node).sequential:
        start_child(run, node, scope, producer, entry)
        return
    while body.next < len(body.items) and scope.id in run.state.scopes:
        start_child(run, node, scope, producer, entry)


def start_child(run: Run, node: Node, scope: Scope, producer: int, entry: Entry = ARRIVED) -> None:
    """One child: its own scope with the element variable and the loop counter (from 0)."""
    body = body_of(scope)
    index = body.next
    body.next += 1
    body.active += 1
    local: dict[str, Any] = {"loopCounter": index}
    spec = spec_of(node)
    if spec.index_variable:
        local[spec.index_variable] = index
    if spec.element_variable:
        local[spec.element_variable] = body.items[index]
    if node.kind == "sub_process" and node.inputs:
        local.update(map_or_null(run, node.inputs, {**run.view(scope.id), **local}))
    consumed: tuple[fx.Consumed, ...] = ((producer, None),)
    child_entry = Entry(entry.reason)
    if node.kind == "sub_process":
        visit = run.record(node, scope.id, (producer,), consumed)
        child = run.open_scope("mi_child", node, scope.id, visit, local, index)
        run.start_scope(child)
    else:
        child = run.open_scope("mi_child", node, scope.id, scope.visit, local, index)
        run.enter(node, child.id, (producer,), consumed, entry=child_entry)


def finish_child(run: Run, node: Node, child: Scope, handed: Mapping[str, Any], last_visit: int | None = None) -> None:
    """A child is done: count it, judge the completion condition, then next child, wait, or leave."""
    scope = run.state.scopes[child.parent or 0]
    body = body_of(scope)
    spec = spec_of(node)
    body.last = child.visit if last_visit is None else last_visit
    count_child(run, node, child, run.view(child.id))
    verdict = countersign.verdict(body, spec.countersign) if spec.countersign else None
    is_enough = verdict is not None or is_complete(run, spec, run.view(child.id))
    run.close_scope(child, "completed")
    run.assign(scope.id, handed)
    if is_enough:
        finish_body(run, node, scope, verdict)
    else:
        continue_body(run, node, scope)


def count_child(run: Run, node: Node, child: Scope, view: Mapping[str, Any]) -> None:
    """A child is done: its vote and its output, as seen from inside it, go to the body."""
    body = body_of(run.state.scopes[child.parent or 0])
    spec = spec_of(node)
    body.active -= 1
    body.done += 1
    if spec.countersign is not None:
        countersign.count_vote(body, spec.countersign, view.get("outcome"))
    if spec.output_element is not None and child.index is not None:
        body.collected = {**body.collected, child.index: run.value_or_null(spec.output_element, view)}


def is_complete(run: Run, spec: MultiInstance, view: Mapping[str, Any]) -> bool:
    return spec.completion is not None and run.value_or_null(spec.completion, view) is True


def continue_body(run: Run, node: Node, scope: Scope) -> None:
    """After a child has gone: start the next of a sequence, wait for the others, or leave."""
    body = body_of(scope)
    if body.active:
        return
    if body.next < len(body.items):
        start_children(run, node, scope, body.last if body.last is not None else scope.visit)
        return
    verdict = None
    rule = spec_of(node).countersign
    if rule is not None:
        verdict = countersign.verdict(body, rule) or "refused"
    finish_body(run, node, scope, verdict)


def finish_body(run: Run, node: Node, scope: Scope, verdict: str | None) -> None:
    """Enough children are done: the rest is superseded and the activity goes on."""
    body = body_of(scope)
    host = run.state.token_in(scope.visit)
    run.clear_scope(scope, "superseded")
    spec = spec_of(node)
    outside = scope.parent or 0
    if spec.output_collection:
        collected = [body.collected[index] for index in sorted(body.collected)]
        run.assign(outside, {spec.output_collection: collected})
    if verdict is not None:
        run.assign_local(outside, {"outcome": verdict})
    run.close_scope(scope, "completed")
    if host is not None:
        run.leave(host)


def finish_task_child(run: Run, node: Node, token: Token, child: Scope, outcome: str, actor: int | None) -> None:
    """The task of one child is done: consume its token, then as for any child."""
    run.depart(token, (), outcome, actor)
    finish_child(run, node, child, {}, token.visit)
