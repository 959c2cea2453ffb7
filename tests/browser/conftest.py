"""Chromium for the browser tests: Debian's, never a downloaded one. Absent: skipped, but a failure in CI."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import BrowserContext

from onepoint.accounts.models import User

# Playwright's synchronous API runs an event loop in this thread, which Django takes for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

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


@pytest.fixture
def enter(live_server, context: BrowserContext, client_of) -> Callable[[User], None]:
    """A function that logs the browser in as a person."""

    def log_in(user: User) -> None:
        cookie = client_of(user).cookies[settings.SESSION_COOKIE_NAME]
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])

    return log_in
