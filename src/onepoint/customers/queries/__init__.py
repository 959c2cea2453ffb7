"""Reads of the customer record."""

from onepoint.customers.queries.records import (
    accounts_of,
    assets_of,
    contact_persons_of,
    customers_visible_to,
    filtered_customers,
    find_account,
    find_asset,
    find_contact_person,
    find_customer,
    find_customers,
    find_level,
    level_by_code,
    levels,
    matching,
    possible_duplicates,
    with_accounts,
)

__all__ = [
    "accounts_of",
    "assets_of",
    "contact_persons_of",
    "customers_visible_to",
    "filtered_customers",
    "find_account",
    "find_asset",
    "find_contact_person",
    "find_customer",
    "find_customers",
    "find_level",
    "level_by_code",
    "levels",
    "matching",
    "possible_duplicates",
    "with_accounts",
]
