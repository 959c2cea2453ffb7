"""Going back: send back, recall, re-open (workflow.md, Operations: causal rollback).

The set F of what happened because of the target visit is removed; tokens that F consumed but that came from outside F
return to wait at their joins; a new visit of the target's node takes the place of the old one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from onepoint.workflow.engine import countersign, events, multi_instance
from onepoint.workflow.engine import effects as fx
from onepoint.workflow.engine.errors import NotPossible
from onepoint.workflow.engine.history import History, ScopeRecord, VisitRecord
from onepoint.workflow.engine.run import Entry, Run
from onepoint.workflow.engine.state import JOINING, ROOT, WAITING, Body, Resume, ResumeStep, Scope, Token


def send_back(run: Run, event: events.SendBack) -> None:
    """Return from a waiting visit to an earlier one it came from."""
    if run.state.is_over:
        raise NotPossible("instance_not_alive", f"the instance is {run.state.status}")
    history = History(run.process, event.history, event.scopes)
    source = run.state.token_in(event.from_visit)
    if source is None:
        raise NotPossible("visit_not_alive", f"nothing waits in visit {event.from_visit}")
    target = find_target(run, history, event.to_visit)
    future = history.causal_future(target.seq)
    if event.from_visit not in future or event.from_visit in history.same_place(target.seq):
        raise NotPossible("not_earlier", f"visit {event.from_visit} did not come from visit {target.seq}")
    if not event.whole_body:
        refuse_leaving_siblings(run, history, source, target)
    resume = plan_straight_return(run, history, source, target, future) if event.resume == "straight" else None
    run.cancel(source, "returned", event.actor)
    clear_future(run, history, future)
    if resume is not None:
        undo(run, history, {target.seq, source.visit})
    else:
        undo(run, history, future)
    token = place(run, history, target, future, "returned", reinstate=resume is None)
    if resume is not None:
        run.state.resumes[token.visit] = resume


def recall(run: Run, event: events.Recall) -> None:
    """Return to one's own visit, taking back everything that came of it."""
    if run.state.is_over:
        raise NotPossible("instance_not_alive", f"the instance is {run.state.status}")
    history = History(run.process, event.history, event.scopes)
    target = find_target(run, history, event.to_visit)
    future = history.causal_future(target.seq)
    clear_future(run, history, future, "recalled", event.actor)
    undo(run, history, future)
    place(run, history, target, future, "recalled")


def reopen(run: Run, event: events.Reopen) -> None:
    """An ended instance lives again at one of its visits; what else had ended stays ended."""
    if not run.state.is_over:
        raise NotPossible("instance_alive", "only an ended instance can be re-opened")
    history = History(run.process, event.history, event.scopes)
    target = find_target(run, history, event.to_visit)
    future = history.causal_future(target.seq)
    run.state.status = "active"
    run.effects.append(fx.ReopenInstance())
    root = run.state.scopes[ROOT]
    run.effects.append(fx.OpenScope(ROOT, "process", None, None, 0, None, root.locals))
    run.arm_scope(root)
    undo(run, history, future)
    place(run, history, target, future, "reopened")


def find_target(run: Run, history: History, visit: int) -> VisitRecord:
    target = history.visits.get(visit)
    if target is None:
        raise NotPossible("unknown_visit", f"there is no visit {visit}")
    node = run.process.nodes.get(target.node_id)
    scope = history.scopes.get(target.scope)
    # A child of a multi-instance sub-process is entered again at one of its steps, not as such.
    if node is None or not node.is_activity or (scope is not None and scope.kind == "mi_body"):
        raise NotPossible("not_a_step", f"visit {visit} is not a step one can return to")
    if target.undone:
        raise NotPossible("visit_undone", f"visit {visit} was rolled back before; a later one took its place")
    if run.state.token_in(visit) is not None:
        raise NotPossible("visit_still_alive", f"visit {visit} has not been left")
    return target


def refuse_leaving_siblings(run: Run, history: History, source: Token, target: VisitRecord) -> None:
    """One child of a multi-instance activity must not pull its working siblings away (return the whole body)."""
    heirs = living_heirs(run, history)
    kept = {heirs.get(scope.id) for scope in history.scope_path(target.scope)}
    for scope in run.state.path(source.scope):
        if scope.kind != "mi_child" or scope.id in kept:
            continue
        body = run.state.scopes[scope.parent or ROOT].body
        if body is not None and body.active > 1:
            raise NotPossible("siblings_at_work", f"{scope.node}: other instances are still at work")


