"""A customer of East with a landline, a mobile and a machine; a person who may do everything with customers."""

from typing import Any

import pytest

from cast import Cast
from onepoint.accounts.models import Role, User
from onepoint.customers import services
from onepoint.customers.models import Customer
from onepoint.customers.services import NewAccount


@pytest.fixture
def customer(cast) -> Customer:
    return services.create_customer(
        by=cast.agent,
        name="王小明",
        name_en="Wang Xiaoming",
        region=cast.east,
        id_number="330106198001011234",
        accounts=[NewAccount("0571-8888 8888", "landline"), NewAccount("13800138000")],
    )


@pytest.fixture
def other(cast) -> Customer:
    """The same person registered a second time, under another number."""
    return services.create_customer(
        by=cast.agent,
        name="王晓明",
        region=cast.east,
        accounts=[NewAccount("13900139000")],
        note="老客户",
    )


def allow(role_code: str, *permissions: str) -> None:
    """Let a role of the cast do more."""
    role = Role.objects.get(code=role_code)
    role.permissions = [*role.permissions, *permissions]
    role.save(update_fields=["permissions"])


@pytest.fixture
def keeper(cast: Cast) -> User:
    """The coordinator of East, who also keeps the customer records."""
    allow("coordinator", "customer.merge", "customer.import", "customer.create", "attention.view", "attention.manage")
    return User.objects.get(pk=cast.coordinator.pk)


def again(row: Any) -> Any:
    """The row as it is in the database now."""
    return type(row).objects.get(pk=row.pk)
