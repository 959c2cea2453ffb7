"""An administrator sets up a department, a colleague and a category; then the colleague works with them."""

import re

import pytest
from playwright.sync_api import Browser, expect

from browser.house import RUNNING_HOUSE
from browser.seat import Seat, Seats, log_in

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(RUNNING_HOUSE), reason="would leave a unit and a person in a running house"),
]
OWN_PASSWORD = "Eigenes-Wort-2026"


def choose(seat: Seat, field: str, name: str) -> None:
    """Pick a choice in a picker by what it says."""
    box = seat.page.locator(f"#id_{field} + .picker .picker__input")
    box.click()
    box.fill(name)
    seat.page.locator(f"#id_{field} + .picker .picker__option", has_text=name).first.click()


def follow_way(seat: Seat, group: str, entry: str) -> None:
    """By the sidebar, where groups of what is set up seldom are folded at first."""
    section = seat.go("/").get_by_role("button", name=group, exact=True)
    if section.get_attribute("aria-expanded") == "false":
        section.click()
    seat.page.get_by_role("link", name=entry, exact=True).click()


def make_unit(seat: Seat) -> None:
    follow_way(seat, "系统管理", "机构")
    seat.page.get_by_role("link", name="新建机构").click()
    for field, text in {"code": "east-hotline2", "name": "东市热线二班", "name_en": "East hotline team 2"}.items():
        seat.page.locator(f"#id_{field}").fill(text)
    choose(seat, "parent", "东市客服中心")
    seat.page.locator("#id_kind").select_option("team")
    choose(seat, "region", "东市")
    seat.page.get_by_role("button", name="保存").click()
    expect(seat.page.get_by_role("heading", name="东市热线二班")).to_be_visible()


def make_person(seat: Seat) -> str:
    """Gives the password the page shows once."""
    follow_way(seat, "系统管理", "人员")
    seat.page.get_by_role("link", name="新建人员").click()
    for field, text in {
        "username": "A1024",
        "name": "新同事",
        "name_en": "New Colleague",
    }.items():
        seat.page.locator(f"#id_{field}").fill(text)
    choose(seat, "unit", "东市热线二班")
    seat.page.get_by_role("button", name="保存").click()
    password = seat.page.locator("#first-password").inner_text()
    seat.page.locator("#main a.btn-primary").click()
    seat.page.locator("#grant summary").click()
    seat.page.locator("#id_role").select_option(label="坐席")
    seat.page.locator("#grant button").last.click()
    expect(seat.page.locator("#roles")).to_contain_text("坐席")
    return password


def make_category(seat: Seat) -> None:
    follow_way(seat, "业务设计", "业务分类")
    seat.page.get_by_role("link", name="新建分类").first.click()
    for field, text in {"code": "bl_test", "name": "电子发票开错", "name_en": "Wrong e-invoice"}.items():
        seat.page.locator(f"#id_{field}").fill(text)
    choose(seat, "parent", "计费与账单")
    seat.page.locator("#id_form_key").select_option("billing_dispute")
    seat.page.get_by_role("button", name="保存").click()
    expect(seat.page.get_by_role("heading", name="电子发票开错")).to_be_visible()


def test_a_new_colleague_registers_a_ticket_in_a_new_category(seats: Seats, browser: Browser) -> None:
    make_unit(seats["admin"])
    first_password = make_person(seats["admin"])
    make_category(seats["admin"])

    page = browser.new_page(locale="zh-CN")
    log_in(page, seats.house.url, "A1024", first_password)
    expect(page).to_have_url(re.compile("/profile/password/"))
    page.goto(f"{seats.house.url}/tickets/")
    expect(page).to_have_url(re.compile("/profile/password/"))
    for field, text in {"old": first_password, "new": OWN_PASSWORD, "again": OWN_PASSWORD}.items():
        page.locator(f"#id_{field}").fill(text)
    page.keyboard.press("Enter")
    expect(page).not_to_have_url(re.compile("/profile/password/"))

    page.goto(f"{seats.house.url}/intake/?phone={seats.house.phone}")
    page.locator("#candidates [data-candidate]").click()
    box = page.locator("#id_category + .picker .picker__input")
    box.fill("dzfp")
    expect(page.locator(".picker__option")).to_have_text(re.compile("电子发票开错"))
    box.press("Enter")
    for name, text in {"number": "13800138000", "month": "2026-10", "amount": "100"}.items():
        page.locator(f"[name='items-{name}']").fill(text)
    page.locator("[name='items-wants']").select_option("explain")
    page.locator("#id_description").fill("发票抬头开错，要求重开。")
    page.get_by_role("button", name="创建工单").click()
    expect(page.locator("#main")).to_contain_text("电子发票开错")
    number = page.url.rstrip("/").rsplit("/", 1)[-1]
    page.close()
    assert number in seats["coordinator"].todo()
    assert number not in seats["outsider"].todo()
