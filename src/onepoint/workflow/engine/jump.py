"""Administrative moves: cancel here, activate there; more or fewer children of a multi-instance body."""

from __future__ import annotations

from onepoint.workflow.engine import countersign, events, gateways, multi_instance, rollback
from onepoint.workflow.engine import effects as fx
from onepoint.workflow.engine.errors import NotPossible, Stuck
from onepoint.workflow.engine.event_nodes import trigger_boundary
from onepoint.workflow.engine.graph import Node
from onepoint.workflow.engine.run import CHOSEN, Run
from onepoint.workflow.engine.state import ROOT, WAITING, Body, Scope
from onepoint.workflow.engine.sub_processes import end_instance, start_event_sub_process


def jump(run: Run, event: events.Jump) -> None:
    """Carry out the steps in order; a scope left empty by them is cancelled, not completed."""
    if run.state.is_over or run.state.status == "new":
        raise NotPossible("instance_not_alive", f"the instance is {run.state.status}")
    mover = Mover(run, event.actor)
    for step in event.steps:
        match step:
            case events.CancelVisit():
                mover.cancel_visit(step.visit)
            case events.CancelNode():
                mover.cancel_node(step.node_id)
            case events.CancelScope():
                mover.cancel_scope(step.scope)
            case events.Activate():
                mover.activate(step)
    mover.cancel_emptied()


