"""Writes to what belongs to a customer: numbers and accounts, products and machines, contact persons."""

from datetime import date
from typing import Any

from django.db import transaction

from onepoint.accounts.models import Region, User
from onepoint.core import audit
from onepoint.core.errors import require
from onepoint.core.search_keys import squeeze
from onepoint.customers import lookup_keys, phone_numbers, policies, signals
from onepoint.customers.models import Asset, ContactPerson, Customer, CustomerAccount
from onepoint.customers.services.writing import (
    as_facts,
    changed_fields,
    check,
    check_account_value,
    copy_with,
    refresh_search_keys,
    save_if_unchanged,
    tidy,
)
from onepoint.customers.states import AccountKind, AccountStatus


def _announce(customer: Customer, verb: str, part: str, by: User | None, **facts: Any) -> None:
    require(policies.why_not_change_fields([part], by))
    refresh_search_keys(customer)
    audit.record(f"customer.{verb}", by=by, subject_type="customer", subject_id=customer.pk, **facts)
    signals.customer_changed.send(Customer, customer=customer, by=by, changes={part})


def _refuse_second(customer: Customer, kind: str, key: str, value: str, but: int | None = None) -> None:
    if customer.accounts.filter(kind=kind, value_key=key).exclude(pk=but or 0).exists():
        raise policies.AlreadyRegistered(value=value)


def _leave_one_primary(customer: Customer, but: int | None = None) -> None:
    customer.accounts.filter(is_primary=True).exclude(pk=but or 0).update(is_primary=False)


@transaction.atomic
def add_account(
    customer: Customer,
    *,
    by: User | None,
    value: str,
    kind: str = AccountKind.MOBILE,
    product: str = "",
    is_primary: bool = False,
) -> CustomerAccount:
    """Register a number or account. Raises NotPermitted, CustomerNotInUse, InvalidInput, AlreadyRegistered."""
    require(policies.why_not_add_to_customer(customer, by))
    Customer.objects.select_for_update().only("pk").get(pk=customer.pk)  # one primary number, each number once
    texts = tidy({"kind": kind, "value": value, "product": product})
    check_account_value(kind, texts["value"])
    key = lookup_keys.account_key(kind, texts["value"], customer.region.area_code)
    _refuse_second(customer, kind, key, texts["value"])
    account = CustomerAccount(customer=customer, value_key=key, is_primary=is_primary, **texts)
    check(account)
    if is_primary:
        _leave_one_primary(customer)
    account.save(force_insert=True)
    _announce(customer, "account_added", "accounts", by, value=account.value)
    return account


@transaction.atomic
def change_account(
    account: CustomerAccount,
    *,
    by: User | None,
    version: int,
    value: str,
    kind: str,
    product: str,
    status: str,
    is_primary: bool,
) -> CustomerAccount:
    """Change a number or account that is not closed (closing is :func:`close_account`).

    Raises NotPermitted, AccountAlreadyClosed, InvalidInput, AlreadyRegistered, SomebodyWasFaster.
    """
    require(policies.why_not_change_account(account, by))
    customer = account.customer
    Customer.objects.select_for_update().only("pk").get(pk=customer.pk)
    texts = tidy({"kind": kind, "value": value, "product": product, "status": status})
    check_account_value(kind, texts["value"])
    key = lookup_keys.account_key(kind, texts["value"], customer.region.area_code)
    _refuse_second(customer, kind, key, texts["value"], but=account.pk)
    changes = changed_fields(account, {**texts, "is_primary": is_primary})
    check(CustomerAccount(customer=customer, value_key=key, is_primary=is_primary, **texts))
    if is_primary:
        _leave_one_primary(customer, but=account.pk)
    save_if_unchanged(account, version, {**texts, "value_key": key, "is_primary": is_primary})
    _announce(customer, "account_changed", "accounts", by, value=account.value, changes=as_facts(changes))
    return account


@transaction.atomic
def close_account(account: CustomerAccount, *, by: User | None, version: int) -> None:
    """The customer no longer has it; it stays on the record. Raises NotPermitted, AccountAlreadyClosed, SomebodyWasFaster."""
    require(policies.why_not_change_account(account, by))
    save_if_unchanged(account, version, {"status": AccountStatus.CLOSED, "is_primary": False})
    _announce(account.customer, "account_closed", "accounts", by, value=account.value)


