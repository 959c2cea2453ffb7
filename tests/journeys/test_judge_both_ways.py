"""Inspection both ways (issue 7): the back office marks, the front appeals, somebody else re-judges, points follow."""

from collections.abc import Callable
from typing import Any

import pytest

from journeys.house import PHONE_AS_SPOKEN, House
from journeys.screen import Form, Screen, text_of
from onepoint.quality.models import Appeal, Mark


@pytest.fixture
def at(house: House, at_screen: Callable[..., Screen]) -> Callable[..., Screen]:
    def sit(part: str, language: str = "zh-hans") -> Screen:
        return at_screen(house.people[part], language)

    return sit


@pytest.fixture
def number(house: House, at: Callable[..., Screen]) -> str:
    """A complaint the network department has at hand."""
    ticket = at("agent").register(PHONE_AS_SPOKEN, "退订套餐", "客户要求退订套餐。")
    departments = [house.cast.network.pk]
    at("coordinator").act(ticket, "工单协调", "departments_in_sequence", "请处理", departments=departments)
    return ticket


def mark(screen: Screen, number: str, way: str, code: str, words: str) -> str:
    """Mark through the page of the ticket; gives the number of the mark."""
    forms = screen.forms(f"/tickets/{number}/marks/", "/marks/new/")
    (form,) = [one for one in forms if one.values["direction"] == [way]]
    (chosen,) = [value for value, label in form.choices("code").items() if label.startswith(code)]
    screen.send(form.fill(code=chosen, words=words))
    return Mark.objects.order_by("-pk")[0].number


def appeal(screen: Screen, mark_number: str, reason: str) -> str:
    """Appeal through the page of the mark; gives the number of the ticket it is re-judged in."""
    assert mark_number in text_of(screen.open("/marks/mine/"))
    (form,) = screen.forms(f"/marks/{mark_number}/", "/appeal/")
    screen.send(form.fill(reason=reason))
    ticket = Appeal.objects.get(mark__number=mark_number).ticket
    assert ticket is not None
    return ticket.number


def points(screen: Screen) -> str:
    """What the figures add up to."""
    page = screen.open("/marks/figures/?by=person")
    foot = page.xpath("//tfoot//td")
    return text_of(foot[4]) if foot else "0"


def test_a_mark_is_overturned_by_somebody_else_and_its_points_are_gone(number: str, at: Any) -> None:
    made = mark(at("interface_person"), number, "back_on_front", "F01", "没有写明套餐名称")
    assert "F01" in text_of(at("agent").open(f"/tickets/{number}/marks/"))
    assert points(at("supervisor")) == "2"
    re_judged = appeal(at("agent"), made, "描述里写了套餐名称")
    assert points(at("supervisor")) == "0"
    assert (re_judged, "复核") in at("supervisor").todo()
    assert at("interface_person").status_of(f"/tickets/{re_judged}/") == 404
    at("supervisor").act(re_judged, "复核", "overturn", "描述完整，撤销")
    page = text_of(at("agent").open(f"/marks/{made}/"))
    assert "已撤销" in page
    assert "描述完整，撤销" in page
    assert points(at("supervisor")) == "0"
    told = text_of(at("supervisor").open(f"/tickets/{number}/").xpath("//ol[@class='timeline']")[-1])
    assert "没有写明套餐名称" in told
    assert "撤销判定 F01" in told


def test_whoever_marked_never_re_judges_and_what_is_upheld_counts(number: str, at: Any) -> None:
    made = mark(at("supervisor"), number, "back_on_front", "F03", "号码少一位")
    re_judged = appeal(at("agent"), made, "客户自己报的号码")
    assert at("supervisor").status_of(f"/tickets/{re_judged}/") == 404  # the pool has gone to others
    at("coordinator").act(re_judged, "复核", "uphold", "录音里号码完整")
    at("agent").act(re_judged, "申诉人确认", "accepted")
    assert Mark.objects.get(number=made).state == "upheld"
    assert points(at("supervisor")) == "3"
    assert not at("agent").forms(f"/marks/{made}/", "/appeal/")


def test_the_front_office_marks_an_answer_and_has_it_put_right(number: str, at: Any, house: House) -> None:
    at("interface_person").act(number, "部门接收", "done", "已按规定处理")
    made = mark(at("agent"), number, "front_on_back", "B01", "没有回答为什么不能退订")
    asked = at("supervisor").form_with(f"/rectifications/new/?mark={made}", "title")
    # The picker of people asks the server; the page carries only whom it proposes.
    assert asked.values["owner"] == [str(house.cast.interface_person.pk)]
    address = at("supervisor").send(asked).url
    (proof,) = at("interface_person").forms(address, "/hand-in/")
    at("interface_person").send(proof.fill(proof="已补充退订限制的依据并回电"))
    (decision,) = [form for form in at("supervisor").forms(address, "/decide/") if _accepts(form)]
    at("supervisor").send(decision, verb="accept")
    assert "已通过" in text_of(at("interface_person").open(address))


def _accepts(form: Form) -> bool:
    return bool(form.node.xpath(".//button[@value='accept']"))


def test_an_outsider_finds_nothing_and_english_is_complete(number: str, at: Any) -> None:
    made = mark(at("interface_person"), number, "back_on_front", "F01", "x")
    for path in (f"/marks/{made}/", f"/tickets/{number}/marks/"):
        assert at("outsider").status_of(path) == 404
    page = text_of(at("agent", "en").open(f"/marks/{made}/"))
    for words in ("What the customer wants is not clear", "Back office on the record", "Why you disagree"):
        assert words in page
    assert "Wrong category" in text_of(at("agent", "en").open("/standard/"))
