"""Two people at one ticket: each sees the other, both save, nothing is lost; and drafts outlive the browser."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, expect

from onepoint.accounts.models import User
from onepoint.core import presence
from onepoint.core.models import Draft
from onepoint.tickets import services
from onepoint.tickets.models import Ticket
from onepoint.tickets.services.categories import CategoryItems, SeverityItems
from onepoint.workflow import kernel
from onepoint.workflow import services as workflow_services
from onepoint.workflow.models import UserTask

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ticket(cast) -> Ticket:
    """A complaint of East that nobody has taken on."""
    bpmn = Path(kernel.__file__).parent / "delivered" / "complaint.bpmn"
    workflow_services.publish_version(workflow_services.deploy_version(bpmn.read_bytes(), by=None), by=None)
    severity = services.create_severity(
        SeverityItems(code="normal", rank=3, name="一般", standard="一般", answer_hours=48), by=None
    )
    category = services.create_category(CategoryItems(code="slow", name="网速慢", default_severity=severity), by=None)
    new = services.NewTicket(kind="complaint", category=category, title="网速慢", channel="hotline", description="原文")
    return services.create_ticket(new, by=cast.agent)


@pytest.fixture
def browser_of(browser: Browser, live_server, client_of) -> Iterator[Callable[[User], BrowserContext]]:
    """A function giving a person a browser of their own."""
    contexts: list[BrowserContext] = []

    def opened(user: User) -> BrowserContext:
        cookie = client_of(user).cookies[settings.SESSION_COOKIE_NAME]
        context = browser.new_context(locale="zh-CN", viewport={"width": 1366, "height": 768})
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        contexts.append(context)
        return context

    yield opened
    for context in contexts:
        context.close()


def held_by(ticket: Ticket, person: User) -> UserTask:
    task = UserTask.objects.live().get(subject_type="ticket", subject_id=ticket.pk)
    workflow_services.claim_task(task, by=person)
    return task


def write(page: Page, **values: str) -> None:
    for name, value in values.items():
        page.locator(f"[name={name}]").fill(value)


def test_two_people_save_one_ticket_and_nothing_is_lost(live_server, cast, ticket, browser_of) -> None:
    """The same person at two desks holds the step; what was typed at the second is chosen field by field."""
    held_by(ticket, cast.coordinator)
    first, second = browser_of(cast.coordinator).new_page(), browser_of(cast.coordinator).new_page()
    address = f"{live_server.url}{ticket.get_absolute_url()}correct/"
    for page in (first, second):
        page.goto(address)
    write(first, title="甲写的标题")
    write(second, title="乙写的标题", description="乙写的描述")
    first.get_by_role("button", name="保存", exact=True).click()
    first.wait_for_url(f"**{ticket.get_absolute_url()}")
    second.get_by_role("button", name="保存", exact=True).click()
    expect(second.get_by_role("heading", level=1)).to_have_text("已有人先保存")
    table = second.locator("table")
    for text in ("甲写的标题", "乙写的标题", "网速慢", "乙写的描述", "原文"):
        expect(table).to_contain_text(text)
    second.locator("[name=choice-title][value=theirs]").check()
    second.get_by_role("button", name="按所选保存").click()
    second.wait_for_url(f"**{ticket.get_absolute_url()}")
    ticket.refresh_from_db()
    assert (ticket.title, ticket.description, ticket.version) == ("甲写的标题", "乙写的描述", 3)


def test_people_at_one_ticket_see_each_other(live_server, cast, ticket, browser_of) -> None:
    held_by(ticket, cast.coordinator)
    agent, coordinator = browser_of(cast.agent).new_page(), browser_of(cast.coordinator).new_page()
    agent.goto(f"{live_server.url}{ticket.get_absolute_url()}")
    coordinator.goto(f"{live_server.url}{ticket.get_absolute_url()}correct/")
    expect(coordinator.locator(".presence")).to_contain_text("安坐席")
    agent.reload()
    expect(agent.locator(".presence")).to_contain_text("正在编辑本工单")
    coordinator.close()
    agent.wait_for_timeout(500)
    assert [one.actor_name for one in presence.others_at(f"ticket:{ticket.pk}", by=cast.agent)] == []


def test_an_opinion_outlives_the_browser_it_was_typed_in(live_server, cast, ticket, browser_of) -> None:
    task = held_by(ticket, cast.coordinator)
    address = f"{live_server.url}{ticket.get_absolute_url()}"
    desk = browser_of(cast.coordinator)
    page = desk.new_page()
    page.goto(address)
    page.locator(f"#opinion-{task.pk}").press_sequentially("写了一半的意见")
    page.wait_for_function("() => new Promise(done => setTimeout(() => done(true), 1200))")
    desk.close()
    assert "写了一半的意见" in str(Draft.objects.get().content)
    elsewhere = browser_of(cast.coordinator).new_page()
    elsewhere.goto(address)
    expect(elsewhere.locator(f"#opinion-{task.pk}")).to_have_value("写了一半的意见")
    elsewhere.get_by_role("button", name="放弃").click()
    expect(elsewhere.locator(f"#opinion-{task.pk}")).to_have_value("")
    elsewhere.reload()
    expect(elsewhere.locator(f"#opinion-{task.pk}")).to_have_value("")
    assert not Draft.objects.exists()


def test_a_ticket_prints_on_pages_of_paper(live_server, cast, ticket, browser_of) -> None:
    page = browser_of(cast.agent).new_page()
    page.goto(f"{live_server.url}{ticket.get_absolute_url()}print/")
    page.emulate_media(media="print")
    expect(page.locator(".side")).to_be_hidden()
    expect(page.locator(".paper__tools")).to_be_hidden()
    expect(page.locator(".paper")).to_contain_text(ticket.number)
    assert page.pdf(format="A4").startswith(b"%PDF")
