"""Where nothing is chosen yet, the page says so in words; a row of dashes says nothing to anybody."""

import re
from typing import Any

from django.test import Client
from django.urls import reverse
from lxml import html

from access.addresses import ADDRESSES
from access.house import House
from access.test_walk_every_address import visits
from onepoint.accounts import permissions
from onepoint.accounts.models import Role, User
from onepoint.accounts.states import DataScope

_MUTE = re.compile(r"<option[^>]*>\s*-*\s*</option>")


def mute_choices(page: str) -> list[str]:
    """Names of the selects with a choice that says nothing; pickers show words of their own there."""
    if not _MUTE.search(page):
        return []
    selects = html.fromstring(page).xpath(
        "//select[not(@data-island)][option[not(translate(normalize-space(), '-', ''))]]"
    )
    return [select.get("name") or "?" for select in selects]


def test_no_choice_is_a_row_of_dashes(house: House, client_of: Any) -> None:
    role = Role.objects.get(code="admin")
    role.permissions, role.data_scope = [one.code for one in permissions.all_permissions()], DataScope.ALL
    role.save()
    client: Client = client_of(User.objects.get(pk=house.cast.admin.pk))
    found: set[tuple[str, str]] = set()
    shown = 0
    for name, entry in ADDRESSES.items():
        for side, arguments in visits(house, entry):
            if side in ("", "east"):
                answer = client.get(reverse(name, args=arguments) + entry.query)
                text = b"" if answer.streaming else answer.content
                shown += b"<option" in text
                found |= {(name, select) for select in mute_choices(text.decode(errors="replace"))}
    assert found == set()
    assert shown > 80
