"""A is away and B stands in, B is away too and C does: only within the dates, and history says for whom."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from browser.house import RUNNING_HOUSE
from browser.seat import Seat, Seats
from browser.test_travel_complaint import Journey
from cast import Cast
from onepoint.core import clock

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(RUNNING_HOUSE), reason="a running house keeps its own time"),
]
DAY = timedelta(days=1)


def delegate(absentee: Seat, deputy: str, begin: datetime, end: datetime) -> None:
    """On one's own page, as everybody does it."""
    page = absentee.go("/profile/absences/")
    box = page.locator("#id_deputy + .picker .picker__input")
    box.click()
    box.fill(deputy)
    page.locator(".picker__option", has_text=deputy).first.click()
    for name, moment in (("starts_at", begin), ("ends_at", end)):
        page.locator(f"#id_{name}").fill(timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M"))
    page.locator("form", has=page.locator("#id_deputy")).get_by_role("button").last.click()
    expect(page.locator("#notices .notice--success")).to_be_visible()


@pytest.mark.django_db(transaction=True)
def test_a_chain_of_deputies_acts_within_its_dates(seats: Seats, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now().replace(second=0, microsecond=0)

    def let_it_be(moment: datetime) -> None:
        """Another day: everybody went home before it, and logs in again."""
        seats.leave()
        monkeypatch.setattr(clock, "now", lambda: moment)

    first, second = Journey(seats), Journey(seats)
    for journey in (first, second):
        journey.register()
        journey.act("coordinator", "in_sequence", "请核查", {"departments": [journey.department("network")]})
    absent, deputy, chained = cast.interface_person, cast.handler, cast.billing_handler
    delegate(seats["interface_person"], deputy.name, now - timedelta(hours=1), now + 3 * DAY)
    delegate(seats["handler"], chained.name, now + DAY, now + 2 * DAY)

    assert {first.number, second.number} <= seats["handler"].todo()
    assert not seats["billing_handler"].todo()

    let_it_be(now + 1.5 * DAY)
    assert {first.number, second.number} <= seats["billing_handler"].todo()
    assert {first.number, second.number} <= seats["interface_person"].todo(), "who is away still sees the work"
    page = seats["billing_handler"].go(f"/tickets/{first.number}/")
    expect(page.locator("section[id^=task-] .notice", has_text=absent.name)).to_be_visible()
    first.act("billing_handler", "done", "代为处理完毕")
    page = seats["billing_handler"].go(f"/tickets/{first.number}/")
    written = page.locator("#opinions .opinion", has_text="代为处理完毕")
    expect(written).to_contain_text(chained.name)
    expect(written).to_contain_text(f"代 {absent.name}")
    expect(page.locator(".timeline")).to_contain_text(f"{chained.name}（代 {absent.name}）")

    let_it_be(now + 2.5 * DAY)
    assert second.number not in seats["billing_handler"].todo()
    assert second.number in seats["handler"].todo()

    let_it_be(now + 4 * DAY)
    for part in ("handler", "billing_handler"):
        assert second.number not in seats[part].todo()
    assert second.number in seats["interface_person"].todo()