def plan_straight_return(run: Run, history: History, source: Token, target: VisitRecord, future: set[int]) -> Resume:
    """Where the returned visit will go straight back to. Only when nothing else is touched by the return."""
    path = [scope for scope in run.state.path(source.scope) if scope.id != ROOT]
    left = [scope for scope in path if scope.visit in future or (scope is path[0] and scope.node == source.node)]
    around = {scope.visit for scope in left}
    others = [t for t in came_of(run, history, future) if t.id != source.id and t.visit not in around]
    if run.process.nodes[target.node_id].kind != "user_task":
        raise NotPossible("straight_not_possible", "only a step somebody works in can send straight back")
    if others:
        raise NotPossible("straight_not_possible", "other steps are under way that the return would take back")
    if any(scope.kind not in ("sub_process", "mi_child") for scope in left):
        raise NotPossible("straight_not_possible", "the way straight back would lead into a multi-instance activity")
    kept = [scope.id for scope in path if scope not in left]
    steps = tuple(
        ResumeStep(
            scope.id,
            scope.kind,
            scope.node or "",
            scope.visit,
            scope.locals,
            scope.index,
            history.visits[scope.visit].parents,
        )
        for scope in reversed(left)
    )
    record = history.visits[source.visit]
    local = dict(record.locals) if record.locals is not None else None
    then = run.state.resumes.get(source.visit)
    return Resume(source.node, source.visit, record.parents, kept[0] if kept else ROOT, steps, local, then)


def came_of(run: Run, history: History, future: set[int]) -> list[Token]:
    """Living tokens that exist because of the visits given.

    A token at a join counts by the visit that sent it, and that may be an activity whose inside lies in the future.
    """
    outside = history.reaching_out(future)
    found = [t for t in run.state.tokens.values() if t.visit in (future if t.status == WAITING else outside)]
    return found + [token for token, _resume in awaited_by(run, future) if token not in found]


def awaited_by(run: Run, future: set[int]) -> list[tuple[Token, Resume]]:
    """Tokens at work on behalf of a visit that sent them back and waits for them to come straight back."""
    pending = [(run.state.token_in(visit), resume) for visit, resume in run.state.resumes.items()]
    return [
        (token, resume)
        for token, resume in pending
        if token is not None and any(awaiting.visit in future for awaiting in resume.chain())
    ]


def climb(run: Run, token: Token, resume: Resume) -> list[Scope]:
    """The scopes that were entered again only for a straight return, innermost first."""
    kept = {scope.id for scope in run.state.path(resume.base)}
    return [scope for scope in run.state.path(token.scope) if scope.id not in kept]


def clear_future(
    run: Run, history: History, future: set[int], outcome: str = "cancelled", actor: int | None = None
) -> None:
    """Remove every living token and scope that came of the target, outer ones first."""
    state = run.state
    for token, resume in awaited_by(run, future):
        cancel_awaited(run, token, resume, outcome, actor)
    for token in sorted(came_of(run, history, future), key=lambda t: (sum(1 for _ in state.path(t.scope)), t.id)):
        if token.id in state.tokens:
            run.cancel(token, outcome, actor)
    for scope in list(state.scopes.values()):
        if scope.id in state.scopes and run.owns_visit(scope) and scope.visit in future:
            drop_scope(run, scope, outcome)
    drop_empty_children(run, outcome)


def cancel_awaited(run: Run, token: Token, resume: Resume, outcome: str, actor: int | None) -> None:
    bases = [awaiting for awaiting in resume.chain() if awaiting.base in run.state.scopes]
    climbed = climb(run, token, bases[-1])
    run.cancel(token, outcome, actor)
    for scope in climbed:
        host = run.state.token_in(scope.visit) if scope.kind in ("sub_process", "mi_body") else None
        if host is not None:
            run.cancel(host, outcome)
        else:
            drop_scope(run, scope, outcome)


def drop_empty_children(run: Run, outcome: str) -> None:
    """A child whose task was removed is gone too."""
    for scope in list(run.state.scopes.values()):
        if scope.kind == "mi_child" and not scope.alive and not run.owns_visit(scope):
            drop_scope(run, scope, outcome)


