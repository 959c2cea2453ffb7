"""Designing a form and filling it in, in the browser."""

import pytest
from playwright.sync_api import Page, expect

from dynamic_forms.form_building import published
from onepoint.dynamic_forms import queries, services

pytestmark = pytest.mark.django_db(transaction=True)


def test_fields_appear_as_their_condition_comes_true_and_typing_is_kept(live_server, page: Page, enter, cast) -> None:
    published(cast.admin)
    enter(cast.admin)
    page.goto(f"{live_server.url}/forms/refund/versions/1/")
    amount = page.locator("[name=items-amount]")
    expect(amount).to_be_hidden()
    page.locator("[name=items-number]").fill("13800001111")
    page.locator("[name=items-wants]").select_option("refund")
    expect(amount).to_be_visible()
    amount.fill("200")
    account = page.locator("[data-item=account]")
    page.locator("[name=items-account]").focus()
    expect(account.locator(".field__label--required")).to_be_visible()
    page.locator("#trial button[type=submit]").click()
    expect(account.locator(".field__error")).to_be_visible()
    expect(page.locator("[name=items-number]")).to_have_value("13800001111")
    page.locator("[name=items-account]").fill("6222")
    page.locator("#trial button[type=submit]").click()
    expect(page.locator("dl.facts")).to_contain_text("¥200.00")


def settle(page: Page) -> None:
    """Wait until a swapped fragment reacts; a robot is quicker than the script that makes it do so."""
    # Not wait_for_function: the pages' security policy forbids evaluating its text.
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-added, .htmx-settling")).to_have_count(0)


def test_a_form_is_drawn_up_row_by_row_and_published(live_server, page: Page, enter, cast) -> None:
    form = services.create_form(key="repair", name="报修", by=cast.admin)
    services.draft_version(form, by=cast.admin)
    enter(cast.admin)
    page.goto(f"{live_server.url}/forms/repair/versions/1/edit/")
    page.get_by_role("button", name="添加字段").click()
    expect(page.locator("#field-1")).to_be_visible()
    settle(page)
    page.locator("[name=row-0-label]").fill("故障现象")
    page.locator("[name=row-0-key]").fill("fault")
    page.locator("[name=row-0-type]").select_option("choice")
    expect(page.locator("[name=row-0-choices]")).to_be_visible()
    settle(page)
    page.locator("[name=row-0-choices]").fill("dead | 不通\nslow | 慢")
    page.get_by_role("button", name="添加字段").click()
    expect(page.locator("#field-2")).to_be_visible()
    settle(page)
    page.locator("[name=row-1-label]").fill("下行速率")
    page.locator("[name=row-1-key]").fill("speed")
    page.locator("[name=row-1-type]").select_option("decimal")
    expect(page.locator("[name=row-1-min]")).to_be_attached()
    settle(page)
    page.locator("#field-2 details summary").click()
    page.locator("[name=row-1-visible_if]").fill('fault = "slow"')
    page.get_by_role("button", name="上移").nth(1).click()
    expect(page.locator("[name=row-0-key]")).to_have_value("speed")
    settle(page)
    page.get_by_role("button", name="下移").nth(0).click()
    expect(page.locator("[name=row-0-key]")).to_have_value("fault")
    page.get_by_role("button", name="保存并发布").click()
    expect(page.locator(".notice--success")).to_be_visible()
    version = queries.current_version("repair")
    assert version is not None
    assert [field["key"] for field in version.fields] == ["fault", "speed"]
    assert version.fields[1]["visible_if"] == 'fault = "slow"'
