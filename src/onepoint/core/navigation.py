"""The registry behind the sidebar: capabilities add their entries when the house starts."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise

GROUPS = ("work", "channels", "customers", "quality", "supervision", "design", "administration")
#: Groups of what is set up seldom: folded until somebody opens them.
SELDOM = ("design", "administration")


@dataclass(frozen=True, eq=False)
class NavItem:
    """One entry: where it leads and which permission shows it (empty: everybody). There is one of each; no two are equal."""

    group: str
    order: int
    label: str | Promise
    url_name: str
    icon: str  # name in the Tabler icon sprite
    permission: str = ""
    shortcut: str = ""  # keys typed one after the other, e.g. "g t"


_items: dict[str, NavItem] = {}


def register(item: NavItem) -> None:
    """Add an entry; the same URL name registered twice keeps the later one."""
    if item.group not in GROUPS:
        raise ValueError(f"unknown navigation group {item.group}")
    _items[item.url_name] = item


def all_items() -> list[NavItem]:
    """Every entry there is, whoever may open it."""
    return list(_items.values())


def home_of(user: Any) -> str:
    """The address this person begins at: the first of his entries; empty where he has none."""
    return next((reverse(item.url_name) for item in items_for(user)), "")


def items_for(user: Any) -> list[NavItem]:
    """Entries this person may open, in order."""
    allowed = (item for item in _items.values() if not item.permission or user.may(item.permission))
    return sorted(allowed, key=lambda item: (GROUPS.index(item.group), item.order))
