"""Chromium for the browser tests: Debian's, never a downloaded one. Absent: skipped, but a failure in CI."""

import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection
from playwright.sync_api import Browser, BrowserContext, expect

from browser.house import (
    CAST_WAITING,
    DEMO_LOGINS,
    DEMO_WAITING,
    DEMO_WAITING_WHILE_AWAY,
    RUNNING_HOUSE,
    House,
)
from browser.seat import Seats, log_in
from cast import PASSWORD, Cast
from journeys.house import PHONE, register_customer
from onepoint import demo
from onepoint.accounts.models import User
from onepoint.demo.starter import load_starter

# Playwright's synchronous API runs an event loop in this thread, which Django takes for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# The machine that runs the tests may be busy with others: wait longer than Playwright's five seconds.
expect.set_options(timeout=20_000)

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session", autouse=True)
def chromium() -> str:
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("browser tests are required in CI, and there is no Chromium")
        pytest.skip("no Chromium on this machine (Debian: apt install chromium fonts-noto-cjk)")
    if not (Path(settings.PACKAGE) / "static_build" / "manifest.json").exists():
        pytest.fail("the front end has not been built: run ./onepoint test, which builds it")
    return CHROMIUM


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict, chromium: str) -> dict:
    # Root may not use the sandbox, and CI runs as root.
    return {**browser_type_launch_args, "executable_path": chromium, "args": ["--no-sandbox"]}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict) -> dict:
    return {**browser_context_args, "viewport": {"width": 1366, "height": 768}, "locale": "zh-CN"}


@pytest.fixture(autouse=True)
def quiet_before_cleaning(_django_db_helper: None) -> Iterator[None]:
    """A page that closes still says so to the server; its tables are not emptied while that is being answered."""
    yield
    if connection.connection is None:
        return
    busy = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"
    for _attempt in range(50):
        time.sleep(0.1)
        with connection.cursor() as cursor:
            cursor.execute(busy)
            if cursor.fetchone() == (0,):
                return


@pytest.fixture
def enter(live_server, context: BrowserContext, client_of) -> Callable[[User], None]:
    """A function that logs the browser in as a person."""

    def log_in(user: User) -> None:
        cookie = client_of(user).cookies[settings.SESSION_COOKIE_NAME]
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])

    return log_in


@pytest.fixture(scope="session")
def hashed_password() -> str:
    """Slow on purpose, so once."""
    return make_password(PASSWORD)


@pytest.fixture
def starter(transactional_db: None) -> None:
    """What every installation starts with; before the cast, which then works with the delivered roles."""
    load_starter()


if RUNNING_HOUSE:

    def is_away(browser: Browser, part: str) -> bool:
        """Whether somebody stands in for this person of the demo now; the demo sends people away for some days."""
        page = browser.new_page(locale="zh-CN")
        log_in(page, RUNNING_HOUSE, DEMO_LOGINS[part], demo.PASSWORD)
        page.goto(f"{RUNNING_HOUSE}/profile/absences/")
        expect(page.locator("#main")).to_be_visible()
        away = page.locator("#main tbody .tag--good").count() > 0
        page.close()
        return away

    @pytest.fixture(scope="session")
    def house(browser: Browser) -> House:
        """The demo somebody has brought up; the caller is a subscriber of Wuhan from its customer list."""
        page = browser.new_page(locale="zh-CN")
        log_in(page, RUNNING_HOUSE, DEMO_LOGINS["coordinator"], demo.PASSWORD)
        page.goto(f"{RUNNING_HOUSE}/customers/")
        row = page.locator("tbody tr", has_text=re.compile(r"\b1\d{10}\b")).first
        phone = re.search(r"\b1\d{10}\b", row.inner_text())
        assert phone is not None
        customer = row.locator("a").nth(1).inner_text() if row.locator("a").count() > 1 else ""
        page.close()
        return House(
            RUNNING_HOUSE, demo.PASSWORD, DEMO_LOGINS, phone.group(), customer,
            network={"zh-hans": "武汉市网络维护中心", "en": "Wuhan Network Maintenance"},
            billing={"zh-hans": "武汉市计费账务室", "en": "Wuhan Billing Office"},
            waiting=DEMO_WAITING_WHILE_AWAY if is_away(browser, "interface_person") else DEMO_WAITING,
        )  # fmt: skip

else:

    @pytest.fixture
    def house(live_server: Any, starter: None, cast: Cast, hashed_password: str, tmp_path: Path) -> House:
        """The cast on the test server, with the real login form."""
        User.objects.update(password=hashed_password)
        names = ("agent second_agent coordinator interface_person deputy handler billing_interface billing_handler "
                 "visitor supervisor admin outsider").split()  # fmt: skip
        return House(
            live_server.url, PASSWORD, {name: name for name in names}, PHONE, register_customer(cast).name,
            network={"zh-hans": cast.network.name, "en": cast.network.name_en},
            billing={"zh-hans": cast.billing.name, "en": cast.billing.name_en},
            waiting=CAST_WAITING,
        )  # fmt: skip


@pytest.fixture
def language() -> str:
    """Chinese, unless a test says otherwise."""
    return "zh-hans"


@pytest.fixture
def seats(house: House, browser: Browser, browser_context_args: dict, language: str) -> Iterator[Seats]:
    """A browser for each person of the house; a script error or a breach of the security policy anywhere fails the test."""
    seats = Seats(house, browser, browser_context_args, language)
    yield seats
    assert seats.close() == []
