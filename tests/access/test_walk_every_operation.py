"""Every role of the cast × every operation of the API × a thing inside and outside its scope: allowed, or 404.

Generated from the API's routers and the table below: an operation without an entry fails. The keys hold every scope, so
that what is refused is refused by the person's rights.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from access.addresses import (
    CASE,
    CHAT,
    CONTACT,
    CUSTOMER,
    FILE,
    INSPECTION,
    MARK,
    MASS_INCIDENT,
    PERSON,
    PROMISED,
    RISK,
    RISK_FILE,
    TASK,
    TICKET,
    VISIT,
    Place,
)
from access.house import RAW, House
from access.test_walk_every_address import ROLES, person_of
from cast import make_user
from onepoint.core.models import AuditEntry
from onepoint.integrations.api import api

ROOT = "/api/v1"


@dataclass(frozen=True)
class Operation:
    """Who may call it and what it is about; ``body`` is good enough to get past the schema."""

    permission: str = ""
    place: Place | None = None
    body: dict[str, Any] = field(default_factory=dict)
    query: str = ""


REASON = {"reason": "试一试"}
UPLOAD = {"file": b"a file"}
OPERATIONS: dict[str, Operation] = {
    "GET /organisation/me": Operation(),
    "GET /organisation/regions": Operation(),
    **{f"GET /organisation/{name}": Operation("organisation.view") for name in ("units", "roles", "groups", "people")},
    "POST /organisation/people": Operation("person.manage", body={"username": "x1", "name": "新人", "unit": "head"}),
    "GET /organisation/people/{username}": Operation("organisation.view", PERSON),
    "POST /organisation/people/{username}/deactivate": Operation("person.manage", PERSON),
    "POST /organisation/people/{username}/reactivate": Operation("person.manage", PERSON),
    "GET /customers": Operation(),
    "POST /customers": Operation("customer.create", body={"name": "新客户", "region": "east"}),
    "GET /customers/{number}": Operation("customer.view", CUSTOMER),
    "PATCH /customers/{number}": Operation("customer.edit", CUSTOMER, {"name": "别名"}),
    "POST /customers/{number}/accounts": Operation("customer.edit", CUSTOMER, {"value": "13700001111"}),
    "GET /tickets": Operation(),
    "POST /tickets": Operation("ticket.create", body={"kind": "complaint", "category": "bl_high", "title": "新工单"}),
    "GET /tickets/{number}": Operation("ticket.view", TICKET),
    "PATCH /tickets/{number}": Operation("ticket.edit", TICKET, {"title": "别的标题"}),
    "POST /tickets/{number}/withdraw": Operation("ticket.view", TICKET, REASON),
    "POST /tickets/{number}/reopen": Operation("ticket.coordinate", TICKET, REASON),
    "GET /tickets/{number}/clocks": Operation("ticket.view", TICKET),
    "GET /tickets/{number}/timeline": Operation("ticket.view", TICKET),
    "GET /tickets/{number}/attachments": Operation("ticket.view", TICKET),
    "POST /tickets/{number}/attachments": Operation("ticket.view", TICKET, UPLOAD),
    "GET /tickets/{number}/attachments/{file_id}": Operation("ticket.view", FILE),
    "GET /categories": Operation(),
    "GET /contacts": Operation(),
    "POST /contacts": Operation("contact.create", body={"channel": "hotline", "subject": "来电咨询"}),
    "GET /contacts/{number}": Operation("contact.view", CONTACT),
    "GET /chats": Operation(),
    "GET /chats/{chat_id}": Operation("queue.watch", CHAT),
    "GET /chats/{chat_id}/transcript": Operation("queue.watch", CHAT),
    "GET /visits": Operation(),
    "GET /visits/{visit_id}": Operation("follow_up.view", VISIT),
    "POST /visits/{visit_id}/claim": Operation("follow_up.visit", VISIT),
    "POST /visits/{visit_id}/answer": Operation("follow_up.visit", VISIT, {"answers": {}}),
    "GET /mass-incidents": Operation(),
    "POST /mass-incidents": Operation(
        "incident.declare",
        body={"title": "断网", "regions": ["east"], "since": "2026-11-22T00:00:00Z", "keywords": ["断网"]},
    ),
    "GET /mass-incidents/{number}": Operation("ticket.view", MASS_INCIDENT),
    "POST /mass-incidents/{number}/attach": Operation("ticket.view", MASS_INCIDENT, {"ticket": "TS1"}),
    "GET /regulator-cases": Operation("regulator.view"),
    "POST /regulator-cases": Operation(
        "regulator.register",
        body={"regulator": "none", "case_number": "1", "received_at": "2026-11-22T00:00:00Z", "subject": "转办"},
    ),
    "GET /regulator-cases/{number}": Operation("regulator.view", CASE),
    "POST /regulator-cases/{number}/answer": Operation(
        "regulator.answer", CASE, {"document_number": "1", "text": "已答复"}
    ),
    "GET /grants": Operation(),
    "POST /grants": Operation("grant.give", body={"kind": "none", "amount": "5", "reason": "补偿"}),
    "GET /grants/{number}": Operation("grant.view", PROMISED),
    "POST /grants/{number}/approve": Operation("grant.approve", PROMISED),
    "POST /grants/{number}/refuse": Operation("grant.approve", PROMISED, {"words": "不同意"}),
    "GET /marks": Operation(),
    "POST /marks": Operation(
        "mark.judge_record", body={"ticket": "TS1", "direction": "back_on_front", "code": "F01", "words": "没写清楚"}
    ),
    "GET /marks/{number}": Operation("mark.view", MARK),
    "POST /marks/{number}/appeal": Operation("mark.view", MARK, {"reason": "不同意"}),
    "POST /marks/{number}/withdraw": Operation("mark.view", MARK, REASON),
    "GET /inspections": Operation("inspection.view"),
    "GET /inspections/results": Operation(),
    "GET /inspections/{inspection_id}": Operation("inspection.view", INSPECTION),
    "POST /inspections/{inspection_id}/acknowledge": Operation("inspection.view", INSPECTION),
    "POST /inspections/{inspection_id}/appeal": Operation("inspection.view", INSPECTION, {"words": "不同意"}),
    "GET /hidden-risks": Operation("hidden_risk.view"),
    "GET /hidden-risks/kinds": Operation(),
    "POST /hidden-risks": Operation(
        "hidden_risk.raise", body={"kind": "network", "title": "井盖破损", "words": "雨天断网"}
    ),
    "GET /hidden-risks/{number}": Operation("hidden_risk.view", RISK),
    "GET /hidden-risks/{number}/files/{file_id}": Operation("hidden_risk.view", RISK_FILE),
    "PATCH /hidden-risks/{number}": Operation("hidden_risk.view", RISK, {"owner_unit": "east-network"}),
    **{
        f"POST /hidden-risks/{{number}}/{verb}": Operation("hidden_risk.view", RISK, body)
        for verb, body in {
            "accept": {"owner_unit": "east-network", "due_at": "2099-01-01T00:00:00Z"},
            "refuse": {"words": "不是隐患"},
            "insist": {"words": "就是"},
            "start": {},
            "remove": {"words": "换了"},
            "verify": {},
            "send-back": {"words": "还在", "due_at": "2099-01-01T00:00:00Z"},
        }.items()
    },
    "GET /calendars": Operation("calendar.view"),
    "GET /calendars/of": Operation("calendar.view", query="?unit=head"),
    "GET /calendars/{calendar_id}/due": Operation("calendar.view", query="?since=2026-11-22T00:00:00Z"),
    "GET /tasks": Operation(),
    "GET /tasks/{task_id}": Operation("ticket.view", TASK),
    **{
        f"POST /tasks/{{task_id}}/{verb}": Operation("ticket.view", TASK, body)
        for verb, body in {
            "claim": {},
            "release": {},
            "complete": {"outcome": "finish", "opinion": "好"},
            "send-back": {"to_visit": 1, "opinion": "退回"},
            "recall": {},
            "reassign": {"to": "handler", "reason": "转"},
        }.items()
    },
}


def known_operations() -> set[str]:
    return {
        f"{method} {prefix.rstrip('/')}{path}".replace("//", "/")
        for prefix, router in api._routers
        for path, view in router.path_operations.items()
        for operation in view.operations
        for method in operation.methods
    }


def test_every_operation_has_its_entry() -> None:
    assert known_operations() == set(OPERATIONS)


def paths(house: House, name: str, entry: Operation) -> Iterator[tuple[str, str]]:
    """The side a call is about (empty: none) with its path."""
    path = ROOT + name.partition(" ")[2]
    if entry.place is None:
        yield "", path.replace("{calendar_id}", str(house.calendar.pk)) + entry.query
        return
    for side_name, side in house.sides.items():
        arguments = entry.place.arguments(side)
        if "{task_id}" in path:
            arguments = arguments[-1:]
        filled = path
        for argument in arguments:
            start, end = filled.index("{"), filled.index("}")
            filled = f"{filled[:start]}{argument}{filled[end + 1 :]}"
        yield side_name, filled


def call(client: Client, method: str, path: str, body: dict[str, Any]) -> tuple[int, bool]:
    """The status, and whether the journal grew; nothing stays."""
    before = AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    with transaction.atomic():
        headers = {"If-Match": '"1"'} if method == "PATCH" else {}
        if body is UPLOAD:
            answer = client.post(path, {"file": SimpleUploadedFile("a.txt", body["file"], "text/plain")})
        else:
            answer = client.generic(method, path, json.dumps(body), content_type="application/json", headers=headers)
        wrote = AuditEntry.objects.filter(pk__gt=before).exists()
        transaction.set_rollback(True)
    return answer.status_code, wrote


def faults(house: House, client: Client, role: str, person: Any) -> Iterator[str]:
    for name, entry in OPERATIONS.items():
        method = name.partition(" ")[0]
        for side, path in paths(house, name, entry):
            status, wrote = call(client, method, path, entry.body)
            inside = entry.place is None or side in entry.place.seen_by.get(role, "").split()
            may = not entry.permission or person.may(entry.permission)
            shown = f"{role} {name} {side or '-'}: {status}"
            if status >= 500:
                yield f"{shown}, which is a failure"
            elif not inside and status not in (403, 404):
                yield f"{shown}, outside the scope it must be 404"
            elif not inside and may and status != 404:
                yield f"{shown}, outside the scope it must look as if it did not exist"
            elif inside and not may and status not in (403, 404):
                yield f"{shown}, but needs {entry.permission}"
            elif inside and may and method == "GET" and status != 200:
                yield f"{shown}, but should open"
            if status >= 400 and wrote:
                yield f"{shown}, refused and yet something was written"


@pytest.mark.parametrize("role", ROLES)
def test_an_operation_gives_each_role_what_it_may_have_and_never_more(
    house: House, api_of: Callable[..., Client], role: str
) -> None:
    person = person_of(house, role)
    assert list(faults(house, api_of(person), role, person)) == []


def test_a_list_never_holds_what_lies_outside(house: House, api_of: Callable[..., Client]) -> None:
    for role, other in (("agent", "west"), ("outsider", "east")):
        api_client = api_of(person_of(house, role))
        side = house.sides[other]
        text = "".join(
            api_client.get(f"{ROOT}{path}?limit=200").content.decode() for path in ("/tickets", "/customers", "/tasks")
        )
        assert side.ticket.number not in text
        assert side.customer.number not in text


def test_somebody_without_a_role_sees_nothing(house: House, api_of: Callable[..., Client]) -> None:
    client = api_of(make_user("nobody", house.cast.call_centre, []))
    for path in ("/tickets", "/customers", "/tasks"):
        assert client.get(f"{ROOT}{path}").json()["items"] == []


def test_the_api_masks_what_the_pages_mask(house: House, api_of: Callable[..., Client]) -> None:
    client = api_of(person_of(house, "supervisor"))
    leaks = {}
    for name, entry in OPERATIONS.items():
        if not name.startswith("GET") or entry.place in (FILE, RISK_FILE):
            continue
        for _side, path in paths(house, name, entry):
            text = json.dumps(client.get(path).json(), ensure_ascii=False)
            if found := [value for value in RAW if value in text]:
                leaks[name] = found
    assert leaks == {}


def test_no_other_method_does_anything(house: House, api_of: Callable[..., Client]) -> None:
    client = api_of(person_of(house, "admin"))
    for method in ("PUT", "DELETE"):
        for name, entry in OPERATIONS.items():
            for _side, path in paths(house, name, entry):
                assert call(client, method, path, {}) == (405, False), f"{method} {path}"
