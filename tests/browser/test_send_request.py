"""The intake as an agent uses it: what is typed stays, what is sent twice is made once."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from browser.house import RUNNING_HOUSE
from browser.seat import Seats

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(RUNNING_HOUSE), reason="counts rows, which in a running house change meanwhile"),
]

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cf"
    "500f0003860180b4a4fd4d0000000049454e44ae426082"
)


def find_customer(page: Page, phone: str) -> None:
    page.locator("#id_q").fill(phone)
    expect(page.locator("#candidates [data-candidate]")).to_have_count(1)
    page.locator("#id_q").press("Enter")
    expect(page.locator("input#id_customer")).to_have_value(re.compile(r"^C\d+"))
    # The cursor has gone on: what is filled in before that would be typed there.
    expect(page.locator("#id_category + .picker .picker__input")).to_be_focused()


def choose_category(page: Page, typed: str) -> None:
    box = page.locator("#id_category + .picker .picker__input")
    box.fill(typed)
    expect(page.locator(".picker__option")).to_have_count(1)
    box.press("Enter")


def test_a_request_solved_at_once_is_only_journaled(seats: Seats) -> None:
    page = seats["agent"].go("/intake/")
    find_customer(page, seats.house.phone)
    page.locator("#id_description").fill("查询本月话费余额，已告知。")
    page.get_by_role("button", name="当场解决，仅记录").click()
    expect(page.locator("#notices")).to_contain_text("已当场解决")
    assert seats["agent"].todo() == set()
    expect(seats["agent"].go("/tickets/").locator("#tickets tbody tr")).to_have_count(0)
    expect(seats["agent"].go("/contacts/").locator("#main tbody tr")).to_have_count(1)


def test_a_refused_form_keeps_everything_typed(seats: Seats) -> None:
    page = seats["agent"].go("/intake/")
    find_customer(page, seats.house.phone)
    choose_category(page, "重复扣费")
    expect(page.locator("[name='items-amount']")).to_be_visible()
    typed = {
        "#id_description": "同一笔流量包扣了两次。",
        "#id_title": "重复扣费",
        "#id_contact_name": "王先生",
        "#id_contact_phone": "这不是号码",
        "[name='items-number']": "13800138000",
        "[name='items-month']": "2026年10月",
        "[name='items-amount']": "39.90",
    }
    for field, text in typed.items():
        page.locator(field).fill(text)
    page.locator("#id_urgency").select_option("high")
    page.get_by_role("button", name="创建工单").click()
    expect(page.locator(".field__error")).not_to_have_count(0)
    errors = page.locator(".field--invalid .field__label").all_inner_texts()
    assert {label.rstrip("*").strip() for label in errors} == {"回复电话", "账期", "客户诉求"}
    for field, text in typed.items():
        expect(page.locator(field)).to_have_value(text)
    expect(page.locator("#id_urgency")).to_have_value("high")
    expect(page.locator("#id_category + .picker .picker__input")).to_have_value(re.compile("重复扣费"))
    expect(page.locator("#intake-customer")).to_contain_text(seats.house.customer)

    page.locator("#id_contact_phone").fill("0571-8888 8888")
    page.locator("[name='items-month']").fill("2026-10")
    page.locator("[name='items-wants']").select_option("explain")
    page.get_by_role("button", name="创建工单").click()
    expect(page).to_have_url(re.compile(r"/tickets/TS\d+/$"))
    for shown in ("39.9", "2026-10", "解释"):
        expect(page.locator("#main")).to_contain_text(shown)


def test_special_items_appear_and_are_asked_for_by_their_conditions(seats: Seats) -> None:
    page = seats["agent"].go("/intake/")
    find_customer(page, seats.house.phone)
    choose_category(page, "重复扣费")
    refund_to = page.locator("[data-item=refund_to]")
    expect(refund_to).to_be_hidden()
    page.locator("[name='items-wants']").select_option("refund")
    expect(refund_to).to_be_visible()
    page.locator("#id_description").fill("要求退费。")
    for name, text in (("number", "13800138000"), ("month", "2026-10"), ("amount", "20")):
        page.locator(f"[name='items-{name}']").fill(text)
    page.get_by_role("button", name="创建工单").click()
    expect(refund_to.locator(".field__error")).to_be_visible()
    page.locator("[name='items-refund_to']").select_option("balance")
    page.get_by_role("button", name="创建工单").click()
    expect(page.locator("#main")).to_contain_text("话费余额")


def test_a_double_click_makes_one_ticket(seats: Seats) -> None:
    page = seats["agent"].go("/intake/")
    find_customer(page, seats.house.phone)
    choose_category(page, "退订套餐")
    page.locator("#id_description").fill("不能退订。")
    page.get_by_role("button", name="创建工单").dblclick()
    expect(page).to_have_url(re.compile(r"/tickets/TS\d+/$"))
    expect(seats["agent"].go("/tickets/").locator("#tickets tbody tr")).to_have_count(1)


def test_a_form_sent_again_by_going_back_makes_no_second_ticket(seats: Seats) -> None:
    page = seats["agent"].go("/intake/")
    find_customer(page, seats.house.phone)
    choose_category(page, "退订套餐")
    page.locator("#id_description").fill("不能退订。")
    sent = page.evaluate("Object.fromEntries(new FormData(document.querySelector('#intake')))")
    page.get_by_role("button", name="创建工单").click()
    expect(page).to_have_url(re.compile(r"/tickets/TS\d+/$"))
    first = page.url
    again = seats["agent"].context.request.post(
        f"{seats.house.url}/intake/",
        form={**{name: value for name, value in sent.items() if isinstance(value, str)}, "do": "ticket"},
        headers={"Referer": first},
    )
    assert again.url == first


def test_a_file_is_added_seen_replaced_and_deleted(seats: Seats, tmp_path: Path) -> None:
    page = seats["agent"].go("/intake/")
    find_customer(page, seats.house.phone)
    choose_category(page, "退订套餐")
    page.locator("#id_description").fill("附上截图。")
    picture = FilePayload(name="截图.png", mimeType="image/png", buffer=PIXEL)
    page.locator("#id_attachments").set_input_files(picture)
    page.get_by_role("button", name="创建工单").click()
    files = page.locator("#files")
    expect(files).to_contain_text("截图.png")

    with page.expect_popup() as opened:
        files.locator("a[href$='?inline=1']").click()
    expect(opened.value.locator("img")).to_be_visible()
    opened.value.close()

    refused = FilePayload(name="截图.png", mimeType="image/png", buffer=b"MZ not a picture")
    files.locator("input[name=files][multiple]").set_input_files(refused)
    files.locator("button[type=submit]", has_text="上传附件").click()
    expect(page.locator(".notice--error, .field__error").first).to_be_visible()
    expect(page.locator("#files .files__item")).to_have_count(1)

    files.locator("summary").click()
    files.locator(".menu__sheet input[type=file]").set_input_files(picture | {"name": "新截图.png"})
    files.locator(".menu__sheet button", has_text="新版本").click()
    expect(page.locator("#files")).to_contain_text("新截图.png")
    files.locator("summary").click()
    with page.expect_download() as earlier:
        files.locator(".menu__sheet a").first.click()
    assert earlier.value.suggested_filename == "截图.png"

    # The version deleted was a mistake, so the earlier one stands again; then that goes too.
    for left in (1, 0):
        files.locator(".menu__sheet button", has_text="删除").click()
        page.get_by_role("dialog").get_by_role("button", name="删除").click()
        expect(page.locator("#notices .notice--success")).to_be_visible()
        expect(page.locator("#files .files__item")).to_have_count(left)
        if left:
            expect(files).not_to_contain_text("新截图.png")
            files.locator("summary").click()
