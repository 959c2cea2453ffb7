"""Reads of channels; callers say ``queries.find_contact(…)``."""

from onepoint.channels.queries.journal import (
    already_journaled,
    contacts_before,
    contacts_of,
    contacts_visible_to,
    count_of,
    filtered_contacts,
    find_contact,
    find_contacts,
    ids_of_customer,
    matching,
)

__all__ = [
    "already_journaled",
    "contacts_before",
    "contacts_of",
    "contacts_visible_to",
    "count_of",
    "filtered_contacts",
    "find_contact",
    "find_contacts",
    "ids_of_customer",
    "matching",
]
