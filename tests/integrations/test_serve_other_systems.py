"""Contacts, chats, visits, mass incidents, cases and grants by the REST API: the same services, scope and refusals."""

import json
from datetime import time, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from cast import Cast
from onepoint.accounts.models import Role
from onepoint.channels import services as channel_services
from onepoint.channels.models import Contact
from onepoint.channels.services import chats as chat_services
from onepoint.core import clock
from onepoint.follow_ups import services as follow_ups
from onepoint.follow_ups.models import FollowUp
from onepoint.grants.models import Authority, Grant, GrantKind
from onepoint.regulators.models import Regulator, RegulatorCase
from onepoint.tickets.models import MassIncident, Ticket
from tickets.conftest import again

ROOT = "/api/v1"


def send(client: Client, path: str, body: Any, **headers: str) -> Any:
    return client.post(ROOT + path, data=json.dumps(body), content_type="application/json", headers=headers)


def test_a_conversation_is_journaled_listed_and_read(cast: Cast, api_of: Any, customer: Any, categories: Any) -> None:
    api = api_of(cast.agent)
    body = {
        "channel": "hotline", "subject": "查询余额", "content": "已告知", "customer": customer.number, "category": "bl_high",
        "is_solved": True,
    }  # fmt: skip
    key = str(uuid4())
    made = [send(api, "/contacts", body, **{"Idempotency-Key": key}) for _twice in range(2)]
    assert [answer.status_code for answer in made] == [201, 201]
    assert Contact.objects.count() == 1
    number = made[0].json()["number"]
    shown = api.get(f"{ROOT}/contacts/{number}").json()
    assert (shown["outcome"], shown["customer"], shown["content"]) == ("solved", customer.number, "已告知")
    assert [row["number"] for row in api.get(f"{ROOT}/contacts", {"outcome": "solved"}).json()["items"]] == [number]
    assert api_of(cast.outsider).get(f"{ROOT}/contacts/{number}").status_code == 404
    assert send(api_of(cast.handler), "/contacts", body).status_code in (403, 422)
    wrong = send(api, "/contacts", {**body, "started_at": "2999-01-01T00:00:00Z"})
    assert (wrong.status_code, "started_at" in wrong.json()["errors"]) == (422, True)
    assert send(api, "/contacts", {**body, "customer": "KH-none"}).json()["errors"].keys() == {"customer"}


def test_without_its_scope_a_key_reads_no_journal(cast: Cast, api_of: Any) -> None:
    assert api_of(cast.agent, "tickets:read").get(f"{ROOT}/contacts").status_code == 403


def test_a_chat_is_read_with_what_was_said_but_not_the_notes(cast: Cast, api_of: Any, talking: Any) -> None:
    session, _token = talking
    chat_services.say_as_visitor(session, text="还在吗", request_key=uuid4(), by=None)
    chat_services.say_as_agent(session, text="内部", request_key=uuid4(), is_note=True, by=cast.agent)
    api = api_of(cast.agent)
    assert [row["id"] for row in api.get(f"{ROOT}/chats", {"state": "active"}).json()["items"]] == [session.pk]
    lines = api.get(f"{ROOT}/chats/{session.pk}/transcript").json()
    said = [line["text"] for line in lines]
    assert "还在吗" in said
    assert "内部" not in said
    assert api_of(cast.outsider).get(f"{ROOT}/chats/{session.pk}").status_code == 404


def test_a_visit_is_claimed_and_answered(cast: Cast, api_of: Any, make_rule: Any, register: Any, close: Any) -> None:
    make_rule(ways=("phone",), quiet_from=time(0), quiet_until=time(0))
    close(register())
    follow_ups.make_visits(by=None)
    visit = FollowUp.objects.get()
    FollowUp.objects.update(due_at=clock.now() - timedelta(minutes=1))
    api = api_of(cast.visitor)
    questions = api.get(f"{ROOT}/visits/{visit.pk}").json()["questions"]
    answers = {one["key"]: one["options"][-1]["value"] for one in questions if one["options"]}
    assert send(api, f"/visits/{visit.pk}/claim", {}).status_code == 200
    lacking = send(api, f"/visits/{visit.pk}/answer", {"answers": {}})
    assert lacking.status_code == 422
    answered = send(api, f"/visits/{visit.pk}/answer", {"answers": answers, "words": "还是没修好"})
    assert answered.status_code == 200, answered.content
    assert (answered.json()["state"], answered.json()["is_satisfied"]) == ("answered", False)
    assert again(visit.ticket).reopen_count == 1
    assert send(api, f"/visits/{visit.pk}/answer", {"answers": answers}).status_code in (409, 422)
    assert api_of(cast.outsider).get(f"{ROOT}/visits/{visit.pk}").status_code == 404


