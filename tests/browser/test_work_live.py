"""The live desk on a real web process: others act, the page follows by itself, and loses nothing under anybody's hands."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, expect

from browser.web_process import WebProcess
from cast import Cast
from onepoint.accounts.models import User
from onepoint.channels import services as channels
from onepoint.channels.models import Contact
from onepoint.channels.signals import customer_arrived
from onepoint.customers import services as customers
from onepoint.customers.models import Customer
from onepoint.customers.services import NewAccount
from onepoint.notifications import services as notification_services
from onepoint.tickets import services
from onepoint.tickets.models import Category, Ticket
from onepoint.tickets.services.categories import CategoryItems, SeverityItems
from onepoint.workflow import kernel
from onepoint.workflow import services as workflow_services
from onepoint.workflow.models import UserTask

pytestmark = pytest.mark.django_db(transaction=True)

LIVE = "live"
#: A page without a stream looks by itself only now and then.
UNTIL_IT_LOOKS = 90_000


@pytest.fixture
def web(transactional_db: None, tmp_path: Path) -> Iterator[WebProcess]:
    process = WebProcess(tmp_path)
    yield process
    process.kill()


@pytest.fixture
def category(cast: Cast) -> Category:
    bpmn = Path(kernel.__file__).parent / "delivered" / "complaint.bpmn"
    workflow_services.publish_version(workflow_services.deploy_version(bpmn.read_bytes(), by=None), by=None)
    severity = services.create_severity(
        SeverityItems(code="normal", rank=3, name="一般", standard="一般", answer_hours=48), by=None
    )
    return services.create_category(CategoryItems(code="slow", name="网速慢", default_severity=severity), by=None)


@pytest.fixture
def register(cast: Cast, category: Category) -> Callable[[str], Ticket]:
    """A function by which the agent of East registers a complaint, for the coordinator's pool."""

    def make(title: str) -> Ticket:
        new = services.NewTicket(kind="complaint", category=category, title=title, channel="hotline")
        return services.create_ticket(new, by=User.objects.get(pk=cast.agent.pk))

    return make


