"""A visitor on a phone and an agent at a desk talk with each other on a real web process, in both languages."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, expect

from browser.web_process import WebProcess
from conftest import Cast
from onepoint.accounts.models import User
from onepoint.assignment import services as assignment
from onepoint.channels import services as channels
from onepoint.channels.models import Contact
from onepoint.channels.models.chat import ChatSession

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
