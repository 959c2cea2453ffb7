"""A step drawn to be claimed by opening: the first of several who opens the ticket holds it; given back, it stays given back."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from browser.house import RUNNING_HOUSE
from browser.seat import Seats
from browser.test_travel_complaint import Journey
from onepoint.workflow import kernel
from workflow.conftest import publish

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(bool(RUNNING_HOUSE), reason="would draw another process in a running house"),
]
DRAWING = Path(kernel.__file__).parent / "delivered" / "complaint.bpmn"


@pytest.fixture
def complaint(seats: Seats) -> Journey:
    """A complaint that waits at the reception of a department, which its interface person and deputy may claim."""
    drawn, times = re.subn(
        r'(<bpmn:userTask id="receive"[^>]*>\s*<bpmn:extensionElements>)',
        r'\1<op:claim when="opened"/>',
        DRAWING.read_text(),
    )
    assert times == 1
    publish(drawn)
    journey = Journey(seats)
    journey.register()
    journey.act("coordinator", "in_sequence", "请核查", {"departments": [journey.department("network")]})
    return journey


def test_whoever_opens_it_first_holds_it(seats: Seats, complaint: Journey) -> None:
    seats["agent"].go(f"/tickets/{complaint.number}/")
    assert complaint.number in seats["deputy"].todo(), "somebody who may not claim it leaves it alone"
    mine = seats["interface_person"].go(f"/tickets/{complaint.number}/")
    expect(mine.locator("#notices .notice--success")).to_be_visible()
    expect(mine.locator("form[action$='/release/']")).to_be_visible()
    assert complaint.number not in seats["deputy"].todo()


def test_given_back_it_stays_in_the_pool_until_opened_again(seats: Seats, complaint: Journey) -> None:
    page = seats["interface_person"].go(f"/tickets/{complaint.number}/")
    page.locator("form[action$='/release/'] button").click()
    expect(page).to_have_url(re.compile(r"\?claim=no$"))
    expect(page.locator("form[action$='/claim/'] button")).to_be_visible()
    assert complaint.number in seats["deputy"].todo()
    theirs = seats["deputy"].go(f"/tickets/{complaint.number}/")
    expect(theirs.locator("form[action$='/release/']")).to_be_visible()
    page.reload()
    expect(page.locator("form[action$='/claim/']")).to_have_count(0)
