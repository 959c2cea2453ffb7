"""Words people write (names, titles, opinions, notes, file names …) are markup nowhere: on every page of the house as the
server writes it, and in a real browser on those that scripts go on working on (reliability X1)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from lxml import html
from playwright.sync_api import Browser, Page

from access.addresses import ADDRESSES
from access.house import PHONE, House, furnish
from access.test_walk_every_address import visits
from cast import Cast
from hostile.written_words import room_of, write_everywhere, write_into_special_items
from onepoint.accounts import permissions
from onepoint.accounts.models import OrgUnit, Role, User
from onepoint.accounts.states import DataScope
from onepoint.channels import services as channels
from onepoint.core.models import Attachment
from onepoint.portal import services as portal
from onepoint.portal.addressing import address_from
from onepoint.portal.views.guard import COOKIE
from onepoint.workflow import services as workflow
from portal.conftest import code_sent_to, forget_limits
from tickets.conftest import (  # noqa: F401  (fixtures)
    broadband_form,
    categories,
    complaint_process,
    files_of_this_test,
    severities,
)

pytestmark = pytest.mark.django_db(transaction=True)

#: Ends an attribute in either kind of quotes, an element, a script and a template; short enough for every field.
WORDS = "\"'></b><img src=x onerror=hit()>"
#: Pages on which scripts and fragments go on after the server is done.
LIVELY = (
    "desk ticket-list ticket-detail ticket-print customer-list customer-detail customer-360 contact-list contact-detail"
    " mail-list-all mail-detail text-list-all scan-detail chat-detail chat-live conversation-list operation-instance"
    " visit-detail hidden-risk-detail regulator-case-detail intake"
).split()


@pytest.fixture
def house(cast: Cast, categories: Any, broadband_form: Any, complaint_process: None) -> House:  # noqa: F811
    # What is copied from names when something happens holds them as well.
    User.objects.update(name=WORDS, name_en=WORDS)
    OrgUnit.objects.update(name=WORDS, name_en=WORDS)
    for name in ("agent", "second_agent", "handler", "outsider", "deputy", "admin"):
        getattr(cast, name).refresh_from_db()
    furnished = furnish(cast, categories, broadband_form)
    channels.create_gateway(provider="folder", name="短信", settings={"folder": "sms"}, by=None)
    task = furnished.east.task
    coordinator = User.objects.get(pk=cast.coordinator.pk)
    workflow.complete_task(
        task,
        outcome="departments_in_sequence",
        inputs={"departments": [cast.network.pk]},
        opinion=WORDS,
        by=coordinator,
    )
    assert write_everywhere(lambda field: WORDS if room_of(field) >= len(WORDS) else "") > 60
    write_into_special_items(WORDS)
    Attachment.objects.exclude(subject_type="incoming_mail").update(name=f"{WORDS}.png")
    return furnished


@pytest.fixture
def reader(house: House) -> User:
    """Somebody who may see every page and everything on it."""
    role = Role.objects.get(code="admin")
    role.permissions, role.data_scope = [one.code for one in permissions.all_permissions()], DataScope.ALL
    role.save()
    return User.objects.get(pk=house.cast.admin.pk)


def injected(page: str) -> list[str]:
    """Elements that only those words can have made."""
    tree = html.fromstring(page)
    return [html.tostring(one, encoding="unicode")[:200] for one in tree.xpath("//*[@onerror] | //img[@src='x']")]


def pages(house: House) -> Iterator[tuple[str, str]]:
    for name, entry in ADDRESSES.items():
        for side, arguments in visits(house, entry):
            if side in ("", "east"):
                yield name, reverse(name, args=arguments) + entry.query


def walk_as_written(client: Client, house: House) -> tuple[dict[str, Any], int]:
    """By page: what became markup; and on how many pages the words stood as words."""
    faults: dict[str, Any] = {}
    shown = 0
    for name, url in pages(house):
        answer = client.get(url)
        if answer.status_code >= 500:
            faults[name] = answer.status_code
        if answer.status_code != 200 or "html" not in answer.headers.get("Content-Type", ""):
            continue
        text = b"".join(answer.streaming_content).decode() if answer.streaming else answer.content.decode()
        if text.strip() and (found := injected(text)):
            faults[name] = found
        shown += "&lt;img src=x onerror=hit()&gt;" in text
    return faults, shown


def watched(page: Page, faults: list[str]) -> None:
    """What goes wrong in a window, and the flag a script of theirs would raise."""
    page.add_init_script(
        "window.hits = 0; window.hit = () => { window.hits += 1 };"
        "document.addEventListener('securitypolicyviolation', (e) => console.error('policy: ' + e.violatedDirective))"
    )
    page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
    page.on("dialog", lambda dialog: faults.append(f"{page.url}: {dialog.message}"))
    page.on("console", lambda line: faults.append(f"{page.url}: {line.text}") if "policy:" in line.text else None)


def look(page: Page, url: str, faults: list[str]) -> bool:
    """Open a page and let everything on it load; whether the words can be read on it."""
    page.goto(url, wait_until="load")
    page.mouse.wheel(0, 4000)  # what is loaded once it is seen
    page.wait_for_timeout(400)  # the line for news stays open: there is no end of loading to wait for
    if page.evaluate("window.hits || document.querySelectorAll('[onerror], img[src=x]').length"):
        faults.append(f"{url}: became markup")
    return bool(page.evaluate("document.documentElement.innerText.includes('<img src=x onerror=hit()>')"))


def test_words_of_people_are_words_on_every_page_and_in_the_browser(
    browser: Browser, live_server: Any, client_of: Any, house: House, reader: User
) -> None:
    client = client_of(reader)
    faults, shown = walk_as_written(client, house)
    assert faults == {}
    assert shown > 80  # the words do get there

    noted: list[str] = []
    urls = dict(pages(house))
    context = browser.new_context(locale="zh-CN", viewport={"width": 1366, "height": 768})
    context.add_cookies(
        [{"name": "sessionid", "value": client.cookies[settings.SESSION_COOKIE_NAME].value, "url": live_server.url}]
    )
    page = context.new_page()
    watched(page, noted)
    silent = [name for name in LIVELY if not look(page, f"{live_server.url}{urls[name]}", noted)]
    context.close()
    assert noted == []
    assert set(silent) <= {"intake"}

    customer = browser.new_context(locale="zh-CN", viewport={"width": 390, "height": 844})
    customer.add_cookies([{"name": COOKIE, "value": secret_of_customer(), "url": f"{live_server.url}/portal/"}])
    phone = customer.new_page()
    watched(phone, noted)
    assert look(phone, f"{live_server.url}/portal/requests/{house.east.ticket.number}/", noted)
    customer.close()
    assert noted == []


def secret_of_customer() -> str:
    """The cookie of a customer who came in by a code."""
    forget_limits()
    code = portal.ask_code(address_from(PHONE), network="203.0.113.5", by=None)
    return portal.enter_code(code, digits=code_sent_to(PHONE), network="203.0.113.5").secret
