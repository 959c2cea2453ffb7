"""Every write to the customer record: the record itself, what belongs to it, and the levels."""

from onepoint.customers.services.belongings import (
    add_account,
    add_asset,
    add_contact_person,
    change_account,
    change_asset,
    change_contact_person,
    close_account,
    remove_contact_person,
    retire_asset,
)
from onepoint.customers.services.levels import change_level, create_level
from onepoint.customers.services.records import (
    NewAccount,
    NewAsset,
    change_customer,
    create_customer,
    deactivate_customer,
    reactivate_customer,
)

__all__ = [
    "NewAccount",
    "NewAsset",
    "add_account",
    "add_asset",
    "add_contact_person",
    "change_account",
    "change_asset",
    "change_contact_person",
    "change_customer",
    "change_level",
    "close_account",
    "create_customer",
    "create_level",
    "deactivate_customer",
    "reactivate_customer",
    "remove_contact_person",
    "retire_asset",
]
