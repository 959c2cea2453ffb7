"""Reads of the record itself and of what belongs to it."""

from collections.abc import Iterable
from typing import TypeVar

from django.db.models import Prefetch, Q

from onepoint.accounts.models import Region, User
from onepoint.core.search_keys import query_keys, squeeze
from onepoint.customers import lookup_keys
from onepoint.customers.models import (
    Asset,
    ContactPerson,
    Customer,
    CustomerAccount,
    CustomerLevel,
    CustomerQuerySet,
)
from onepoint.customers.states import AccountStatus

Belonging = TypeVar("Belonging", CustomerAccount, Asset, ContactPerson)


def matching(text: str) -> Q:
    """Condition for customers found by ``text``: a telephone, account, serial, ID or customer number, or names.

    One GIN-indexed column answers all of it. Text without a letter or digit finds nobody.
    """
    forms, words = lookup_keys.typed_forms(text), query_keys(text)
    condition = Q(pk__in=[])
    if forms:
        condition |= Q(search_keys__overlap=sorted(forms))
    if words:
        condition |= Q(search_keys__contains=words)
    return condition


def customers_visible_to(user: User) -> CustomerQuerySet:
    """Customers within the person's scope, with what a list shows of them."""
    return Customer.objects.visible_to(user).select_related("level", "region", "unit")


def filtered_customers(
    *,
    visible_to: User,
    text: str = "",
    level: CustomerLevel | None = None,
    region: Region | None = None,
    kind: str = "",
    in_use: bool | None = True,
) -> CustomerQuerySet:
    """Customers of the list page; ``region`` takes in everything below it, ``in_use`` None takes both."""
    found = with_accounts(customers_visible_to(visible_to))
    if text.strip():
        found = found.filter(matching(text))
    if level is not None:
        found = found.filter(level=level)
    if region is not None:
        found = found.filter(region__path__startswith=region.path)
    if kind:
        found = found.filter(kind=kind)
    return found if in_use is None else found.filter(is_active=in_use)


def find_customers(text: str, *, visible_to: User, limit: int = 20) -> list[Customer]:
    """The customers ``text`` may mean, those in use first, then by name; one query besides the scope's.

    Each carries its numbers (``shown_accounts``, not closed, the primary one first) by a second query.
    """
    if not text.strip():
        return []
    found = customers_visible_to(visible_to).filter(matching(text)).order_by("-is_active", "name_key", "pk")
    return list(with_accounts(found)[:limit])


def with_accounts(customers: CustomerQuerySet) -> CustomerQuerySet:
    """Each customer with ``shown_accounts``: numbers that are not closed, the primary one first."""
    numbers = CustomerAccount.objects.exclude(status=AccountStatus.CLOSED).order_by("-is_primary", "pk")
    return customers.prefetch_related(Prefetch("accounts", queryset=numbers, to_attr="shown_accounts"))


def find_customer(number: str, *, visible_to: User) -> Customer | None:
    """The customer with this customer number, or None when there is none or it is outside the person's scope."""
    return customers_visible_to(visible_to).select_related("created_by").filter(number=number).first()


def possible_duplicates(
    *,
    visible_to: User | None,
    accounts: Iterable[tuple[str, str]] = (),
    id_number: str = "",
    serial_numbers: Iterable[str] = (),
    area_code: str = "",
    limit: int = 5,
) -> list[Customer]:
    """Customers that already have one of these numbers; ``accounts`` are (kind, value) pairs.

    ``visible_to`` None looks at everybody (imports). At most one query.
    """
    account_keys = [lookup_keys.account_key(kind, value, area_code) for kind, value in accounts]
    serial_keys = [squeeze(serial) for serial in serial_numbers]
    keys = {key for key in (*account_keys, *serial_keys, squeeze(id_number)) if key}
    if not keys:
        return []
    everybody = (
        Customer.objects.select_related("level", "region") if visible_to is None else customers_visible_to(visible_to)
    )
    # The index narrows first; the exact columns then keep a name's beginning from passing for a number.
    near = everybody.active().filter(search_keys__overlap=sorted(keys | {squeeze(key) for key in keys}))
    same = Q(accounts__value_key__in=account_keys, accounts__status__in=_OPEN)
    same |= Q(contact_persons__phone_key__in=account_keys, contact_persons__is_active=True)
    same |= Q(assets__serial_key__in=[key for key in serial_keys if key], assets__is_active=True)
    if id_number:
        same |= Q(id_key=squeeze(id_number))
    ids = near.filter(same).order_by("pk").values_list("pk", flat=True).distinct()[:limit]
    return list(with_accounts(everybody.filter(pk__in=list(ids)).order_by("pk")))


_OPEN = [AccountStatus.ACTIVE, AccountStatus.SUSPENDED]


def accounts_of(customer: Customer) -> list[CustomerAccount]:
    """Numbers and accounts, the primary one first, closed ones last."""
    accounts = customer.accounts.all()
    return sorted(accounts, key=lambda account: (not account.is_open, not account.is_primary, account.pk))


def assets_of(customer: Customer) -> list[Asset]:
    """Products and machines, those in use first."""
    return list(customer.assets.select_related("region").order_by("-is_active", "product", "pk"))


def contact_persons_of(customer: Customer) -> list[ContactPerson]:
    """Contact persons, those in use first."""
    return list(customer.contact_persons.order_by("-is_active", "pk"))


def find_account(customer: Customer, account_id: int) -> CustomerAccount | None:
    return _owned(customer.accounts.filter(pk=account_id).first(), customer)


def find_asset(customer: Customer, asset_id: int) -> Asset | None:
    return _owned(customer.assets.filter(pk=asset_id).first(), customer)


def find_contact_person(customer: Customer, person_id: int) -> ContactPerson | None:
    return _owned(customer.contact_persons.filter(pk=person_id).first(), customer)


def _owned(row: Belonging | None, customer: Customer) -> Belonging | None:
    if row is not None:
        row.customer = customer
    return row


def levels(*, only_in_use: bool = True) -> list[CustomerLevel]:
    """Customer levels, the highest first."""
    return list(CustomerLevel.objects.filter(is_active=True) if only_in_use else CustomerLevel.objects.all())


def find_level(level_id: int) -> CustomerLevel | None:
    return CustomerLevel.objects.filter(pk=level_id).first()


def level_by_code(code: str) -> CustomerLevel | None:
    """A level in use, by the code other systems know it by."""
    return CustomerLevel.objects.filter(code=code, is_active=True).first()
