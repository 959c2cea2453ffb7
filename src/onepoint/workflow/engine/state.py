"""The state of one instance: tokens, scopes, variables. Its size follows what is alive, never the history."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

ROOT = 0

# Token status: waiting inside its visit, joining (arrived at a gateway that waits for others), or arriving
# (stopped before it entered the node because the step budget was spent).
WAITING = "w"
JOINING = "j"
ARRIVING = "a"


class Token(NamedTuple):
    """`visit` is the visit a waiting token is in; of a joining or arriving token it is the visit that produced it."""

    id: int
    scope: int
    node: str
    flow: str | None
    status: str
    visit: int


@dataclass(slots=True)
class Scope:
    """An open scope: the process, a sub-process, a multi-instance body or one of its children.

    `visit` opened it: the visit of the sub-process or of the multi-instance activity; for the child of a
    multi-instance sub-process the visit of that child. `alive` counts tokens and scopes directly inside.
    """

    id: int
    kind: str
    node: str | None
    parent: int | None
    visit: int
    locals: dict[str, Any] = field(default_factory=dict)
    index: int | None = None
    body: Body | None = None
    alive: int = 0

    def copy(self) -> Scope:
        return Scope(
            self.id,
            self.kind,
            self.node,
            self.parent,
            self.visit,
            self.locals,
            self.index,
            self.body.copy() if self.body else None,
            self.alive,
        )


@dataclass(slots=True)
class Body:
    """Counters of a multi-instance body. `items` is the collection as it was at entry (or 0…n-1 for a cardinality).

    `next` is the index of the next sequential child; `collected` the outputs by index; yes/no/abstained the votes.
    """

    items: list[Any]
    next: int = 0
    done: int = 0
    active: int = 0
    yes: int = 0
    no: int = 0
    abstained: int = 0
    removed: int = 0
    vetoed: bool = False
    collected: dict[int, Any] = field(default_factory=dict)
    last: int | None = None

    @property
    def total(self) -> int:
        return len(self.items) - self.removed

    def copy(self) -> Body:
        return Body(
            self.items,
            self.next,
            self.done,
            self.active,
            self.yes,
            self.no,
            self.abstained,
            self.removed,
            self.vetoed,
            self.collected,
            self.last,
        )


class Incident(NamedTuple):
    """Why a token cannot go on. `phase` says what a retry repeats: enter, leave, arrive or join."""

    code: str
    message: str
    phase: str
    outcome: str | None = None
    actor: int | None = None


class ResumeStep(NamedTuple):
    """A closed scope to enter again on the way straight back; `place` is the index of a multi-instance child."""

    scope: int
    kind: str
    node: str
    visit: int
    locals: dict[str, Any]
    place: int | None
    parents: tuple[int, ...]


class Resume(NamedTuple):
    """Where a returned visit goes straight back to: the visit that sent it back, and how to reach it again.

    `base` is the innermost scope of that visit still open; `path` the scopes below it to enter again, outermost first.
    `locals` are those the visit was entered with. `then`: that visit had itself been returned and will go straight back.
    """

    node: str
    visit: int
    parents: tuple[int, ...]
    base: int
    path: tuple[ResumeStep, ...]
    locals: dict[str, Any] | None = None
    then: Resume | None = None

    def chain(self) -> Iterator[Resume]:
        """This way back and those that follow it."""
        resume: Resume | None = self
        while resume is not None:
            yield resume
            resume = resume.then


@dataclass(slots=True)
class State:
    """status: new, active, incident (active with at least one incident), completed, terminated or error."""

    tokens: dict[int, Token] = field(default_factory=dict)
    scopes: dict[int, Scope] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)
    status: str = "new"
    called: bool = False
    next_token: int = 1
    next_scope: int = 1
    next_visit: int = 1
    counts: dict[str, int] = field(default_factory=dict)
    waits: dict[int, tuple[str, ...]] = field(default_factory=dict)
    held: frozenset[tuple[int, str]] = frozenset()
    incidents: dict[int, Incident] = field(default_factory=dict)
    resumes: dict[int, Resume] = field(default_factory=dict)

    def copy(self) -> State:
        """A state that can be changed without touching this one; values are replaced, never changed in place."""
        return State(
            dict(self.tokens),
            {key: scope.copy() for key, scope in self.scopes.items()},
            self.variables,
            self.status,
            self.called,
            self.next_token,
            self.next_scope,
            self.next_visit,
            dict(self.counts),
            dict(self.waits),
            self.held,
            dict(self.incidents),
            dict(self.resumes),
        )

    @property
    def is_over(self) -> bool:
        return self.status in ("completed", "terminated", "error")

    def token_in(self, visit: int) -> Token | None:
        """The token waiting in a visit."""
        for token in self.tokens.values():
            if token.visit == visit and token.status == WAITING:
                return token
        return None

    def tokens_of(self, scope: int) -> list[Token]:
        return [token for token in self.tokens.values() if token.scope == scope]

    def children_of(self, scope: int) -> list[Scope]:
        return [child for child in self.scopes.values() if child.parent == scope]

    def path(self, scope: int | None) -> Iterator[Scope]:
        """The scope and those around it, innermost first, the process last."""
        while scope is not None:
            found = self.scopes[scope]
            yield found
            scope = found.parent

    def visible(self, scope: int) -> Mapping[str, Any]:
        """The variables seen from a scope: inner names hide outer ones."""
        if scope == ROOT:
            return self.variables
        seen = dict(self.variables)
        for found in reversed(list(self.path(scope))):
            if found.body is not None:
                seen.update(body_variables(found.body))
            seen.update(found.locals)
        return seen

    def to_json(self) -> str:
        """Compact JSON. Keys are one letter because one such text is written per step."""
        return json.dumps(self.to_marking(), ensure_ascii=False, separators=(",", ":"), default=_plain)

    def to_marking(self) -> dict[str, Any]:
        """The same as JSON-ready values."""
        marking: dict[str, Any] = {
            "s": self.status,
            "n": [self.next_token, self.next_scope, self.next_visit],
            "t": [list(token) for token in self.tokens.values()],
            "c": [_pack_scope(scope) for scope in self.scopes.values()],
            "v": self.variables,
            "k": self.counts,
        }
        if self.called:
            marking["p"] = True
        if self.waits:
            marking["w"] = {str(visit): list(nodes) for visit, nodes in self.waits.items()}
        if self.held:
            marking["h"] = sorted(list(pair) for pair in self.held)
        if self.incidents:
            marking["i"] = {str(token): list(incident) for token, incident in self.incidents.items()}
        if self.resumes:
            marking["r"] = {str(visit): list(resume) for visit, resume in self.resumes.items()}
        return marking

    @classmethod
    def from_json(cls, text: str | bytes | Mapping[str, Any]) -> State:
        """Read what to_json or to_marking wrote."""
        marking = json.loads(text) if isinstance(text, (str, bytes)) else text
        numbers = marking["n"]
        state = cls(
            {row[0]: Token(*row) for row in marking["t"]},
            {row[0]: _unpack_scope(row) for row in marking["c"]},
            marking["v"],
            marking["s"],
            bool(marking.get("p")),
            numbers[0],
            numbers[1],
            numbers[2],
            dict(marking["k"]),
            {int(visit): tuple(nodes) for visit, nodes in marking.get("w", {}).items()},
            frozenset((visit, node) for visit, node in marking.get("h", ())),
            {int(token): Incident(*row) for token, row in marking.get("i", {}).items()},
            {int(visit): _unpack_resume(row) for visit, row in marking.get("r", {}).items()},
        )
        state._count_alive()
        return state

    def _count_alive(self) -> None:
        for token in self.tokens.values():
            self.scopes[token.scope].alive += 1
        for scope in self.scopes.values():
            if scope.parent is not None:
                self.scopes[scope.parent].alive += 1


def body_variables(body: Body) -> dict[str, Any]:
    """The counters conditions may read (BPMN 2.0 §13.3.7 calls them numberOfInstances and so on)."""
    return {
        "nrOfInstances": body.total,
        "nrOfActiveInstances": body.active,
        "nrOfCompletedInstances": body.done,
        "nrOfYes": body.yes,
        "nrOfNo": body.no,
    }


def _pack_scope(scope: Scope) -> list[Any]:
    row: list[Any] = [scope.id, scope.kind, scope.node, scope.parent, scope.visit, scope.locals, scope.index]
    if scope.body is not None:
        body = scope.body
        row.append(
            [
                body.items,
                body.next,
                body.done,
                body.active,
                body.yes,
                body.no,
                body.abstained,
                body.removed,
                body.vetoed,
                sorted(body.collected.items()),
                body.last,
            ]
        )
    return row


def _unpack_scope(row: list[Any]) -> Scope:
    scope = Scope(*row[:7])
    if len(row) > 7:
        *counters, collected, last = row[7]
        scope.body = Body(*counters)
        scope.body.collected, scope.body.last = dict(collected), last
    return scope


def _unpack_resume(row: list[Any]) -> Resume:
    node, visit, parents, base, path, local, then = row
    steps = tuple(_unpack_step(step) for step in path)
    return Resume(node, visit, tuple(parents), base, steps, local, _unpack_resume(then) if then else None)


def _unpack_step(row: list[Any]) -> ResumeStep:
    scope, kind, node, visit, local, place, parents = row
    return ResumeStep(scope, kind, node, visit, local, place, tuple(parents))


def _plain(value: Any) -> Any:
    """JSON for what expressions may yield beside JSON's own types."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, (tuple, set, frozenset)):
        return list(value)
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)
