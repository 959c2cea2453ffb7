"""The unqualified rates are shares of tickets and closings, however many marks a ticket has; marks are counted beside them."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from cast import Cast
from onepoint.analytics import queries, services
from onepoint.analytics.measures import MEASURES
from onepoint.analytics.models import Fact
from onepoint.analytics.periods import Period, Step
from onepoint.analytics.queries import Choice
from onepoint.core import clock
from onepoint.follow_ups.models import Closing
from onepoint.quality import services as quality
from onepoint.quality.models import Mark, UnqualifiedCode
from onepoint.tickets.models import Ticket

SHARES = {
    "back_on_front": "record_unqualified", "front_on_back": "answer_unqualified", "inspection": "inspection_unqualified",
}  # fmt: skip


def mark(ticket: Ticket, staff: Cast, code: UnqualifiedCode, direction: str, state: str, at: datetime) -> None:
    number = Mark.objects.count() + 1
    marker = staff.coordinator if number % 2 else staff.supervisor
    if Mark.objects.filter(ticket=ticket, code=code, marked_by=marker).exclude(state="withdrawn").exists():
        return
    Mark.objects.create(
        number=f"PD{number:08}", ticket=ticket, code=code, direction=direction, state=state, points=1, person=staff.agent,
        unit=staff.call_centre, marked_by=marker, marked_at=at,
        appeal_due_at=at + timedelta(days=3),
    )  # fmt: skip


def ends_of(ticket: Ticket) -> list[tuple[int, datetime]]:
    kept = {one.number: one for one in Closing.objects.filter(ticket=ticket)}
    ends = [(one.number, one.closed_at) for one in kept.values() if one.ending != "aborted"]
    if ticket.status == "closed" and ticket.reopen_count + 1 not in kept and ticket.closed_at:
        ends.append((ticket.reopen_count + 1, ticket.closed_at))
    return sorted(ends)


def recounted() -> Counter:
    """(ticket, counter) → how many of its facts have it, one mark at a time."""
    found: set[tuple[int, str, datetime | None]] = set()
    for row in Mark.objects.filter(state__in=["standing", "upheld"]).select_related("ticket"):
        name, ticket = SHARES[row.direction], row.ticket
        if ticket.status == "merged" or ticket.kind == "appeal":
            continue
        if row.direction == "back_on_front":
            found.add((ticket.pk, name, None))
            continue
        ends = ends_of(ticket)
        after = [end for _number, end in ends if end >= row.marked_at]
        if after:
            found.add((ticket.pk, name, after[0]))
        elif ends and ends[-1][0] > ticket.reopen_count:
            found.add((ticket.pk, name, ends[-1][1]))
    return Counter((pk, name) for pk, name, _end in found)


@pytest.mark.parametrize("seed", [31, 32])
def test_a_ticket_with_many_marks_is_one_unqualified_ticket(
    history: Callable[[int], None], staff: Cast, seed: int
) -> None:
    history(seed)
    quality.load_standard(by=None)
    chance = random.Random(seed)
    codes = list(UnqualifiedCode.objects.all())
    tickets = chance.sample(list(Ticket.objects.exclude(status="open")), 20)
    for number in range(70):
        ticket = chance.choice(tickets)
        at = ticket.opened_at + timedelta(hours=chance.randint(1, 600))
        state = chance.choice(["standing", "standing", "upheld", "overturned", "withdrawn"])
        mark(ticket, staff, codes[number % len(codes)], chance.choice(list(SHARES)), state, at)
    services.count_tickets([ticket.pk for ticket in tickets], by=None)
    services.add_up_days(by=None)
    counted: Counter = Counter()
    for fact in Fact.objects.exclude(ticket=None):
        for name in SHARES.values():
            counted[fact.ticket_id, name] += getattr(fact, name)
    assert +counted == recounted()
    assert set(counted.values()) >= {0, 1}
    period = Period(clock.today() - timedelta(days=120), clock.today() + timedelta(days=1))
    codes_shown = tuple(one.code for one in MEASURES.values() if one.is_share)
    for rows in ("unit", "person", "category", "channel"):
        table = queries.find_table(Choice(codes_shown, rows, Step.MONTH, period), visible_to=staff.admin)
        for row in [*table.rows, table.all]:
            for code in codes_shown:
                share = table.cell(row, MEASURES[code]).share
                assert share is None or 0 <= share <= 100, (rows, row.label, code)
