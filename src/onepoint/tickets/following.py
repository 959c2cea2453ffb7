"""How tickets follow their customer when two records become one, and how they come back."""

from collections.abc import Sequence
from typing import Any

from onepoint.customers.merging import Holder, register_holder
from onepoint.customers.models import Customer
from onepoint.tickets.models import Ticket
from onepoint.tickets.services import customers as services


def _count(customer: Customer) -> int:
    return Ticket.objects.filter(customer=customer).count()


def _move(merged: Customer, survivor: Customer, replaced: dict[str, dict[int, int]]) -> list[Any]:
    return services.follow_customer(merged, survivor, replaced=replaced, by=None)


def _give_back(merged: Customer, survivor: Customer, moved: Sequence[Any]) -> int:
    return services.return_to_customer(merged, survivor, moved=moved, by=None)


def register() -> None:
    """Called when the house starts."""
    register_holder(Holder("ticket", Ticket._meta.verbose_name_plural or "", _count, _move, _give_back))
