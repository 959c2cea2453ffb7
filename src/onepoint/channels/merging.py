"""How contacts follow their customer when two records become one, and how they come back."""

from collections.abc import Iterable
from typing import Any

from onepoint.channels import queries, services
from onepoint.customers.models import Customer


def count(customer: Customer) -> int:
    return queries.count_of(customer)


def move(merged: Customer, survivor: Customer, replaced: dict[str, dict[int, int]]) -> list[Any]:
    return services.move_contacts(queries.ids_of_customer(merged), by=None, of=merged, to=survivor)


def give_back(merged: Customer, survivor: Customer, moved: Iterable[Any]) -> int:
    return len(services.move_contacts(list(moved), by=None, of=survivor, to=merged))
