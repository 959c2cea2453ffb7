"""Whose authority covers what: the rows that count for a person and a place, and how much of them is used.

Of the rows of one role and kind the most specific counts: a category before none, a deeper one before a higher one, named
customer levels before all. Of several roles any that covers the amount will do.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Q, Sum
from django.utils import timezone

from onepoint.accounts.models import OrgUnit, Region, Role
from onepoint.accounts.queries import key_of_level, role_keys
from onepoint.core import clock
from onepoint.customers.models import Customer
from onepoint.grants.models import Authority, Grant, GrantKind
from onepoint.grants.states import HOLDING
from onepoint.tickets.models import Category


@dataclass(frozen=True)
class Place:
    """What decides which authority counts for a grant: category, level of the customer, region and unit."""

    category: Category | None
    customer: Customer
    region: Region | None
    unit: OrgUnit | None

    @property
    def category_ids(self) -> list[int]:
        return self.category.ancestor_ids if self.category else []

    @property
    def level_code(self) -> str:
        return self.customer.level.code if self.customer.level else ""


def place_of(grant: Grant) -> Place:
    return Place(grant.category, grant.customer, grant.region, grant.unit)


def authorities_in_force(kind: GrantKind | None = None) -> list[Authority]:
    """Every row in use, of one kind or of all: one query; a house has some dozens."""
    rows = Authority.objects.filter(is_active=True, kind__is_active=True, role__is_active=True)
    if kind:
        rows = rows.filter(kind=kind)
    return list(rows.select_related("role", "kind", "category").order_by("kind__position_order", "kind_id", "pk"))


def _fits(row: Authority, place: Place) -> bool:
    if row.category_id and row.category_id not in place.category_ids:
        return False
    return not row.levels or place.level_code in row.levels


def _rank(row: Authority) -> tuple[int, bool]:
    return (row.category.depth + 1 if row.category else 0), bool(row.levels)


def rows_of_roles(rows: Iterable[Authority], place: Place) -> list[Authority]:
    """The row that counts for each role and kind, whoever holds it."""
    best: dict[tuple[int, int], Authority] = {}
    for row in rows:
        if _fits(row, place):
            known = best.get((row.role_id, row.kind_id))
            if known is None or _rank(row) > _rank(known):
                best[row.role_id, row.kind_id] = row
    return list(best.values())


def keys_of_role(role: Role, place: Place) -> list[str]:
    """The candidate keys by which holders of a role answer for the place and for customers of this level."""
    keys = role_keys(role.code, place.region, place.unit)
    level_id = place.customer.level_id or 0
    return [*keys, *(key_of_level(key, level_id) for key in keys)]


def rows_answered(rows: Iterable[Authority], place: Place, keys: Collection[str]) -> list[Authority]:
    """Of the rows that count, those of roles that somebody with these candidate keys holds for the place."""
    held = frozenset(keys)
    return [row for row in rows_of_roles(rows, place) if not held.isdisjoint(keys_of_role(row.role, place))]


# --- what is used -----------------------------------------------------------------------------------------------


def month_of(moment: datetime) -> tuple[datetime, datetime]:
    """The calendar month of a moment in the house's time zone, as its first moment and that of the next."""
    first = timezone.localtime(moment).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return first, (first + timedelta(days=32)).replace(day=1)


def day_of(moment: datetime) -> tuple[datetime, datetime]:
    """The day of a moment in the house's time zone."""
    first = timezone.localtime(moment).replace(hour=0, minute=0, second=0, microsecond=0)
    return first, first + timedelta(days=1)


def _sums(condition: Q, period: tuple[datetime, datetime], kinds: Sequence[int]) -> dict[int, Decimal]:
    rows = Grant.objects.filter(
        condition, kind__in=kinds, state__in=HOLDING, effective_at__gte=period[0], effective_at__lt=period[1]
    )
    return dict(rows.order_by().values("kind").annotate(total=Sum("amount")).values_list("kind", "total"))


def given_to_customer(customer: Customer, kinds: Sequence[int]) -> dict[int, Decimal]:
    """By kind: what holds for a customer in this month, whoever granted it."""
    return _sums(Q(customer=customer), month_of(clock.now()), kinds)


def given_by_person(person_id: int, kinds: Sequence[int]) -> dict[int, Decimal]:
    """By kind: what was granted or approved today by a person, or in his name."""
    own = Q(decided_by=person_id, on_behalf_of=None) | Q(on_behalf_of=person_id)
    return _sums(own, day_of(clock.now()), kinds)


@dataclass(frozen=True)
class Used:
    """What has gone off the limits already."""

    month: Decimal = Decimal()
    day: Decimal = Decimal()


def covers(row: Authority, amount: Decimal, used: Used) -> bool:
    """Whether an authority has room for one more grant of this amount."""
    return (
        amount <= row.amount
        and (row.customer_month is None or used.month + amount <= row.customer_month)
        and (row.agent_day is None or used.day + amount <= row.agent_day)
    )


def room_in(row: Authority, used: Used) -> Decimal:
    """The most that one further grant may come to."""
    rooms = [row.amount]
    if row.customer_month is not None:
        rooms.append(row.customer_month - used.month)
    if row.agent_day is not None:
        rooms.append(row.agent_day - used.day)
    return max(min(rooms), Decimal())
