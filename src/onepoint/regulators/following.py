"""How cases follow their customer when two records become one."""

from collections.abc import Sequence
from typing import Any

from onepoint.customers.models import Customer
from onepoint.regulators.models import RegulatorCase


def count(customer: Customer) -> int:
    return RegulatorCase.objects.filter(customer=customer).count()


def move(merged: Customer, survivor: Customer, replaced: dict[str, dict[int, int]]) -> list[Any]:
    ids = list(RegulatorCase.objects.filter(customer=merged).order_by("pk").values_list("pk", flat=True))
    RegulatorCase.objects.filter(pk__in=ids).update(customer=survivor)
    return ids


def give_back(merged: Customer, survivor: Customer, moved: Sequence[Any]) -> int:
    return RegulatorCase.objects.filter(pk__in=list(moved), customer=survivor).update(customer=merged)
