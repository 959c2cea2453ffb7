"""A decision table drawn in the browser, saved by itself, tried and published."""

import pytest
from playwright.sync_api import Page, expect

from cast import Cast
from onepoint.workflow import services
from onepoint.workflow.designing import decisions

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_rule_is_added_saved_tried_and_published(live_server, page: Page, enter, cast: Cast) -> None:
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    services.create_decision(key="routing", name="分派", name_en="", by=cast.admin)
    enter(cast.admin)
    page.goto(f"{live_server.url}/decisions/routing/draw/")
    expect(page.locator('[data-island="decision-table"][data-ready="true"]')).to_be_visible()
    expect(page.locator(".decision-table")).to_contain_text("命中策略")
    cells = page.locator(".decision-table tbody td.input-cell")
    cells.first.click()
    page.keyboard.press("Control+a")
    page.keyboard.type('"minor"')
    page.locator(".decision-table tfoot.add-rule").click()
    expect(page.locator(".decision-table tbody td.rule-index")).to_have_count(2)
    cells.nth(1).click()
    page.keyboard.type('"high"')
    page.locator(".decision-table tbody td.output-cell").nth(1).click()
    page.keyboard.type('"urgent"')
    page.locator("h1").click()
    expect(page.locator("[data-saved]")).to_have_attribute("data-saved", "true")
    page.get_by_role("link", name="试算与发布").click()
    page.get_by_label("severity").fill("high")
    page.get_by_role("button", name="计算").click()
    expect(page.locator("main")).to_contain_text("result = urgent")
    page.get_by_role("button", name="发布").click()
    expect(page.locator(".notice--success")).to_be_visible()
    found = decisions.table_in_force("routing")
    assert found is not None
    assert found[0].decide({"severity": "minor"}).value == {"result": "normal"}
    assert faults == []


def test_what_the_editor_shows_breaks_no_rule_of_the_page_and_covers_what_lies_below(
    live_server, page: Page, enter, cast: Cast
) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    services.create_decision(key="routing", name="分派", name_en="", by=cast.admin)
    enter(cast.admin)
    page.goto(f"{live_server.url}/decisions/routing/draw/")
    page.locator(".decision-table th.input-cell").first.dblclick()
    menu = page.locator(".decision-table .context-menu")
    expect(menu.locator(".cm-editor")).to_be_visible()  # the formula asked about
    expect(menu).not_to_have_css("background-color", "rgba(0, 0, 0, 0)")
    assert said == []


def test_columns_are_read_and_named_in_english_beside_their_chinese_names(
    live_server, page: Page, enter, cast: Cast
) -> None:
    definition = services.create_decision(key="routing", name="分派", name_en="Routing", by=cast.admin)
    cast.admin.language = "en"
    cast.admin.save(update_fields=["language"])
    begun = (
        decisions.starter("routing", "分派")
        .replace("<output ", '<output label="去向" ')
        .replace('<input id="input_1"', '<input id="input_1" xmlns:op="urn:onepoint:bpmn" op:labelEn="Gravity"')
    )
    services.save_decision(definition, begun, number=1, revision=1, by=cast.admin)
    enter(cast.admin)
    page.goto(f"{live_server.url}/decisions/routing/draw/")
    asked = page.locator(".decision-table th.input-cell")
    expect(asked).to_contain_text("Gravity")
    page.locator(".decision-table th.output-cell").dblclick()
    label = page.locator(".decision-table .context-menu [contenteditable]").first
    label.fill("Goes to")
    page.locator("h1").click()
    expect(page.locator("[data-saved]")).to_have_attribute("data-saved", "true")
    saved, _problems = decisions.read(decisions.table_to_edit(definition).dmn)
    assert saved is not None
    assert [(one.label, one.label_en) for one in (*saved.inputs, *saved.outputs)] == [
        ("投诉级别", "Gravity"), ("去向", "Goes to"),
    ]  # fmt: skip
    page.goto(f"{live_server.url}/decisions/routing/")
    expect(page.locator("thead").first).to_contain_text("→ Goes to")
