"""Months are added up beside days: whole months and the days at the edges say what the events themselves say."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cast import Cast
from onepoint.accounts.models import User
from onepoint.analytics import queries, services
from onepoint.analytics.dimensions import DIMENSIONS
from onepoint.analytics.measures import MEASURES
from onepoint.analytics.models import COUNTERS, MONTH_GROUPINGS, Fact, Figure, MonthFigure, StaleDay
from onepoint.analytics.periods import Period, Step, beginning, whole_months
from onepoint.analytics.queries import Choice
from onepoint.core import clock, verifying
from onepoint.tickets.models import Ticket

ASKED = tuple(MEASURES)


def counted_by_hand(choice: Choice, reader: User) -> Counter:
    """(beginning of a step or None, counter) → how many, from the events one at a time."""
    found: Counter = Counter()
    period = choice.period
    rows = Fact.objects.visible_to(reader).filter(
        queries.conditions(choice.filters), day__range=(period.before.since, period.until)
    )
    for fact in rows:
        start = beginning(fact.day, choice.step) if choice.step != Step.WHOLE else period.since
        for name in COUNTERS:
            found[start if fact.day >= period.since else None, name] += getattr(fact, name)
    return +found


def shown(choice: Choice, reader: User) -> Counter:
    table = queries.find_table(choice, visible_to=reader)
    found: Counter = Counter()
    for row in table.rows:
        for start, sums in [*row.by_start.items(), (None, row.before)]:
            for name, count in sums.items():
                found[start, name] += count
    return +found


def random_span(chance: random.Random) -> Period:
    today = clock.today()
    since = today - timedelta(days=chance.randint(0, 130))
    until = min(today, since + timedelta(days=chance.choice([0, 3, 30, 45, 61, 90, 130])))
    if chance.random() < 0.4:
        since = since.replace(day=1)
    if chance.random() < 0.3:
        until = until.replace(day=1) - timedelta(days=1)
    return Period(min(since, until), until)


def random_choice(chance: random.Random, staff: Cast) -> Choice:
    filters = {}
    for key, value in (("unit", str(staff.call_centre.pk)), ("channel", "hotline"), ("kind", "complaint"),
                       ("region", str(staff.east.pk)), ("category", "0")):  # fmt: skip
        if chance.random() < 0.2:
            filters[key] = value
    step = chance.choice([Step.WHOLE, Step.WHOLE, Step.DAY, Step.WEEK, Step.MONTH, Step.QUARTER])
    return Choice(ASKED, chance.choice(list(DIMENSIONS)), step, random_span(chance), filters)


@pytest.mark.parametrize("seed", [21, 22])
def test_months_and_edges_equal_the_days_and_the_events_for_random_spans(
    history: Callable[[int], None], staff: Cast, seed: int
) -> None:
    history(seed)
    chance = random.Random(seed)
    used = 0
    for _trial in range(40):
        choice = random_choice(chance, staff)
        reader = chance.choice([staff.admin, staff.coordinator, staff.handler, staff.outsider])
        with CaptureQueriesContext(connection) as asked:
            found = shown(choice, reader)
        used += any("analytics_monthfigure" in one["sql"] for one in asked.captured_queries)
        assert found == counted_by_hand(choice, reader), choice
    assert used > 6


def month_of(rows: Any, column: str) -> Counter:
    found: Counter = Counter()
    for row in rows:
        for name in COUNTERS:
            found[row.day.replace(day=1), getattr(row, column) if column else "", name] += getattr(row, name)
    return Counter({key: count for key, count in found.items() if count})


def test_late_corrections_reach_the_month_in_the_same_moment(history: Callable[[int], None], staff: Cast) -> None:
    history(23)
    chance = random.Random(23)
    for _round in range(4):
        for ticket in chance.sample(list(Ticket.objects.all()), 6):
            moved = timedelta(days=chance.randint(-40, 20))
            Ticket.objects.filter(pk=ticket.pk).update(
                status=chance.choice(["merged", "handling", "closed"]), unit=chance.choice([staff.call_centre, None]),
                opened_at=ticket.opened_at + moved, closed_at=clock.now() - timedelta(days=chance.randint(0, 70)),
            )  # fmt: skip
            services.count_tickets([ticket.pk], by=None)
        services.add_up_days(by=None, most=chance.choice([1, 3, None]))
        for grouping in MONTH_GROUPINGS:
            by_month = month_of(MonthFigure.objects.filter(grouped_by=grouping), grouping)
            assert by_month == month_of(Figure.objects.all(), grouping)
    services.add_up_days(by=None)
    assert not StaleDay.objects.exists()
    assert month_of(MonthFigure.objects.filter(grouped_by=""), "") == month_of(Fact.objects.all(), "")


def test_a_day_added_up_again_leaves_its_month_as_it_was(history: Callable[[int], None]) -> None:
    history(24)
    before = month_of(MonthFigure.objects.all(), "grouped_by")
    StaleDay.objects.bulk_create([StaleDay(day=day) for day in Figure.objects.values_list("day", flat=True).distinct()])
    services.add_up_days(by=None)
    assert month_of(MonthFigure.objects.all(), "grouped_by") == before


def test_a_month_that_is_not_the_sum_of_its_days_is_named(history: Callable[[int], None]) -> None:
    history(25)
    services.keep_up(by=None)
    row = MonthFigure.objects.filter(grouped_by="channel", closed__gt=0).first()
    assert row is not None
    row.closed += 1
    row.save()
    (report,) = verifying.run_checks(["analytics.measures"])
    assert {fault.text for fault in report.faults} == {"the roll-up of its month is not the sum of its days"}


def test_a_year_reads_months_and_a_filter_by_two_things_reads_days(history: Callable[[int], None], staff: Cast) -> None:
    history(26)
    year = Period(date(2026, 1, 5), date(2026, 11, 20))
    for filters, is_monthly in (({}, True), ({"channel": "hotline"}, False), ({"kind": "complaint"}, True)):
        choice = Choice(("closed",), "category", Step.MONTH, year, filters)
        with CaptureQueriesContext(connection) as asked:
            queries.find_table(choice, visible_to=staff.admin)
        told = [one["sql"] for one in asked.captured_queries if "analytics_" in one["sql"]]
        assert len(told) == 1
        assert ("analytics_monthfigure" in told[0]) == is_monthly


@pytest.mark.parametrize(
    ("since", "until", "months"),
    [
        ("2026-01-01", "2026-01-31", ("2026-01-01", "2026-01-31")),
        ("2026-01-02", "2026-02-27", None),
        ("2026-01-02", "2026-02-28", ("2026-02-01", "2026-02-28")),
        ("2025-12-31", "2026-03-01", ("2026-01-01", "2026-02-28")),
        ("2026-01-01", "2026-01-30", None),
        ("2026-05-09", "2026-05-09", None),
    ],
)
def test_whole_months_of_a_span(since: str, until: str, months: tuple[str, str] | None) -> None:
    found = whole_months(Period(date.fromisoformat(since), date.fromisoformat(until)))
    assert found == (months and Period(*map(date.fromisoformat, months)))