def drop_scope(run: Run, scope: Scope, outcome: str) -> None:
    run.cancel_scope(scope, outcome)
    if scope.kind == "mi_child" and scope.parent in run.state.scopes:
        multi_instance.body_of(run.state.scopes[scope.parent]).active -= 1


def undo(run: Run, history: History, visits: set[int]) -> None:
    undone = tuple(sorted(seq for seq in visits if not history.visits[seq].undone))
    if undone:
        run.effects.append(fx.UndoVisits(undone))


def place(
    run: Run, history: History, target: VisitRecord, future: set[int], reason: str, reinstate: bool = True
) -> Token:
    """Re-enter the scopes around the target, bring back tokens for its joins, and visit its node anew."""
    reentry = Reentry(run, history, future if reinstate else {target.seq})
    scope = reentry.open(target.scope, target.locals)
    if scope != ROOT and target.locals is not None:
        run.state.scopes[scope].locals = dict(target.locals)
    if reinstate:
        reentry.reinstate_consumed()
    node = run.process.nodes[target.node_id]
    return run.enter(node, scope, target.parents, target.consumed, None, Entry(reason, target.seq))


def living_heirs(run: Run, history: History) -> dict[int, int]:
    """For every recorded scope, the open scope that is it or has taken its place."""
    return {old: scope for scope in run.state.scopes for old in history.same_scope(scope)}


class Reentry:
    """Enters closed scopes again without their start events."""

    def __init__(self, run: Run, history: History, future: set[int]) -> None:
        self.run = run
        self.history = history
        self.future = future
        self.heirs = living_heirs(run, history)
        # The recorded scope each newly opened one stands for.
        self.origins: dict[int, int] = {}

    def open(self, scope: int, local: Mapping[str, Any] | None = None) -> int:
        """The open scope standing for a recorded one, entered again if it is closed."""
        if scope in self.heirs:
            return self.heirs[scope]
        alike = self.history.same_scope(scope)
        record = self.history.scopes[max(alike)]
        if record.node_id not in self.run.process.nodes:
            raise NotPossible("not_a_step", f"{record.node_id} is no longer in the drawing")
        outside = self.open(record.parent if record.parent is not None else ROOT)
        opened = self._open_again(record, outside, record.locals if local is None else local)
        self.heirs.update(dict.fromkeys(alike, opened.id))
        self.origins[opened.id] = record.id
        return opened.id

    def _open_again(self, record: ScopeRecord, outside: int, local: Mapping[str, Any]) -> Scope:
        run = self.run
        node = run.process.nodes[record.node_id or ""]
        if record.kind == "mi_child":
            return self._open_child(record, outside, local)
        old = self.history.visits[record.visit]
        visit = run.record(node, outside, old.parents, old.consumed, old.seq)
        body = None
        if record.kind == "mi_body":
            body = Body(list(record.items or ()), next=len(record.items or ()))
        if record.kind != "event_sub_process":
            token = run.add_token(outside, node.id, None, WAITING, visit)
            run.arm_boundary(node, token)
        scope = run.open_scope(record.kind, node, outside, visit, local, record.index, body, record.id)
        if record.kind != "mi_body":
            run.arm_scope(scope)
        return scope

    def _open_child(self, record: ScopeRecord, outside: int, local: Mapping[str, Any]) -> Scope:
        """One child of a multi-instance body works again; the body counts it as active."""
        run = self.run
        node = run.process.nodes[record.node_id or ""]
        around = run.state.scopes[outside]
        visit = around.visit
        if node.kind == "sub_process":
            old = self.history.visits[record.visit]
            visit = run.record(node, outside, old.parents, old.consumed, old.seq)
        scope = run.open_scope("mi_child", node, outside, visit, local, record.index, None, record.id)
        run.arm_scope(scope)
        self._recount(around, record)
        return scope

    def _recount(self, around: Scope, child: ScopeRecord) -> None:
        body = multi_instance.body_of(around)
        node = self.run.process.nodes[around.node or ""]
        spec = multi_instance.spec_of(node)
        index = child.index or 0
        body.active += 1
        body.done = body.yes = body.no = body.abstained = 0
        body.vetoed = False
        if spec.sequential:
            body.next = index + 1
        finished = {record.index: record for record in self._finished_children(around)}
        finished.pop(index, None)
        body.done = len(finished)
        body.collected = {at: value for at, value in body.collected.items() if at in finished}
        if spec.countersign is not None:
            for record in finished.values():
                countersign.count_vote(body, spec.countersign, self._vote_in(record))

    def _finished_children(self, around: Scope) -> list[ScopeRecord]:
        """Recorded children of this body, or of the one it stands for, that are done and stay done."""
        bodies = self.history.same_scope(self.origins.get(around.id, around.id))
        return [
            record
            for record in self.history.scopes.values()
            if record.kind == "mi_child"
            and record.parent in bodies
            and record.outcome == "completed"
            and not self._is_undone(record)
        ]

    def _is_undone(self, record: ScopeRecord) -> bool:
        opener = self.history.visits.get(record.visit)
        inside = self.history.in_scope.get(record.id, [])
        if opener is not None and self.run.process.nodes[opener.node_id].kind == "sub_process":
            inside = [opener.seq, *inside]
        return any(seq in self.future or self.history.visits[seq].undone for seq in inside)

    def _vote_in(self, record: ScopeRecord) -> str | None:
        inside = self.history.in_scope.get(record.id, [])
        return self.history.visits[inside[-1]].outcome if inside else None

    def reinstate_consumed(self) -> None:
        """Tokens consumed by a join within the rolled back part, but sent by a visit outside it, wait there again."""
        run = self.run
        inside = self.history.reaching_out(self.future)
        for seq in sorted(self.future):
            record = self.history.visits[seq]
            node = run.process.nodes.get(record.node_id)
            if record.undone or node is None or not node.is_join:
                continue
            if record.scope not in self.heirs:
                continue
            for producer, flow in record.consumed:
                if producer not in inside:
                    run.add_token(self.heirs[record.scope], node.id, flow, JOINING, producer)


