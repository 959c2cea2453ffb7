"""A visitor on a phone and an agent at a desk talk with each other on a real web process, in both languages."""

from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, expect

from browser.web_process import WebProcess
from cast import Cast
from onepoint.accounts.models import User
from onepoint.assignment import services as assignment
from onepoint.channels import services as channels
from onepoint.channels.models import Contact
from onepoint.channels.models.chat import ChatSession
from onepoint.channels.services import chats

pytestmark = pytest.mark.django_db(transaction=True)

HOSTILE = "<img src=x onerror=\"document.title='broken'\">"
WORDS = {
    "zh-CN": {"wait": "下一位就是您", "with": "正在为您服务", "over": "会话已结束", "thanks": "感谢您的评价"},
    "en-US": {"wait": "You are next", "with": "You are talking to", "over": "has ended", "thanks": "Thank you"},
}


@pytest.fixture
def web(transactional_db: None, tmp_path: Path) -> Iterator[WebProcess]:
    process = WebProcess(tmp_path)
    yield process
    process.kill()


@pytest.fixture
def faults() -> list[str]:
    return []


@pytest.fixture
def window(browser: Browser, faults: list[str]) -> Iterator[Callable[..., Page]]:
    """A function giving a window of its own, on a phone or at a desk, that notes what goes wrong in it."""
    contexts: list[BrowserContext] = []

    def make(locale: str, width: int, height: int, cookies: list[dict] | None = None) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, locale=locale)
        contexts.append(context)
        if cookies:
            context.add_cookies(cookies)  # type: ignore[arg-type]
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("dialog", lambda dialog: faults.append(dialog.message))
        return page

    yield make
    for context in contexts:
        context.close()


@pytest.mark.parametrize("locale", list(WORDS))
def test_a_visitor_is_answered_rates_and_the_talk_becomes_the_contact(
    cast: Cast, web: WebProcess, window: Callable[..., Page], client_of: Callable, faults: list[str], locale: str
) -> None:
    words = WORDS[locale]
    agent = User.objects.get(pk=cast.agent.pk)
    agent.language = "en" if locale == "en-US" else "zh-hans"
    agent.save(update_fields=["language"])
    assignment.create_queue(
        code="general", name="在线客服", name_en="Online service", units=[cast.call_centre], by=None
    )
    channels.create_canned_text(
        code="hello",
        name="问候",
        text="{customer}您好，我是{agent}",
        text_en="Hello {customer}",
        media=["chat"],
        by=None,
    )
    assignment.take_up_work(agent, by=agent)
    session_key = client_of(agent).cookies[settings.SESSION_COOKIE_NAME].value
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session_key, "url": web.url}
    desk = window(locale, 1366, 768, [cookie])
    desk.goto(f"{web.url}/chats/?list=1")
    expect(desk.locator("#agent-bar .agent-state--ready")).to_be_visible()

    phone = window(locale, 390, 844)
    phone.goto(f"{web.url}/chat/")
    phone.fill("[name=name]", "王小明")
    phone.fill("[name=question]", f"上不了网 {HOSTILE}")
    phone.click("form .btn-primary")
    expect(phone.locator("[data-standing]")).to_contain_text(words["wait"])

    offer = desk.locator(".offer")
    expect(offer).to_contain_text("王小明")
    offer.locator("[data-offer-accept]").click()
    expect(desk.locator(".messages")).to_contain_text(HOSTILE)
    expect(phone.locator("[data-standing]")).to_contain_text(words["with"])

    box = desk.locator("[data-composer] textarea")
    box.press_sequentially("/hel")
    expect(desk.locator(".canned__item")).to_have_count(1)
    box.press("Enter")
    box.press("Enter")
    expect(phone.locator(".messages")).to_contain_text("王小明您好" if locale == "zh-CN" else "Hello 王小明")

    # What was said while the visitor was away is there when he comes back; in another tab too.
    address = phone.url
    phone.goto("about:blank")
    box.fill("请重启光猫")
    box.press("Enter")
    expect(desk.locator(".message--own").last).to_contain_text("请重启光猫")
    phone.goto(address)
    expect(phone.locator(".messages")).to_contain_text("请重启光猫")
    phone.fill("[data-composer] textarea", HOSTILE)
    phone.click("[data-composer] [type=submit]")
    expect(desk.locator(".message").last).to_contain_text(HOSTILE)

    phone.click("form[action$='/end/'] button")
    phone.click("dialog[open] .btn-primary")
    expect(phone.locator("[data-standing]")).to_contain_text(words["over"])
    phone.locator("[name=stars][value='5']").check()
    phone.click("form[action$='/rate/'] button")
    expect(phone.locator(".notice--success")).to_contain_text(words["thanks"])
    expect(desk.locator("form[action$='/wrap-up/']")).to_be_visible()

    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    assert desk.evaluate("document.documentElement.scrollWidth") == 1366
    assert faults == []
    assert "broken" not in (phone.title() + desk.title())
    assert ChatSession.objects.get().stars == 5
    assert "请重启光猫" in Contact.objects.get().content


def test_two_chats_side_by_side_are_written_in_by_keyboard_and_marked_unread(
    cast: Cast, web: WebProcess, window: Callable[..., Page], client_of: Callable, faults: list[str]
) -> None:
    agent = User.objects.get(pk=cast.agent.pk)
    queue = assignment.create_queue(code="general", name="在线客服", units=[cast.call_centre], by=None)
    assignment.take_up_work(agent, by=agent)

    def begins(name: str) -> ChatSession:
        chat = chats.begin_chat(request_key=uuid4(), queue=queue, name=name, question="上不了网", by=None)
        assignment.assign_waiting()
        chat.entry.refresh_from_db()
        assignment.accept_entry(chat.entry, by=agent)
        return ChatSession.objects.get(pk=chat.pk)

    first = begins("王小明")
    session_key = client_of(agent).cookies[settings.SESSION_COOKIE_NAME].value
    desk = window("zh-CN", 1366, 768, [{"name": settings.SESSION_COOKIE_NAME, "value": session_key, "url": web.url}])
    desk.goto(f"{web.url}/chats/beside/")
    expect(desk.locator("#live-sign")).to_have_attribute("data-state", "live")
    expect(desk.locator("[data-column]")).to_have_count(1)
    second = begins("李四")
    expect(desk.locator("[data-column]")).to_have_count(2)

    desk.keyboard.press("Alt+2")
    desk.keyboard.type("您好李四")
    desk.keyboard.press("Enter")
    columns = [desk.locator(f"[data-column='{one.pk}']") for one in (first, second)]
    expect(columns[1].locator(".message--own").last).to_contain_text("您好李四")
    chats.say_as_visitor(first, text="还在吗", request_key=uuid4(), by=None)
    expect(columns[0].locator("[data-column-unread]")).to_have_text("1")
    first.refresh_from_db()
    assert first.unread_count > 0
    desk.keyboard.press("Alt+1")
    expect(columns[0].locator("[data-column-unread]")).to_be_hidden()
    desk.keyboard.type("在的")
    desk.keyboard.press("Enter")
    expect(columns[0].locator(".message--own").last).to_contain_text("在的")
    assert desk.evaluate("document.documentElement.scrollWidth") == 1366
    assert faults == []