@transaction.atomic
def add_asset(
    customer: Customer,
    *,
    by: User | None,
    product: str,
    model: str = "",
    serial_number: str = "",
    installed_on: date | None = None,
    warranty_until: date | None = None,
    contract_number: str = "",
    address: str = "",
    region: Region | None = None,
) -> Asset:
    """Put a product or machine on the record. Raises NotPermitted, CustomerNotInUse, InvalidInput."""
    require(policies.why_not_add_to_customer(customer, by))
    values = tidy(
        {
            "product": product, "model": model, "serial_number": serial_number, "installed_on": installed_on,
            "warranty_until": warranty_until, "contract_number": contract_number, "address": address, "region": region,
        }
    )  # fmt: skip
    asset = Asset(customer=customer, serial_key=squeeze(values["serial_number"]), **values)
    check(asset)
    asset.save(force_insert=True)
    _announce(customer, "asset_added", "assets", by, product=str(asset))
    return asset


@transaction.atomic
def change_asset(asset: Asset, *, by: User | None, version: int, **values: Any) -> Asset:
    """Change fields of :func:`add_asset`. Raises NotPermitted, NoLongerInUse, InvalidInput, SomebodyWasFaster."""
    require(policies.why_not_change_belonging(asset, by))
    values = tidy(values)
    changes = changed_fields(asset, values)
    if "serial_number" in values:
        values["serial_key"] = squeeze(values["serial_number"])
    check(copy_with(asset, values))
    save_if_unchanged(asset, version, values)
    _announce(asset.customer, "asset_changed", "assets", by, product=str(asset), changes=as_facts(changes))
    return asset


@transaction.atomic
def retire_asset(asset: Asset, *, by: User | None, version: int) -> None:
    """The customer no longer owns it; it stays for the history. Raises NotPermitted, NoLongerInUse, SomebodyWasFaster."""
    require(policies.why_not_change_belonging(asset, by))
    save_if_unchanged(asset, version, {"is_active": False})
    _announce(asset.customer, "asset_retired", "assets", by, product=str(asset))


@transaction.atomic
def add_contact_person(
    customer: Customer, *, by: User | None, name: str, relation: str = "", phone: str = "", email: str = ""
) -> ContactPerson:
    """Note somebody who may be asked. Raises NotPermitted, CustomerNotInUse, InvalidInput."""
    require(policies.why_not_add_to_customer(customer, by))
    values = tidy({"name": name, "relation": relation, "phone": phone, "email": email})
    person = ContactPerson(customer=customer, phone_key=_phone_key(customer, values["phone"]), **values)
    check(person)
    person.save(force_insert=True)
    _announce(customer, "contact_person_added", "contact_persons", by, name=person.name)
    return person


@transaction.atomic
def change_contact_person(person: ContactPerson, *, by: User | None, version: int, **values: Any) -> ContactPerson:
    """Change fields of :func:`add_contact_person`. Raises NotPermitted, NoLongerInUse, InvalidInput, SomebodyWasFaster."""
    require(policies.why_not_change_belonging(person, by))
    values = tidy(values)
    changes = changed_fields(person, values)
    if "phone" in values:
        values["phone_key"] = _phone_key(person.customer, values["phone"])
    check(copy_with(person, values))
    save_if_unchanged(person, version, values)
    facts = as_facts(changes)
    _announce(person.customer, "contact_person_changed", "contact_persons", by, name=person.name, changes=facts)
    return person


@transaction.atomic
def remove_contact_person(person: ContactPerson, *, by: User | None, version: int) -> None:
    """Nobody to ask any more; kept for the history. Raises NotPermitted, NoLongerInUse, SomebodyWasFaster."""
    require(policies.why_not_change_belonging(person, by))
    save_if_unchanged(person, version, {"is_active": False})
    _announce(person.customer, "contact_person_removed", "contact_persons", by, name=person.name)


def _phone_key(customer: Customer, phone: str) -> str:
    return phone_numbers.normalise(phone, customer.region.area_code)
