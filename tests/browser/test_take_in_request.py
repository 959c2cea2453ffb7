"""The intake with the keyboard alone, and what was typed after a reload."""

from pathlib import Path

import pytest
from playwright.sync_api import Error, Page, expect

from onepoint.channels.models import Contact
from onepoint.customers import services as customer_services
from onepoint.customers.models import Customer
from onepoint.customers.services import NewAccount
from onepoint.dynamic_forms import services as form_services
from onepoint.tickets import services as ticket_services
from onepoint.tickets.models import Category, Ticket
from onepoint.tickets.services.categories import CategoryItems, SeverityItems
from onepoint.workflow import kernel
from onepoint.workflow import services as workflow_services

pytestmark = pytest.mark.django_db(transaction=True)

SCHEMA = {"fields": [{"key": "account", "label": "宽带账号", "type": "text", "required": True}]}


@pytest.fixture
def house(cast):
    """A known customer, and a category that asks for a broadband account."""
    bpmn = Path(kernel.__file__).parent / "delivered" / "complaint.bpmn"
    workflow_services.publish_version(workflow_services.deploy_version(bpmn.read_bytes(), by=None), by=None)
    severity = ticket_services.create_severity(
        SeverityItems(code="normal", rank=3, name="一般", standard="一般", answer_hours=48), by=None
    )
    form = form_services.create_form(key="broadband", name="宽带专项", by=None)
    form_services.publish_version(form_services.draft_version(form, schema=SCHEMA, by=None), by=None)
    ticket_services.create_category(
        CategoryItems(code="slow", name="网速慢", name_en="Slow", form_key="broadband", default_severity=severity),
        by=None,
    )
    return customer_services.create_customer(
        by=cast.agent, name="王小明", region=cast.east, accounts=[NewAccount("0571-88888888", "landline")]
    )


@pytest.fixture
def intake(live_server, cast, house, enter, page: Page) -> Page:
    enter(cast.agent)
    page.goto(f"{live_server.url}/intake/")
    return page


def is_in(page: Page, selector: str) -> None:
    """Wait until the cursor is in a field (of a picker: its visible input)."""
    page.wait_for_function(
        "selector => document.activeElement?.matches(selector)"
        " || document.activeElement?.closest('.picker')?.previousElementSibling?.matches(selector)",
        arg=selector,
    )


def test_a_ticket_is_made_without_touching_the_mouse(intake, house):
    is_in(intake, "#id_q")
    intake.keyboard.type("+86 571 8888 8888")
    intake.keyboard.press("Enter")
    expect(intake.locator("#intake-customer")).to_contain_text(house.number)
    is_in(intake, "#id_category")
    intake.keyboard.type("wsm")
    expect(intake.locator(".picker__option")).to_have_count(1)
    intake.keyboard.press("Enter")
    is_in(intake, "#id_description")
    intake.keyboard.type("晚上网速很慢")
    account = intake.locator("[name=items-account]")
    expect(account).to_be_visible()
    account.press_sequentially("HZ-1")
    account.press("Enter")  # does not send
    intake.locator("#id_description").press("Control+Enter")
    intake.wait_for_url("**/tickets/TS*/")
    ticket = Ticket.objects.get()
    assert (ticket.customer, ticket.special_items) == (house, {"account": "HZ-1"})
    assert ticket.contact_phone == "+86 571 8888 8888"


@pytest.mark.parametrize("size", [(1366, 768), (390, 844)], ids=str)
def test_a_field_to_correct_is_not_hidden_by_the_buttons(intake, house, size):
    intake.set_viewport_size({"width": size[0], "height": size[1]})
    intake.locator("#id_q").fill("057188888888")
    intake.locator("#id_q").press("Enter")
    is_in(intake, "#id_category")
    intake.keyboard.type("wsm")
    expect(intake.locator(".picker__option")).to_have_count(1)
    intake.keyboard.press("Enter")
    expect(intake.locator("[name=items-account]")).to_be_visible()
    intake.evaluate("scrollTo(0, 0)")
    intake.locator("#id_description").fill("晚上网速很慢")
    intake.locator("#id_description").press("Control+Enter")
    expect(intake.locator(".field--invalid [name=items-account]")).to_be_focused()
    seen = """() => { const field = document.activeElement, box = field.getBoundingClientRect();
        return document.elementFromPoint(box.left + 8, box.bottom - 4) === field }"""
    intake.wait_for_function(seen)


