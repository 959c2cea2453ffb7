"""The test run: the real engine on made-up facts, played by the moves made so far, without writing anything."""

from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override

from cast import Cast
from onepoint.core.models import AuditEntry
from onepoint.workflow.designing.library import templates
from onepoint.workflow.designing.trial import run_trial
from onepoint.workflow.models import ProcessInstance, UserTask
from workflow.conftest import DELIVERED, chain, drawing, user_task

COMPLAINT = Path(DELIVERED / "complaint.bpmn").read_text(encoding="utf-8")


@pytest.fixture
def facts(cast: Cast) -> dict[str, Any]:
    return {"kind": "complaint", "region": cast.east.pk, "unit": cast.call_centre.pk}


def move(visit: int, outcome: str, **inputs: Any) -> dict[str, Any]:
    return {"do": "complete", "visit": visit, "outcome": outcome, "inputs": inputs}


def play(cast: Cast, facts: dict[str, Any], moves: list[Any], bpmn: str = COMPLAINT) -> dict[str, Any]:
    with override("zh-hans"):
        return run_trial(bpmn, facts, moves, cast.admin)


def waiting(shown: dict[str, Any]) -> list[tuple[str, list[str]]]:
    return [(task["node"], task["who"]) for task in shown["tasks"]]


def test_it_shows_where_the_ticket_waits_and_for_whom(cast: Cast, facts: dict[str, Any]) -> None:
    shown = play(cast, facts, [])
    assert waiting(shown) == [("coordinate", ["coordinator (东市)"])]
    assert shown["nodes"]["coordinate"] == {"state": "now", "count": 1}
    assert shown["flows"] == ["to_coordinate"]


def test_two_departments_at_once_and_their_interface_people(cast: Cast, facts: dict[str, Any]) -> None:
    units = [cast.network.pk, cast.billing.pk]
    shown = play(cast, facts, [move(2, "departments_at_once", departments=units)])
    assert [node for node, _who in waiting(shown)] == ["receive", "receive"]
    assert waiting(shown)[0][1] == ["丁接口 (东市网络部)", "方副手 (东市网络部)"]


def test_wrong_answers_are_told_and_the_run_stays_where_it_was(cast: Cast, facts: dict[str, Any]) -> None:
    shown = play(cast, facts, [move(2, "departments_at_once", departments=[cast.network.pk])])
    assert shown["played"] == 0
    assert set(shown["errors"]) == {"departments"}
    assert waiting(shown)[0][0] == "coordinate"


def test_it_goes_through_to_the_end_and_says_how(cast: Cast, facts: dict[str, Any]) -> None:
    shown = play(cast, facts, [move(2, "finish")])
    assert (shown["ended"], shown["tasks"]) == ("closed", [])
    assert [step["name"] for step in shown["path"]] == ["受理", "工单协调", "办结"]


def test_a_step_can_be_sent_back(cast: Cast, facts: dict[str, Any]) -> None:
    there = play(cast, facts, [move(2, "answer_original")])
    visit = there["tasks"][0]["visit"]
    target = there["tasks"][0]["targets"][0]["visit"]
    shown = play(cast, facts, [move(2, "answer_original"), {"do": "send_back", "visit": visit, "to": target}])
    assert waiting(shown)[0][0] == "coordinate"
    assert shown["nodes"]["answer"]["state"] == "returned"
    assert shown["nodes"]["coordinate"]["count"] == 2


def test_limits_add_up_along_the_longest_path(cast: Cast, facts: dict[str, Any]) -> None:
    limited = '<op:limit duration="PT{}H" clock="{}"/>'
    body = (
        f'<bpmn:startEvent id="s"/>{user_task("a", more=limited.format(4, "working"))}'
        f"{user_task('b', more=limited.format(30, 'clock'))}<bpmn:endEvent id='e'/>{chain('s', 'a', 'b', 'e')}"
    )
    shown = play(cast, facts, [move(2, "done")], drawing(body))
    assert shown["tasks"][0]["limit"] == "1 天 6 小时"
    assert shown["total"] == {"working": "4 小时", "clock": "1 天 6 小时"}


