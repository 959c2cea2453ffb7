"""The acceptance of the foundation (issue 2) through the pages' own forms, with everybody looking on at every step."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from journeys.house import PHONE_AS_SPOKEN, House
from journeys.screen import Screen, Written
from onepoint.core.models import AuditEntry
from onepoint.tickets.models import Ticket
from workflow.conftest import check_instance

LANGUAGES = ("zh-hans", "en")
STEPS = {
    "zh-hans": {
        "coordinate": "工单协调", "receive": "部门接收", "handle": "处理", "review": "部门审核", "redirect": "改派",
        "answer": "答复客户", "follow_up": "回访", "correct": "补正工单",
    },
    "en": {
        "coordinate": "Coordinate", "receive": "Department receives", "handle": "Handle", "review": "Department reviews",
        "redirect": "Redirect", "answer": "Answer the customer", "follow_up": "Return visit", "correct": "Correct the ticket",
    },
}  # fmt: skip
SENT_BACK = {"zh-hans": "退回", "en": "Sent back"}


@dataclass
class Journey:
    """One ticket on its way, watched by the whole cast."""

    house: House
    screens: dict[str, Screen]
    language: str
    number: str = ""
    written: list[Written] = field(default_factory=list)

    @property
    def ticket(self) -> Ticket:
        return Ticket.objects.get(number=self.number)

    @property
    def status(self) -> str:
        return self.ticket.status

    def name(self, part: str) -> str:
        return self.house.people[part].label

    def register(self, part: str = "agent") -> None:
        self.number = self.screens[part].register(PHONE_AS_SPOKEN, "退订套餐", "客户要求退订套餐，营业厅不予办理。")
        self.look(coordinate={"coordinator"})

    def act(self, part: str, node: str, outcome: str, opinion: str, **inputs: Any) -> None:
        step, label = self.screens[part].act(self.number, STEPS[self.language][node], outcome, opinion, **inputs)
        self.written.append(Written(step, label, self.name(part), opinion))

    def send_back(self, part: str, node: str, to: str, resume: str, opinion: str) -> None:
        self.screens[part].send_back(self.number, self.name(to), resume, opinion)
        self.written.append(Written(STEPS[self.language][node], SENT_BACK[self.language], self.name(part), opinion))

    def look(self, **seen_by: set[str]) -> None:
        """The to-do of each person of the cast shows the ticket exactly where ``step={parts}`` says so."""
        instance = self.ticket.process_instance
        assert instance is not None
        check_instance(instance.pk)
        expected = {
            part: sorted(STEPS[self.language][node] for node, parts in seen_by.items() if part in parts)
            for part in self.screens
        }
        shown = {
            part: sorted(step for number, step in screen.todo() if number == self.number)
            for part, screen in self.screens.items()
        }
        assert shown == expected
        assert self.screens["agent"].opinions(self.number) == self.written
        nodes = self.screens["agent"].client.get(f"/instances/{instance.pk}/picture.json").json()["nodes"]
        assert {node for node, state in nodes.items() if state["state"] == "now" and node != "department_work"} == set(
            seen_by
        )


@pytest.fixture
def journey(house: House, at_screen: Callable[..., Screen], request: pytest.FixtureRequest) -> Journey:
    language = request.getfixturevalue("language")
    screens = {part: at_screen(person, language) for part, person in house.people.items()}
    return Journey(house, screens, language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("resume", ["flow", "straight"])
def test_a_complaint_goes_through_two_departments_in_sequence_and_is_answered_by_a_named_agent(
    journey: Journey, language: str, resume: str
) -> None:
    cast = journey.house.cast
    journey.register()
    journey.act("coordinator", "coordinate", "departments_in_sequence", "请网络部查明", departments=[cast.network.pk])
    journey.look(receive={"interface_person", "deputy"})
    assert journey.status == "handling"
    journey.act("interface_person", "receive", "pass_on", "基站正常，请计费部核对", department=cast.billing.pk)
    journey.look(receive={"billing_interface"})
    journey.send_back("billing_interface", "receive", "interface_person", resume, "缺少测试记录")
    journey.look(receive={"interface_person"})
    if resume == "straight":
        journey.act("interface_person", "receive", "done", "测试记录已补")
        journey.look(receive={"billing_interface"})
    else:
        journey.act("interface_person", "receive", "pass_on", "测试记录已补", department=cast.billing.pk)
        journey.look(receive={"billing_interface"})
    journey.act("billing_interface", "receive", "done", "多收 20 元，已退")
    journey.look(coordinate={"coordinator"})
    journey.act("coordinator", "coordinate", "answer_named", "请致歉并说明", answer_by=cast.second_agent.pk)
    journey.look(answer={"second_agent"})
    assert journey.status == "replying"
    journey.act("second_agent", "answer", "answered", "已致歉并说明")
    journey.look(follow_up={"visitor"})
    journey.act("visitor", "follow_up", "settled", "客户认可")
    journey.look()
    assert (journey.status, journey.ticket.closed_at is not None) == ("closed", True)
    verbs = AuditEntry.objects.filter(subject_type="ticket", subject_id=journey.ticket.pk).values_list(
        "verb", flat=True
    )
    assert {"ticket.created", "task.completed", "task.sent_back", "ticket.closed"} <= set(verbs)


@pytest.mark.parametrize("language", LANGUAGES)
def test_departments_work_at_once_and_the_coordinator_waits_for_both(journey: Journey, language: str) -> None:
    cast = journey.house.cast
    both = [cast.network.pk, cast.billing.pk]
    journey.register()
    journey.act("coordinator", "coordinate", "departments_at_once", "请两部门同时核查", departments=both)
    journey.look(receive={"interface_person", "deputy", "billing_interface"})
    journey.act("deputy", "receive", "assign_handler", "请现场测试", handler=cast.handler.pk)
    journey.look(receive={"billing_interface"}, handle={"handler"})
    journey.act("billing_interface", "receive", "assign_handler", "请核账", handler=cast.billing_handler.pk)
    journey.look(handle={"handler", "billing_handler"})
    journey.act("handler", "handle", "done", "已调整天线")
    journey.look(review={"deputy"}, handle={"billing_handler"})
    journey.act("deputy", "review", "approve", "同意")
    journey.look(handle={"billing_handler"})
    journey.act("billing_handler", "handle", "done", "账单无误")
    journey.act("billing_interface", "review", "again", "请附详单")
    journey.look(handle={"billing_handler"})
    journey.act("billing_handler", "handle", "done", "详单已附")
    journey.act("billing_interface", "review", "approve", "同意")
    journey.look(coordinate={"coordinator"})
    journey.act("coordinator", "coordinate", "answer_original", "请答复")
    journey.look(answer={"agent"})
    journey.act("agent", "answer", "answered_and_settled", "客户满意")
    journey.look()
    assert journey.status == "closed"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_department_that_cannot_handle_it_gives_it_back_and_the_coordinator_redirects_or_gives_up(
    journey: Journey, language: str
) -> None:
    cast = journey.house.cast
    journey.register()
    journey.act("coordinator", "coordinate", "departments_in_sequence", "请网络部处理", departments=[cast.network.pk])
    journey.act("deputy", "receive", "cannot_handle", "不属于网络问题")
    journey.look(redirect={"coordinator"})
    journey.act("coordinator", "redirect", "another_department", "改派计费部", department=cast.billing.pk)
    journey.look(receive={"billing_interface"})
    journey.act("billing_interface", "receive", "assign_handler", "请核实", handler=cast.billing_handler.pk)
    journey.act("billing_handler", "handle", "cannot", "系统中查不到")
    journey.look(review={"billing_interface"})
    journey.act("billing_interface", "review", "cannot_handle", "查不到记录")
    journey.look(redirect={"coordinator"})
    journey.act("coordinator", "redirect", "give_up", "由我直接答复")
    journey.look(coordinate={"coordinator"})
    journey.act("coordinator", "coordinate", "finish", "已电话说明，客户撤诉")
    journey.look()
    assert journey.status == "closed"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_coordinator_has_it_corrected_first_and_an_unsettled_customer_brings_it_back(
    journey: Journey, language: str
) -> None:
    journey.register()
    journey.act("coordinator", "coordinate", "send_back_for_correction", "请补充套餐名称")
    journey.look(correct={"agent"})
    form = journey.screens["agent"].form_with(f"/tickets/{journey.number}/correct/", "title")
    journey.screens["agent"].send(form.fill(title="畅享套餐 129 资费与宣传不符"))
    assert journey.ticket.title == "畅享套餐 129 资费与宣传不符"
    journey.act("agent", "correct", "corrected", "已补充")
    journey.look(coordinate={"coordinator"})
    journey.act("coordinator", "coordinate", "answer_original", "请解释")
    journey.act("agent", "answer", "answered", "已解释")
    journey.look(follow_up={"visitor"})
    journey.act("visitor", "follow_up", "not_settled", "客户仍不认可")
    journey.look(coordinate={"coordinator"})
    journey.act("coordinator", "coordinate", "abort", "客户要求超出政策，已按规定说明")
    journey.look()
    assert journey.status == "aborted"
