"""The acceptance of the foundation (issue 2) with mouse and keyboard, in Chinese and in English.

Runs on the test server, or in a running house with the demo: see ``browser.house``.
"""

import re
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import expect

from browser.house import LANGUAGES, RUNNING_HOUSE
from browser.seat import Seats

pytestmark = pytest.mark.slow
#: In a running house the agent may have left a request unfinished, which would come back into the journey's own.
FORGET_DRAFT = """() => fetch("/drafts/intake/", {
  method: "DELETE", headers: JSON.parse(document.body.getAttribute("hx-headers")),
})"""


@dataclass
class Journey:
    """One complaint; after every step everybody looks at their desk."""

    seats: Seats
    number: str = ""
    written: list[str] = field(default_factory=list)

    def say(self, word: str) -> str:
        return self.seats["agent"].words[word]

    def name(self, part: str) -> str:
        return self.seats[part].page.locator("header.top .person__name").first.inner_text()

    def department(self, which: str) -> str:
        return str(getattr(self.seats.house, which)[self.seats.language])

    def register(self) -> None:
        """By the keyboard alone: telephone, category, text."""
        agent = self.seats["agent"]
        page = agent.go("/")
        if RUNNING_HOUSE:
            page.evaluate(FORGET_DRAFT)
        page.keyboard.press("n")
        expect(page.locator("#id_q")).to_be_focused()
        page.keyboard.type(self.seats.house.phone)
        expect(page.locator("#candidates [data-candidate]").first).to_be_visible()
        page.keyboard.press("Enter")
        expect(page.locator("#id_customer")).not_to_have_value("")
        expect(page.locator("#id_category + .picker .picker__input")).to_be_focused()
        page.keyboard.type(self.say("category"))
        expect(page.locator(".picker__option").first).to_be_visible()
        page.keyboard.press("Enter")
        expect(page.locator("#id_description")).to_be_focused()
        page.keyboard.type("客户要求退订套餐，营业厅不予办理。")
        page.keyboard.press("Control+Enter")
        expect(page).to_have_url(re.compile(r"/tickets/\w+/$"))
        self.number = page.url.rstrip("/").rsplit("/", 1)[-1]

    def act(self, part: str, outcome: str, opinion: str, pick: dict[str, str | list[str]] | None = None) -> None:
        self.seats[part].act(self.number, outcome, opinion, pick)
        self.written.append(opinion)

    def look(self, step: str, seen_by: set[str] | frozenset[str]) -> None:
        """Only ``seen_by`` find it on their desk, the picture marks ``step``, opinions stand in order and fixed."""
        finds_it = {part for part in self.seats.house.parts() if self.number in self.seats[part].todo()}
        assert finds_it == set(seen_by)
        opinions, marked = self.seats["agent"].look_at(self.number)
        assert opinions == self.written
        assert marked == ({step} if step else set())

    def opinions_cannot_be_rewritten(self) -> None:
        agent = self.seats["agent"]
        headers = {"X-CSRFToken": str(agent.page.locator("[name=csrfmiddlewaretoken]").first.input_value())}
        for path in ("", "opinions/", "opinions/1/", "opinions/1/change/"):
            url = f"{self.seats.house.url}/tickets/{self.number}/{path}"
            answer = agent.context.request.post(url, headers={**headers, "Referer": url}, form={"opinion": "改写"})
            assert answer.status in (404, 405), path


@pytest.fixture
def journey(seats: Seats) -> Journey:
    return Journey(seats)


@pytest.mark.parametrize(("language", "resume"), zip(LANGUAGES, ("flow", "straight"), strict=True))
def test_a_complaint_travels_through_two_departments_to_a_named_agent_and_its_closing(
    journey: Journey, language: str, resume: str
) -> None:
    waiting = journey.seats.house.waiting
    journey.register()
    journey.look("coordinate", waiting["coordinators"])
    journey.act("coordinator", "in_sequence", "请查明", {"departments": journey.department("network")})
    journey.look("receive", waiting["network"])
    journey.act("interface_person", "pass_on", "网络正常，请核对计费", {"next": journey.department("billing")})
    journey.look("receive", waiting["billing"])
    journey.seats["billing_interface"].send_back(journey.number, journey.name("interface_person"), resume, "缺测试记录")
    journey.written.append("缺测试记录")
    journey.look("receive", waiting["interface_person"])
    if resume == "straight":
        journey.act("interface_person", "done", "记录已补")
    else:
        journey.act("interface_person", "pass_on", "记录已补", {"next": journey.department("billing")})
    journey.look("receive", waiting["billing"])
    journey.act("billing_interface", "done", "多收部分已退")
    journey.look("coordinate", waiting["coordinators"])
    journey.act("coordinator", "answer_named", "请致歉并说明", {"by": journey.seats.house.logins["second_agent"]})
    journey.look("answer", {"second_agent"})
    journey.act("second_agent", "answered", "已致歉")
    journey.look("follow_up", waiting["visitors"])
    journey.act("visitor", "settled", "客户认可")
    journey.look("", set())
    expect(journey.seats["agent"].go(f"/tickets/{journey.number}/").locator("#main")).to_contain_text(
        journey.say("closed")
    )
    journey.opinions_cannot_be_rewritten()


@pytest.mark.parametrize("language", LANGUAGES)
def test_departments_at_once_are_both_waited_for(journey: Journey, language: str) -> None:
    waiting = journey.seats.house.waiting
    both = [journey.department("network"), journey.department("billing")]
    journey.register()
    journey.act("coordinator", "at_once", "请同时核查", {"departments": both})
    journey.look("receive", waiting["network"] | waiting["billing"])
    journey.act("deputy", "done", "网络无异常")
    journey.look("receive", waiting["billing"])
    journey.act("billing_interface", "done", "账单无误")
    journey.look("coordinate", waiting["coordinators"])
    journey.act("coordinator", "answer_original", "请答复")
    journey.look("answer", {"agent"})
    journey.act("agent", "answered_settled", "客户满意")
    journey.look("", set())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_department_that_cannot_handle_it_gives_it_back_for_another_or_for_none(
    journey: Journey, language: str
) -> None:
    waiting = journey.seats.house.waiting
    journey.register()
    journey.act("coordinator", "in_sequence", "请处理", {"departments": journey.department("network")})
    journey.act("deputy", "cannot", "不属于网络问题")
    journey.look("redirect", waiting["coordinators"])
    journey.act("coordinator", "another", "改派", {"next": journey.department("billing")})
    journey.look("receive", waiting["billing"])
    journey.act("billing_interface", "cannot", "查不到记录")
    journey.look("redirect", waiting["coordinators"])
    journey.act("coordinator", "give_up", "由我答复")
    journey.look("coordinate", waiting["coordinators"])
    journey.act("coordinator", "finish", "已说明，客户撤诉")
    journey.look("", set())
