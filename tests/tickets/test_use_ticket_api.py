"""Tickets and tasks by the REST API: the same rules as the pages, and what only an API has."""

import json
from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from cast import Cast
from onepoint.core.models import AuditEntry
from onepoint.customers.models import Customer
from onepoint.tickets.models import Category, Ticket
from tickets.conftest import again, task_at

Call = Callable[..., Client]
TICKETS = "/api/v1/tickets"


def send(client: Client, path: str, body: Any, method: str = "post", **headers: str) -> Any:
    call = getattr(client, method)
    return call(path, data=json.dumps(body), content_type="application/json", headers=headers)


@pytest.fixture
def complaint(categories: dict[str, Category], complaint_process: None, customer: Customer) -> dict[str, Any]:
    return {"kind": "complaint", "category": "bl_high", "title": "话费多了", "customer": customer.number}


def test_a_ticket_is_registered_read_and_found(cast: Cast, api_of: Call, complaint: dict[str, Any]) -> None:
    api = api_of(cast.agent)
    made = send(api, TICKETS, complaint)
    assert made.status_code == 201
    number = made.json()["number"]
    assert made["Location"] == f"{TICKETS}/{number}"
    assert [step["status"] for step in made.json()["steps"]] == ["open"]
    shown = api.get(f"{TICKETS}/{number}")
    assert shown["ETag"] == '"1"'
    assert shown.json()["customer"] == complaint["customer"]
    listed = api.get(TICKETS, {"text": number, "status": "open"})
    assert [row["number"] for row in listed.json()["items"]] == [number]
    assert AuditEntry.objects.filter(verb="ticket.created", subject_type="ticket").count() == 1


@pytest.mark.parametrize("who", ["agent", "coordinator"])
def test_the_answer_to_registering_is_what_is_read_afterwards(
    cast: Cast, api_of: Call, complaint: dict[str, Any], who: str
) -> None:
    api = api_of(getattr(cast, who))
    more = {
        "urgency": "high", "description": "打电话 13800138000", "contact_name": "王小明", "contact_phone": "13900001234",
        "external_source": "crm", "external_number": "A-1", "promised_reply_at": "2030-01-01T08:00:00Z",
    }  # fmt: skip
    made = send(api, TICKETS, complaint | more)
    assert made.status_code == 201, made.content
    shown = api.get(made["Location"])
    assert (made.json(), made["ETag"]) == (shown.json(), shown["ETag"])
    again_made = send(api, TICKETS, complaint | more)
    assert (again_made.status_code, again_made.json()["number"]) == (201, made.json()["number"])


def test_the_outsider_gets_404_everywhere(cast: Cast, api_of: Call, ticket: Ticket) -> None:
    api = api_of(cast.outsider)
    assert api.get(TICKETS).json()["items"] == []
    task = task_at(ticket, "coordinate")
    for path in (
        f"{TICKETS}/{ticket.number}",
        f"{TICKETS}/{ticket.number}/timeline",
        f"{TICKETS}/{ticket.number}/attachments",
        f"/api/v1/tasks/{task.pk}",
    ):
        assert api.get(path).status_code == 404, path
    for path, body in (
        (f"{TICKETS}/{ticket.number}/withdraw", {"reason": "无"}),
        (f"{TICKETS}/{ticket.number}/reopen", {"reason": "无"}),
        (f"/api/v1/tasks/{task.pk}/claim", {}),
        (f"/api/v1/tasks/{task.pk}/complete", {"outcome": "finish", "opinion": "无"}),
        (f"/api/v1/tasks/{task.pk}/reassign", {"to": "outsider", "reason": "无"}),
    ):
        assert send(api, path, body).status_code == 404, path
    patched = send(api, f"{TICKETS}/{ticket.number}", {"title": "别的"}, "patch", **{"If-Match": '"1"'})
    assert patched.status_code == 404


