"""What a person may hold that somebody else must get when he leaves: capabilities register their kinds when the house starts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise

from onepoint.accounts.models import User


@dataclass(frozen=True)
class Holding:
    """One kind of thing a person holds.

    ``held`` gives the rows of a person, ``name`` what people call one of them, ``give`` brings one (by its id) from a person
    to the receiver, in one transaction, and raises a BusinessError when that is not possible; the receiver is None where
    ``may_end`` allows that it simply ends. ``by`` is whoever ordered the hand-over.
    """

    kind: str
    label: str | Promise
    order: int
    held: Callable[[User], "QuerySet[Any]"]
    name: Callable[[Any], str]
    give: Callable[[int, User, User | None, User | None], None]
    may_end: bool = False


_holdings: dict[str, Holding] = {}


def register(holding: Holding) -> None:
    """Add a kind; the same kind registered twice keeps the later one."""
    _holdings[holding.kind] = holding


def all_holdings() -> list[Holding]:
    """Every kind, in order."""
    return sorted(_holdings.values(), key=lambda holding: (holding.order, holding.kind))


def holding_of(kind: str) -> Holding:
    return _holdings[kind]


#: Whether what happens here is part of a hand-over: its receivers are told once, at its end, and not of every item.
is_giving: ContextVar[bool] = ContextVar("is_giving", default=False)


@contextmanager
def giving() -> Iterator[None]:
    """What is done inside is one item of a hand-over."""
    token = is_giving.set(True)
    try:
        yield
    finally:
        is_giving.reset(token)
