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
