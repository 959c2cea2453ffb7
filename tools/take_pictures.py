"""Takes the README's pictures from a running house with its demo: ``.venv/bin/python tools/take_pictures.py http://127.0.0.1:8000``."""

import io
import re
import shutil
import sys
from pathlib import Path

from PIL import Image
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


def begin_anew(page: Page) -> None:
    """Throw away the draft of the time before, where one comes back."""
    page.wait_for_timeout(1500)
    if page.locator("form .notice.standing button").count():
        page.locator("form .notice.standing button").first.click()
        page.wait_for_timeout(1500)


def take(page: Page, name: str, language: str) -> None:
    page.wait_for_load_state()
    page.wait_for_timeout(1500)  # the stream of live events keeps the network busy for good
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    # A palette is enough for a screen and makes the file three times smaller.
    picture.quantize(128, dither=Image.Dither.NONE).save(PICTURES / f"{name}.{language}.png", optimize=True)


def links_of(page: Page, list_address: str) -> list[str]:
    page.goto(list_address)
    page.locator("tbody td:first-child a").first.wait_for()
    return [link.get_attribute("href") or "" for link in page.locator("tbody td:first-child a").all()]


def count_opinions(page: Page, address: str, link: str) -> int:
    """How much a ticket in one's hands shows; less than nothing where its step cannot be finished."""
    page.goto(f"{address}{link}")
    return page.locator(".opinion").count() if page.locator("input[name=outcome]").count() else -1


def take_desk_and_ticket(browser: Browser, address: str, language: str) -> None:
    page = log_in(browser, address, "wuh.coordinator", language)
    page.goto(f"{address}/?kind=done")
    take(page, "desk", language)
    opinions = {link: count_opinions(page, address, link) for link in links_of(page, f"{address}/?kind=mine")}
    page.goto(f"{address}{max(opinions, key=lambda link: opinions[link])}")
    begin_anew(page)
    page.locator("input[name=outcome]").first.check()
    take(page, "ticket", language)


def take_intake(browser: Browser, address: str, language: str) -> None:
    page = log_in(browser, address, "agent1", language)
    page.goto(f"{address}/customers/")
    number = re.findall(r"\b1\d{10}\b", page.locator("tbody").inner_text())[0]
    page.goto(f"{address}/intake/")
    begin_anew(page)
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


def take_designer(browser: Browser, address: str, language: str) -> None:
    page = log_in(browser, address, "designer", language)
    page.goto(f"{address}/processes/complaint/design/")
    page.locator('.designer[data-ready="true"]').wait_for()
    page.locator('[data-element-id="correct"] .djs-hit').first.click()
    take(page, "designer", language)


def take_quality(browser: Browser, address: str, language: str) -> None:
    page = log_in(browser, address, "op.quality", language)
    page.goto(f"{address}/measures/")
    take(page, "measures", language)
    page.goto(f"{address}{links_of(page, f'{address}/inspections/?which=results')[0]}")
    take(page, "inspection", language)


def main(address: str) -> None:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for language in LANGUAGES:
            take_desk_and_ticket(browser, address, language)
            take_intake(browser, address, language)
            take_designer(browser, address, language)
            take_quality(browser, address, language)


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"))
