import re

import pytest
from playwright.sync_api import Page, expect

from browser import island_pages

pytestmark = [pytest.mark.urls("browser.island_pages"), pytest.mark.django_db(transaction=True)]


@pytest.fixture
def visit(live_server, cast, enter, page: Page):
    """A function opening a page as the agent; refuses any script error or breach of the security policy."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console", lambda message: faults.append(message.text) if "Content Security Policy" in message.text else None
    )
    enter(cast.agent)
    island_pages.sent.clear()

    def open_page(path: str) -> Page:
        page.goto(f"{live_server.url}{path}")
        return page

    yield open_page
    assert faults == []


def test_a_select_is_searched_by_typing_and_chosen_by_keyboard(visit):
    page = visit("/form/")
    box = page.get_by_label("部门", exact=True)
    box.click()
    expect(page.get_by_role("option")).to_have_count(4)
    box.fill("计费")
    expect(page.get_by_role("option")).to_have_text(["计费中心"])
    box.press("Enter")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("已收到")).to_be_visible()
    assert island_pages.sent[0]["unit"] == ["2"]


def test_a_required_picker_refuses_to_be_empty(visit):
    page = visit("/form/")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_label("部门", exact=True)).to_be_focused()
    assert island_pages.sent == []


def test_the_cursor_stands_in_the_first_field_to_correct(visit):
    page = visit("/form/")
    page.evaluate("""() => {
        const form = document.querySelector('main form');
        form.noValidate = true;
        form.insertAdjacentHTML('beforeend', '<input type="hidden" name="refuse" value="1">');
        form.submit();
    }""")
    expect(page.get_by_text("有 1 处需要修改")).to_be_visible()
    expect(page.get_by_label("部门", exact=True)).to_be_focused()


def test_several_can_be_picked_and_removed(visit):
    page = visit("/form/")
    box = page.get_by_label("多个部门")
    for name in ("网络", "市场"):
        box.fill(name)
        expect(page.get_by_role("option")).to_have_count(1)
        box.press("Enter")
    page.get_by_role("button", name="移除 网络部").click()
    page.get_by_label("部门", exact=True).fill("装维")
    page.get_by_role("option").click()
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("已收到")).to_be_visible()
    assert island_pages.sent[0]["several"] == ["3"]


def test_a_picker_asks_the_server(visit):
    page = visit("/form/")
    box = page.get_by_label("客户")
    box.fill("nobody")
    expect(page.get_by_text("没有找到")).to_be_visible()
    box.fill("wang")
    page.get_by_role("option", name="王建国").click()
    expect(box).to_have_value("王建国")
    assert page.locator("select[name=remote]").input_value() == "7"


def test_a_dangerous_button_asks_first_and_sends_its_own_value(visit):
    page = visit("/form/")
    page.get_by_label("部门", exact=True).fill("网络")
    page.get_by_role("option").click()
    page.get_by_role("button", name="终止").click()
    page.get_by_role("dialog").get_by_role("button", name="取消").click()
    assert island_pages.sent == []
    page.get_by_role("button", name="终止").click()
    page.get_by_role("dialog").get_by_role("button", name="终止").click()
    expect(page.get_by_text("已收到")).to_be_visible()
    assert island_pages.sent[0]["verb"] == ["abort"]


def test_leaving_with_changes_asks(visit):
    page = visit("/form/")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_label("意见").press_sequentially("还没写完")
    page.evaluate("window.location.href = '/list/'")
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]


def test_rows_are_walked_with_j_and_k_and_opened_with_enter(visit):
    page = visit("/list/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator("tr.is-current")).to_contain_text("第2张")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("row="))


def test_a_list_is_sorted_in_place_and_the_address_follows(visit):
    page = visit("/list/")
    page.evaluate("window.stillHere = true")
    page.get_by_role("link", name="名称").click()
    expect(page.locator("tbody tr").first).to_contain_text("第3张")
    assert "sort=-name" in page.url
    assert page.evaluate("window.stillHere") is True


def test_a_list_narrows_while_one_types_and_the_address_stays_clean(visit):
    page = visit("/list/")
    box = page.get_by_role("searchbox", name="名称")
    box.press_sequentially("第2")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(box).to_be_focused()
    assert page.url.endswith("/list/?q=%E7%AC%AC2")
    page.go_back()
    expect(page.locator("tbody tr")).to_have_count(3)


def test_a_refusal_appears_as_a_toast_and_nothing_is_swapped(visit):
    page = visit("/list/")
    page.get_by_role("button", name="试", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("您的角色没有此权限")
    expect(page.locator("tbody tr")).to_have_count(3)


def test_what_happens_elsewhere_reloads_its_part_of_the_page(visit):
    page = visit("/list/")
    expect(page.locator("#live")).to_have_text("旧")
    page.evaluate("document.body.dispatchEvent(new CustomEvent('live:todo'))")
    expect(page.locator("#live")).to_have_text("新")


def test_the_question_mark_shows_the_shortcuts(visit):
    page = visit("/list/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="键盘快捷键")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="键盘快捷键")).to_be_hidden()


def test_the_navigation_folds_and_stays_folded(visit):
    page = visit("/list/")
    page.get_by_role("button", name="收起").click()
    expect(page.locator(".side__label").first).to_be_hidden()
    page.reload()
    expect(page.locator(".side__label").first).to_be_hidden()


def test_on_a_phone_the_navigation_is_a_drawer(visit):
    page = visit("/list/")
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator("#side")).not_to_be_in_viewport()
    page.get_by_role("button", name="主导航").click()
    expect(page.locator("#side")).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(page.locator("#side")).not_to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_process_picture_marks_where_it_is_and_was(visit):
    page = visit("/process/")
    expect(page.locator(".process[data-ready]")).to_be_visible()
    expect(page.locator('[data-element-id="answer"].node-now')).to_have_count(1)
    expect(page.locator('[data-element-id="ask"].node-done')).to_have_count(1)
    expect(page.locator('[data-element-id="one"].flow-taken')).to_have_count(1)
    expect(page.get_by_text("王工 · 2 小时")).to_be_visible()