def test_a_mass_incident_is_declared_and_a_ticket_attached(cast: Cast, api_of: Any, register: Any) -> None:
    one: Ticket = register()
    api = api_of(cast.coordinator)
    began = (clock.now() - timedelta(hours=1)).isoformat()
    body = {"title": "东市断网", "regions": ["east"], "since": began, "keywords": ["断网"]}
    made = send(api, "/mass-incidents", body)
    assert made.status_code == 201, made.content
    number = made.json()["number"]
    assert made["ETag"] == f'"{MassIncident.objects.get().version}"'
    attached = send(api, f"/mass-incidents/{number}/attach", {"ticket": one.number})
    assert attached.json()["tickets"] == {"attached": 1}
    assert again(one).status == "on_hold"
    assert send(api, f"/mass-incidents/{number}/attach", {"ticket": "TS0"}).json()["errors"].keys() == {"ticket"}
    assert send(api_of(cast.agent), "/mass-incidents", body).status_code == 403
    assert api_of(cast.outsider).get(f"{ROOT}/mass-incidents/{number}").status_code == 404
    assert send(api, "/mass-incidents", {**body, "since": "2026-11-22T00:00:00"}).status_code == 422, "no time zone"


def test_a_case_is_registered_once_and_answered(
    cast: Cast, api_of: Any, complaint_process: None, categories: Any, customer: Any
) -> None:
    Regulator.objects.create(code="ca", name="通信管理局", answer_days=10)
    api = api_of(cast.coordinator)
    body = {
        "regulator": "ca", "case_number": "2026-118", "received_at": clock.now().isoformat(), "subject": "话费争议",
        "customer": customer.number, "category": "bl_high", "request_key": str(uuid4()),
    }  # fmt: skip
    made = [send(api, "/regulator-cases", body) for _twice in range(2)]
    assert [answer.status_code for answer in made] == [201, 201], made[0].content
    case = RegulatorCase.objects.get()
    assert made[1].json()["ticket"] == case.ticket.number
    answered = send(
        api, f"/regulator-cases/{case.number}/answer", {"document_number": "复〔2026〕1号", "text": "已退费"}
    )
    assert answered.json()["state"] == "answered"
    assert api.get(f"{ROOT}/regulator-cases", {"state": "answered"}).json()["items"][0]["number"] == case.number
    assert api_of(cast.outsider).get(f"{ROOT}/regulator-cases/{case.number}").status_code == 404
    assert send(api_of(cast.agent), "/regulator-cases", body).status_code == 403
    long_ago = send(
        api, "/regulator-cases", {**body, "request_key": str(uuid4()), "received_at": "0002-01-01T00:00:00Z"}
    )
    assert long_ago.json()["errors"].keys() == {"received_at"}


@pytest.fixture
def refund(cast: Cast) -> GrantKind:
    kind = GrantKind.objects.create(code="refund", name="退费", unit="money")
    for code, amount in (("agent", 50), ("coordinator", 1000)):
        Authority.objects.create(role=Role.objects.get(code=code), kind=kind, amount=Decimal(amount))
    return kind


def test_a_grant_is_asked_for_once_and_decided_by_somebody_else(
    cast: Cast, api_of: Any, refund: GrantKind, ticket: Ticket
) -> None:
    api, above = api_of(cast.agent), api_of(cast.coordinator)
    body = {"kind": "refund", "amount": "200.00", "reason": "多收费用", "ticket": ticket.number, "key": str(uuid4())}
    made = [send(api, "/grants", body) for _twice in range(2)]
    assert [answer.status_code for answer in made] == [201, 201], made[0].content
    grant = Grant.objects.get()
    assert made[0].json()["needs_approval"]
    assert send(api, f"/grants/{grant.number}/approve", {}).status_code in (403, 409)
    approved = send(above, f"/grants/{grant.number}/approve", {"words": "同意"})
    assert approved.json()["state"] == "approved"
    assert [row["number"] for row in above.get(f"{ROOT}/grants").json()["items"]] == [grant.number]
    assert api_of(cast.outsider).get(f"{ROOT}/grants/{grant.number}").status_code == 404
    assert send(api, "/grants", {**body, "kind": "none"}).json()["errors"].keys() == {"kind"}
    assert send(api, "/grants", {**body, "amount": "NaN"}).status_code == 422


def test_every_list_costs_a_fixed_number_of_queries(
    cast: Cast, api_of: Any, customer: Any, django_assert_max_num_queries: Any
) -> None:
    api = api_of(cast.agent)
    for index in range(5):
        channel_services.journal_contact(by=cast.agent, channel="hotline", subject=f"来电{index}", customer=customer)
    api.get(f"{ROOT}/contacts")
    with django_assert_max_num_queries(8):
        assert len(api.get(f"{ROOT}/contacts").json()["items"]) == 5
