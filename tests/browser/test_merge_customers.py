"""Two records of one customer become one on the screen, and are two again when it is undone (acceptance of issue 3)."""

import pytest
from playwright.sync_api import Page, expect

from onepoint.accounts.models import Role
from onepoint.channels import services as channel_services
from onepoint.customers import services
from onepoint.customers.models import Customer
from onepoint.customers.services import NewAccount

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def records(cast) -> tuple[Customer, Customer]:
    """The same man twice: once from the hotline, once from the counter, each with a contact of its own."""
    role = Role.objects.get(code="coordinator")
    role.permissions = [*role.permissions, "customer.merge"]
    role.save()
    first = services.create_customer(
        by=cast.agent, name="王小明", region=cast.east, address="解放路 12 号", accounts=[NewAccount("13800138000")]
    )
    second = services.create_customer(
        by=cast.agent, name="王晓明", region=cast.east, note="爱在晚上接电话", despite_duplicates=True,
        accounts=[NewAccount("13800138000"), NewAccount("0571-88888888", "landline")],
    )  # fmt: skip
    for customer in (first, second):
        channel_services.journal_contact(
            by=cast.agent, channel="hotline", subject=f"{customer.name}的来电", customer=customer
        )
    services.compare_all(by=None)
    return first, second


def test_duplicates_are_merged_and_the_merge_is_undone(live_server, cast, records, enter, page: Page):
    first, second = records
    enter(cast.coordinator)
    page.goto(f"{live_server.url}/customers/likely/")
    row = page.locator("#pairs tbody tr")
    expect(row).to_contain_text("王小明")
    expect(row).to_contain_text("电话或账号相同")
    row.get_by_role("link", name="比较并合并").click()

    # Side by side: the first is kept, its name too; what it lacks is taken from the other without being asked.
    expect(page.locator(f"input[name=keep][value={first.number}]")).to_be_checked()
    expect(page.locator(f"input[name=value-note][value={second.number}]")).to_be_checked()
    page.locator(f"input[name=value-name][value={second.number}]").check()
    page.locator("#id_reason").fill("同一个人")
    page.get_by_role("button", name="合并", exact=True).click()

    page.wait_for_url(f"**/customers/{first.number}/")
    expect(page.locator("h1")).to_contain_text("王晓明")
    expect(page.locator("#accounts tbody tr")).to_have_count(2)
    expect(page.locator("body")).to_contain_text("爱在晚上接电话")
    for subject in ("王小明的来电", "王晓明的来电"):
        expect(page.locator("main")).to_contain_text(subject)
    page.goto(f"{live_server.url}/customers/{second.number}/")  # an old link leads to the kept record
    page.wait_for_url(f"**/customers/{first.number}/")
    page.goto(f"{live_server.url}/customers/likely/")
    expect(page.locator("#pairs tbody tr", has_text="王小明")).to_have_count(0)

    page.goto(f"{live_server.url}/customers/{first.number}/")
    page.get_by_role("button", name="撤销合并").click()
    page.locator("dialog[open]").get_by_role("button", name="撤销合并").click()
    page.wait_for_url(f"**/customers/{second.number}/")
    expect(page.locator("h1")).to_contain_text("王晓明")
    expect(page.locator("#accounts tbody tr")).to_have_count(2)
    expect(page.locator("main")).to_contain_text("王晓明的来电")
    page.goto(f"{live_server.url}/customers/{first.number}/")
    expect(page.locator("h1")).to_contain_text("王小明")
    expect(page.locator("#accounts tbody tr")).to_have_count(1)
    expect(page.locator("main")).to_contain_text("王小明的来电")
    expect(page.locator("main")).to_contain_text("撤销了与")
