"""The customer portal on a phone, in both languages, from the complaint to the stars; and the form in a frame."""

import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, Page, expect

from cast import Cast
from onepoint.accounts.models import User
from onepoint.channels import services as channels
from onepoint.channels.models import OutgoingMessage
from onepoint.follow_ups.models import FollowUp
from onepoint.portal import services
from onepoint.portal.addressing import address_from
from onepoint.tickets import services as tickets
from onepoint.tickets.models import Ticket
from onepoint.tickets.services.categories import CategoryItems, SeverityItems
from onepoint.workflow import kernel
from onepoint.workflow import services as workflow
from onepoint.workflow.models import UserTask

pytestmark = pytest.mark.django_db(transaction=True)

NUMBER = "13900139000"
WORDS = {
    "zh-CN": {
        "complain": "投诉", "next": "下一步", "send": "提交请求", "see": "查看进度", "received": "已受理", "remind": "催一下",
        "told": "已告知处理人员您正在等待", "closed": "已结束", "good": "非常满意", "thanks": "感谢您的评价", "stars": "5 星",
    },
    "en-US": {
        "complain": "Complain", "next": "Next", "send": "Send my request", "see": "See how it goes on", "received": "Received",
        "remind": "Remind us", "told": "We have told the people in charge", "closed": "Closed", "good": "Very satisfied",
        "thanks": "Thank you for telling us", "stars": "5 of 5",
    },
}  # fmt: skip


@pytest.fixture
def open_house(cast: Cast) -> Cast:
    """The complaint process, one topic, and a gateway that is switched on: what waits in the outbox is read here."""
    bpmn = Path(kernel.__file__).parent / "delivered" / "complaint.bpmn"
    workflow.publish_version(workflow.deploy_version(bpmn.read_bytes(), by=None), by=None)
    severity = tickets.create_severity(
        SeverityItems(code="normal", rank=3, name="一般", standard="一般", answer_hours=48), by=None
    )
    items = CategoryItems(code="billing", name="计费", name_en="Billing", default_severity=severity)
    tickets.create_category(items, by=None)
    channels.create_gateway(provider="folder", name="短信", settings={"folder": "sms"}, by=None)
    return cast


