"""What capabilities above attach to customers: each registers how its rows follow a merge and how they come back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.functional import Promise

from onepoint.customers.models import Customer


@dataclass(frozen=True)
class Holder:
    """One kind of row that names a customer.

    ``move(merged, survivor, replaced)`` lets the rows of ``merged`` name ``survivor`` and gives what ``give_back`` needs,
    as JSON; it is called inside the merge's transaction, and again a little later for what was written meanwhile.
    ``replaced`` maps kinds (``"accounts"``, ``"assets"``) to {id left behind: id to name instead}.
    ``give_back(merged, survivor, moved)`` undoes it for rows that still name ``survivor`` and gives how many it was.
    """

    kind: str
    label: str | Promise
    count: Callable[[Customer], int]
    move: Callable[[Customer, Customer, dict[str, dict[int, int]]], list[Any]]
    give_back: Callable[[Customer, Customer, list[Any]], int]


_holders: dict[str, Holder] = {}


def register_holder(holder: Holder) -> None:
    """Let the rows of a capability follow merges; the later of one kind is kept."""
    _holders[holder.kind] = holder


def holder_of(model: type[models.Model]) -> Holder:
    """A holder for rows whose only tie to a customer is their foreign key ``customer``."""
    rows = model._default_manager

    def move(merged: Customer, survivor: Customer, _replaced: dict[str, dict[int, int]]) -> list[Any]:
        ids = list(rows.filter(customer=merged).order_by("pk").values_list("pk", flat=True))
        rows.filter(pk__in=ids).update(customer=survivor)
        return ids

    return Holder(
        str(model._meta.model_name),
        model._meta.original_attrs.get("verbose_name_plural") or model._meta.verbose_name or "",
        lambda customer: rows.filter(customer=customer).count(),
        move,
        lambda merged, survivor, moved: rows.filter(pk__in=list(moved), customer=survivor).update(customer=merged),
    )


def holders() -> list[Holder]:
    """All registered ones, in the order of their kinds."""
    return [_holders[kind] for kind in sorted(_holders)]