def go_straight(run: Run, token: Token, resume: Resume, outcome: str, actor: int | None) -> None:
    """A returned visit is done and goes straight back to the step that sent it back.

    The scopes between were entered again for this visit only; they close, with what boundary events may have added.
    """
    state = run.state
    climbed = climb(run, token, resume)
    views = {scope.id: run.view(scope.id) for scope in climbed if scope.kind == "mi_child"}
    run.depart(token, (), outcome, actor)
    for scope in climbed:
        if scope.kind == "mi_child":
            multi_instance.count_child(run, run.process.nodes[scope.node or ""], scope, views[scope.id])
        host = state.token_in(scope.visit) if scope.kind in ("sub_process", "mi_body") else None
        run.clear_scope(scope, "superseded")
        run.close_scope(scope, "completed")
        if host is not None:
            run.depart(host, (), "completed")
    entered = _enter_path(run, resume, token.visit)
    inside = entered[-1] if entered else resume.base
    if inside != ROOT and resume.locals is not None:
        # The step belongs again to whom it belonged; what was set beside that since then stays.
        scope = state.scopes[inside]
        scope.locals = {**scope.locals, **resume.locals}
    node = run.process.nodes[resume.node]
    parents = (*resume.parents, token.visit)
    opened = {step.scope: scope for step, scope in zip(resume.path, entered, strict=True)}
    resumed = run.enter(node, inside, parents, ((token.visit, None),), None, Entry("resumed", resume.visit))
    if resume.then is not None:
        run.state.resumes[resumed.visit] = _move_bases(resume.then, opened)


def _move_bases(resume: Resume, opened: dict[int, int]) -> Resume:
    """The later ways back start from the scopes that have just taken the place of those they knew."""
    then = _move_bases(resume.then, opened) if resume.then is not None else None
    return resume._replace(base=opened.get(resume.base, resume.base), then=then)


def _enter_path(run: Run, resume: Resume, producer: int) -> list[int]:
    """Enter the closed scopes on the way again, outermost first."""
    inside = resume.base
    entered: list[int] = []
    for step in resume.path:
        node = run.process.nodes[step.node]
        visit = step.visit
        if step.kind == "sub_process" or node.kind == "sub_process":
            visit = run.record(node, inside, (*step.parents, producer), ((producer, None),), step.visit)
        if step.kind == "sub_process":
            host = run.add_token(inside, step.node, None, WAITING, visit)
            run.arm_boundary(node, host)
        else:
            body = multi_instance.body_of(run.state.scopes[inside])
            body.active += 1
            body.next = (step.place or 0) + 1
        scope = run.open_scope(step.kind, node, inside, visit, step.locals, step.place, replaces=step.scope)
        run.arm_scope(scope)
        inside = scope.id
        entered.append(inside)
    return entered
