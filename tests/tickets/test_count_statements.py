"""How many statements the ten hottest actions send, warm: a gate that needs no clock (reliability L11).

A number here may fall; whoever raises one says in the commit why the action needs it.
"""

import json
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cast import Cast
from onepoint.customers.models import Customer
from onepoint.tickets.models import Category, Ticket
from tickets.conftest import task_at

READS = {
    "/?kind=mine": 4,
    "/desk/figures/": 3,
    "/tickets/": 5,
    "/tickets/?kind=complaint&channel=hotline&status=alive": 5,
    "/search/?q=17012345678": 8,
    "/search/?q=%E5%AE%BD%E5%B8%A6": 9,
}
#: Savepoints and BEGIN are none of ours.
_FRAMES = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")


def statements_of(act: Callable[[], Any]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        act()
    return [one["sql"] for one in captured.captured_queries if not one["sql"].startswith(_FRAMES)]


@pytest.fixture
def desk(cast: Cast, ticket: Ticket, client_of: Callable[..., Client]) -> Client:
    return client_of(cast.coordinator)


@pytest.mark.parametrize("address", READS)
def test_a_page_read_before_asks_little(desk: Client, address: str) -> None:
    assert desk.get(address).status_code == 200
    statements = statements_of(lambda: desk.get(address))
    assert len(statements) <= READS[address], "\n".join(statements)


def test_the_ticket_page_asks_little(desk: Client, ticket: Ticket) -> None:
    desk.get(ticket.get_absolute_url())
    statements = statements_of(lambda: desk.get(ticket.get_absolute_url()))
    assert len(statements) <= 10, "\n".join(statements)


def test_taking_a_step_and_passing_it_on_ask_little(
    cast: Cast, desk: Client, register: Callable[..., Ticket], customer: Customer
) -> None:
    def claim(one: Ticket) -> None:
        task = task_at(one, "coordinate")
        desk.post(f"/tickets/{one.number}/tasks/{task.pk}/claim/", {"key": uuid4().hex})

    def complete(one: Ticket, pk: int) -> None:
        form = {
            "key": uuid4().hex, "outcome": "departments_in_sequence", "opinion": "请核查",
            "departments_in_sequence-departments": [cast.network.pk],
        }  # fmt: skip
        assert desk.post(f"/tickets/{one.number}/tasks/{pk}/complete/", form).status_code == 302

    first, second = register(customer=customer), register(customer=customer)
    for one in (first, second):
        pk = task_at(one, "coordinate").pk
        claimed = statements_of(partial(claim, one))
        completed = statements_of(partial(complete, one, pk))
    assert len(claimed) <= 7, "\n".join(claimed)  # one of them is the test's own
    assert len(completed) <= 18, "\n".join(completed)


def test_registering_asks_little(
    cast: Cast,
    categories: dict[str, Category],
    complaint_process: None,
    customer: Customer,
    api_of: Callable[..., Client],
) -> None:
    api = api_of(cast.agent)
    body = {"kind": "complaint", "category": "bl_high", "title": "话费多了", "customer": customer.number}

    def register() -> Any:
        key = {"Idempotency-Key": uuid4().hex}
        return api.post("/api/v1/tickets", data=json.dumps(body), content_type="application/json", headers=key)

    assert register().status_code == 201
    statements = statements_of(register)
    assert len(statements) <= 14, "\n".join(statements)


def test_registering_by_the_form_asks_little(
    cast: Cast, categories: dict[str, Category], complaint_process: None, customer: Customer, client_of: Any
) -> None:
    client = client_of(cast.agent)
    form = {
        "channel": "hotline", "kind": "complaint", "category": categories["bl_high"].pk, "urgency": "normal", "do": "ticket",
        "title": "话费多了", "description": "多收了十元。", "contact_phone": "13900001234", "customer": customer.number,
    }  # fmt: skip

    def register() -> Any:
        return client.post("/intake/", {**form, "request_key": str(uuid4())})

    assert register().status_code == 302
    statements = statements_of(register)
    assert len(statements) <= 20, "\n".join(statements)
