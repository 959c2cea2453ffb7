"""Reads of the record itself and of what belongs to it."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from django.db.models import BooleanField, F, Func, Prefetch, Q, Subquery, Value, prefetch_related_objects

from onepoint.accounts.models import Region, User
from onepoint.accounts.scope import scope_of
from onepoint.core.compiled import Compiled
from onepoint.core.newest import asked_of_rows
from onepoint.core.search_keys import query_keys, squeeze
from onepoint.core.text import clean, pinyin_key
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

#: So many hits are put in order at most; more are only met by a word that fits everybody.
MOST_SORTED = 500
#: How the condition of a scope is written where it is compiled once for everybody.
EVERYTHING, PLACES = "everything", "places"

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
    """The customers ``text`` may mean, those in use first, then by name; merged records are not among them.

    Each carries its numbers (``shown_accounts``, not closed, the primary one first) by a query of its own. What fits
    very many (a surname) is answered with those whose names begin so, and beyond those with some others.
    """
    if not text.strip():
        return []
    found = _beginning_with(text, visible_to, limit) if is_common(text) else []
    if len(found) < limit:
        keys = _with_keys_of(text, visible_to, limit, besides=[customer.pk for customer in found])
        by_key = {customer.pk: customer for customer in (_FOUND.rows(keys) if keys else ())}
        found += [by_key[key] for key in keys if key in by_key]
    prefetch_related_objects(found, _open_accounts())
    return found


_FOUND = Compiled(
    "customers_found", lambda ids: Customer.objects.filter(pk__any_of=ids).select_related("level", "region", "unit")
)


def _with_keys_of(text: str, visible_to: User, limit: int, *, besides: list[int]) -> list[int]:
    """Those whose search keys answer to the text, those in use first, then by name."""
    forms, words = sorted(lookup_keys.typed_forms(text)), query_keys(text)
    asked = [one for one in (forms, words) if one]
    if not asked:
        return []
    places = _places_of(visible_to)
    if places is None:
        visible = customers_visible_to(visible_to).select_related(None).filter(merged_into=None)
        return [one.pk for one in _best(visible, matching(text), besides, limit - len(besides))]
    shape, *values = places
    named = (shape, bool(forms), bool(words), limit)
    return [one.pk for one in _WITH_KEYS.rows(besides, *asked, *values, shape=named)[: limit - len(besides)]]


def _compile_with_keys(besides: list[int], *values: Any, shape: tuple[str, bool, bool, int]) -> CustomerQuerySet:
    scope, has_forms, has_words, limit = shape
    condition, left = Q(pk__in=[]), list(values)
    if has_forms:
        condition |= Q(search_keys__has_any_of=left.pop(0))
    if has_words:
        condition |= Q(search_keys__has_all_of=left.pop(0))
    return _best(_within(scope, *left).filter(merged_into=None), condition, besides, limit)


def _best(visible: CustomerQuerySet, condition: Q, besides: list[int], limit: int) -> CustomerQuerySet:
    # The inner limit keeps a word that fits a tenth of the house from being sorted whole.
    some = asked_of_rows(visible).filter(condition).exclude(pk__any_of=besides).order_by().values("pk")[:MOST_SORTED]
    best = Customer.objects.filter(pk__in=Subquery(some)).order_by("-is_active", "name_key", "pk")
    return best.only("pk")[:limit]


_WITH_KEYS = Compiled("customers_with_keys", _compile_with_keys, goes_by_values=True)


def is_common(text: str) -> bool:
    """Whether so short a text fits so many that only the beginning of a name tells something: ``王``, ``w``, ``wa``."""
    return 0 < len(squeeze(text)) <= 2 and not any(character.isdigit() for character in text)


def _beginning_with(text: str, visible_to: User, limit: int) -> list[Customer]:
    """Customers in use whose names (or their pinyin) begin so, in order of the name: a walk along one index."""
    text = clean(text)
    start = pinyin_key(text)
    asked = [start, f"{start}\U0010ffff", *([] if text.isascii() else [text])]
    places = _places_of(visible_to)
    if places is None:
        return list(_beginning(customers_visible_to(visible_to), asked, limit))
    shape, *values = places
    return _BEGINNING.rows(*asked, *values, shape=(shape, len(asked), limit))


def _compile_beginning(*values: Any, shape: tuple[str, int, int]) -> CustomerQuerySet:
    scope, count, limit = shape
    return _beginning(_within(scope, *values[count:]).select_related("level", "region", "unit"), values[:count], limit)


def _beginning(visible: CustomerQuerySet, asked: Sequence[str], limit: int) -> CustomerQuerySet:
    start, end, *names = asked
    found = visible.active().filter(merged_into=None, name_key__gte=start, name_key__lt=end)
    # No array condition here: the planner would collect and sort all who share the surname.
    for name in names:
        found = found.filter(Func(F("name"), Value(name), function="starts_with", output_field=BooleanField()))
    return found.order_by("name_key", "pk")[:limit]


_BEGINNING = Compiled("customers_beginning", _compile_beginning, goes_by_values=True)


def with_accounts(customers: CustomerQuerySet) -> CustomerQuerySet:
    """Each customer with ``shown_accounts``: numbers that are not closed, the primary one first."""
    return customers.prefetch_related(_open_accounts())


def _open_accounts() -> Prefetch:
    numbers = CustomerAccount.objects.exclude(status=AccountStatus.CLOSED).order_by("-is_primary", "pk")
    return Prefetch("accounts", queryset=numbers, to_attr="shown_accounts")


def find_customer(number: str, *, visible_to: User) -> Customer | None:
    """The customer with this customer number, or None when there is none or it is outside the person's scope."""
    places = _places_of(visible_to)
    if places is None:
        return _whole(customers_visible_to(visible_to), number).first()
    shape, *values = places
    return _BY_NUMBER.first(number, *values, shape=shape)