class Mover:
    """The steps of one jump. What is activated counts as coming from what was cancelled before it."""

    def __init__(self, run: Run, actor: int | None) -> None:
        self.run = run
        self.actor = actor
        self.producer = 0

    def cancel_visit(self, visit: int) -> None:
        run = self.run
        token = run.state.token_in(visit)
        if token is not None:
            self.producer = visit
            run.cancel(token, "cancelled", self.actor)
            rollback.drop_empty_children(run, "cancelled")
            return
        inside = [scope for scope in run.scopes_opened_by(visit) if run.owns_visit(scope)]
        if not inside:
            raise NotPossible("visit_not_alive", f"nothing waits in visit {visit}")
        self.producer = visit
        for scope in inside:
            rollback.drop_scope(run, scope, "cancelled")

    def cancel_node(self, node_id: str) -> None:
        run = self.run
        if node_id not in run.process.nodes:
            raise NotPossible("unknown_element", f"there is no element {node_id}")
        for token in [token for token in run.state.tokens.values() if token.node == node_id]:
            if token.id in run.state.tokens:
                self.producer = token.visit
                run.cancel(token, "cancelled", self.actor)
        for scope in list(run.state.scopes.values()):
            if scope.node == node_id and scope.kind == "event_sub_process" and scope.id in run.state.scopes:
                rollback.drop_scope(run, scope, "cancelled")
        rollback.drop_empty_children(run, "cancelled")

    def cancel_scope(self, number: int) -> None:
        run = self.run
        scope = run.state.scopes.get(number)
        if scope is None or number == ROOT:
            raise NotPossible("scope_not_alive", f"scope {number} is not open")
        host = run.state.token_in(scope.visit) if scope.kind in ("sub_process", "mi_body") else None
        if host is not None:
            self.producer = host.visit
            run.cancel(host, "cancelled", self.actor)
        else:
            rollback.drop_scope(run, scope, "cancelled")

    def activate(self, step: events.Activate) -> None:
        run = self.run
        if step.place == "flow":
            flow = run.process.flows.get(step.id)
            if flow is None:
                raise NotPossible("unknown_element", f"there is no flow {step.id}")
            scope = self._scope_for(run.process.nodes[flow.source], step)
            run.assign_local(scope, step.variables)
            run.effects.append(fx.PathPassed(flow.id, self.producer))
            run.arrive(scope, flow.target, flow.id, self.producer)
            return
        node = run.process.nodes.get(step.id)
        if node is None:
            raise NotPossible("unknown_element", f"there is no element {step.id}")
        if step.place == "after":
            self._activate_after(node, step)
        else:
            self._activate_before(node, step)

    def _activate_after(self, node: Node, step: events.Activate) -> None:
        run = self.run
        scope = self._scope_for(node, step)
        run.assign_local(scope, step.variables)
        try:
            flows = gateways.choose_flows(run, node, run.view(scope))
        except Stuck as stuck:
            raise NotPossible(stuck.code, stuck.message) from stuck
        for flow in flows:
            run.effects.append(fx.PathPassed(flow.id, self.producer))
            run.arrive(scope, flow.target, flow.id, self.producer)
        run.dirty.add(scope)

    def _activate_before(self, node: Node, step: events.Activate) -> None:
        run = self.run
        if node.kind == "event_sub_process":
            inner = run.process.nodes[run.process.contents[node.id].nodes[0]]
            starts = [run.process.nodes[n] for n in run.process.contents[node.id].nodes]
            inner = next((n for n in starts if n.kind == "start_event"), inner)
            self._start_handler(inner, step)
            return
        around = run.process.nodes.get(node.parent or "")
        if node.kind == "start_event" and around is not None and around.kind == "event_sub_process":
            self._start_handler(node, step)
            return
        scope = self._scope_for(node, step)
        if node.multi_instance is not None and not step.body:
            self._add_child(node, scope)
            return
        run.assign_local(scope, step.variables)
        if node.kind == "boundary_event":
            hosts = [t for t in run.state.tokens_of(scope) if t.node == node.attached_to and t.status == WAITING]
            if hosts:
                trigger_boundary(run, node, hosts[0])
                return
        triggered = node.kind in ("start_event", "boundary_event")
        run.arrive(scope, node.id, None, self.producer, triggered=triggered, entry=CHOSEN)

    def _start_handler(self, start: Node, step: events.Activate) -> None:
        around = self.run.process.nodes[start.parent or ""]
        scope = self._scope_for(around, step)
        start_event_sub_process(self.run, start, self.run.state.scopes[scope], step.variables)

    def _add_child(self, node: Node, scope: int) -> None:
        """One more child in the running body of the scope, or a body with this one child."""
        run = self.run
        bodies = [s for s in run.state.children_of(scope) if s.kind == "mi_body" and s.node == node.id]
        if not bodies:
            visit = self._record_entered(node, scope)
            token = run.add_token(scope, node.id, None, WAITING, visit)
            run.arm_boundary(node, token)
            bodies = [run.open_scope("mi_body", node, scope, visit, body=Body([]))]
        body = multi_instance.body_of(bodies[0])
        body.items = [*body.items, None]
        run.effects.append(fx.ChangeScope(bodies[0].id, tuple(body.items)))
        if multi_instance.spec_of(node).sequential and body.active:
            return  # it comes when its turn comes
        body.next = len(body.items) - 1
        multi_instance.start_child(run, node, bodies[0], bodies[0].visit)

    def _record_entered(self, node: Node, scope: int) -> int:
        parents = (self.producer,) if self.producer else ()
        return self.run.record(node, scope, parents, ((self.producer, None),))

    def _scope_for(self, node: Node, step: events.Activate) -> int:
        """The scope a node lies in: the open one if there is exactly one, else entered without start events."""
        run = self.run
        way: list[Node] = []
        parent = node.parent
        while parent is not None:
            way.append(run.process.nodes[parent])
            parent = run.process.nodes[parent].parent
        scope = ROOT
        for around in reversed(way):
            scope = self._inside(around, scope, step)
        return scope

    def _inside(self, around: Node, outside: int, step: events.Activate) -> int:
        run = self.run
        found = [s for s in run.state.scopes.values() if s.node == around.id and self._is_directly_in(s, outside)]
        if step.scope is not None and len(found) > 1:
            wanted = {scope.id for scope in run.state.path(step.scope)}
            found = [scope for scope in found if scope.id in wanted] or found
        if len(found) > 1:
            raise NotPossible("ambiguous_scope", f"{around.id} is open {len(found)} times; say which one")
        return found[0].id if found else self._enter_without_start(around, outside)

    def _is_directly_in(self, scope: Scope, outside: int) -> bool:
        if scope.kind == "mi_child":
            return self.run.state.scopes[scope.parent or ROOT].parent == outside
        return scope.kind in ("sub_process", "event_sub_process") and scope.parent == outside

    def _enter_without_start(self, node: Node, outside: int) -> int:
        run = self.run
        visit = self._record_entered(node, outside)
        if node.kind == "event_sub_process":
            scope = run.open_scope("event_sub_process", node, outside, visit)
            run.arm_scope(scope)
            return scope.id
        token = run.add_token(outside, node.id, None, WAITING, visit)
        run.arm_boundary(node, token)
        if node.multi_instance is None:
            scope = run.open_scope("sub_process", node, outside, visit)
        else:
            scope = self._enter_body(node, outside, visit)
        run.arm_scope(scope)
        return scope.id

    def _enter_body(self, node: Node, outside: int, visit: int) -> Scope:
        """A multi-instance sub-process entered by its inside has one child, whatever its collection says."""
        run = self.run
        body = run.open_scope("mi_body", node, outside, visit, body=Body([None], next=1, active=1))
        child = run.record(node, body.id, (visit,), ((visit, None),))
        return run.open_scope("mi_child", node, body.id, child, {"loopCounter": 0}, 0)

    def cancel_emptied(self) -> None:
        """Scopes that lost their last token to this jump go, from the inside out; an empty process ends."""
        run = self.run
        moved = True
        while moved:
            moved = False
            occupied = {arrival.scope for arrival in run.queue}
            for scope in list(run.state.scopes.values()):
                if scope.alive or scope.id in occupied or scope.id == ROOT or scope.id not in run.state.scopes:
                    continue
                host = run.state.token_in(scope.visit) if scope.kind in ("sub_process", "mi_body") else None
                if host is not None:
                    run.cancel(host, "cancelled", self.actor)
                else:
                    rollback.drop_scope(run, scope, "cancelled")
                moved = True
        if not run.state.scopes[ROOT].alive and not run.queue:
            end_instance(run, "terminated")