@pytest.fixture
def window_of(browser: Browser, web: WebProcess, client_of: Callable) -> Iterator[Callable[..., Page]]:
    """A function giving a person a window of their own on the running house, at a page of it."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def opened(user: User, path: str, script: str = "") -> Page:
        cookie = client_of(user).cookies[settings.SESSION_COOKIE_NAME]
        context = browser.new_context(locale="zh-CN", viewport={"width": 1366, "height": 768})
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": web.url}])
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        if script:
            page.add_init_script(script)
        page.goto(f"{web.url}{path}")
        # Loaded once and never again: whatever changes has changed by itself.
        page.evaluate("window.loadedOnce = true")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


def listens(page: Page) -> None:
    expect(page.locator("#live-sign")).to_have_attribute("data-state", LIVE)


def was_not_reloaded(page: Page) -> bool:
    return page.evaluate("window.loadedOnce === true")


def figure(page: Page, kind: str):
    return page.locator(f"[data-tab={kind}] .tabs__count")


def claim(ticket: Ticket, person: User) -> UserTask:
    task = UserTask.objects.live().get(subject_type="ticket", subject_id=ticket.pk)
    workflow_services.claim_task(task, by=User.objects.get(pk=person.pk))
    return task


def test_one_acts_and_the_other_desk_follows_without_reloading(cast, register, window_of):
    first, second = register("第一件"), register("第二件")
    desk = window_of(cast.coordinator, "/?kind=pool")
    listens(desk)
    expect(desk.locator("#work tbody tr")).to_have_count(2)
    desk.locator("input[name=q]").fill("正在找")
    desk.locator("#work tbody tr", has_text=second.number).locator("a").first.focus()

    other = window_of(cast.coordinator, "/?kind=pool")
    other.locator("#work tbody tr", has_text=first.number).get_by_role("button").click()

    expect(desk.locator("#work tbody tr")).to_have_count(1)
    expect(figure(desk, "pool")).to_have_text("1")
    expect(figure(desk, "mine")).to_have_text("1")
    expect(desk.locator("#work tbody tr a:focus")).to_have_text(second.number)
    expect(desk.locator("input[name=q]")).to_have_value("正在找")
    assert was_not_reloaded(desk)


def test_new_work_comes_in_marked_and_only_to_those_it_concerns(cast, register, window_of):
    waiting = register("早就在")
    desk, stranger = window_of(cast.coordinator, "/?kind=pool"), window_of(cast.outsider, "/?kind=pool")
    listens(desk)
    listens(stranger)
    heard = "window.heard = []; document.body.addEventListener('live:todo', (event) => window.heard.push(event.detail))"
    stranger.evaluate(heard)

    fresh = register("刚登记")

    row = desk.locator("#work tbody tr", has_text=fresh.number)
    expect(row).to_have_class("row--new")
    expect(desk.locator("#work tbody tr", has_text=waiting.number)).not_to_have_class("row--new")
    expect(desk.locator("[data-desk-news]")).not_to_be_empty()
    expect(figure(desk, "pool")).to_have_text("2")
    expect(figure(stranger, "pool")).to_have_text("0")
    assert stranger.evaluate("window.heard") == []
    assert was_not_reloaded(desk)


def test_a_desk_whose_connection_was_cut_catches_up(cast, register, window_of, web):
    ticket = register("断线前")
    desk = window_of(cast.coordinator, "/?kind=pool")
    listens(desk)

    web.kill()
    expect(desk.locator("#live-sign")).to_have_attribute("data-state", "lost")
    expect(desk.locator(".toasts .notice")).to_have_count(0)
    claim(ticket, cast.coordinator)
    missed = register("断线时")
    web.start()

    expect(desk.locator("#work tbody tr", has_text=missed.number)).to_be_visible(timeout=UNTIL_IT_LOOKS)
    expect(desk.locator("#work tbody tr", has_text=ticket.number)).to_have_count(0)
    listens(desk)
    assert was_not_reloaded(desk)


def test_what_the_page_asks_by_itself_does_not_complain_without_an_answer(cast, window_of, web):
    desk = window_of(cast.coordinator, "/?kind=pool")
    listens(desk)
    web.kill()
    expect(desk.locator("#live-sign")).to_have_attribute("data-state", "lost")
    with desk.expect_event("requestfailed"):
        desk.evaluate("document.body.dispatchEvent(new CustomEvent('live:todo'))")
    expect(desk.locator(".toasts .notice")).to_have_count(0)
    asked = "htmx.ajax('GET', '/', {source: '#work', target: '#work', event: new Event('change')}).catch(() => null)"
    desk.evaluate(asked)
    expect(desk.locator(".toasts .notice")).to_have_count(1)
    web.start()
    listens(desk)


def test_without_any_stream_the_desk_looks_by_itself(cast, register, window_of):
    no_stream = "delete window.SharedWorker; window.EventSource = class { constructor() { setTimeout(() => this.onerror()) } close() {} addEventListener() {} }"
    desk = window_of(cast.coordinator, "/?kind=pool", no_stream)
    expect(desk.locator("#live-sign")).to_have_attribute("data-state", "lost")
    fresh = register("没有连接")
    expect(desk.locator("#work tbody tr", has_text=fresh.number)).to_be_visible(timeout=UNTIL_IT_LOOKS)
    assert was_not_reloaded(desk)


def test_a_page_about_a_ticket_tells_that_somebody_changed_it(cast, register, window_of):
    ticket = register("两人同看")
    page, listing = window_of(cast.agent, f"/tickets/{ticket.number}/"), window_of(cast.coordinator, "/tickets/")
    listens(page)
    listens(listing)
    page.wait_for_function("() => document.querySelector('#presence').dataset.islandStarted")
    expect(page.locator("#changed .notice")).to_have_count(0)

    claim(ticket, cast.coordinator)

    expect(page.locator("#changed .notice")).to_contain_text(cast.coordinator.name)
    expect(listing.locator("tr.row--stale")).to_contain_text(ticket.number)
    assert was_not_reloaded(page)
    page.locator("#changed a").click()
    expect(page.locator("#changed .notice")).to_have_count(0)


def test_whoever_logs_out_in_another_window_hears_nothing_more(cast, register, window_of, web):
    desk = window_of(cast.coordinator, "/?kind=pool")
    listens(desk)
    other = desk.context.new_page()
    other.goto(f"{web.url}/tickets/")
    other.locator("summary.user-button").click()
    other.locator("form[action*=logout] button").click()
    expect(desk.locator("#live-sign")).to_have_attribute("data-state", "ended")
    expect(desk.locator("#live-sign a")).to_be_visible()
    register("之后的事")
    expect(desk.locator("#work tbody tr")).to_have_count(0)
    assert was_not_reloaded(desk)


def test_colleagues_write_to_each_other_without_reloading(cast, window_of):
    conversation = notification_services.open_conversation([cast.coordinator], by=cast.agent)
    notification_services.write_message(conversation, "在吗？", by=cast.agent)
    reader, writer = window_of(cast.coordinator, "/tickets/"), window_of(cast.agent, f"/messages/{conversation.pk}/")
    listens(reader)
    listens(writer)
    expect(reader.locator("#message-count .bell__count")).to_have_text("1")

    other = reader.context.new_page()
    other.goto(f"{reader.url.removesuffix('/tickets/')}/messages/{conversation.pk}/")
    listens(other)
    expect(reader.locator("#message-count .bell__count")).to_have_count(0)
    other.get_by_label("消息内容").fill("在，请讲")
    other.get_by_label("消息内容").press("Control+Enter")
    expect(other.locator(".message--own")).to_contain_text("在，请讲")
    expect(other.get_by_label("消息内容")).to_have_value("")

    expect(writer.locator(".message").last).to_contain_text("在，请讲")
    writer.get_by_label("消息内容").fill("没写完")
    other.get_by_label("消息内容").fill("第二句")
    other.get_by_role("button", name="发送").click()
    expect(writer.locator(".message").last).to_contain_text("第二句")
    expect(writer.get_by_label("消息内容")).to_have_value("没写完")
    assert was_not_reloaded(writer)
    assert was_not_reloaded(reader)


def calls(cast: Cast, agent: User, customer: Customer) -> None:
    """What telephony does when an agent answers."""
    person = User.objects.get(pk=agent.pk)
    contact = channels.journal_contact(
        by=person, channel="hotline", subject="来电", caller_number="0571-8888 8888", customer=customer
    )
    customer_arrived.send(Contact, contact=contact, agent=person)


def test_a_call_is_said_on_the_answering_agents_page_only_and_opens_everything_about_the_customer(cast, window_of):
    customer = customers.create_customer(
        by=cast.agent, name="王小明", region=cast.east, accounts=[NewAccount("0571-8888 8888", "landline")]
    )
    desk, neighbour = window_of(cast.agent, "/"), window_of(cast.second_agent, "/")
    listens(desk)
    listens(neighbour)
    desk.locator("input[name=q]").fill("正在找")
    calls(cast, cast.agent, customer)
    said = desk.locator("[data-arrival] a")
    expect(said).to_contain_text("王小明")
    expect(desk.locator("input[name=q]")).to_have_value("正在找")
    assert was_not_reloaded(desk), "without the wish nothing is taken from under the hands"
    said.click()
    expect(desk).to_have_url(re.compile(rf"/customers/{customer.number}/360/"))
    expect(desk.locator("h1")).to_contain_text("王小明")
    expect(neighbour.locator("[data-arrival]")).to_have_count(0)
    assert was_not_reloaded(neighbour)


def test_who_wishes_it_goes_to_the_customer_at_once_unless_something_was_typed(cast, window_of):
    customer = customers.create_customer(
        by=cast.agent, name="王小明", region=cast.east, accounts=[NewAccount("0571-8888 8888", "landline")]
    )
    wishes = f"localStorage.setItem('onepoint-alerts-{cast.agent.pk}', JSON.stringify({{pop: true}}))"
    desk = window_of(cast.agent, "/", script=wishes)
    listens(desk)
    calls(cast, cast.agent, customer)
    expect(desk).to_have_url(re.compile(rf"/customers/{customer.number}/360/"))
    desk.goto(f"{desk.url.split('/customers/')[0]}/intake/")
    listens(desk)
    desk.locator("#id_description").press_sequentially("客户说")
    calls(cast, cast.agent, customer)
    expect(desk.locator("[data-arrival] a")).to_contain_text("王小明")
    expect(desk.locator("#id_description")).to_have_value("客户说")
