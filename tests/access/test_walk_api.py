"""Every role of the cast × every operation of the API × a thing inside and outside its scope × every method.

As for the pages: outside is never given, without the permission nothing is given nor written, and nothing fails.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from access.addresses import CUSTOMER, FILE, PERSON, TICKET, Address, Place, every
from access.house import RAW, House, routes
from access.test_walk_every_address import ROLES, holds, is_inside, person_of, visits
from onepoint.core import rest
from onepoint.core.models import AuditEntry
from onepoint.integrations import services

METHODS = ("get", "post", "patch", "put", "delete")
API = "api-v1:"
TASK = Place(lambda side: [side.task.pk], TICKET.seen_by)

#: As ``addresses.ADDRESSES``: the name of an operation without its namespace.
OPERATIONS: dict[str, Address] = {
    **every("openapi-json openapi-view api-root list_categories show_me list_regions", further=True),
    **every("list_units list_roles list_groups list_people", "organisation.view"),
    "create_person": Address("organisation.view", act="person.manage"),
    "show_person": Address("organisation.view", PERSON),
    **every("deactivate_person reactivate_person", "organisation.view", PERSON, act="person.manage", further=True),
    **every("list_customers", "", act="customer.create"),
    "create_customer": Address("", act="customer.create"),
    **every("show_customer change_customer", "customer.view", CUSTOMER, act="customer.edit"),
    "add_account": Address("customer.view", CUSTOMER, act="customer.edit", further=True),
    **every("list_tasks", further=True),
    **every(
        "show_task claim_task release_task complete_task send_back_task recall_task reassign_task", "ticket.view", TASK,
        further=True,
    ),
    **every("list_tickets create_ticket", act="ticket.create"),
    **every("show_ticket correct_ticket", "ticket.view", TICKET, act="ticket.edit"),
    "withdraw_ticket": Address("ticket.view", TICKET, act="ticket.edit", further=True),
    "reopen_ticket": Address("ticket.view", TICKET, act="ticket.coordinate", further=True),
    "show_timeline": Address("ticket.view", TICKET),
    **every("list_attachments add_attachment", "ticket.view", TICKET, further=True),
    "download_attachment": Address("ticket.view", FILE),
}  # fmt: skip


def names() -> set[str]:
    return {route.name.removeprefix(API) for route in routes() if route.is_api}


def test_every_operation_has_its_entry() -> None:
    """A new operation says in ``OPERATIONS`` who may call it and what it is about."""
    assert names() - set(OPERATIONS) == set()
    assert set(OPERATIONS) - names() == set()


def client_for(house: House, role: str) -> tuple[Any, Client]:
    person = person_of(house, role)
    _key, secret = services.create_api_key(
        name="走查", person=person, scopes=rest.scopes(), by=None, requests_per_minute=100_000
    )
    return person, Client(headers={"authorization": f"Bearer {secret}"}, raise_request_exception=False)


@pytest.mark.parametrize("role", ROLES)
def test_an_operation_gives_each_role_what_it_may_have_and_never_more(
    house: House, role: str, settings: Any, client_of: Callable[..., Client]
) -> None:
    person, client = client_for(house, role)
    faults = []
    for name, entry in OPERATIONS.items():
        for side, arguments in visits(house, entry):
            url = reverse(API + name, args=arguments)
            inside = is_inside(entry, role, side)
            for method in METHODS:
                may = holds(person, entry.permission) and (method == "get" or holds(person, entry.act))
                before = AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
                with transaction.atomic():
                    answer = getattr(client, method)(url, data={}, content_type="application/json")
                    status = answer.status_code
                    wrote = AuditEntry.objects.filter(pk__gt=before).exists()
                    transaction.set_rollback(True)
                shown = f"{role} {method} {name} {side or '-'}: {status}"
                if status >= 500:
                    faults.append(f"{shown}, which is a failure")
                elif not (inside and may) and (status < 400 or wrote):
                    faults.append(f"{shown}, but needs {entry.permission} {entry.act}")
                elif not inside and holds(person, entry.permission) and status not in (404, 405, 422):
                    faults.append(f"{shown}, outside the scope it must be 404")
                elif inside and may and method == "get" and not entry.further and status not in (200, 405):
                    faults.append(f"{shown}, but should answer")
    assert faults == []


def test_the_api_masks_what_the_pages_mask(house: House) -> None:
    _person, client = client_for(house, "supervisor")
    leaks = {}
    for name, entry in OPERATIONS.items():
        for _side, arguments in visits(house, entry):
            answer = client.get(reverse(API + name, args=arguments))
            text = b"".join(answer.streaming_content).decode() if answer.streaming else answer.content.decode()
            text = text.encode().decode("unicode_escape", errors="replace") + text
            if found := [value for value in RAW if value in text]:
                leaks[name] = found
    assert leaks == {}
