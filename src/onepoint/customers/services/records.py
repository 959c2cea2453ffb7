"""Writes to the customer record itself."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.db import transaction

from onepoint.accounts.models import OrgUnit, Region, User
from onepoint.core import audit, clock, masking
from onepoint.core.errors import InvalidInput, require
from onepoint.core.numbering import next_number
from onepoint.core.search_keys import squeeze
from onepoint.core.text import pinyin_key
from onepoint.customers import lookup_keys, policies, queries, signals
from onepoint.customers.models import Asset, Customer, CustomerAccount, CustomerLevel
from onepoint.customers.services.writing import (
    as_facts,
    changed_fields,
    check,
    check_account_value,
    compute_search_keys,
    copy_with,
    refresh_search_keys,
    save_if_unchanged,
    tidy,
)
from onepoint.customers.states import AccountKind, CustomerKind, PreferredChannel

#: What the audit journal says was changed without saying from what to what.
SECRET = frozenset({"id_number", "address"})
#: What of a customer is personal data, and of which group.
PERSONAL = {"id_number": "identity", "address": "address", "note": "words"}
CHANGEABLE = frozenset(
    {
        "kind", "name", "name_en", "level", "region", "unit", "id_number", "address", "language", "preferred_channel",
        "note", "consent_to_contact",
    }
)  # fmt: skip


@dataclass(frozen=True)
class NewAccount:
    """A number or account to be registered together with its customer."""

    value: str
    kind: str = AccountKind.MOBILE
    product: str = ""
    is_primary: bool = False


@dataclass(frozen=True)
class NewAsset:
    """A product or machine to be registered together with its customer."""

    product: str
    model: str = ""
    serial_number: str = ""
    installed_on: date | None = None
    warranty_until: date | None = None
    contract_number: str = ""


@transaction.atomic
def create_customer(
    *,
    by: User | None,
    name: str,
    region: Region,
    kind: str = CustomerKind.PERSON,
    name_en: str = "",
    level: CustomerLevel | None = None,
    unit: OrgUnit | None = None,
    id_number: str = "",
    address: str = "",
    language: str = "zh-hans",
    preferred_channel: str = PreferredChannel.PHONE,
    note: str = "",
    consent_to_contact: bool = True,
    accounts: Sequence[NewAccount] = (),
    assets: Sequence[NewAsset] = (),
    despite_duplicates: bool = False,
    external_source: str = "",
    external_number: str = "",
) -> Customer:
    """Register a customer with its first numbers and machines; ``unit`` is the person's own where none is given.

    Raises NotPermitted, InvalidInput, and PossibleDuplicate unless ``despite_duplicates``.
    """
    require(policies.why_not_create_customer(by))
    values = tidy(
        {
            "kind": kind, "name": name, "name_en": name_en, "id_number": id_number, "address": address,
            "language": language, "preferred_channel": preferred_channel, "note": note,
            "external_source": external_source if external_number else "", "external_number": external_number,
        }
    )  # fmt: skip
    customer = Customer(
        number=next_number("C"),
        level=level,
        region=region,
        unit=unit or (by.unit if by else None),
        consent_to_contact=consent_to_contact,
        created_at=clock.now(),
        created_by=by,
        **values,
        **derived_fields(values),
    )
    check(customer)
    numbers, machines = _new_accounts(customer, accounts), _new_assets(customer, assets)
    if not despite_duplicates:
        _refuse_duplicates(customer, numbers, machines, by)
    customer.search_keys = compute_search_keys(customer, numbers, machines)
    customer.save(force_insert=True)
    CustomerAccount.objects.bulk_create(numbers)
    Asset.objects.bulk_create(machines)
    audit.record("customer.created", by=by, subject_type="customer", subject_id=customer.pk, name=customer.name)
    signals.customer_created.send(Customer, customer=customer, by=by)
    return customer


def derived_fields(values: Mapping[str, Any]) -> dict[str, str]:
    """What follows from the written fields: the sort key of a name, the folded ID number."""
    derived = {}
    if "name" in values:
        derived["name_key"] = pinyin_key(values["name"], 200)
    if "id_number" in values:
        derived["id_key"] = lookup_keys.id_key(values["id_number"])
    return derived


def _new_accounts(customer: Customer, accounts: Sequence[NewAccount]) -> list[CustomerAccount]:
    """Unsaved rows, each number once; the first is the primary one unless another is marked."""
    rows: dict[tuple[str, str], CustomerAccount] = {}
    for account in accounts:
        texts = tidy({"kind": account.kind, "value": account.value, "product": account.product})
        check_account_value(account.kind, texts["value"])
        key = lookup_keys.account_key(account.kind, texts["value"], customer.region.area_code)
        row = CustomerAccount(customer=customer, value_key=key, is_primary=account.is_primary, **texts)
        check(row)
        rows.setdefault((account.kind, key), row)
    kept = list(rows.values())
    marked = [row for row in kept if row.is_primary] or kept[:1]
    for row in kept:
        row.is_primary = row is marked[0]
    return kept


def _new_assets(customer: Customer, assets: Sequence[NewAsset]) -> list[Asset]:
    rows = []
    for asset in assets:
        texts = tidy(asdict(asset))
        rows.append(Asset(customer=customer, serial_key=squeeze(texts["serial_number"]), **texts))
        check(rows[-1])
    return rows


def _refuse_duplicates(
    customer: Customer, numbers: list[CustomerAccount], machines: list[Asset], by: User | None
) -> None:
    found = queries.possible_duplicates(
        visible_to=by,
        accounts=[(row.kind, row.value) for row in numbers],
        id_number=customer.id_number,
        serial_numbers=[row.serial_number for row in machines],
        area_code=customer.region.area_code,
    )
    if found:
        raise policies.PossibleDuplicate(found)


@transaction.atomic
def change_customer(customer: Customer, *, by: User | None, version: int, **values: Any) -> Customer:
    """Change what is known of the customer; ``version`` is the one the person was looking at.

    Takes the fields in ``CHANGEABLE``. Raises NotPermitted, CustomerNotInUse, InvalidInput, SomebodyWasFaster.
    """
    require(policies.why_not_add_to_customer(customer, by))
    if unknown := values.keys() - CHANGEABLE:
        raise TypeError(f"cannot change {', '.join(sorted(unknown))}")
    values = {
        name: masking.unchanged_if_masked(getattr(customer, name), value, PERSONAL[name]) if name in PERSONAL else value
        for name, value in values.items()
    }
    changes = changed_fields(customer, tidy(values))
    if not changes:
        return customer
    if changes.get("region", ("", 0))[1] is None:
        raise InvalidInput({"region": Customer._meta.get_field("region").error_messages["null"]})
    require(policies.why_not_change_fields(changes, by))
    new = {name: value for name, (_old, value) in changes.items()}
    new.update(derived_fields(new))
    check(copy_with(customer, new))
    save_if_unchanged(customer, version, new)
    refresh_search_keys(customer)
    audit.record(
        "customer.changed", by=by, subject_type="customer", subject_id=customer.pk, changes=as_facts(changes, SECRET)
    )
    signals.customer_changed.send(Customer, customer=customer, by=by, changes=set(changes))
    return customer


def deactivate_customer(customer: Customer, *, by: User | None, version: int) -> None:
    """Take the record out of use; its history stays. Raises NotPermitted, CustomerNotInUse, SomebodyWasFaster."""
    require(policies.why_not_add_to_customer(customer, by))
    _set_use(customer, by=by, version=version, active=False)


def reactivate_customer(customer: Customer, *, by: User | None, version: int) -> None:
    """Put a record back into use.

    Raises NotPermitted, AlreadyMerged, SomebodyWasFaster (also when it is in use already).
    """
    require(policies.why_not_reactivate(customer, by))
    _set_use(customer, by=by, version=version, active=True)


@transaction.atomic
def _set_use(customer: Customer, *, by: User | None, version: int, active: bool) -> None:
    save_if_unchanged(customer, version, {"is_active": active})
    verb = "customer.reactivated" if active else "customer.deactivated"
    audit.record(verb, by=by, subject_type="customer", subject_id=customer.pk)
    signals.customer_changed.send(Customer, customer=customer, by=by, changes={"is_active"})
