"""Lists found by the index that holds what they are narrowed to are the lists found any other way."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F

from cast import Cast
from onepoint.accounts.models import OrgUnit, Region
from onepoint.core import clock, newest
from onepoint.core.tables import capped_count
from onepoint.tickets.models import Category, Severity, Ticket
from onepoint.tickets.queries import TicketFilter, find_tickets

FILTERS = [
    {"channel": "hall"},
    {"channel": "hall", "alive": True},
    {"channel": "email", "kind": "complaint"},
    {"statuses": ("aborted",), "channel": "hotline"},
    {"statuses": ("closed",)},
    {"channel": "hall", "overdue": True},
    {"channel": "hall", "urged": True},
    {"channel": "hall", "relation": "started"},
    {"channel": "hall", "relation": "watched"},
    {"channel": "hall", "opened_to": datetime(2026, 3, 10, tzinfo=UTC).date()},
    {"channel": "hall", "text": "争议"},
]
BEGINNING = datetime(2026, 3, 1, 2, tzinfo=UTC)


@pytest.fixture
def house(cast: Cast, register, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """Forty tickets of both cities, one an hour, two at the same moment now and then; five count as newest."""
    for number in range(40):
        with clock.at(BEGINNING + timedelta(hours=number - number % 4 // 3)):
            register(
                title=f"争议{number}", channel=("hall", "hotline", "hotline")[number % 3],
                by=(cast.agent, cast.second_agent, cast.outsider)[number * 7 % 3],
            )  # fmt: skip
    Ticket.objects.annotate(rest=F("pk") % 5).filter(rest=0).update(status="aborted")
    Ticket.objects.annotate(rest=F("pk") % 7).filter(rest=0, status="open").update(status="closed")
    monkeypatch.setattr(newest, "NEWEST", 5)
    monkeypatch.setattr(newest, "VERY_NEWEST", 2)
    monkeypatch.setattr(newest, "NEWEST_IN_INDEX", 10)
    monkeypatch.setattr(newest, "SAMPLED", 5)
    monkeypatch.setattr(newest, "_floors", {})
    return cast


@pytest.mark.parametrize("chosen", FILTERS, ids=str)
@pytest.mark.parametrize(("start", "stop"), [(0, 3), (0, 50), (2, 5), (4, 9)])
def test_the_same_tickets_in_the_same_order(house: Cast, chosen, start, stop) -> None:
    for reader in (house.agent, house.outsider, house.admin, house.interface_person, house.handler):
        rows = find_tickets(TicketFilter(**chosen), visible_to=reader)
        plain = list(rows.order_by("-opened_at", "-pk"))
        assert newest.newest(rows, "opened_at", start=start, stop=stop) == plain[start:stop]
        assert capped_count(rows, 1000, "opened_at") == len(plain)
        assert capped_count(rows, 2, "opened_at") == min(len(plain), 3)


@pytest.mark.parametrize("chosen", FILTERS, ids=str)
@pytest.mark.parametrize(
    "order", [("opened_at", "pk"), ("-number", "-pk"), ("due_at", "pk"), ("-due_at", "-pk")], ids=str
)
@pytest.mark.parametrize("frequent", [1, 50])
def test_the_same_tickets_in_any_order(house: Cast, monkeypatch: pytest.MonkeyPatch, chosen, order, frequent) -> None:
    monkeypatch.setattr(newest, "FREQUENT", frequent)
    for reader in (house.agent, house.outsider, house.handler):
        rows = find_tickets(TicketFilter(**chosen), visible_to=reader)
        plain = list(rows.order_by(*order))
        for start, stop in ((0, 3), (2, 50)):
            assert newest.in_order(rows, order, moment="opened_at", start=start, stop=stop) == plain[start:stop]


@pytest.mark.parametrize("too_long", [1, 2])
def test_in_any_order_when_one_way_or_both_take_too_long(
    house: Cast, monkeypatch: pytest.MonkeyPatch, too_long
) -> None:
    soon, asked = newest._soon, []

    def hardly_ever(keys, *_):
        asked.append(keys)
        return None if len(asked) <= too_long else soon(keys)

    monkeypatch.setattr(newest, "_soon", hardly_ever)
    rows = find_tickets(TicketFilter(channel="hall"), visible_to=house.agent)
    found = newest.in_order(rows, ("due_at", "pk"), moment="opened_at", stop=50)
    assert found == list(rows.order_by("due_at", "pk"))
    assert len(asked) == 2


def test_few_among_the_newest_are_found_and_sorted_first(house: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(newest, "_soon", lambda keys, *_: asked.append(str(keys.query)) or [])
    rows = find_tickets(TicketFilter(channel="hall"), visible_to=house.agent)
    for frequent, is_sorted in ((1, False), (50, True)):
        monkeypatch.setattr(newest, "FREQUENT", frequent)
        newest.in_order(rows, ("due_at", "pk"), moment="opened_at", stop=50)
        assert ("(SELECT" in asked[-1].split(" ORDER BY ")[1]) is is_sorted


@pytest.mark.parametrize("chosen", FILTERS[:6], ids=str)
def test_the_same_when_sorting_takes_too_long(house: Cast, monkeypatch: pytest.MonkeyPatch, chosen) -> None:
    soon, asked = newest._soon, []

    def never_sorted(keys, *_):
        asked.append(keys)
        return soon(keys) if len(asked) % 2 == 0 else None

    monkeypatch.setattr(newest, "_soon", never_sorted)
    rows = find_tickets(TicketFilter(**chosen), visible_to=house.agent)
    assert newest.newest(rows, "opened_at", stop=50) == list(rows.order_by("-opened_at", "-pk"))


@pytest.mark.parametrize("was_frequent", [True, False])
def test_behind_a_burst_of_others_what_was_frequent_is_met_by_walking(
    house: Cast, monkeypatch: pytest.MonkeyPatch, was_frequent
) -> None:
    """The newest six are others; of the four before them all, or none, are asked for."""
    soon, found_and_sorted = newest._soon, []
    monkeypatch.setattr(newest, "_soon", lambda *given: found_and_sorted.append(given) or soon(*given))
    newest_first = Ticket.objects.order_by("-opened_at", "-pk").values_list("pk", flat=True)
    Ticket.objects.update(channel="hall" if was_frequent else "hotline", created_by=house.agent)
    Ticket.objects.filter(pk__in=newest_first[:6]).update(channel="email")
    Ticket.objects.filter(pk__in=newest_first[20:30]).update(channel="hall")
    rows = find_tickets(TicketFilter(channel="hall"), visible_to=house.admin)
    assert newest.newest(rows, "opened_at", stop=3) == list(rows.order_by("-opened_at", "-pk")[:3])
    assert bool(found_and_sorted) is not was_frequent


def test_what_the_index_holds_is_asked_of_the_index(house: Cast, django_assert_num_queries) -> None:
    rows = find_tickets(TicketFilter(kind="complaint", channel="hall"), visible_to=house.agent)
    newest.newest(rows, "opened_at", stop=1)
    with django_assert_num_queries(2) as sent:  # keys, then rows
        newest.newest(rows, "opened_at", stop=1)
    entries, rest = sent.captured_queries[0]["sql"].split(" FROM (SELECT ")[1].split(") AS entry")
    assert "audience" not in entries
    assert "audience" in rest


def test_rare_lists_are_asked_of_the_index_of_keys(house: Cast) -> None:
    """All that narrows the list, and who may see it, in one index."""
    category, region = Category.objects.first(), Region.objects.filter(kind="city").first()
    unit, severity = OrgUnit.objects.first(), Severity.objects.first()
    chosen = TicketFilter(
        kind="complaint", statuses=("closed", "aborted"), category=category, severity=severity, region=region, unit=unit,
        channel="hall", level=1,
    )  # fmt: skip
    rows = newest._asked_of_keys(find_tickets(chosen, visible_to=house.handler))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
        plan = rows.order_by().values("pk").explain()
    scans = [line for line in plan.splitlines() if "Index Scan" in line]
    assert ["ticket_narrowed" in scan for scan in scans] == [True], plan
    asked = plan.split("Index Cond: ")[1]
    for column in (
        "audience",
        "kind",
        "status",
        "category_id",
        "severity_id",
        "region_id",
        "unit_id",
        "channel",
        "level_id",
    ):
        assert column in asked, (column, plan)


def test_a_list_of_joined_conditions_is_found_by_keys_too(house: Cast) -> None:
    """What the index does not hold stays a condition of the rows."""
    chosen = TicketFilter(channel="hall", alive=True, relation="started", urged=False)
    rows = find_tickets(chosen, visible_to=house.agent)
    assert set(newest._asked_of_keys(rows)) == set(rows)
    assert rows
    assert newest._asked_of_keys(find_tickets(TicketFilter(urged=True), visible_to=house.agent)) is None
