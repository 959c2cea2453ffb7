"""Somebody who reads English draws a process whose names are Chinese."""

import pytest
from defusedxml.ElementTree import fromstring
from playwright.sync_api import Page, expect

from cast import Cast
from onepoint.workflow import queries, services

pytestmark = pytest.mark.django_db(transaction=True)

NAME_EN = "{urn:onepoint:bpmn}nameEn"


@pytest.fixture
def canvas(live_server, page: Page, enter, starter, cast: Cast) -> Page:
    """The designer in English, with a copy of the delivered process of complaints."""
    cast.admin.language = "en"
    cast.admin.save(update_fields=["language"])
    services.create_process(key="copied", name="抄来的", name_en="", template="complaint", by=cast.admin)
    enter(cast.admin)
    page.goto(f"{live_server.url}/processes/copied/design/")
    expect(page.locator('.designer[data-ready="true"]')).to_be_visible()
    return page


def name_of(page: Page, element: str):
    return page.locator(f'[data-element-id="{element}"] .djs-visual text')


def rename(page: Page, element: str, was: str, name: str) -> None:
    page.locator(f'[data-element-id="{element}"] .djs-hit').first.dblclick()
    typed = page.locator(".djs-direct-editing-content")
    expect(typed).to_have_text(was)
    typed.fill(name)
    typed.press("Enter")


def saved_names(page: Page) -> dict[str, tuple[str | None, str | None]]:
    expect(page.locator("[data-saved]")).to_have_attribute("data-saved", "true")
    definition = queries.find_definition("copied")
    assert definition is not None
    root = fromstring(definition.draft.bpmn)
    return {element.get("id", ""): (element.get("name"), element.get(NAME_EN)) for element in root.iter()}


def test_the_canvas_shows_english_names_and_keeps_the_chinese_ones(canvas: Page) -> None:
    expect(name_of(canvas, "coordinate")).to_have_text("Coordinate")
    expect(name_of(canvas, "received_label")).to_have_text("Received")
    rename(canvas, "coordinate", "Coordinate", "Decide")
    expect(name_of(canvas, "coordinate")).to_have_text("Decide")
    assert saved_names(canvas)["coordinate"] == ("工单协调", "Decide")


def test_a_label_taken_off_goes_in_both_languages_and_comes_back_with_undo(canvas: Page) -> None:
    label = canvas.locator('[data-element-id="received_label"] .djs-hit').first
    label.click()
    canvas.keyboard.press("Delete")
    expect(name_of(canvas, "received_label")).to_have_count(0)
    assert saved_names(canvas)["received"] == (None, None)
    canvas.keyboard.press("Control+z")
    expect(name_of(canvas, "received_label")).to_have_text("Received")


def test_a_step_is_found_by_its_english_name(canvas: Page) -> None:
    canvas.locator('[data-element-id="coordinate"] .djs-hit').first.click()
    canvas.keyboard.press("Control+f")
    canvas.locator(".djs-search-input input").press_sequentially("correct the")
    expect(canvas.locator(".djs-search-result")).to_have_count(1)
    canvas.keyboard.press("Enter")
    expect(canvas.locator('.designer__panel [data-path="name"]')).to_have_value("补正工单")
