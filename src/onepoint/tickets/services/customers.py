"""Tickets follow their customer when two records become one, and come back when that is undone."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction

from onepoint.accounts.models import User
from onepoint.core.errors import require
from onepoint.customers.models import Customer
from onepoint.customers.policies import why_not_merge_at_all
from onepoint.tickets.models import Ticket
from onepoint.tickets.services.creation import search_keys_of

_AT_ONCE = 500


@transaction.atomic
def follow_customer(
    merged: Customer, survivor: Customer, *, replaced: dict[str, dict[int, int]], by: User | None
) -> list[dict[str, Any]]:
    """Let the tickets of ``merged`` name ``survivor``; a number or machine both had is named as the survivor's.

    Gives what came from where, for :func:`return_to_customer`. The merge of customers audits it. Raises NotPermitted.
    """
    require(why_not_merge_at_all(by))
    accounts, assets = replaced.get("accounts", {}), replaced.get("assets", {})
    moved = []
    for tickets in _batches(Ticket.objects.filter(customer=merged).order_by("pk").values_list("pk", flat=True)):
        for ticket in tickets:
            moved.append({"id": ticket.pk, "account": ticket.account_id, "asset": ticket.asset_id})
            ticket.customer = survivor
            ticket.account_id = accounts.get(ticket.account_id or 0, ticket.account_id)
            ticket.asset_id = assets.get(ticket.asset_id or 0, ticket.asset_id)
        _save(tickets)
    return moved


@transaction.atomic
def return_to_customer(
    merged: Customer, survivor: Customer, *, moved: Sequence[dict[str, Any]], by: User | None
) -> int:
    """Give the tickets back that still name ``survivor``; gives how many. Raises NotPermitted."""
    require(why_not_merge_at_all(by))
    before = {row["id"]: row for row in moved}
    count = 0
    for tickets in _batches(sorted(before)):
        own = [ticket for ticket in tickets if ticket.customer_id == survivor.pk]
        for ticket in own:
            ticket.customer = merged
            ticket.account_id, ticket.asset_id = before[ticket.pk]["account"], before[ticket.pk]["asset"]
        _save(own)
        count += len(own)
    return count


def _batches(ids: Iterable[int]) -> Iterable[list[Ticket]]:
    """The tickets, locked, some hundred at a time."""
    wanted = list(ids)
    for start in range(0, len(wanted), _AT_ONCE):
        rows = Ticket.objects.select_for_update(of=("self",)).filter(pk__in=wanted[start : start + _AT_ONCE])
        yield list(rows.select_related("region").order_by("pk"))


def _save(tickets: list[Ticket]) -> None:
    for ticket in tickets:
        ticket.search_keys = search_keys_of(ticket)
    Ticket.objects.bulk_update(tickets, ["customer", "account", "asset", "search_keys"])