def _find_body(run: Run, visit: int) -> tuple[Node, Scope]:
    for scope in run.scopes_opened_by(visit):
        if scope.kind == "mi_body":
            return run.process.nodes[scope.node or ""], scope
    raise NotPossible("visit_not_alive", f"visit {visit} is not a multi-instance activity at work")


def add_instances(run: Run, event: events.AddInstances) -> None:
    """More children: at once in a parallel body, at the end of the sequence in a sequential one."""
    node, scope = _find_body(run, event.visit)
    body = multi_instance.body_of(scope)
    body.items = [*body.items, *event.items]
    run.effects.append(fx.ChangeScope(scope.id, tuple(body.items)))
    if not multi_instance.spec_of(node).sequential:
        multi_instance.start_children(run, node, scope, scope.visit)


def remove_instance(run: Run, event: events.RemoveInstance) -> None:
    """One child fewer; the votes are judged again, since the total has changed."""
    token = run.state.token_in(event.visit)
    child = run.state.scopes[token.scope] if token is not None else None
    if token is None or child is None or child.kind != "mi_child" or child.node != token.node:
        raise NotPossible("visit_not_alive", f"visit {event.visit} is not an instance at work")
    node, scope = run.process.nodes[token.node], run.state.scopes[child.parent or ROOT]
    run.cancel(token, "cancelled", event.actor)
    rollback.drop_empty_children(run, "cancelled")
    body = multi_instance.body_of(scope)
    body.removed += 1
    spec = multi_instance.spec_of(node)
    verdict = countersign.verdict(body, spec.countersign) if spec.countersign and body.total else None
    if verdict is not None or multi_instance.is_complete(run, spec, run.view(scope.id)):
        multi_instance.finish_body(run, node, scope, verdict)
    else:
        multi_instance.continue_body(run, node, scope)
