"""A row becomes a customer, or changes the one it means, through the services."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.core.search_keys import squeeze
from onepoint.customers import lookup_keys, queries, services
from onepoint.customers.importing.rows import RowContent, kind_of_name, refuse
from onepoint.customers.models import Asset, Customer, CustomerImport
from onepoint.customers.queries import imports as import_queries
from onepoint.customers.services.records import NewAccount, NewAsset
from onepoint.customers.states import RowOutcome


def import_row(content: RowContent, source: CustomerImport, *, by: User | None) -> tuple[str, Customer]:
    """Register or change one customer; gives what became of it. Raises BusinessError with the reason it is refused."""
    customer = _meant(content, source, by)
    if customer is None:
        return RowOutcome.CREATED, _register(content, source, by)
    return RowOutcome.UPDATED if _update(customer, content, by) else RowOutcome.SAME, customer


def _meant(content: RowContent, source: CustomerImport, by: User | None) -> Customer | None:
    """The customer a row means: by our number, by the number at the source, or by name and a number that agree."""
    if content.number:
        found = import_queries.customer_by_number(content.number)
        if found is None:
            raise refuse(_("There is no customer %(number)s."), number=content.number[:24])
        return found
    if content.external_number:
        found = import_queries.customer_by_source(source.source, content.external_number)
        if found is not None:
            return found
    name = content.values.get("name", "")
    likely = queries.possible_duplicates(
        visible_to=by,
        accounts=[(account.kind, account.value) for account in content.accounts],
        id_number=content.values.get("id_number", ""),
        area_code=_area_code(content),
    )
    same = [one for one in likely if squeeze(one.name) == squeeze(name)]
    return same[0] if name and len(same) == 1 else None


def _area_code(content: RowContent) -> str:
    region = content.values.get("region")
    return region.area_code if region else ""


def _register(content: RowContent, source: CustomerImport, by: User | None) -> Customer:
    values = content.values
    if not values.get("name"):
        raise refuse(_("The row has no name."))
    region = values.get("region") or (by.unit.region if by and by.unit else None)
    if region is None:
        raise refuse(_("The row has no region."))
    customer = services.create_customer(
        by=by,
        **{"kind": kind_of_name(values["name"]), **values, "region": region},
        accounts=content.accounts,
        assets=[content.asset] if content.asset else [],
        despite_duplicates=source.despite_duplicates,
        external_source=source.source,
        external_number=content.external_number,
    )
    if content.person:
        services.add_contact_person(customer, by=by, **content.person)
    return customer


def _update(customer: Customer, content: RowContent, by: User | None) -> bool:
    """Bring what the row gives onto the record; what the row leaves empty stays."""
    version = customer.version
    services.change_customer(customer, by=by, version=version, **content.values)
    changed = customer.version != version
    known = {(row.kind, row.value_key) for row in customer.accounts.all()}
    for account in content.accounts:
        changed |= _add_account(customer, account, known, by)
    if content.asset:
        changed |= _bring_asset(customer, content.asset, by)
    if content.person:
        changed |= _bring_person(customer, content.person, by)
    return changed


def _add_account(customer: Customer, account: NewAccount, known: set[tuple[str, str]], by: User | None) -> bool:
    key = (account.kind, lookup_keys.account_key(account.kind, account.value, customer.region.area_code))
    if key in known:
        return False
    services.add_account(customer, by=by, value=account.value, kind=account.kind)
    known.add(key)
    return True


def _same_asset(customer: Customer, asset: NewAsset) -> Asset | None:
    rows = customer.assets.filter(is_active=True)
    if key := squeeze(asset.serial_number):
        return rows.filter(serial_key=key).first()
    return rows.filter(product=asset.product, model=asset.model).first()


def _bring_asset(customer: Customer, asset: NewAsset, by: User | None) -> bool:
    given = {name: value for name, value in vars(asset).items() if value not in ("", None)}
    present = _same_asset(customer, asset)
    if present is None:
        services.add_asset(customer, by=by, **given)
        return True
    present.customer = customer
    if all(getattr(present, name) == value for name, value in given.items()):
        return False
    services.change_asset(present, by=by, version=present.version, **given)
    return True


def _bring_person(customer: Customer, person: dict[str, Any], by: User | None) -> bool:
    present = customer.contact_persons.filter(is_active=True, name=person["name"]).first()
    if present is None:
        services.add_contact_person(customer, by=by, **person)
        return True
    present.customer = customer
    if all(getattr(present, name) == value for name, value in person.items()):
        return False
    services.change_contact_person(present, by=by, version=present.version, **person)
    return True
