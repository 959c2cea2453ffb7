"""What all writes to the customer record share: checked input, compare-and-set, search keys."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from onepoint.core.errors import InvalidInput, SomebodyWasFaster
from onepoint.core.search_keys import squeeze
from onepoint.core.text import clean
from onepoint.customers import lookup_keys
from onepoint.customers.models import Asset, ContactPerson, Customer, CustomerAccount
from onepoint.customers.queries.likeness import merged_numbers
from onepoint.customers.states import AccountKind

Row = TypeVar("Row", bound=models.Model)


def tidy(values: Mapping[str, Any]) -> dict[str, Any]:
    """``values`` with every text cleaned (no NUL, normal form C, no outer blanks)."""
    return {name: clean(value) if isinstance(value, str) else value for name, value in values.items()}


def check(row: models.Model) -> None:
    """Raise InvalidInput, by field, where a column would not take its value."""
    foreign = [field.name for field in row._meta.concrete_fields if field.is_relation]
    try:
        row.clean_fields(exclude=[*foreign, "search_keys"])
    except ValidationError as error:
        raise InvalidInput({name: " ".join(texts) for name, texts in error.message_dict.items()}) from error


def check_account_value(kind: str, value: str) -> None:
    """Raise InvalidInput unless ``value`` can be a number or account of this kind."""
    key = lookup_keys.account_key(kind, value)
    if not key:
        raise InvalidInput({"value": _("Enter a number or account.")})
    digits = key.removeprefix("+")
    if kind in (AccountKind.MOBILE, AccountKind.LANDLINE) and not (digits.isdigit() and 3 <= len(digits) <= 15):
        raise InvalidInput({"value": _("This is not a telephone number.")})
    if kind == AccountKind.EMAIL and ("@" not in key.strip("@") or " " in key):
        raise InvalidInput({"value": _("This is not an e-mail address.")})


def changed_fields(row: models.Model, values: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Field → (old, new) for what ``values`` would really change."""
    pairs = {name: (getattr(row, name), value) for name, value in values.items()}
    return {name: (old, new) for name, (old, new) in pairs.items() if old != new}


def as_facts(changes: Mapping[str, tuple[Any, Any]], secret: frozenset[str] = frozenset()) -> dict[str, list[str]]:
    """Changes as the audit journal keeps them: in words, and without the values of ``secret`` fields."""
    return {
        name: ["…", "…"] if name in secret else ["" if value is None else str(value) for value in pair]
        for name, pair in changes.items()
    }


def copy_with(row: Row, values: Mapping[str, Any]) -> Row:
    """An unsaved copy of ``row`` with ``values``, to be checked before anything is written."""
    fields = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    copy = type(row)(**fields)
    for name, value in values.items():
        setattr(copy, name, value)
    return copy


def save_if_unchanged(row: Any, version: int, values: Mapping[str, Any]) -> None:
    """Write ``values`` if the row still has ``version``; raises SomebodyWasFaster."""
    values = {**values, "version": version + 1}
    if not type(row).objects.filter(pk=row.pk, version=version).update(**values):
        raise SomebodyWasFaster
    for name, value in values.items():
        setattr(row, name, value)


def compute_search_keys(
    customer: Customer,
    accounts: Iterable[CustomerAccount],
    assets: Iterable[Asset],
    persons: Iterable[ContactPerson] = (),
    merged_numbers: Iterable[str] = (),
) -> list[str]:
    """All keys by which a customer with these belongings is found; removed contact persons don't count.

    ``merged_numbers`` are the customer numbers of records it took up: people still have them in their papers.
    """
    area_code = customer.region.area_code
    keys = lookup_keys.customer_keys(customer.number, [customer.name, customer.name_en], customer.id_number)
    for account in accounts:
        keys |= lookup_keys.account_keys(account.kind, account.value, area_code)
    for asset in assets:
        keys |= lookup_keys.asset_keys(asset.serial_number, asset.contract_number)
    for person in persons:
        if person.is_active:
            keys |= lookup_keys.person_keys(person.name, person.phone, person.email, area_code)
    return sorted(keys | {squeeze(number) for number in merged_numbers})


def refresh_search_keys(customer: Customer) -> None:
    """Compute the keys anew under the customer's row lock, so that two additions at once both count."""
    Customer.objects.select_for_update().only("pk").get(pk=customer.pk)
    customer.search_keys = compute_search_keys(
        customer,
        customer.accounts.all(),
        customer.assets.all(),
        customer.contact_persons.all(),
        merged_numbers(customer),
    )
    # Whatever changes how a customer is found may change whom it is like.
    customer.is_compared = False
    Customer.objects.filter(pk=customer.pk).update(search_keys=customer.search_keys, is_compared=False)
