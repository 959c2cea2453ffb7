"""A house in which agents may grant little, coordinators more, and auditors look at it afterwards."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from cast import Cast, make_user
from onepoint.accounts.models import Role, RoleGrant, User
from onepoint.accounts.states import DataScope
from onepoint.customers.models import Customer
from onepoint.grants import services
from onepoint.grants.models import Authority, Grant, GrantKind, ObjectionCode
from onepoint.grants.services import AuthorityItems, NewGrant
from onepoint.tickets.models import Ticket
from tickets.conftest import (  # noqa: F401  (fixtures)
    broadband_form,
    categories,
    complaint_process,
    customer,
    files_of_this_test,
    register,
    severities,
    ticket,
)


def allow(role: str, *permissions: str) -> None:
    row = Role.objects.get(code=role)
    row.permissions = sorted({*row.permissions, *permissions})
    row.save(update_fields=["permissions"])


@pytest.fixture
def staff(cast: Cast) -> Cast:
    """The cast with the rights of this capability, as people who have just logged in."""
    allow("agent", "grant.give", "grant.view")
    allow("coordinator", "grant.give", "grant.view", "grant.approve")
    allow("supervisor", "grant.view", "grant.settle", "grant.audit")
    allow("admin", "authority.manage")
    for name, value in vars(cast).items():
        if isinstance(value, User):
            setattr(cast, name, User.objects.get(pk=value.pk))
    return cast


@pytest.fixture
def auditor(staff: Cast) -> User:
    """Somebody of the head office who audits the whole province."""
    role = Role.objects.create(
        code="auditor", name="稽核员", permissions=["desk.use", "grant.audit", "grant.view"], data_scope=DataScope.ALL
    )
    person = make_user("auditor", staff.head_office, [], "纪稽核")
    RoleGrant.objects.create(user=person, role=role, unit=staff.head_office)
    return person


@pytest.fixture
def compensation(db: None) -> GrantKind:
    return services.create_kind(code="compensation", name="补偿", name_en="Compensation", by=None)


@pytest.fixture
def wrong_amount(db: None) -> ObjectionCode:
    return services.create_objection_code(code="amount", name="金额不当", name_en="Wrong amount", points=3, by=None)


@pytest.fixture
def authorities(staff: Cast, compensation: GrantKind) -> dict[str, Authority]:
    """Agents: 50 a time, 80 a customer and month. Coordinators: 500 a time, 800 a customer and month."""
    rows = {}
    for code, amount, month in (("agent", 50, 80), ("coordinator", 500, 800)):
        items = AuthorityItems(
            role=Role.objects.get(code=code), kind=compensation, amount=Decimal(amount), customer_month=Decimal(month)
        )
        rows[code] = services.create_authority(items, by=None)
    return rows


@pytest.fixture
def give(
    staff: Cast,
    authorities: dict[str, Authority],
    compensation: GrantKind,
    ticket: Ticket,  # noqa: F811
    customer: Customer,  # noqa: F811
) -> Callable[..., Grant]:
    """A function that grants a compensation on the ticket, by the agent unless said otherwise."""

    def grant(amount: object = 30, by: User | None = None, **more: Any) -> Grant:
        items = {
            "key": uuid4(), "kind": compensation, "amount": Decimal(str(amount)), "reason": "断网两天", "customer": customer,
            "ticket": ticket, **more,
        }  # fmt: skip
        return services.give_grant(NewGrant(**items), by=by or staff.agent)

    return grant