def test_time_passes_when_told_to(cast: Cast, facts: dict[str, Any]) -> None:
    timer = "<bpmn:timerEventDefinition><bpmn:timeDuration>PT4H</bpmn:timeDuration></bpmn:timerEventDefinition>"
    body = (
        f'<bpmn:startEvent id="s"/>{user_task("a")}{user_task("late")}<bpmn:endEvent id="e"/>'
        f'<bpmn:boundaryEvent id="due" attachedToRef="a">{timer}</bpmn:boundaryEvent>'
        f"{chain('s', 'a', 'e')}{chain('due', 'late', 'e')}"
    )
    shown = play(cast, facts, [], drawing(body))
    assert [(wait["kind"], wait["words"]) for wait in shown["waits"]] == [("timer", "PT4H")]
    later = play(cast, facts, [{"do": "timer", "visit": shown["waits"][0]["visit"], "node": "due"}], drawing(body))
    assert [node for node, _who in waiting(later)] == ["late"]
    assert later["waits"] == []


def test_services_messages_and_called_processes_are_answered_by_hand(cast: Cast, facts: dict[str, Any]) -> None:
    body = (
        '<bpmn:startEvent id="s"/><bpmn:serviceTask id="x" op:handler="line_check"/>'
        '<bpmn:callActivity id="c" calledElement="other"/><bpmn:endEvent id="e"/>' + chain("s", "x", "c", "e")
    )
    moves: list[Any] = []
    for kind in ("service", "called"):
        shown = play(cast, facts, moves, drawing(body))
        assert [wait["kind"] for wait in shown["waits"]] == [kind]
        moves.append({"do": kind, "visit": shown["waits"][0]["visit"], "node": shown["waits"][0]["node"]})
    assert play(cast, facts, moves, drawing(body))["ended"] == "completed"


def test_being_stuck_is_shown_at_its_place(cast: Cast, facts: dict[str, Any]) -> None:
    body = (
        '<bpmn:startEvent id="s"/><bpmn:exclusiveGateway id="g"/><bpmn:endEvent id="e"/><bpmn:endEvent id="f"/>'
        + chain("s", "g")
        + "".join(
            f'<bpmn:sequenceFlow id="{end}1" sourceRef="g" targetRef="{end}"><bpmn:conditionExpression>kind = "{end}"'
            "</bpmn:conditionExpression></bpmn:sequenceFlow>"
            for end in "ef"
        )
    )
    shown = play(cast, facts, [], drawing(body))
    assert [(incident["node"], shown["nodes"]["g"]["state"]) for incident in shown["incidents"]] == [("g", "incident")]


def test_hostile_moves_are_refused(cast: Cast, facts: dict[str, Any]) -> None:
    for wrong in (None, 3, {}, {"do": "complete"}, {"do": "fly", "visit": 2}, move(99, "finish"), move(2, "nothing"),
                  {"do": "send_back", "visit": 2, "to": 77}, {"do": "timer", "visit": 2, "node": "x"}):  # fmt: skip
        shown = play(cast, facts, [wrong])
        assert (shown["played"], waiting(shown)[0][0]) == (0, "coordinate"), wrong
        assert shown["refused"]


def test_nothing_is_written(cast: Cast, facts: dict[str, Any]) -> None:
    before = AuditEntry.objects.count()
    play(cast, facts, [move(2, "departments_at_once", departments=[cast.network.pk, cast.billing.pk])])
    assert (ProcessInstance.objects.count(), UserTask.objects.count()) == (0, 0)
    assert AuditEntry.objects.count() == before


def test_every_template_can_be_tried(cast: Cast, facts: dict[str, Any]) -> None:
    for code, template in templates().items():
        if code != "empty":
            shown = play(cast, facts, [], template.bpmn)
            assert shown["tasks"] or shown["waits"], code


def test_the_facts_of_a_ticket_out_of_reach_are_not_told(cast: Cast, client_of) -> None:
    client = client_of(cast.admin)
    client.post("/processes/new/", {"template": "two_steps", "name": "试", "key": "try_it"})
    answer = client.post(
        "/processes/try_it/design/try/", {"number": "TS20260101000001"}, content_type="application/json",
        headers={"Accept": "application/json"},
    )  # fmt: skip
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_subject")