def test_somebody_unknown_becomes_a_customer_without_the_mouse(intake):
    intake.keyboard.type("139 1111 2222")
    intake.keyboard.press("Enter")
    is_in(intake, "#id_new_name")
    intake.keyboard.type("赵六")
    intake.locator("#id_description").fill("问营业时间")
    intake.locator("button[value=solve]").click()
    intake.wait_for_url("**/intake/")
    expect(intake.locator(".notices")).to_contain_text(Contact.objects.get().number)
    assert Contact.objects.get().customer == Customer.objects.get(name="赵六")


def test_the_arrows_choose_among_several(intake, cast, house):
    other = customer_services.create_customer(by=cast.agent, name="王小虎", region=cast.east)
    intake.keyboard.type("王小")
    expect(intake.locator("[data-candidate]")).to_have_count(2)
    intake.keyboard.press("ArrowDown")
    chosen = intake.locator("li[aria-selected=true] [data-candidate]")
    name = chosen.inner_text()
    intake.keyboard.press("Enter")
    expect(intake.locator("#id_customer")).to_have_value({"王小明": house.number, "王小虎": other.number}[name])


def test_what_was_typed_is_still_there_after_a_reload_and_gone_after_sending(intake, house):
    intake.keyboard.type("057188888888")
    intake.keyboard.press("Enter")
    is_in(intake, "#id_category")
    intake.keyboard.type("wsm")
    expect(intake.locator(".picker__option")).to_have_count(1)
    intake.keyboard.press("Enter")
    intake.locator("#id_description").fill("晚上网速很慢")
    intake.locator("[name=items-account]").fill("HZ-1")
    key = intake.locator("[name=request_key]").input_value()
    intake.wait_for_function("() => Object.values(localStorage).some(text => text.includes('HZ-1'))")
    intake.on("dialog", lambda dialog: dialog.accept())
    intake.reload()
    expect(intake.locator("#id_description")).to_have_value("晚上网速很慢")
    expect(intake.locator("#intake-customer")).to_contain_text(house.number)
    expect(intake.locator("[name=items-account]")).to_have_value("HZ-1")
    expect(intake.locator("[name=request_key]")).to_have_value(key)
    intake.locator("button[value=ticket]").click()
    intake.wait_for_url("**/tickets/TS*/")
    intake.goto(intake.url.split("/tickets/")[0] + "/intake/")
    expect(intake.locator("#id_q")).to_be_focused()
    expect(intake.locator("#id_description")).to_have_value("")


def test_what_was_sent_but_never_arrived_comes_back(intake, live_server):
    intake.locator("#id_description").fill("网络断了")
    intake.context.set_offline(True)
    with pytest.raises(Error, match="DISCONNECTED"), intake.expect_navigation():
        intake.locator("button[value=solve]").click()
    intake.context.set_offline(False)
    intake.goto(f"{live_server.url}/intake/")
    expect(intake.locator("#id_description")).to_have_value("网络断了")
    intake.locator("button[value=solve]").click()
    expect(intake.locator(".notices")).to_contain_text(Contact.objects.get().number)


def test_a_draft_can_be_thrown_away(intake):
    intake.locator("#id_description").fill("写到一半")
    intake.wait_for_function("() => Object.values(localStorage).some(text => text.includes('写到一半'))")
    intake.on("dialog", lambda dialog: dialog.accept())
    intake.reload()
    intake.get_by_role("button", name="重新填写").click()
    expect(intake.locator("#id_description")).to_have_value("")


def test_the_desk_is_walked_with_j_k_and_enter(live_server, cast, house, enter, page: Page):
    for title in ("甲", "乙"):
        new = ticket_services.NewTicket(
            kind="complaint", category=Category.objects.get(code="slow"), title=title, channel="hotline", customer=house
        )
        ticket_services.create_ticket(new, by=cast.agent)
    enter(cast.coordinator)
    page.goto(f"{live_server.url}/?kind=pool")
    rows = page.locator("tr[data-href]")
    expect(rows).to_have_count(2)
    page.keyboard.press("j")
    page.keyboard.press("j")
    target = rows.nth(1).get_attribute("data-href")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{target}")
