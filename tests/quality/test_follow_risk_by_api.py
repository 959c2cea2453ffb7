"""Hidden risks by the REST API: the same services, scope and refusals as on the pages."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cast import Cast
from onepoint.accounts.models import Role, User
from onepoint.core import attachments, clock
from onepoint.core.models import AuditEntry
from onepoint.quality.models import HiddenRisk
from onepoint.quality.services import hidden_risks as services
from onepoint.tickets.models import Ticket
from quality.conftest import verbs_of
from quality.test_raise_hidden_risk import charge, raised, staff  # noqa: F401  (fixture)

ROOT = "/api/v1/hidden-risks"
NEW = {"kind": "network", "title": "井盖破损", "words": "雨天必断网"}


def send(client: Client, path: str, body: Any = None, **headers: str) -> Any:
    return client.post(ROOT + path, json.dumps(body or {}), content_type="application/json", headers=headers)


def change(client: Client, path: str, body: Any, **headers: str) -> Any:
    return client.patch(ROOT + path, json.dumps(body), content_type="application/json", headers=headers)


def in_days(days: int) -> str:
    return (clock.now() + timedelta(days=days)).isoformat()


def test_it_is_followed_from_its_raising_to_its_verification(staff: Cast, ticket: Ticket, api_of: Any) -> None:  # noqa: F811
    agent, coordinator, handler = (api_of(one) for one in (staff.agent, staff.coordinator, staff.handler))
    answer = send(agent, "", NEW | {"ticket": ticket.number, "unit": staff.network.code})
    assert answer.status_code == 201
    number = answer.json()["number"]
    assert (answer["Location"], answer["ETag"]) == (f"{ROOT}/{number}", '"1"')
    assert (answer.json()["ticket"], answer.json()["raised_by"]) == (ticket.number, "agent")
    given = {"owner_unit": staff.network.code, "owner": "handler", "due_at": in_days(5)}
    shown = send(coordinator, f"/{number}/accept", given).json()
    assert (shown["state"], shown["owner_unit"], shown["owner"]) == ("accepted", staff.network.code, "handler")
    assert send(handler, f"/{number}/start").json()["state"] == "removing"
    assert send(handler, f"/{number}/remove", {"words": "已更换"}).json()["removal"] == "已更换"
    back = send(agent, f"/{number}/send-back", {"words": "还有一处", "due_at": in_days(2)}).json()
    assert (back["state"], back["removed_by"], back["verdict"]) == ("removing", None, "还有一处")
    send(handler, f"/{number}/remove", {"words": "两处都换了"})
    assert send(agent, f"/{number}/verify").json()["state"] == "closed"
    assert verbs_of("hidden_risk", HiddenRisk.objects.get().pk) == [
        f"hidden_risk.{verb}"
        for verb in ("raised", "accepted", "removal_begun", "removed", "sent_back", "removed", "verified")
    ]


def test_what_is_sent_twice_raises_once(staff: Cast, api_of: Any) -> None:  # noqa: F811
    api = api_of(staff.agent)
    keyed = NEW | {"request_key": str(uuid4())}
    assert send(api, "", keyed).json() == send(api, "", keyed).json()
    first = send(api, "", NEW, **{"Idempotency-Key": "a"})
    again = send(api, "", NEW, **{"Idempotency-Key": "a"})
    assert (again.json(), again["Idempotency-Replayed"]) == (first.json(), "true")
    assert HiddenRisk.objects.count() == 2
    # The key of somebody else's opens nothing.
    assert send(api_of(staff.outsider), "", keyed).status_code in (403, 404)


def test_who_may_raise_but_sees_none_is_shown_what_he_wrote(staff: Cast, api_of: Any) -> None:  # noqa: F811
    role = Role.objects.get(code="agent")
    role.permissions = [one for one in role.permissions if one != "hidden_risk.view"]
    role.save(update_fields=["permissions"])
    api = api_of(User.objects.get(pk=staff.agent.pk))
    answer = send(api, "", NEW)
    assert (answer.status_code, answer.json()["title"]) == (201, "井盖破损")
    assert api.get(ROOT).status_code == 403


def test_a_refusal_is_said_and_insisted_on(staff: Cast, api_of: Any) -> None:  # noqa: F811
    path = f"/{raised(staff.agent).number}"
    assert send(api_of(staff.agent), f"{path}/refuse", {"words": "不是"}).status_code == 403
    assert send(api_of(staff.coordinator), f"{path}/refuse").json()["errors"].keys() == {"words"}
    assert send(api_of(staff.coordinator), f"{path}/refuse", {"words": "不是隐患"}).json()["state"] == "refused"
    assert send(api_of(staff.second_agent), f"{path}/insist", {"words": "就是"}).status_code == 403
    assert send(api_of(staff.agent), f"{path}/insist", {"words": "上月断网三次"}).json()["state"] == "raised"
    wrong = send(api_of(staff.coordinator), f"{path}/verify")
    assert (wrong.status_code, wrong.json()["code"]) == (409, "risk_state_forbids")


def test_it_is_handed_over_only_from_the_version_that_was_read(staff: Cast, api_of: Any) -> None:  # noqa: F811
    risk = raised(staff.agent)
    services.accept_risk(risk, charge(staff), by=staff.coordinator)
    api, path = api_of(staff.coordinator), f"/{risk.number}"
    tag = api.get(ROOT + path)["ETag"]
    due_at = api.get(ROOT + path).json()["due_at"]
    assert change(api, path, {"owner_unit": staff.billing.code}).status_code == 428
    moved = change(api, path, {"owner_unit": staff.billing.code}, **{"If-Match": tag})
    assert moved.status_code == 200
    assert (moved.json()["owner_unit"], moved.json()["owner"]) == (staff.billing.code, None)
    assert moved.json()["due_at"] == due_at
    assert moved["ETag"] != tag
    stale = change(api, path, {"due_at": in_days(9)}, **{"If-Match": tag})
    assert (stale.status_code, stale.json()["code"]) == (412, "version_stale")
    now = change(api, path, {"owner": "billing_handler"}, **{"If-Match": moved["ETag"]}).json()
    assert (now["owner_unit"], now["owner"]) == (staff.billing.code, "billing_handler")
    assert AuditEntry.objects.filter(verb="hidden_risk.handed_over", subject_id=risk.pk).count() == 2
    handler = api_of(staff.handler)
    assert change(handler, path, {"due_at": in_days(9)}, **{"If-Match": '"4"'}).status_code == 403


def test_they_are_listed_in_scope_narrowed_and_paged(staff: Cast, ticket: Ticket, api_of: Any) -> None:  # noqa: F811
    first, second = raised(staff.agent, ticket), raised(staff.second_agent, title="光缆裸露")
    services.accept_risk(second, charge(staff), by=staff.coordinator)
    api = api_of(staff.coordinator)
    page = api.get(ROOT, {"limit": 1}).json()
    assert [row["number"] for row in page["items"]] == [second.number]
    page = api.get(ROOT, {"limit": 1, "cursor": page["next"]}).json()
    assert ([row["number"] for row in page["items"]], page["next"]) == ([first.number], None)
    for query, count in (
        ({"state": "open"}, 2), ({"state": "accepted"}, 1), ({"state": "late"}, 0), ({"kind": "network"}, 2),
        ({"text": "光缆"}, 1), ({"text": ticket.number}, 1), ({"text": first.number}, 1), ({"which": "raised"}, 0),
        ({"unit": staff.network.code}, 1), ({"region": staff.east.code}, 2), ({"raiser": "agent"}, 1),
        ({"until": "2001-01-01"}, 0), ({"since": str(clock.today())}, 2),
    ):  # fmt: skip
        assert len(api.get(ROOT, query).json()["items"]) == count, query
    assert len(api_of(staff.handler).get(ROOT, {"which": "owned"}).json()["items"]) == 1
    for name in ("kind", "unit", "region", "raiser"):
        assert api.get(ROOT, {name: "none"}).json()["errors"].keys() == {name}
    assert "network" in [kind["code"] for kind in api.get(f"{ROOT}/kinds").json()]
    outsider = api_of(staff.outsider)
    assert outsider.get(ROOT).json()["items"] == []
    assert outsider.get(f"{ROOT}/{first.number}").status_code == 404
    assert send(outsider, f"/{first.number}/accept", {"owner_unit": "x", "due_at": in_days(1)}).status_code == 404


def test_its_files_are_read(staff: Cast, api_of: Any) -> None:  # noqa: F811
    risk = raised(staff.agent)
    upload = SimpleUploadedFile("现场.txt", "井盖".encode())
    attachments.store_file(upload, subject_type="hidden_risk", subject_id=risk.pk, by=staff.agent)
    api = api_of(staff.coordinator)
    (file,) = api.get(f"{ROOT}/{risk.number}").json()["files"]
    assert file["name"] == "现场.txt"
    answer = api.get(f"{ROOT}/{risk.number}/files/{file['id']}")
    assert b"".join(answer.streaming_content).decode() == "井盖"
    assert api.get(f"{ROOT}/{raised(staff.agent).number}/files/{file['id']}").status_code == 404


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"kind": "none"}, {"kind"}),
        ({"title": " "}, {"title"}),
        ({"ticket": "TS-none"}, {"ticket"}),
        ({"category": "none"}, {"category"}),
        ({"region": "none"}, {"region"}),
        ({"unit": "none"}, {"unit"}),
    ],
)
def test_what_cannot_be_raised_is_refused_in_words(
    staff: Cast,  # noqa: F811
    api_of: Any,
    body: dict[str, str],
    fields: set[str],
) -> None:
    answer = send(api_of(staff.agent), "", NEW | body)
    assert (answer.status_code, set(answer.json()["errors"])) == (422, fields)
    assert not HiddenRisk.objects.exists()


def test_each_half_needs_its_scope(staff: Cast, api_of: Any) -> None:  # noqa: F811
    reader, writer = (api_of(staff.agent, f"hidden-risks:{half}") for half in ("read", "write"))
    assert send(reader, "", NEW).json()["code"] == "scope_missing"
    assert writer.get(ROOT).json()["code"] == "scope_missing"
    assert send(writer, "", NEW).status_code == 201


def test_the_list_asks_few_questions(staff: Cast, api_of: Any, django_assert_num_queries: Any) -> None:  # noqa: F811
    for _number in range(5):
        raised(staff.agent)
    api = api_of(staff.coordinator)
    api.get(ROOT)
    with django_assert_num_queries(2):
        api.get(ROOT)
