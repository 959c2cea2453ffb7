"""Customers for other systems: found, registered and changed by the rules of the pages."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router, Status

from onepoint.accounts import field_rights
from onepoint.accounts.models import User
from onepoint.accounts.queries import lookups
from onepoint.core import masking
from onepoint.core.errors import InvalidInput, require
from onepoint.core.rest import (
    PROBLEMS,
    Body,
    Code,
    Cursor,
    Limit,
    Line,
    Page,
    Schema,
    Text,
    found,
    needs,
    page_by_cursor,
    refuse_masked,
    tell_version,
    version_read,
    withhold_fields,
)
from onepoint.core.withheld import WORDS
from onepoint.customers import policies, queries, services
from onepoint.customers.models import Customer, CustomerAccount
from onepoint.customers.states import AccountKind, CustomerKind, PreferredChannel

router = Router()
READ, WRITE = "customers:read", "customers:write"


class AccountOut(Schema):
    id: int
    kind: str
    value: str
    product: str
    status: str
    is_primary: bool


class AssetOut(Schema):
    id: int
    product: str
    model: str
    serial_number: str
    warranty_until: str | None


class CustomerOut(Schema):
    number: str
    kind: str
    name: str
    name_en: str
    level: str | None
    region: str
    unit: str | None
    preferred_channel: str
    is_active: bool
    version: int
    accounts: list[AccountOut]


class CustomerDetail(CustomerOut):
    id_number: str
    address: str
    language: str
    note: str
    consent_to_contact: bool | None
    assets: list[AssetOut]


class NewAccount(Body):
    value: Line
    kind: AccountKind = AccountKind.MOBILE
    product: Line = ""
    is_primary: bool = False


class NewAsset(Body):
    product: Line
    model: Line = ""
    serial_number: Line = ""


class NewCustomer(Body):
    name: Line
    region: Code
    kind: CustomerKind = CustomerKind.PERSON
    name_en: Line = ""
    level: Code = ""
    id_number: Line = ""
    address: Line = ""
    preferred_channel: PreferredChannel = PreferredChannel.PHONE
    note: Text = ""
    consent_to_contact: bool = True
    accounts: list[NewAccount] = []
    assets: list[NewAsset] = []
    despite_duplicates: bool = False


class CustomerChange(Body):
    """Only what is sent is changed."""

    name: Line | None = None
    name_en: Line | None = None
    kind: CustomerKind | None = None
    level: Code | None = None
    region: Code | None = None
    id_number: Line | None = None
    address: Line | None = None
    preferred_channel: PreferredChannel | None = None
    note: Text | None = None
    consent_to_contact: bool | None = None


def _account(row: CustomerAccount) -> dict[str, Any]:
    return {
        "id": row.pk, "kind": row.kind, "value": masking.shown(row.value, "phone"), "product": row.product,
        "status": row.status, "is_primary": row.is_primary,
    }  # fmt: skip


def _row(customer: Customer) -> dict[str, Any]:
    return {
        "number": customer.number, "kind": customer.kind, "name": customer.name, "name_en": customer.name_en,
        "level": customer.level.code if customer.level else None, "region": customer.region.code,
        "unit": customer.unit.code if customer.unit else None, "preferred_channel": customer.preferred_channel,
        "is_active": customer.is_active, "version": customer.version,
        "accounts": [
            _account(row)
            for row in getattr(customer, "shown_accounts", None) or queries.accounts_of(customer)
        ],
    }  # fmt: skip


def _detail(customer: Customer, by: User) -> dict[str, Any]:
    """Everything the page shows; what the person's roles hide reads as empty."""
    assets = [
        {
            "id": row.pk, "product": row.product, "model": row.model, "serial_number": row.serial_number,
            "warranty_until": row.warranty_until.isoformat() if row.warranty_until else None,
        }
        for row in queries.assets_of(customer)
    ]  # fmt: skip
    shown = _row(customer) | {
        "id_number": masking.shown(customer.id_number, "identity"), "address": masking.shown(customer.address, "address"), "language": customer.language,
        "note": masking.shown_words(customer.note), "consent_to_contact": customer.consent_to_contact, "assets": assets,
    }  # fmt: skip
    return withhold_fields(shown, field_rights.hidden_fields(by, "customer"))


def _region(code: str) -> Any:
    region = lookups.region_by_code(code)
    if region is None:
        raise InvalidInput({"region": _("There is no region with this code.")})
    return region


def _level(code: str) -> Any:
    if not code:
        return None
    level = queries.level_by_code(code)
    if level is None:
        raise InvalidInput({"level": _("There is no level with this code.")})
    return level


@router.get("", response={200: Page[CustomerOut], **PROBLEMS}, summary="Customers in scope, found by number or name")
@needs(READ)
def list_customers(request: HttpRequest, text: Line = "", cursor: Cursor = "", limit: Limit = 50) -> Any:
    rows = queries.filtered_customers(visible_to=request.user, text=text, in_use=None)
    hidden = field_rights.hidden_fields(request.user, "customer")
    return page_by_cursor(rows, lambda row: withhold_fields(_row(row), hidden), cursor=cursor, limit=limit)


@router.post("", response={201: CustomerDetail, **PROBLEMS}, summary="Register a customer")
@needs(WRITE)
def create_customer(request: HttpRequest, response: HttpResponse, body: NewCustomer) -> Any:
    plain = body.model_dump(exclude={"region", "level", "accounts", "assets"})
    customer = services.create_customer(
        **plain,
        region=_region(body.region),
        level=_level(body.level),
        accounts=[services.NewAccount(**row.model_dump()) for row in body.accounts],
        assets=[services.NewAsset(**row.model_dump()) for row in body.assets],
        by=request.user,
    )
    tell_version(response, customer.version)
    return Status(201, _detail(customer, request.user))


@router.get("/{number}", response={200: CustomerDetail, **PROBLEMS}, summary="One customer")
@needs(READ)
def show_customer(request: HttpRequest, response: HttpResponse, number: Code) -> Any:
    customer = found(queries.find_customer(number, visible_to=request.user))
    tell_version(response, customer.version)
    return _detail(customer, request.user)


@router.patch("/{number}", response={200: CustomerDetail, **PROBLEMS}, summary="Change a customer (If-Match)")
@needs(WRITE)
def change_customer(request: HttpRequest, response: HttpResponse, number: Code, body: CustomerChange) -> Any:
    customer = found(queries.find_customer(number, visible_to=request.user))
    version = version_read(request)
    values = body.model_dump(exclude_unset=True)
    if "region" in values:
        values["region"] = _region(values["region"] or "")
    if "level" in values:
        values["level"] = _level(values["level"] or "")
    if wrong := [name for name, value in values.items() if value is None and name != "level"]:
        raise InvalidInput({name: _("This cannot be empty.") for name in wrong})
    require(policies.why_not_change_customer(customer, request.user))
    refuse_masked(customer, values, {"id_number": "identity", "address": "address", "note": WORDS})
    services.change_customer(customer, by=request.user, version=version, **values)
    customer = found(queries.find_customer(number, visible_to=request.user))
    tell_version(response, customer.version)
    return _detail(customer, request.user)


@router.post("/{number}/accounts", response={201: AccountOut, **PROBLEMS}, summary="Add a number or account")
@needs(WRITE)
def add_account(request: HttpRequest, number: Code, body: NewAccount) -> Any:
    customer = found(queries.find_customer(number, visible_to=request.user))
    row = services.add_account(customer, by=request.user, **body.model_dump())
    return Status(201, _account(row))  # fmt: skip
