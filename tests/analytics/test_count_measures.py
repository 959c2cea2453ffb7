"""The measures equal a recount in Python over random histories, in everybody's reach; each figure equals its list."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cast import Cast
from onepoint.accounts.models import User
from onepoint.analytics import queries, services
from onepoint.analytics.dimensions import DIMENSIONS
from onepoint.analytics.measures import MEASURES
from onepoint.analytics.models import COUNTERS, Fact, Figure, MonthFigure, Progress, StaleDay
from onepoint.analytics.periods import Period, Step
from onepoint.analytics.queries import Choice
from onepoint.channels.models import Contact
from onepoint.core import audit, clock
from onepoint.follow_ups.models import Closing, FollowUp
from onepoint.sla.models import Clock
from onepoint.tickets import services as ticket_services
from onepoint.tickets.models import Ticket


def everything() -> Period:
    return Period(clock.today() - timedelta(days=120), clock.today() + timedelta(days=1))


def day_of(moment: Any) -> date:
    return timezone.localtime(moment).date()


def group_of(ticket: Ticket) -> int:
    return ticket.category.parent_id or ticket.category_id


def recounted() -> Counter:
    """(day, counter) → how many, counted from the tables one row at a time."""
    found: Counter = Counter()
    tickets = [
        one for one in Ticket.objects.select_related("category") if one.status != "merged" and one.kind != "appeal"
    ]
    complaints = [
        one for one in Ticket.objects.select_related("category") if one.kind == "complaint" and one.status != "merged"
    ]
    for ticket in tickets:
        count_opening(found, ticket, complaints)
        count_closings(found, ticket)
    for contact in Contact.objects.filter(direction="inbound"):
        found[day_of(contact.started_at), "contacts"] += 1
        found[day_of(contact.started_at), "solved"] += contact.outcome == "solved"
    return +found


def count_opening(found: Counter, ticket: Ticket, complaints: list[Ticket]) -> None:
    day = day_of(ticket.opened_at)
    found[day, "opened"] += 1
    if ticket.kind == "complaint":
        found[day, "complaints"] += 1
        found[day, "repeated"] += any(
            other.pk != ticket.pk and other.customer_id == ticket.customer_id and ticket.customer_id
            and group_of(other) == group_of(ticket) and (other.opened_at, other.pk) < (ticket.opened_at, ticket.pk)
            and other.opened_at > ticket.opened_at - timedelta(days=30)
            for other in complaints
        )  # fmt: skip
    ends = [*Closing.objects.filter(ticket=ticket).values_list("closed_at", flat=True)]
    ends += [ticket.closed_at] if ticket.closed_at else []
    found[day, "taken_up"] += bool(ends) and min(ends) <= ticket.opened_at + timedelta(hours=24)


def count_closings(found: Counter, ticket: Ticket) -> None:
    kept = {one.number: one for one in Closing.objects.filter(ticket=ticket)}
    ends = [(one.number, one.closed_at) for one in kept.values() if one.ending != "aborted"]
    if ticket.status == "closed" and ticket.reopen_count + 1 not in kept:
        ends.append((ticket.reopen_count + 1, ticket.closed_at))
    for number, end in ends:
        day = day_of(end)
        found[day, "closed"] += 1
        found[day, "first_time"] += number == 1 and ticket.reopen_count == 0
        found[day, "reopened"] += ticket.reopen_count >= number
        visit = FollowUp.objects.filter(ticket=ticket, closing_number=number).first()
        if visit is None:
            continue
        tried = visit.attempts.exclude(outcome="no_address").exists()
        found[day, "visited"] += visit.state == "answered" or visit.sent_at is not None or tried
        found[day, "reached"] += visit.state in ("answered", "refused")
        found[day, "answered"] += visit.state == "answered"
        found[day, "satisfied"] += visit.is_satisfied is True
        found[day, "rated"] += visit.stars is not None
        found[day, "rated_well"] += (visit.stars or 0) >= 4


def counted(model: Any) -> Counter:
    found: Counter = Counter()
    for row in model.objects.all():
        for name in COUNTERS:
            found[row.day, name] += getattr(row, name)
    return +found


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_facts_and_their_roll_up_equal_a_recount_over_a_random_history(
    history: Callable[[int], None], seed: int
) -> None:
    history(seed)
    assert counted(Fact) == counted(Figure) == recounted()
    assert not StaleDay.objects.exists()


def test_what_changes_later_changes_its_own_day(history: Callable[[int], None], staff: Cast) -> None:
    history(4)
    chance = random.Random(4)
    changed = chance.sample(list(Ticket.objects.exclude(status="merged")), 12)
    for ticket in changed:
        ticket.status = chance.choice(["merged", "closed", "handling"])
        ticket.closed_at = ticket.opened_at + timedelta(hours=30) if ticket.status == "closed" else None
        ticket.reopen_count += chance.randint(0, 1)
        ticket.save()
        FollowUp.objects.filter(ticket=ticket).update(state="answered", is_satisfied=True)
        audit.record("ticket.status_changed", by=None, subject_type="ticket", subject_id=ticket.pk)
    Progress.objects.create(next_ticket_id=None, next_contact_id=None)
    services.keep_up(by=None)
    assert counted(Fact) == counted(Figure) == recounted()
    assert services.keep_up(by=None) == 0


def test_the_first_run_fills_everything_and_a_second_changes_nothing(history: Callable[[int], None]) -> None:
    history(5)
    before = counted(Figure)
    Fact.objects.all().delete()
    Figure.objects.all().delete()
    MonthFigure.objects.all().delete()
    assert services.keep_up(by=None) == len(Fact.objects.all()) > 0
    assert counted(Figure) == before
    assert Progress.objects.get().is_filled
    assert services.keep_up(by=None) == 0


def test_an_entry_that_may_still_be_followed_by_a_lower_one_is_looked_at_again(ticket: Ticket) -> None:
    services.keep_up(by=None)
    first = Progress.objects.get()
    assert first.next_entry_id > first.last_entry_id
    with clock.at(clock.now() + timedelta(minutes=2)):
        services.keep_up(by=None)
        assert Progress.objects.get().last_entry_id == first.last_entry_id  # this transaction still runs
        Progress.objects.update(after_transaction=0)  # as when it has ended
        services.keep_up(by=None)
    assert Progress.objects.get().last_entry_id == first.next_entry_id


def readers(staff: Cast) -> list[User]:
    return [staff.admin, staff.coordinator, staff.handler, staff.outsider]


def test_every_figure_equals_the_list_behind_it_for_every_reader(history: Callable[[int], None], staff: Cast) -> None:
    history(6)
    chance = random.Random(6)
    for _trial in range(25):
        reader = chance.choice(readers(staff))
        measure = chance.choice(list(MEASURES.values()))
        rows = chance.choice(list(DIMENSIONS))
        step = chance.choice([Step.WHOLE, Step.WEEK, Step.MONTH, Step.QUARTER])
        filters = {"channel": "hotline"} if chance.random() < 0.3 else {}
        choice = Choice((measure.code,), rows, step, everything(), filters)
        table = queries.find_table(choice, visible_to=reader)
        for row in [*table.rows, table.all]:
            for start, period, _label in table.starts:
                cell = table.cell(row, measure, start)
                narrowed = {**filters, **({rows: row.key} if row.key else {})}
                one = Choice((measure.code,), rows, step, period, narrowed)
                assert cell.count == queries.find_events(one, "counted", visible_to=reader).count(), (
                    measure.code,
                    rows,
                    row,
                )
                if measure.out_of:
                    assert cell.base == queries.find_events(one, "all", visible_to=reader).count()


def test_lines_add_up_to_the_line_of_all(history: Callable[[int], None], staff: Cast) -> None:
    history(7)
    measure = MEASURES["closed"]
    for rows in DIMENSIONS:
        table = queries.find_table(Choice(("closed",), rows, Step.MONTH, everything()), visible_to=staff.admin)
        assert sum(table.cell(row, measure).count for row in table.rows) == table.cell(table.all, measure).count > 0


def test_who_has_not_the_right_counts_nothing_and_a_reach_counts_its_own(
    history: Callable[[int], None], staff: Cast
) -> None:
    history(8)
    assert not Fact.objects.visible_to(staff.agent).exists()
    every = set(Fact.objects.visible_to(staff.admin).values_list("pk", flat=True))
    east = set(Fact.objects.visible_to(staff.coordinator).values_list("pk", flat=True))
    assert east < every
    mine = Fact.objects.filter(pk__in=east)
    assert all(staff.east.pk == fact.region_id for fact in mine)


def test_the_period_before_stands_beside_it(history: Callable[[int], None], staff: Cast) -> None:
    history(9)
    today = clock.today()
    now, then = (
        Period(today - timedelta(days=39), today),
        Period(today - timedelta(days=79), today - timedelta(days=40)),
    )
    assert now.before == then
    table = queries.find_table(Choice(("closed",), "channel", Step.WHOLE, now), visible_to=staff.admin)
    earlier = queries.find_table(Choice(("closed",), "channel", Step.WHOLE, then), visible_to=staff.admin)
    measure = MEASURES["closed"]
    assert table.compared(table.all, measure).before.count == earlier.cell(earlier.all, measure).count


def test_pages_ask_few_questions_whatever_the_history(
    history: Callable[[int], None], staff: Cast, client: Client, django_assert_max_num_queries: Any
) -> None:
    history(10)
    client.force_login(staff.coordinator)
    for name, most in (
        ("measure-overview", 8),
        ("measure-table", 16),
        ("measured-events", 14),
        ("measure-definitions", 6),
    ):
        client.get(reverse(name))
        with django_assert_max_num_queries(most):
            assert client.get(reverse(name)).status_code == 200


def test_pages_bear_whatever_stands_in_the_address(staff: Cast, client: Client) -> None:
    client.force_login(staff.coordinator)
    for query in (
        "unit=x", "unit=99999999999999999999", "unit=0", "unit=1!", "since=2026-13-01", "since=0001-01-01&until=9999-12-31",
        "measure=none", "rows=none&step=none", "step=day&since=2000-01-01", "person=0&rows=person", "channel=%00", "part=none",
        "region=0&rows=region", "kind=0&rows=kind",
    ):  # fmt: skip
        for name in ("measure-table", "measured-events"):
            assert client.get(f"{reverse(name)}?{query}").status_code == 200, query


def test_a_view_is_kept_for_its_owner_alone(staff: Cast, client: Client) -> None:
    client.force_login(staff.coordinator)
    client.post(reverse("measure-view-save"), {"name": "本月", "parameters": "rows=channel"})
    view = queries.views_of(staff.coordinator).get()
    assert "本月" in client.get(reverse("measure-table")).content.decode()
    client.force_login(staff.supervisor)
    assert client.post(reverse("measure-view-remove", args=[view.pk])).status_code == 404
    client.force_login(staff.coordinator)
    client.post(reverse("measure-view-remove", args=[view.pk]))
    assert not queries.views_of(staff.coordinator).exists()


def counters_of(ticket: Ticket, source: int) -> dict[str, int]:
    fact = Fact.objects.filter(ticket=ticket, source=source).order_by("-number").first()
    assert fact is not None
    return {name: getattr(fact, name) for name in COUNTERS if getattr(fact, name)}


def test_a_closing_counts_for_the_department_that_finished_it_until_it_is_reopened(
    staff: Cast, ticket: Ticket, close: Callable[[Ticket], Ticket]
) -> None:
    closed = close(ticket)
    services.keep_up(by=None)
    fact = Fact.objects.get(ticket=closed, source=3)
    assert (fact.unit, fact.home) == (staff.network, staff.call_centre)
    assert counters_of(closed, 2) == {"opened": 1, "complaints": 1, "taken_up": 1}
    assert counters_of(closed, 3).items() >= {"closed": 1, "first_time": 1}.items()
    ticket_services.reopen_ticket(Ticket.objects.get(pk=closed.pk), reason="还是断线", by=staff.coordinator)
    services.keep_up(by=None)
    assert counters_of(closed, 3).items() >= {"closed": 1, "reopened": 1}.items()
    assert "first_time" not in counters_of(closed, 3)


def test_a_ticket_with_a_limit_for_the_whole_case_is_on_time_or_not(
    staff: Cast, ticket: Ticket, close: Callable[[Ticket], Ticket]
) -> None:
    close(ticket)
    now = clock.now()
    kept = Clock.objects.create(
        subject_type="ticket", subject_id=ticket.pk, kind="total", state="settled", limit=timedelta(hours=8),
        started_at=now, due_at=now + timedelta(hours=8), settled_at=now,
    )  # fmt: skip
    services.count_tickets([ticket.pk], by=None)
    assert counters_of(ticket, 3).items() >= {"timed": 1, "on_time": 1}.items()
    Clock.objects.filter(pk=kept.pk).update(breached_at=now)
    services.count_tickets([ticket.pk], by=None)
    assert "on_time" not in counters_of(ticket, 3)