@pytest.fixture(params=["zh-CN", "en-US"])
def locale(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def phone(browser: Browser, locale: str) -> Iterator[Page]:
    """A customer's telephone; a script error or a breach of the security policy fails the test."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale=locale)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.add_init_script(
        "document.addEventListener('securitypolicyviolation', (e) => console.error('policy: ' + e.violatedDirective))"
    )
    page.on("console", lambda message: faults.append(message.text) if "policy:" in message.text else None)
    yield page
    context.close()
    assert faults == []


def code_for(number: str) -> str:
    message = OutgoingMessage.objects.filter(address=address_from(number).key, is_confidential=True).latest("pk")
    found = re.search(r"\d{6}", message.text)
    assert found
    return found[0]


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def fill_in(page: Page) -> None:
    page.locator("[name=category]").select_option(index=1)
    page.locator("[name=text]").fill("话费突然多了两百元")
    page.locator("[name=region]").select_option(label=page.locator("[name=region] option").nth(1).inner_text())
    page.locator("[name=name]").fill("李四")
    page.locator("[name=address]").fill("139 0013 9000")
    page.locator("[name=reply_way][value=sms]").check()


def settle(ticket: Ticket, cast: Cast) -> None:
    """The house does its work."""

    def do(node: str, by: User, outcome: str, **inputs: object) -> None:
        task = UserTask.objects.live().get(subject_type="ticket", subject_id=ticket.pk, node_id=node)
        person = User.objects.get(pk=by.pk)
        workflow.complete_task(task, outcome=outcome, inputs=inputs, opinion="内部意见", by=person)

    do("coordinate", cast.coordinator, "departments_in_sequence", departments=[cast.network.pk])
    do("receive", cast.interface_person, "assign_handler", handler=cast.handler.pk)
    do("handle", cast.handler, "done")
    do("review", cast.interface_person, "approve")
    do("coordinate", cast.coordinator, "finish")


def test_a_customer_complains_follows_adds_reminds_and_rates(
    phone: Page, locale: str, open_house: Cast, live_server: object
) -> None:
    words, url = WORDS[locale], live_server.url  # type: ignore[attr-defined]
    phone.goto(f"{url}/portal/")
    assert fits(phone)
    phone.get_by_role("link", name=re.compile(f"^{words['complain']}")).click()
    expect(phone.locator("[name=kind][value=complaint]")).to_be_checked()
    fill_in(phone)
    phone.locator("[name=files]").set_input_files(
        [{"name": "账单.txt", "mimeType": "text/plain", "buffer": "多扣两百元".encode()}]
    )
    assert fits(phone)
    phone.get_by_role("button", name=words["next"]).click()
    phone.wait_for_url("**/portal/code/**")
    expect(phone.locator("main")).to_contain_text("139****9000")
    phone.locator("[name=digits]").fill(code_for(NUMBER))
    phone.get_by_role("button", name=words["send"]).click()
    phone.wait_for_url("**/portal/filed/**")
    ticket = Ticket.objects.get()
    expect(phone.locator("main")).to_contain_text(ticket.number)
    phone.get_by_role("link", name=words["see"]).click()
    expect(phone.locator(".public__path [aria-current]")).to_contain_text(words["received"])
    expect(phone.get_by_role("link", name="账单.txt")).to_be_visible()
    phone.locator("#add [name=text]").fill("今天又扣了一次")
    phone.locator("#add button[type=submit]").click()
    expect(phone.locator(".public__history")).to_contain_text("今天又扣了一次")
    phone.locator("#remind summary").click()
    phone.locator("#remind button[type=submit]").click()
    expect(phone.locator("#notices")).to_contain_text(words["told"])
    expect(phone.get_by_role("button", name=words["remind"])).to_be_disabled()
    settle(ticket, open_house)
    phone.reload()
    expect(phone.locator(".public__path [aria-current]")).to_contain_text(words["closed"])
    expect(phone.locator("body")).not_to_contain_text("内部意见")
    phone.get_by_label(words["good"], exact=True).check()
    phone.locator("#rate [name=text]").fill("处理得很快")
    assert fits(phone)
    phone.locator("#rate button[type=submit]").click()
    expect(phone.locator("#notices")).to_contain_text(words["thanks"])
    expect(phone.locator("main")).to_contain_text(words["stars"])
    assert FollowUp.objects.get(ticket=ticket).stars == 5
    assert fits(phone)


@pytest.mark.parametrize("locale", ["zh-CN"])
def test_what_was_written_is_still_there_after_a_reload_but_not_who_wrote_it(
    phone: Page, locale: str, open_house: Cast, live_server: object
) -> None:
    phone.goto(f"{live_server.url}/portal/file/")  # type: ignore[attr-defined]
    phone.locator("[name=text]").press_sequentially("话费突然多了")
    phone.locator("[name=name]").press_sequentially("李四")
    phone.wait_for_function("() => localStorage.getItem('onepoint-draft-portal-filing')?.includes('话费突然多了')")
    assert "李四" not in phone.evaluate("JSON.stringify(localStorage)")
    phone.reload()
    expect(phone.locator("[name=text]")).to_have_value("话费突然多了")
    expect(phone.locator("[name=name]")).to_have_value("")
    phone.get_by_role("button", name="重新填写").click()
    expect(phone.locator("[name=text]")).to_have_value("")


@pytest.fixture
def web_site(live_server: object) -> Iterator[str]:
    """Somebody's web site with the form in a frame; a server of its own, as browsers keep frames of others off this machine."""
    frame = f'<iframe src="{live_server.url}/portal/embed/?language=en" width="390" height="800"></iframe>'  # type: ignore[attr-defined]

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(f"<!doctype html><title>x</title>{frame}".encode())

        def log_message(self, format: str, *args: object) -> None:
            """Nothing to say."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_the_form_stands_in_a_frame_of_a_listed_web_site(browser: Browser, web_site: str, open_house: Cast) -> None:
    services.add_origin(origin=web_site, name="官网", by=open_house.admin)
    context = browser.new_context(locale="en-US")
    page = context.new_page()
    page.goto(f"{web_site}/help/")
    frame = page.frame_locator("iframe")
    frame.locator("[name=kind][value=complaint]").check()
    frame.locator("[name=category]").select_option(index=1)
    frame.locator("[name=text]").fill("charged twice")
    frame.locator("[name=region]").select_option(index=1)
    frame.locator("[name=name]").fill("Li")
    frame.locator("[name=address]").fill(NUMBER)
    frame.locator("[name=reply_way][value=sms]").check()
    frame.get_by_role("button", name="Next").click()
    expect(frame.locator("[name=digits]")).to_be_visible()
    frame.locator("[name=digits]").fill(code_for(NUMBER))
    frame.get_by_role("button", name="Send my request").click()
    expect(frame.locator("main")).to_contain_text("We have your request.")
    expect(frame.locator("main")).to_contain_text(Ticket.objects.get().number)
    context.close()


def test_no_other_web_site_shows_the_form(browser: Browser, web_site: str, open_house: Cast) -> None:
    context = browser.new_context(locale="en-US")
    page = context.new_page()
    with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
        page.goto(f"{web_site}/help/")
    expect(page.frame_locator("iframe").locator("form")).to_have_count(0)
    context.close()
