"""Moves a running instance to another version of its process (workflow.md, Migration).

The plan says where each node goes; nodes of the same id go to themselves. Same kind, same nesting. What waits is kept where
its event is mapped, ended where it is not, and begun where the new version has one more. All or nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from onepoint.workflow.engine import effects as fx
from onepoint.workflow.engine.advance import ONWARD, Change, find_behaviour, settle
from onepoint.workflow.engine.errors import NotPossible, Stuck
from onepoint.workflow.engine.graph import Flow, Node, Process
from onepoint.workflow.engine.run import Run
from onepoint.workflow.engine.state import JOINING, WAITING, Resume, Scope, State, Token


@dataclass(frozen=True)
class Migration:
    """A plan from one version to another; `problems` is empty when it can be tried on instances."""

    old: Process
    new: Process
    nodes: Mapping[str, str]
    flows: Mapping[str, str]
    problems: tuple[str, ...]


def plan_migration(
    old: Process, new: Process, nodes: Mapping[str, str] | None = None, flows: Mapping[str, str] | None = None
) -> Migration:
    """A plan from what is said and, for the rest, from equal ids."""
    given = dict(nodes or {})
    problems = [f"{source}: no such node in the old version" for source in given if source not in old.nodes]
    problems += [f"{target}: no such node in the new version" for target in given.values() if target not in new.nodes]
    whole = given | {number: number for number in old.nodes if number in new.nodes and number not in given}
    for source, target in sorted(whole.items()):
        if source not in old.nodes or target not in new.nodes:
            continue
        reasons = list(_why_not_pair(old.nodes[source], new.nodes[target], whole))
        if source in given:
            problems += reasons
        elif reasons:
            # Equal ids that mean different things: not said, so not mapped; it matters only where a token is.
            del whole[source]
    return Migration(old, new, whole, dict(flows or {}), tuple(problems))


def _why_not_pair(source: Node, target: Node, nodes: Mapping[str, str]) -> Iterator[str]:
    label = f"{source.id} → {target.id}"
    if source.kind != target.kind:
        yield f"{label}: {source.kind} cannot become {target.kind}"
    elif source.event.kind != target.event.kind:
        yield f"{label}: {source.event.kind} event cannot become {target.event.kind} event"
    if (source.multi_instance is None) != (target.multi_instance is None):
        yield f"{label}: only one of them is multi-instance"
    elif source.multi_instance and target.multi_instance:
        modes = {source.multi_instance.sequential, target.multi_instance.sequential}
        if len(modes) > 1:
            yield f"{label}: one is sequential, the other parallel"
    parent = nodes.get(source.parent) if source.parent is not None else None
    if parent != target.parent:
        yield f"{label}: they lie in different sub-processes"


def why_not_migrate(plan: Migration, state: State) -> list[str]:
    """Everything that keeps one instance from being moved by the plan; empty when it can be."""
    if plan.problems:
        return list(plan.problems)
    if state.is_over or state.status == "new":
        return [f"the instance is {state.status}"]
    found = []
    for token in state.tokens.values():
        if token.node not in plan.nodes:
            found.append(f"{token.node}: a token is there and the plan does not say where it goes")
        elif token.status == JOINING and _target_flow(plan, token) is None:
            found.append(f"{token.node}: the token that came by {token.flow} has no flow to wait on in the new version")
    for scope in state.scopes.values():
        if scope.node is not None and scope.node not in plan.nodes:
            found.append(f"{scope.node}: it is open and the plan does not say where it goes")
    for resume in state.resumes.values():
        found += [
            f"{node}: somebody is to go straight back there" for node in _resumed(resume) if node not in plan.nodes
        ]
    return found


def _resumed(resume: Resume) -> Iterator[str]:
    for part in resume.chain():
        yield part.node
        yield from (step.node for step in part.path)


def _target_flow(plan: Migration, token: Token) -> str | None:
    """The flow a token waits on at the new join: as said, by equal id, or the only one from the mapped source."""
    incoming = plan.new.nodes[plan.nodes[token.node]].incoming
    wanted = plan.flows.get(token.flow or "", token.flow)
    if any(flow.id == wanted for flow in incoming):
        return wanted
    drawn = plan.old.flows.get(token.flow or "")
    source = plan.nodes.get(drawn.source) if drawn is not None else None
    found: list[Flow] = [flow for flow in incoming if flow.source == source]
    return found[0].id if len(found) == 1 else None


def migrate(plan: Migration, state: State) -> Change:
    """Move one instance. Raises NotPossible with every reason; the given state is never changed."""
    problems = why_not_migrate(plan, state)
    if problems:
        raise NotPossible("migration_not_possible", "; ".join(problems))
    run = Run(plan.new, _renamed(plan, state), find_behaviour, ONWARD)
    mover = _Mover(run, plan, state)
    try:
        for scope in list(state.scopes.values()):
            mover.move_scope(scope)
        for token in list(state.tokens.values()):
            if token.status == WAITING and token.id not in state.incidents:
                mover.move_visit(token)
        run.check_conditions = True
        settle(run)
    except Stuck as stuck:
        raise NotPossible(stuck.code, stuck.message) from stuck
    return Change(run.state, tuple(run.effects))


def _renamed(plan: Migration, state: State) -> State:
    """The state with the names of the new version; what waits is settled afterwards."""
    moved = state.copy()
    moved.tokens = {
        token.id: token._replace(
            node=plan.nodes[token.node], flow=_target_flow(plan, token) if token.status == JOINING else token.flow
        )
        for token in state.tokens.values()
    }
    for scope in moved.scopes.values():
        scope.node = plan.nodes[scope.node] if scope.node is not None else None
    moved.counts = {}
    for node, count in state.counts.items():
        target = plan.nodes.get(node, node)
        if target in plan.new.nodes:
            moved.counts[target] = moved.counts.get(target, 0) + count
    moved.waits = {}
    moved.held = frozenset((visit, plan.nodes[node]) for visit, node in state.held if node in plan.nodes)
    moved.resumes = {visit: _renamed_resume(plan, resume) for visit, resume in state.resumes.items()}
    return moved


def _renamed_resume(plan: Migration, resume: Resume) -> Resume:
    path = tuple(step._replace(node=plan.nodes[step.node]) for step in resume.path)
    then = _renamed_resume(plan, resume.then) if resume.then is not None else None
    return resume._replace(node=plan.nodes[resume.node], path=path, then=then)


def _own_waits(node: Node, process: Process) -> tuple[str, ...]:
    """The events the inside of a node waits for."""
    if node.kind == "event_based_gateway":
        return tuple(flow.target for flow in node.outgoing)
    return (node.id,) if node.kind in ("intermediate_catch_event", "receive_task") else ()


class _Mover:
    """Renames what hangs on visits and scopes, and compares what they wait for."""

    def __init__(self, run: Run, plan: Migration, state: State) -> None:
        self.run = run
        self.plan = plan
        self.state = state

    def move_scope(self, scope: Scope) -> None:
        plan = self.plan
        target = plan.nodes[scope.node] if scope.node is not None else None
        if target is not None and target != scope.node:
            self.run.effects.append(fx.MoveScope(scope.id, target))
        if scope.kind == "mi_body":
            return
        old, new = plan.old.contents.get(scope.node), plan.new.contents.get(target)
        if old is not None and new is not None:
            self._move_waits(scope.visit, scope.id, old.event_starts, new.event_starts)

    def move_visit(self, token: Token) -> None:
        plan = self.plan
        source, target = plan.old.nodes[token.node], plan.new.nodes[plan.nodes[token.node]]
        if target.id != source.id:
            self.run.effects.append(fx.MoveVisit(token.visit, target.id))
        old, new = _own_waits(source, plan.old), _own_waits(target, plan.new)
        if self.state.scopes[token.scope].node != source.id:
            # Boundary events of a multi-instance task belong to its body, not to the children.
            old, new = (*old, *source.boundary), (*new, *target.boundary)
        self._move_waits(token.visit, token.scope, old, new)

    def _move_waits(self, visit: int, scope: int, old: tuple[str, ...], new: tuple[str, ...]) -> None:
        """Keep what is mapped, end what is not, begin what is new; an event already used up stays so."""
        armed = self.state.waits.get(visit, ())
        kept: set[str] = set()
        for source in old:
            target = self.plan.nodes.get(source)
            if target in new:
                kept.add(target or "")
                if source in armed:
                    self._keep(visit, source, target or "")
            elif source in armed:
                self._end(visit, source)
        for target in new:
            if target not in kept:
                self.run.arm(visit, self.plan.new.nodes[target], scope)

    def _keep(self, visit: int, source: str, target: str) -> None:
        waits = self.run.state.waits
        waits[visit] = (*waits.get(visit, ()), target)
        if source != target:
            self.run.effects.append(fx.MoveWait(visit, source, target))

    def _end(self, visit: int, source: str) -> None:
        kind = self.plan.old.nodes[source].event.kind
        if kind == "timer":
            self.run.effects.append(fx.CancelTimer(visit, source))
        elif kind in ("message", "signal"):
            self.run.effects.append(fx.Unsubscribe(visit, source))