def _places_of(user: User) -> tuple[Any, ...] | None:
    """How the condition of a person's scope is written, and its values; None where values do not say it all."""
    scope = scope_of(user, "customer.view")
    if not scope.has_permission or (scope.limits and not scope.everything):
        return None
    if scope.everything:
        return (EVERYTHING,)
    return PLACES, sorted(scope.unit_ids), sorted(scope.region_ids), scope.person_id


def _whole(customers: CustomerQuerySet, number: str) -> CustomerQuerySet:
    return customers.select_related("level", "region", "unit", "created_by").filter(number=number)


def _within(shape: str, *places: Any) -> CustomerQuerySet:
    """Customers in a scope of that shape; the same as ``visible_to`` of who has it."""
    if shape == EVERYTHING:
        return Customer.objects.all()
    units, regions, person = places
    return Customer.objects.filter(Q(unit__id__any_of=units) | Q(region__id__any_of=regions) | Q(created_by=person))


_BY_NUMBER = Compiled("find_customer", lambda number, *places, shape: _whole(_within(shape, *places), number))


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
    keys = {key for key in (*account_keys, *serial_keys, lookup_keys.id_key(id_number)) if key}
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
        same |= Q(id_key=lookup_keys.id_key(id_number))
    ids = near.filter(same).order_by("pk").values_list("pk", flat=True).distinct()[:limit]
    return list(with_accounts(everybody.filter(pk__in=list(ids)).order_by("pk")))


def account_values(ids: Sequence[int]) -> list[tuple[str, str, str]]:
    """Kind, value and normal form of every number and account of these records, closed ones too."""
    accounts = CustomerAccount.objects.filter(customer__in=ids).order_by("pk")
    return list(accounts.values_list("kind", "value", "value_key"))


def contact_person_values(ids: Sequence[int]) -> list[tuple[str, str]]:
    """Telephone and e-mail of every contact person of these records."""
    return list(ContactPerson.objects.filter(customer__in=ids).order_by("pk").values_list("phone", "email"))


def contact_persons_with_names(ids: Sequence[int]) -> list[tuple[str, str, str]]:
    """Name, telephone and e-mail of every contact person of these records."""
    persons = ContactPerson.objects.filter(customer__in=ids).order_by("pk")
    return list(persons.values_list("name", "phone", "email"))


def asset_values(ids: Sequence[int]) -> list[tuple[str, str, str]]:
    """Serial number, contract number and place of every product of these records."""
    assets = Asset.objects.filter(customer__in=ids).order_by("pk")
    return list(assets.values_list("serial_number", "contract_number", "address"))


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
    return sorted(customer.contact_persons.all(), key=lambda person: (not person.is_active, person.pk))


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


def level_choices() -> list[tuple[str, str]]:
    """Codes and labels of the levels in use, lowest first."""
    in_use = CustomerLevel.objects.filter(is_active=True).order_by("rank", "code")
    return [(level.code, level.label) for level in in_use]


def levels_between(lowest: str, highest: str) -> frozenset[int]:
    """Ids of the levels from one code to another, both included; 0, no level at all, stands below every level.

    A bound that is gone lets nothing through on its side: less is seen, never more.
    """
    levels = list(CustomerLevel.objects.values_list("pk", "code", "rank"))
    ranks = {code: rank for _pk, code, rank in levels}
    if any(code and code not in ranks for code in (lowest, highest)):
        return frozenset()
    low, high = ranks.get(lowest, 0), ranks.get(highest, max(ranks.values(), default=0))
    within = {pk for pk, _code, rank in levels if (not lowest or rank >= low) and (not highest or rank <= high)}
    return frozenset(within if lowest else {*within, 0})


def find_level(level_id: int) -> CustomerLevel | None:
    return CustomerLevel.objects.filter(pk=level_id).first()


def level_by_code(code: str) -> CustomerLevel | None:
    """A level in use, by the code other systems know it by."""
    return CustomerLevel.objects.filter(code=code, is_active=True).first()
