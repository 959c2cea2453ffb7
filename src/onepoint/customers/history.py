"""The timeline of a customer: every capability adds its entries, and one page of all of them is read by cursor.

A source answers one indexed query for the newest entries after its own position, so that a page costs the same whatever
lies further back.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.functional import Promise

from onepoint.accounts.models import User
from onepoint.customers.models import Customer

PAGE_LENGTH = 20


@dataclass(frozen=True)
class Happening:
    """One entry; ``position`` is where its source goes on after it."""

    at: datetime
    kind: str
    position: str
    sentence: str
    who: str = ""
    url: str = ""
    detail: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Request:
    """What a source is asked for: entries of some kinds about a customer (and the records merged into it)."""

    customer: Customer
    ids: Sequence[int]
    visible_to: User
    kinds: frozenset[str]
    after: str
    limit: int


@dataclass(frozen=True)
class Source:
    """Where entries come from; ``kinds`` maps each kind it gives to its label and the permission to read it."""

    name: str
    kinds: Mapping[str, tuple[str | Promise, str]]
    read: Callable[[Request], list[Happening]]


@dataclass(frozen=True)
class HistoryPage:
    happenings: list[Happening] = field(default_factory=list)
    positions: dict[str, str] = field(default_factory=dict)  # source → where it goes on; empty: this was the last page


_sources: dict[str, Source] = {}


def register_source(source: Source) -> None:
    """Let a capability's entries stand in the timeline; the later of one name is kept."""
    _sources[source.name] = source


def kinds_for(user: User) -> list[tuple[str, str | Promise]]:
    """The kinds of entries this person may read, with their labels."""
    return [
        (kind, label)
        for _name, source in sorted(_sources.items())
        for kind, (label, permission) in source.kinds.items()
        if not permission or user.may(permission)
    ]


def read_history(
    customer: Customer,
    ids: Sequence[int],
    *,
    visible_to: User,
    kind: str = "",
    positions: Mapping[str, str] | None = None,
    length: int = PAGE_LENGTH,
) -> HistoryPage:
    """One page of the timeline, newest first: at most one query per source (plus what its sentences need)."""
    allowed = {name for name, _label in kinds_for(visible_to)}
    wanted = allowed & {kind} if kind else allowed
    positions = positions or {}
    waiting: dict[str, list[Happening]] = {}
    for name, source in sorted(_sources.items()):
        if kinds := frozenset(source.kinds) & wanted:
            request = Request(customer, ids, visible_to, kinds, positions.get(name, ""), length + 1)
            waiting[name] = source.read(request)
    shown: list[Happening] = []
    reached = dict(positions)
    while len(shown) < length and any(waiting.values()):
        name = max((name for name in waiting if waiting[name]), key=lambda name: waiting[name][0].at)
        happening = waiting[name].pop(0)
        reached[name] = happening.position
        shown.append(happening)
    return HistoryPage(shown, reached if any(waiting.values()) else {})
