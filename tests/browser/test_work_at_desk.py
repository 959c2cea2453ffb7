"""The desk under everyday strain: two people after one step, the keyboard, a phone, a stranger."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from browser.house import LANGUAGES, RUNNING_HOUSE
from browser.seat import Seats
from cast import Cast
from onepoint.channels.states import Channel
from onepoint.core.models import Attachment
from onepoint.customers.models import Customer
from onepoint.tickets import services
from onepoint.tickets.models import Category, Ticket
from onepoint.tickets.services import NewTicket
from onepoint.tickets.states import TicketKind

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(RUNNING_HOUSE), reason="makes its tickets in the database of the test server"),
]
A_PHONE = {"width": 390, "height": 844}


@pytest.fixture
def register(cast: Cast) -> Callable[[str], Ticket]:
    """A function that registers a complaint of East by the agent."""

    def create(title: str = "客户要求退订套餐") -> Ticket:
        return services.create_ticket(
            NewTicket(
                kind=TicketKind.COMPLAINT, category=Category.objects.get(code="pl_cancel"), title=title,
                channel=Channel.HOTLINE, description=title, customer=Customer.objects.get(), contact_phone="13800138000",
            ),
            by=cast.agent,
        )  # fmt: skip

    return create


def test_of_two_people_claiming_one_step_the_second_reads_who_was_faster(
    seats: Seats, register: Callable[..., Ticket]
) -> None:
    ticket = register()
    seats["coordinator"].act(ticket.number, "in_sequence", "请处理", {"departments": seats.house.network["zh-hans"]})
    pages = [seats[part].go(f"/tickets/{ticket.number}/") for part in ("interface_person", "deputy")]
    for page in pages:
        expect(page.get_by_role("button", name="签收")).to_be_visible()
    pages[0].get_by_role("button", name="签收").click()
    expect(pages[0].locator("#notices .notice--success")).to_be_visible()
    pages[1].get_by_role("button", name="签收").click()
    expect(pages[1].locator(".notice--error")).to_contain_text("丁接口")
    expect(pages[1].get_by_role("button", name="签收")).to_have_count(0)
    assert ticket.number in seats["interface_person"].todo()
    assert ticket.number not in seats["deputy"].todo()


def test_a_second_opinion_that_came_too_late_is_kept_to_be_copied(
    seats: Seats, register: Callable[..., Ticket]
) -> None:
    ticket = register()
    seats["coordinator"].act(ticket.number, "in_sequence", "请处理", {"departments": seats.house.network["zh-hans"]})
    late = seats["deputy"].go(f"/tickets/{ticket.number}/")
    late.get_by_label("本人已处理").check()
    late.get_by_label("处理意见").fill("写了很久的意见")
    seats["interface_person"].act(ticket.number, "done", "已处理完")
    late.get_by_role("button", name="提交").click()
    expect(late.locator("#unsent-text")).to_have_value("写了很久的意见")


def test_the_desk_is_worked_with_the_keyboard(seats: Seats, register: Callable[[str], Ticket]) -> None:
    numbers = [register(f"第{place}张").number for place in range(1, 4)]
    page = seats["coordinator"].go("/")
    for key in "jjk":
        page.keyboard.press(key)
    expect(page.locator("tr.is-current")).to_contain_text(numbers[0])
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/tickets/{numbers[1]}/$"))
    page.keyboard.press("c")
    expect(page.locator("#notices")).to_contain_text("签收")
    page.keyboard.press("/")
    page.keyboard.type(numbers[2])
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/tickets/{numbers[2]}/$"))
    page.keyboard.press("g")
    page.keyboard.press("d")
    expect(page.get_by_role("heading", name="工作台")).to_be_visible()
    page.keyboard.press("n")
    expect(page.locator("#id_q")).to_be_focused()


@pytest.mark.parametrize("language", LANGUAGES)
def test_desk_list_ticket_and_intake_fit_a_phone(seats: Seats, register: Callable[..., Ticket], language: str) -> None:
    ticket = register("客户要求退订套餐，营业厅不予办理，客户多次前往营业厅未果，现要求当日答复并说明原因")
    seat = seats["coordinator"]
    seat.page.set_viewport_size(A_PHONE)
    for path in ("/", "/tickets/", f"/tickets/{ticket.number}/", f"/tickets/{ticket.number}/picture/", "/intake/",
                 "/customers/", f"/customers/{ticket.customer.number}/", "/contacts/"):  # fmt: skip
        page = seat.go(path)
        wide = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert wide[0] <= wide[1], path
    page = seat.go("/")
    page.locator("#work tbody tr a").first.click()
    page.get_by_label(seat.words["finish"], exact=True).check()
    page.get_by_label(seat.words["opinion"]).fill("已电话说明")
    page.get_by_role("button", name=seat.words["finish_step"]).click()
    expect(page.locator("#notices .notice--success")).to_be_visible()


def test_a_person_of_another_city_finds_nothing_and_reaches_nothing(
    seats: Seats, register: Callable[..., Ticket]
) -> None:
    ticket = register()
    page = seats["agent"].go(f"/tickets/{ticket.number}/")
    page.locator("#files input[multiple]").set_input_files(
        {"name": "说明.txt", "mimeType": "text/plain", "buffer": "客户说明".encode()}
    )
    page.locator("#files button[type=submit]", has_text="上传附件").click()
    expect(page.locator("#files")).to_contain_text("说明.txt")
    stranger = seats["outsider"]
    for path in ("/?kind=pool", "/tickets/", "/customers/"):
        expect(stranger.go(path).locator("#main")).not_to_contain_text(ticket.number)
        expect(stranger.page.locator("#main")).not_to_contain_text("王小明")
    stranger.page.keyboard.press("/")
    stranger.page.keyboard.type(ticket.number)
    stranger.page.keyboard.press("Enter")
    expect(stranger.page.locator("#main")).to_contain_text("没有找到")
    attachment, task = Attachment.objects.get(), ticket.process_instance.tasks.get()
    for path in (
        f"/tickets/{ticket.number}/", f"/tickets/{ticket.number}/picture/", f"/customers/{ticket.customer.number}/",
        f"/tickets/{ticket.number}/files/{attachment.pk}/", f"/instances/{ticket.process_instance_id}/picture.json",
    ):  # fmt: skip
        answer = stranger.page.goto(f"{seats.house.url}{path}")
        assert answer is not None
        assert answer.status == 404, path
    token = stranger.go("/").locator("[name=csrfmiddlewaretoken]").first.input_value()
    answer = stranger.context.request.post(
        f"{seats.house.url}/tickets/{ticket.number}/tasks/{task.pk}/complete/",
        form={"outcome": "abort", "opinion": "越权"}, headers={"X-CSRFToken": token, "Referer": seats.house.url},
    )  # fmt: skip
    assert answer.status == 404
    assert Ticket.objects.get().status == "open"
