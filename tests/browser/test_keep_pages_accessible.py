"""Every page of the sidebar, as the people who see most: readable, named, and no wider than the screen."""

from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from onepoint.core import navigation

FAULTS = (Path(__file__).parent / "faults.js").read_text()
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1366, "height": 768}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("who", "size"), [("admin", DESK), ("supervisor", DESK), ("agent", PHONE), ("coordinator", PHONE)]
)
def test_every_page_of_the_sidebar_can_be_read(live_server, cast, enter, page: Page, who, size):
    person = getattr(cast, who)
    enter(person)
    page.set_viewport_size(size)
    refused: list[str] = []
    page.on("pageerror", lambda error: refused.append(str(error)))
    page.on("console", lambda line: refused.append(line.text) if "Content Security Policy" in line.text else None)
    items = navigation.items_for(person)
    assert items
    faults = {}
    for url_name in [*[item.url_name for item in items], "profile", "password-change", "session-list"]:
        answer = page.goto(f"{live_server.url}{reverse(url_name)}")
        assert answer is not None
        found = page.evaluate(FAULTS) if answer.ok else [f"status {answer.status}"]
        if found:
            faults[url_name] = found
    assert faults == {}
    assert refused == []


def test_the_login_page_can_be_read(live_server, page: Page):
    page.goto(f"{live_server.url}/accounts/login/")
    assert page.evaluate(FAULTS) == []
