"""Lists in the browser: a filter one person saves and shares, columns, and a list fetched as a file while one works on."""

import csv
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from playwright.sync_api import expect

from browser.house import RUNNING_HOUSE
from browser.seat import Seats
from cast import Cast
from onepoint.channels.states import Channel
from onepoint.core import exporting
from onepoint.core.models import Export
from onepoint.customers.models import Customer
from onepoint.tickets import services
from onepoint.tickets.models import Category, Ticket
from onepoint.tickets.services import NewTicket
from onepoint.tickets.states import TicketKind

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(RUNNING_HOUSE), reason="makes its tickets in the database of the test server"),
]
#: Rows of the export in CI; by hand the same journey was walked with a hundred thousand (`demo --scale`).
ROWS = 5_000


@pytest.fixture
def register(cast: Cast) -> Callable[..., Ticket]:
    def create(title: str, by: str = "agent") -> Ticket:
        return services.create_ticket(
            NewTicket(
                kind=TicketKind.COMPLAINT, category=Category.objects.get(code="pl_cancel"), title=title,
                channel=Channel.HOTLINE, description=title, customer=Customer.objects.get(),
            ),
            by=getattr(cast, by),
        )  # fmt: skip

    return create


def test_a_filter_saved_by_one_is_a_tab_of_the_colleague_it_is_shared_with(
    seats: Seats, register: Callable[..., Ticket]
) -> None:
    wanted, other = register("小区光缆中断"), register("别的事情")
    services.index_changes()
    page = seats["coordinator"].go("/tickets/?filter=")
    page.locator("form.filters input[name=text]").fill("光缆中断")
    expect(page.locator("#tickets tbody tr")).to_have_count(1)
    page.get_by_role("button", name="保存筛选").click()
    page.locator("input[name=name]").fill("退订的投诉")
    people = page.locator(".field", has=page.locator("[name=people]"))
    people.locator("input.form-control, input[type=text], input[role=combobox]").first.fill("李值班")
    page.locator("[role=option]", has_text="李值班").first.click()
    page.locator("main form button[type=submit]").click()
    expect(page.locator("#tickets tbody tr")).to_have_count(1)

    theirs = seats["supervisor"].go("/tickets/")
    theirs.locator("#filter-tabs a", has_text="退订的投诉").click()
    expect(theirs.locator("#tickets tbody tr")).to_have_count(1)
    expect(theirs.locator("#tickets")).to_contain_text(wanted.number)
    expect(theirs.locator("#tickets")).not_to_contain_text(other.number)
    expect(theirs.locator(".chips")).to_contain_text("光缆中断")


def test_columns_are_chosen_and_stay(seats: Seats, register: Callable[..., Ticket]) -> None:
    register("退订套餐")
    page = seats["agent"].go("/tickets/?filter=")
    page.get_by_role("button", name="列", exact=True).click()
    page.locator("#choose-columns label", has_text="渠道").locator("input").check()
    page.locator("#choose-columns label", has_text="区域").locator("input").uncheck()
    page.locator("#choose-columns").locator("button.btn-primary").click()
    for _again in range(2):
        heads = page.locator("#tickets thead")
        expect(heads).to_contain_text("渠道")
        expect(heads).not_to_contain_text("区域")
        page.reload()


_COPIES = """
INSERT INTO tickets_ticket SELECT (jsonb_populate_record(NULL::tickets_ticket, to_jsonb(ticket) || jsonb_build_object(
    'id', 1000000 + step, 'number', 'TS2026' || lpad(step::text, 10, '0'), 'request_key', NULL,
    'process_instance_id', NULL))).*
FROM tickets_ticket ticket, generate_series(1, %s) step WHERE ticket.id = %s
"""


def test_a_long_list_is_written_while_the_desk_stays_open(
    seats: Seats, register: Callable[..., Ticket], settings: object, tmp_path: Path
) -> None:
    ticket = register("退订套餐")
    with connection.cursor() as cursor:
        cursor.execute(_COPIES, [ROWS - 1, ticket.pk])
    page = seats["coordinator"].go("/tickets/?filter=")
    page.locator(".head__actions summary", has_text="导出").click()
    page.get_by_role("button", name="CSV 文件").click()
    expect(page.locator("#exports")).to_contain_text("等待中")
    export = Export.objects.get()
    exporting.write_export(export.pk)  # what the worker does
    expect(page.locator("#exports")).to_contain_text("已就绪")
    expect(page.locator("#exports")).to_contain_text(str(ROWS))
    with page.expect_download() as fetched:
        page.get_by_role("link", name="下载").click()
    path = tmp_path / "list.csv"
    fetched.value.save_as(path)
    assert re.fullmatch(r"工单-\d{8}-\d{4}\.csv", fetched.value.suggested_filename)
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert sum(1 for _row in csv.reader(file)) == ROWS + 1
