"""The recorded past of an instance, as the caller loads it, and what follows from it.

The past lives outside the state so that the state stays as small as what is alive. Only operations that go back
(send back, recall, re-open) read it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from onepoint.workflow.engine.effects import (
    ChangeScope,
    CloseScope,
    Consumed,
    LeaveVisit,
    OpenScope,
    RecordVisit,
    UndoVisits,
)
from onepoint.workflow.engine.graph import Process

#: How a visit of a step ends that nobody worked in, by its skip rule. No drawing can name an outcome so.
SKIPPED = "$skipped"


@dataclass(frozen=True, slots=True)
class VisitRecord:
    """One entering of a node, as recorded."""

    seq: int
    node_id: str
    scope: int
    nth: int = 1
    parents: tuple[int, ...] = ()
    consumed: tuple[Consumed, ...] = ()
    locals: Mapping[str, Any] | None = None
    replaces: int | None = None
    actor: int | None = None
    outcome: str | None = None
    undone: bool = False

    @property
    def left(self) -> bool:
        return self.outcome is not None


@dataclass(frozen=True, slots=True)
class ScopeRecord:
    """One scope that was opened, as recorded; `outcome` None while it is open."""

    id: int
    kind: str
    node_id: str | None
    parent: int | None
    visit: int
    index: int | None = None
    locals: Mapping[str, Any] = field(default_factory=dict)
    items: tuple[Any, ...] | None = None
    replaces: int | None = None
    outcome: str | None = None


class History:
    """Recorded visits and scopes with the indexes the causal walks need."""

    def __init__(self, process: Process, visits: Iterable[VisitRecord], scopes: Iterable[ScopeRecord]) -> None:
        self.process = process
        self.visits = {visit.seq: visit for visit in visits}
        self.scopes = {scope.id: scope for scope in scopes}
        self.children: dict[int, list[int]] = defaultdict(list)
        self.opened: dict[int, list[int]] = defaultdict(list)
        self.in_scope: dict[int, list[int]] = defaultdict(list)
        self.replaced_by: dict[int, list[int]] = defaultdict(list)
        for visit in self.visits.values():
            self.in_scope[visit.scope].append(visit.seq)
            for parent in visit.parents:
                self.children[parent].append(visit.seq)
            if visit.replaces is not None:
                self.replaced_by[visit.replaces].append(visit.seq)
        self.scope_replaced_by: dict[int, list[int]] = defaultdict(list)
        for scope in self.scopes.values():
            self.opened[scope.visit].append(scope.id)
            if scope.replaces is not None:
                self.scope_replaced_by[scope.replaces].append(scope.id)

    def scope_path(self, scope: int | None) -> Iterator[ScopeRecord]:
        """The scope and the scopes around it, innermost first, without the process itself."""
        while scope is not None and scope in self.scopes:
            record = self.scopes[scope]
            if record.kind == "process":
                return
            yield record
            scope = record.parent

    def same_place(self, visit: int) -> set[int]:
        """The visit and all that replaced it or were replaced by it."""
        return _linked(visit, self.visits, self.replaced_by) | {visit}

    def same_scope(self, scope: int) -> set[int]:
        """The scope and all that replaced it or were replaced by it."""
        return _linked(scope, self.scopes, self.scope_replaced_by) | {scope}

    def causal_future(self, visit: int) -> set[int]:
        """The visit and everything that happened because of it (workflow.md, Return: the set F).

        Taken from what happened, not from what the drawing allows: loops and sibling branches come out right. What
        follows a sub-process follows everything inside it, except what a non-interrupting boundary event spawned.
        """
        future: set[int] = set()
        pending = list(self.same_place(visit))
        while pending:
            seq = pending.pop()
            if seq in future or seq not in self.visits:
                continue
            future.add(seq)
            pending.extend(self.children.get(seq, ()))
            for scope in self.scope_path(self.visits[seq].scope):
                pending.extend(self._after_scope(scope))
        return future

    def reaching_out(self, visits: set[int]) -> set[int]:
        """The visits together with those that opened scopes around them, whose leaving they brought about."""
        openers = {scope.visit for seq in visits for scope in self.scope_path(self.visits[seq].scope)}
        return visits | openers

    def _after_scope(self, scope: ScopeRecord) -> Iterator[int]:
        opener = self.visits.get(scope.visit)
        if opener is None:
            return
        around = self.same_scope(opener.scope)
        for seq in self.children.get(opener.seq, ()):
            if self.visits[seq].scope in around and not self._is_spawned(seq):
                yield seq

    def _is_spawned(self, seq: int) -> bool:
        node = self.process.nodes.get(self.visits[seq].node_id)
        if node is None:
            return False
        if node.kind == "boundary_event":
            return not node.interrupting
        return False

    def causal_past(self, visit: int) -> set[int]:
        """Everything the visit came from, the insides of finished sub-processes included, itself excluded."""
        past: set[int] = set()
        pending = list(self.visits[visit].parents)
        around = self._openers_around(visit)
        while pending:
            seq = pending.pop()
            if seq in past or seq not in self.visits:
                continue
            past.add(seq)
            pending.extend(self.visits[seq].parents)
            if seq not in around:
                pending.extend(self._inside(seq))
        past.discard(visit)
        return past

    def _openers_around(self, visit: int) -> set[int]:
        """The visits, and those in their place, whose inside the visit lies in."""
        openers = [scope.visit for scope in self.scope_path(self.visits[visit].scope)]
        return {seq for opener in openers for seq in self.same_place(opener)}

    def _inside(self, visit: int) -> Iterator[int]:
        """Visits directly or deeply inside the scopes a visit opened."""
        pending = list(self.opened.get(visit, ()))
        while pending:
            scope = pending.pop()
            yield from self.in_scope.get(scope, ())
            pending.extend(s.id for s in self.scopes.values() if s.parent == scope and s.id not in pending)

    def previous_human(self, visit: int) -> list[VisitRecord]:
        """The nearest user task visits before this one, newest first; several after a join."""
        found: dict[int, VisitRecord] = {}
        seen: set[int] = set()
        inside = self._openers_around(visit)
        pending = self._producers(visit)
        while pending:
            seq = pending.pop()
            record = self.visits.get(seq)
            if record is None or seq in seen:
                continue
            seen.add(seq)
            if self.opened.get(seq) and seq not in inside:
                last = self._last_inside(seq)
                if last:
                    pending.extend(last)
                    continue
            elif self._is_human(seq) and not record.undone:
                found[seq] = record
                continue
            pending.extend(self._producers(seq))
        return [found[seq] for seq in sorted(found, reverse=True)]

    def _producers(self, seq: int) -> list[int]:
        record = self.visits[seq]
        return [producer for producer, _flow in record.consumed] or list(record.parents)

    def _last_inside(self, visit: int) -> list[int]:
        inside = [seq for seq in self._inside(visit) if not self.visits[seq].undone]
        members = set(inside)
        last = [seq for seq in inside if not any(child in members for child in self.children.get(seq, ()))]
        return last if any(self._is_human(seq) for seq in inside) else []

    def _is_human(self, seq: int) -> bool:
        """A visit somebody worked in: of a user task, and not the body of a multi-instance one."""
        record = self.visits[seq]
        node = self.process.nodes.get(record.node_id)
        if node is None or node.kind != "user_task" or record.outcome == SKIPPED:
            return False
        scope = self.scopes.get(record.scope)
        return node.multi_instance is None or (scope is not None and scope.node_id == node.id)

    def human_visits(self) -> list[VisitRecord]:
        """Visits somebody worked in and which still count, newest first: where an ended instance may live again."""
        done = [self.visits[seq] for seq in self.visits if self._is_human(seq)]
        counting = [record for record in done if record.left and not record.undone and record.actor is not None]
        return sorted(counting, key=lambda record: -record.seq)

    def return_targets(self, visit: int) -> list[VisitRecord]:
        """User task visits this one may be sent back to, newest first.

        One per step, multi-instance child and set of scope locals: of three rounds for three departments all three are
        offered, of three rounds in which nothing differs only the last.
        """
        best: dict[tuple[str, tuple[int | None, ...], str], VisitRecord] = {}
        for seq in self.causal_past(visit):
            record = self.visits[seq]
            if not self._is_human(seq) or record.undone or not record.left or seq in self.same_place(visit):
                continue
            indexes = tuple(scope.index for scope in self.scope_path(record.scope))
            place = (record.node_id, indexes, repr(sorted((record.locals or {}).items())))
            if place not in best or best[place].seq < seq:
                best[place] = record
        return sorted(best.values(), key=lambda record: -record.seq)


def _linked(
    first: int, records: Mapping[int, VisitRecord] | Mapping[int, ScopeRecord], replaced_by: Mapping[int, list[int]]
) -> set[int]:
    found: set[int] = set()
    pending = [first]
    while pending:
        number = pending.pop()
        if number in found or number not in records:
            continue
        found.add(number)
        replaced = records[number].replaces
        if replaced is not None:
            pending.append(replaced)
        pending.extend(replaced_by.get(number, ()))
    return found


class Recorder:
    """Keeps history from effects: the reference for callers that store it in tables, and what tests use."""

    def __init__(self) -> None:
        self.visits: dict[int, VisitRecord] = {}
        self.scopes: dict[int, ScopeRecord] = {}

    def apply(self, effects: Iterable[object]) -> None:
        for effect in effects:
            match effect:
                case RecordVisit():
                    self.visits[effect.seq] = VisitRecord(
                        effect.seq,
                        effect.node_id,
                        effect.scope,
                        effect.nth,
                        effect.parents,
                        effect.consumed,
                        effect.locals,
                        effect.replaces,
                        effect.actor,
                        effect.outcome,
                    )
                case LeaveVisit():
                    old = self.visits[effect.visit]
                    self.visits[effect.visit] = replace(old, outcome=effect.outcome, actor=effect.actor)
                case UndoVisits():
                    for seq in effect.visits:
                        self.visits[seq] = replace(self.visits[seq], undone=True)
                case OpenScope():
                    self.scopes[effect.scope] = ScopeRecord(
                        effect.scope,
                        effect.kind,
                        effect.node_id,
                        effect.parent,
                        effect.visit,
                        effect.index,
                        effect.locals,
                        effect.items,
                        effect.replaces,
                    )
                case ChangeScope():
                    self.scopes[effect.scope] = replace(self.scopes[effect.scope], items=effect.items)
                case CloseScope():
                    self.scopes[effect.scope] = replace(self.scopes[effect.scope], outcome=effect.outcome)
                case _:
                    pass

    def history(self) -> tuple[VisitRecord, ...]:
        return tuple(self.visits.values())

    def scope_history(self) -> tuple[ScopeRecord, ...]:
        return tuple(self.scopes.values())
