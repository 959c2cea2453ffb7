"""Every role of the cast × every address of the house × a thing inside and outside its scope × GET and POST.

Generated from the URL conf and the table in ``addresses.py``: what is outside is 404, what one has no permission for is
403 or 404 and changes nothing, what one may open opens, and nothing ever fails.
"""

from collections.abc import Callable, Iterator

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from access.addresses import ADDRESSES, PUBLIC, Address
from access.house import House, Side, routes
from cast import make_user
from onepoint.accounts.models import User
from onepoint.core.models import AuditEntry

#: One person per role, somebody of another city, and somebody with no role at all.
ROLES = "agent coordinator handler visitor supervisor admin outsider nobody".split()
REFUSED = {403, 404, 405}
#: Refusals that may come first where the person sees the thing anyway: its state, or what was typed.
NOT_NOW = {400, 409, 410, 422, 429}
OPENED = {200, 204, 302}
ANSWERED = OPENED | REFUSED | NOT_NOW


def test_every_address_has_its_entry() -> None:
    """A new route says in ``addresses.py`` who may use it and what it is about."""
    pages = {route.name for route in routes() if not route.is_api}
    assert pages - set(ADDRESSES) - PUBLIC == set()
    assert set(ADDRESSES) - pages == set()


def person_of(house: House, role: str) -> User:
    if role == "nobody":
        return make_user("nobody", house.cast.call_centre, [])
    return User.objects.get(pk=getattr(house.cast, role).pk)


def holds(person: User, wanted: str) -> bool:
    return not wanted or any(person.may(code) for code in wanted.split("|"))


def visits(house: House, entry: Address) -> Iterator[tuple[str, list[object]]]:
    """The side a visit is about (empty: none) with the arguments of the URL."""
    if entry.place is None:
        yield "", entry.arguments(house) if entry.arguments else []
        return
    for name, side in house.sides.items():
        yield name, entry.place.arguments(side)


def is_inside(entry: Address, role: str, side: str) -> bool:
    return entry.place is None or side in entry.place.seen_by.get(role, "").split()


def faults_of(client: Client, role: str, person: User, name: str, entry: Address, side: str, url: str) -> Iterator[str]:
    inside = is_inside(entry, role, side)
    for method in ("GET", "POST"):
        may = holds(person, entry.permission) and (method == "GET" or holds(person, entry.act))
        before = AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        with transaction.atomic():
            answer = client.get(url) if method == "GET" else client.post(url, {})
            status = answer.status_code
            wrote = AuditEntry.objects.filter(pk__gt=before).exists()
            transaction.set_rollback(True)
        shown = f"{role} {method} {name} {side or '-'}: {status}"
        if not inside and holds(person, entry.permission) and status not in (404, 405):
            yield f"{shown}, outside the scope it must be 404"
        elif not (inside and may) and status not in (REFUSED | NOT_NOW if inside else REFUSED):
            yield f"{shown}, but needs {entry.permission} {entry.act}"
        elif status not in ANSWERED:
            yield f"{shown}, which is a failure"
        elif inside and may and method == "GET" and not entry.further and status not in OPENED | {405}:
            yield f"{shown}, but should open"
        if status in REFUSED | NOT_NOW and wrote:
            yield f"{shown}, refused and yet something was written"


@pytest.mark.parametrize("role", ROLES)
def test_an_address_gives_each_role_what_it_may_have_and_never_more(
    house: House, client_of: Callable[[User], Client], role: str
) -> None:
    person = person_of(house, role)
    client = client_of(person)
    client.raise_request_exception = False
    faults = [
        fault
        for name, entry in ADDRESSES.items()
        for side, arguments in visits(house, entry)
        for fault in faults_of(client, role, person, name, entry, side, reverse(name, args=arguments) + entry.query)
    ]
    assert faults == []


def test_the_table_has_both_sides(house: House) -> None:
    """The two cities differ in every thing the walk points at."""
    for entry in ADDRESSES.values():
        if entry.place:
            east, west = (entry.place.arguments(side) for side in house.sides.values())
            assert east != west


def test_a_side_is_whole(house: House) -> None:
    assert all(isinstance(side, Side) and side.ticket.customer == side.customer for side in house.sides.values())
