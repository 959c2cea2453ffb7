"""Marks and inspections by the REST API: the same services, scope and refusals as on the pages."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.test import Client

from cast import Cast
from onepoint.core import clock
from onepoint.quality.models import Mark, Standard
from onepoint.quality.services import drawing, inspecting
from onepoint.tickets.models import Category, Ticket
from onepoint.workflow import services as workflow
from quality.conftest import verbs_of, work_of
from quality.samples import add_tickets, inspector_of, make_plan, week
from tickets.conftest import DELIVERED

ROOT = "/api/v1"


def send(client: Client, path: str, body: Any) -> Any:
    return client.post(ROOT + path, data=json.dumps(body), content_type="application/json")


def test_a_ticket_is_marked_once_however_often_it_is_sent(
    judges: Cast, standard: Standard, ticket: Ticket, api_of: Any
) -> None:
    api = api_of(judges.coordinator)
    body = {
        "ticket": ticket.number,
        "direction": "back_on_front",
        "code": "F01",
        "words": "地址不全",
        "key": str(uuid4()),
    }
    answers = [send(api, "/marks", body), send(api, "/marks", body), send(api, "/marks", {**body, "key": str(uuid4())})]
    assert [one.status_code for one in answers] == [201, 201, 201]
    mark = Mark.objects.get()
    assert {one.json()["number"] for one in answers} == {mark.number}
    assert verbs_of("mark", mark.pk) == ["mark.made"]
    shown = answers[0].json()
    assert (shown["code"], shown["person"], shown["words"], shown["state"]) == ("F01", "agent", "地址不全", "standing")
    assert answers[0]["Location"] == f"/api/v1/marks/{mark.number}"


def test_an_answer_is_marked_at_its_last_step(judges: Cast, standard: Standard, handled: Ticket, api_of: Any) -> None:
    api = api_of(judges.agent)
    step = work_of(handled, "handle", judge=judges.agent).task
    body = {"ticket": handled.number, "direction": "front_on_back", "code": "B01"}
    assert send(api, "/marks", {**body, "step": step.pk}).json()["step"] == step.pk
    assert send(api, "/marks", body).json()["step"] not in (None, step.pk)
    assert send(api, "/marks", {**body, "step": 999_999}).json()["errors"].keys() == {"step"}


def test_what_may_not_be_marked_is_refused_in_words(
    judges: Cast, standard: Standard, ticket: Ticket, api_of: Any
) -> None:
    body = {"ticket": ticket.number, "direction": "back_on_front", "code": "F01"}
    assert send(api_of(judges.agent), "/marks", body).status_code == 403
    outsider = send(api_of(judges.outsider), "/marks", body)
    assert outsider.status_code in (403, 422)
    api = api_of(judges.coordinator)
    assert send(api, "/marks", {**body, "code": "B01"}).json()["errors"].keys() == {"code"}
    assert send(api, "/marks", {**body, "ticket": "TS-none"}).json()["errors"].keys() == {"ticket"}
    assert send(api, "/marks", {**body, "direction": "inspection"}).status_code == 422
    assert send(api_of(judges.coordinator, "marks:read"), "/marks", body).status_code == 403
    assert not Mark.objects.exists()


def test_marks_are_listed_in_scope_narrowed_and_paged(
    mark_record: Callable[..., Mark], judges: Cast, api_of: Any
) -> None:
    first, second = mark_record(), mark_record("F02")
    api = api_of(judges.coordinator)
    page = api.get(f"{ROOT}/marks", {"limit": 1}).json()
    assert [row["number"] for row in page["items"]] == [second.number]
    page = api.get(f"{ROOT}/marks", {"limit": 1, "cursor": page["next"]}).json()
    assert ([row["number"] for row in page["items"]], page["next"]) == ([first.number], None)
    for query, count in (
        ({"code": "F02"}, 1), ({"direction": "front_on_back"}, 0), ({"state": "counted"}, 2), ({"state": "upheld"}, 0),
        ({"ticket": first.ticket.number}, 2), ({"unit": judges.call_centre.code}, 2), ({"which": "own"}, 0),
        ({"until": "2001-01-01"}, 0), ({"since": str(clock.today())}, 2),
    ):  # fmt: skip
        assert len(api.get(f"{ROOT}/marks", query).json()["items"]) == count, query
    assert len(api_of(judges.agent).get(f"{ROOT}/marks", {"which": "own"}).json()["items"]) == 2
    assert api.get(f"{ROOT}/marks", {"unit": "none"}).status_code == 422
    assert api_of(judges.outsider).get(f"{ROOT}/marks").json()["items"] == []


def test_the_person_judged_appeals_and_nobody_else(mark_record: Callable[..., Mark], judges: Cast, api_of: Any) -> None:
    workflow.publish_version(workflow.deploy_version((DELIVERED / "appeal.bpmn").read_bytes(), by=None), by=None)
    mark = mark_record()
    path = f"/marks/{mark.number}"
    assert api_of(judges.outsider).get(ROOT + path).status_code == 404
    assert send(api_of(judges.outsider), f"{path}/appeal", {"reason": "不同意"}).status_code == 404
    assert send(api_of(judges.coordinator), f"{path}/appeal", {"reason": "不同意"}).status_code == 403
    api = api_of(judges.agent)
    assert send(api, f"{path}/appeal", {"reason": " "}).json()["errors"].keys() == {"reason"}
    shown = send(api, f"{path}/appeal", {"reason": "客户没有说"}).json()
    assert (shown["state"], shown["appeal_state"], shown["appeal_reason"]) == ("appealed", "running", "客户没有说")
    assert send(api, f"{path}/appeal", {"reason": "再说一次"}).status_code in (403, 409, 422)
    assert verbs_of("mark", mark.pk) == ["mark.made", "mark.appealed"]


def test_who_made_a_mark_takes_it_back(mark_record: Callable[..., Mark], judges: Cast, api_of: Any) -> None:
    path = f"/marks/{mark_record().number}/withdraw"
    assert send(api_of(judges.agent), path, {"reason": "不是我"}).status_code == 403
    assert send(api_of(judges.coordinator), path, {"reason": "看错了"}).json()["state"] == "withdrawn"


def test_one_reads_ones_own_results_acknowledges_and_appeals(
    cast: Cast, categories: dict[str, Category], standard: Standard, api_of: Any
) -> None:
    inspector = inspector_of(cast, "inspector")
    add_tickets(cast.agent, categories["bl_high"], 2)
    drawing.draw_plan(make_plan(size=2), week(), by=None)
    api = api_of(cast.agent)
    assert api.get(f"{ROOT}/inspections/results").json()["items"] == []
    while scoring := inspecting.claim_next(by=inspector):
        inspecting.submit_scoring(
            scoring, answers={"i1": "4", "i2": "1"}, notes={"i1": "漏了时间"}, words="尚可", by=inspector
        )
    first, second = api.get(f"{ROOT}/inspections/results").json()["items"]
    assert first["score"] is not None
    assert api.get(f"{ROOT}/inspections").status_code == 403
    outsider = api_of(cast.outsider)
    assert outsider.get(f"{ROOT}/inspections/{first['id']}").status_code == 404
    assert send(outsider, f"/inspections/{first['id']}/appeal", {"words": "不同意"}).status_code == 404
    assert send(api, f"/inspections/{first['id']}/acknowledge", {}).json()["acknowledged_at"]
    assert send(api, f"/inspections/{second['id']}/appeal", {"words": "已核对"}).json()["state"] == "appealed"
    assert send(api, f"/inspections/{second['id']}/appeal", {"words": "再来"}).status_code >= 400
