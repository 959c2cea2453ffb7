"""What the designer says is wrong or doubtful in a drawing, about which element, in the reader's words."""

import pytest
from django.utils.translation import override

from cast import Cast
from onepoint.workflow.designing.findings import ERROR, WARNING, examine
from onepoint.workflow.designing.refusals import feature_label, reword
from onepoint.workflow.designing.wording import explain_expression
from workflow.conftest import DELIVERED, chain, drawing, user_task

TWO_WAYS = '<op:outcome id="yes" name="同意"/><op:outcome id="no" name="不同意"/>'


def flow(number: str, source: str, target: str, condition: str = "") -> str:
    inside = f"<bpmn:conditionExpression>{condition}</bpmn:conditionExpression>" if condition else ""
    return f'<bpmn:sequenceFlow id="{number}" sourceRef="{source}" targetRef="{target}">{inside}</bpmn:sequenceFlow>'


def gateway(first: str = "", second: str = "", default: str = "") -> str:
    said = f' default="{default}"' if default else ""
    return (
        f'<bpmn:startEvent id="s"/>{user_task("a", more=TWO_WAYS)}<bpmn:exclusiveGateway id="g"{said}/>'
        f'<bpmn:endEvent id="e"/><bpmn:endEvent id="f"/>{chain("s", "a", "g")}'
        f"{flow('one', 'g', 'e', first)}{flow('two', 'g', 'f', second)}"
    )


def found(body: str) -> list[tuple[str, str]]:
    with override("en"):
        return [(finding.level, finding.element_id) for finding in examine(drawing(body)).findings]


def test_the_delivered_complaint_is_without_blame() -> None:
    assert examine((DELIVERED / "complaint.bpmn").read_bytes(), "complaint").findings == []


def test_a_gateway_whose_conditions_cover_every_button_needs_no_default() -> None:
    assert found(gateway('outcome = "yes"', 'outcome = "no"')) == []
    assert found(gateway('outcome = "yes"', default="two")) == []


def test_a_missing_default_is_doubtful() -> None:
    assert (WARNING, "g") in found(gateway('outcome = "yes"', "severity_rank = 1"))


def test_a_path_without_condition_is_doubtful() -> None:
    assert (WARNING, "two") in found(gateway('outcome = "yes"'))


def test_a_button_without_a_path_is_doubtful() -> None:
    assert (WARNING, "a") in found(gateway('outcome = "yes"', 'outcome = "other"'))


def test_a_name_nobody_sets_is_doubtful_but_answers_and_facts_are_known() -> None:
    asked = '<op:outcome id="done"><op:input name="amount" type="text"/></op:outcome>'
    body = (
        f'<bpmn:startEvent id="s"/>{user_task("a", more=asked)}<bpmn:exclusiveGateway id="g" default="two"/>'
        f'<bpmn:endEvent id="e"/>{chain("s", "a", "g")}'
        f"{flow('one', 'g', 'e', 'amount = null or severity_rank = 1')}{flow('two', 'g', 'e')}"
    )
    assert found(body) == []
    assert found(body.replace("amount = null", "amuont = null")) == [(WARNING, "one")]


def test_what_nothing_leads_to_and_what_leads_nowhere_is_doubtful() -> None:
    body = f'<bpmn:startEvent id="s"/>{user_task("a")}{user_task("b")}{chain("s", "a")}'
    assert found(body) == [(WARNING, "a"), (WARNING, "b"), (WARNING, "b")]


def test_a_step_nobody_handles_is_an_error_at_that_step() -> None:
    body = f'<bpmn:startEvent id="s"/><bpmn:userTask id="a"/><bpmn:endEvent id="e"/>{chain("s", "a", "e")}'
    assert found(body) == [(ERROR, "a")]


def test_a_wrong_formula_is_an_error_with_its_place() -> None:
    broken = gateway('outcome = "yes', 'outcome = "no"')
    assert [finding.element_id for finding in examine(drawing(broken)).errors] == ["one"]


def test_the_key_of_the_process_is_kept() -> None:
    assert [finding.level for finding in examine(drawing(gateway(default="two")), "other").errors] == [ERROR]


def test_a_service_that_is_not_installed_is_doubtful() -> None:
    body = f'<bpmn:startEvent id="s"/><bpmn:serviceTask id="x" op:handler="nowhere"/><bpmn:endEvent id="e"/>{chain("s", "x", "e")}'
    assert found(body) == [(WARNING, "x")]


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("no link target is named 'far'", "“far”"),
        ("a boundary event cannot be attached to task_1", "“task_1”"),
        ("expression 'a b' is not understood: bad (line 1, column 3)", "“a b”"),
        ("choreography is not supported", "“choreography”"),
        ("something new", "something new"),
    ],
)
def test_refusals_of_the_engine_are_put_in_words(message: str, words: str) -> None:
    with override("en"):
        assert words in reword(message)


def test_features_are_named_by_their_parts() -> None:
    with override("zh-hans"):
        assert feature_label("non-interrupting timer boundary event") == "不中断的 定时 边界事件"


def test_conditions_are_said_in_words(cast: Cast) -> None:
    words = {"severity": "级别", "severity=high": "重大", "amount": "金额"}
    with override("zh-hans"):
        said = explain_expression('severity = "high" and (amount > 100 or amount = null)', words)
    assert said == {"names": ["amount", "severity"], "wording": "级别 是 “重大” 并且 (金额 大于 100 或者 金额 为空)"}


def test_an_intricate_condition_is_accepted_without_words_and_a_wrong_one_explained() -> None:
    assert explain_expression("some x in tags satisfies x = 1", {}) == {"names": ["tags"], "wording": ""}
    assert set(explain_expression("a = = b", {})) == {"error"}
    assert set(explain_expression("", {})) == {"error"}
