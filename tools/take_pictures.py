"""Takes the README's pictures from a running house with its demo: ``.venv/bin/python tools/take_pictures.py http://127.0.0.1:8000``."""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

PICTURES = Path(__file__).resolve().parents[1] / "docs" / "images"
PASSWORD = "Onepoint-2026"
SIZE = {"width": 1366, "height": 768}
LANGUAGES = {"zh": "zh-hans", "en": "en"}


def log_in(browser: Browser, address: str, person: str, language: str) -> Page:
    page = browser.new_context(viewport=SIZE, locale="zh-CN" if language == "zh" else "en-GB").new_page()
    page.goto(f"{address}/accounts/login/")
    page.fill("[name=login]", person)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_selector(".shell")
    switch = page.locator(f"button.lang[value='{LANGUAGES[language]}']")
    if switch.count():
        switch.click()
        page.wait_for_selector(f"button.lang:not([value='{LANGUAGES[language]}'])")
    return page


def take(page: Page, name: str, language: str) -> None:
    page.wait_for_load_state()
    page.wait_for_timeout(1500)  # the stream of live events keeps the network busy for good
    page.screenshot(path=PICTURES / f"{name}.{language}.png")


def take_desk_and_ticket(browser: Browser, address: str, language: str) -> None:
    page = log_in(browser, address, "wuh.coordinator", language)
    page.goto(f"{address}/?kind=done")
    take(page, "desk", language)
    page.goto(f"{address}/tickets/?status=alive&sort=-opened")
    for link in [link.get_attribute("href") for link in page.locator("tbody td:first-child a").all()]:
        page.goto(f"{address}{link}")
        if page.locator(".opinion").count() >= 2 and page.locator("input[name=outcome]").count():
            break
    page.locator("input[name=outcome]").first.check()
    take(page, "ticket", language)


def take_intake(browser: Browser, address: str, language: str) -> None:
    page = log_in(browser, address, "agent1", language)
    page.goto(f"{address}/tickets/?status=alive&sort=-opened")
    page.goto(f"{address}{page.locator('tbody td:first-child a').first.get_attribute('href')}")
    number = page.locator(".copy[data-copy]").last.get_attribute("data-copy") or ""
    page.goto(f"{address}/intake/")
    page.locator("#id_q").fill(number)
    page.locator("#candidates button").first.wait_for()
    page.keyboard.press("Enter")
    page.locator("#id_customer").wait_for(state="attached")
    category = page.locator("#id_category + .picker .picker__input")
    category.fill("xinhao")
    page.locator(".picker__option").first.wait_for()
    category.press("ArrowDown")
    category.press("Enter")
    page.locator("#intake-items fieldset").wait_for()
    said = {
        "zh": "客户说小区里手机没有信号，客厅只有一格。",
        "en": "No signal in the whole compound, one bar in the living room.",
    }
    page.locator("#id_description").fill(said[language])
    take(page, "intake", language)


def main(address: str) -> None:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for language in LANGUAGES:
            take_desk_and_ticket(browser, address, language)
            take_intake(browser, address, language)


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"))