def test_a_change_needs_the_version_that_was_read(cast: Cast, api_of: Call, ticket: Ticket) -> None:
    api = api_of(cast.agent)
    path = f"{TICKETS}/{ticket.number}"
    without = send(api, path, {"title": "新标题"}, "patch")
    assert (without.status_code, without.json()["code"]) == (428, "version_missing")
    good = send(api, path, {"title": "新标题"}, "patch", **{"If-Match": '"1"'})
    assert (good.status_code, good["ETag"], good.json()["title"]) == (200, '"2"', "新标题")
    stale = send(api, path, {"title": "更新的标题"}, "patch", **{"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "version_stale")
    assert again(ticket).title == "新标题"


def test_the_same_idempotency_key_makes_one_ticket(cast: Cast, api_of: Call, complaint: dict[str, Any]) -> None:
    api = api_of(cast.agent)
    first = send(api, TICKETS, complaint, **{"Idempotency-Key": "k-1"})
    second = send(api, TICKETS, complaint, **{"Idempotency-Key": "k-1"})
    assert (second.status_code, second.content, second["ETag"]) == (201, first.content, first["ETag"])
    assert second["Idempotency-Replayed"] == "true"
    other = send(api, TICKETS, complaint | {"title": "别的"}, **{"Idempotency-Key": "k-1"})
    assert (other.status_code, other.json()["code"]) == (422, "key_used_before")
    assert Ticket.objects.count() == 1


def test_a_refused_request_may_be_tried_again_with_its_key(cast: Cast, api_of: Call, complaint: dict[str, Any]) -> None:
    api = api_of(cast.agent)
    refused = send(api, TICKETS, complaint | {"category": "unknown"}, **{"Idempotency-Key": "k-2"})
    assert (refused.status_code, refused.json()["errors"].keys()) == (422, {"category"})
    assert send(api, TICKETS, complaint, **{"Idempotency-Key": "k-2"}).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_fifty_equal_requests_at_once_make_one_ticket(cast: Cast, api_of: Call, complaint: dict[str, Any]) -> None:
    secret = api_of(cast.agent)
    barrier, answers = Barrier(10), []

    def call() -> None:
        try:
            barrier.wait()
            for _attempt in range(5):
                answers.append(send(secret, TICKETS, complaint, **{"Idempotency-Key": "k-3"}).status_code)
        finally:
            connection.close()

    threads = [Thread(target=call) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 50
    assert set(answers) <= {201, 409}
    assert 201 in answers
    assert Ticket.objects.count() == 1


def test_a_task_is_claimed_and_finished(cast: Cast, api_of: Call, ticket: Ticket) -> None:
    api = api_of(cast.coordinator)
    listed = api.get("/api/v1/tasks").json()["items"]
    assert [row["subject_number"] for row in listed] == [ticket.number]
    task = f"/api/v1/tasks/{listed[0]['id']}"
    outcomes = {outcome["id"] for outcome in api.get(task).json()["outcomes"]}
    assert {"finish", "abort"} <= outcomes
    assert send(api, f"{task}/claim", {}).json()["assignee"] == "coordinator"
    missing = send(api, f"{task}/complete", {"outcome": "finish"})
    assert (missing.status_code, missing.json()["code"]) == (422, "invalid_input")
    done = send(api, f"{task}/complete", {"outcome": "finish", "opinion": "已答复"})
    assert (done.status_code, done.json()["status"]) == (200, "completed")
    assert [opinion["text"] for opinion in api.get(f"{TICKETS}/{ticket.number}").json()["opinions"]] == ["已答复"]


def test_a_key_reaches_no_further_than_its_scopes(cast: Cast, api_of: Call, complaint: dict[str, Any]) -> None:
    api = api_of(cast.agent, "tickets:read")
    refused = send(api, TICKETS, complaint)
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    assert api.get("/api/v1/customers").status_code == 403
    assert api.get(TICKETS).status_code == 200


def test_pages_follow_each_other_and_miss_nothing(
    cast: Cast, api_of: Call, register: Callable[..., Ticket], django_assert_num_queries: Any
) -> None:
    numbers = [register(title=f"第{index}张").number for index in range(5)]
    api = api_of(cast.agent)
    seen: list[str] = []
    cursor = ""
    while True:
        page = api.get(TICKETS, {"limit": 2, "cursor": cursor}).json()
        seen += [row["number"] for row in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == numbers[::-1]
    wrong = api.get(TICKETS, {"cursor": "bm90aGluZw"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid_input")
    with django_assert_num_queries(2):  # the key with the stamps of what is kept, tickets
        api.get(TICKETS, {"limit": 5})


def test_files_go_in_and_come_out(cast: Cast, api_of: Call, ticket: Ticket) -> None:
    api = api_of(cast.agent)
    path = f"{TICKETS}/{ticket.number}/attachments"
    made = api.post(path, {"file": SimpleUploadedFile("bill.txt", b"bill", "text/plain")})
    assert made.status_code == 201
    got = api.get(f"{path}/{made.json()['id']}")
    assert b"".join(got.streaming_content) == b"bill"
    assert got["Content-Disposition"].startswith("attachment")
    evil = api.post(path, {"file": SimpleUploadedFile("x.html", b"<script>", "text/html")})
    assert (evil.status_code, evil.json()["code"]) == (422, "file_not_accepted")


@pytest.mark.parametrize(
    "body",
    ["", "[]", "nul", '{"kind":', '{"kind": "complaint", "title": "\\u0000", "category": "bl_high"}', '{"a": NaN}',
     '{"kind": "complaint", "category": "bl_high", "title": "x", "status": "closed"}',
     '{"kind": "complaint", "category": "bl_high", "title": "x", "account": 99999999999999999999}',
     '{"kind": "complaint", "category": "bl_high", "title": "\\ud800"}', "\xff\xfe"],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(cast: Cast, api_of: Call, complaint: dict[str, Any], body: str) -> None:
    answer = api_of(cast.agent).post(TICKETS, data=body.encode("latin-1"), content_type="application/json")
    assert answer.status_code in (400, 422)
    assert answer["Content-Type"] == "application/problem+json"
    assert Ticket.objects.count() == 0
