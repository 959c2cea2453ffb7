"""The list: filters, search, sorting, scope, and a pinned number of queries."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from cast import Cast
from onepoint.core import clock
from onepoint.tickets import queries, services
from onepoint.tickets.queries import TicketFilter
from onepoint.tickets.states import TicketStatus
from tickets.conftest import do, fresh

LIST = "/tickets/"


def titles(client, **query) -> set[str]:
    page = client.get(LIST, query).context["page"]
    return {ticket.title for ticket in page.rows}


@pytest.fixture
def some(cast: Cast, register, customer, categories, severities):
    """Three tickets of East, one of West."""
    with clock.at(datetime(2026, 3, 1, 2, tzinfo=UTC)):
        register(title="宽带经常断", category=categories["bb_drops"], channel="hall")
    with clock.at(datetime(2026, 3, 5, 2, tzinfo=UTC)):
        register(title="话费争议", customer=customer, contact_phone="0571-8888 8888", severity=severities["critical"])
        register(title="话费查询", by=cast.second_agent, external_source="boss", external_number="B-77")
        register(title="西市投诉", by=cast.outsider)
    services.index_changes()


def test_the_list_shows_what_lies_in_scope_newest_first(cast: Cast, some, client_of) -> None:
    assert titles(client_of(cast.agent)) == {"宽带经常断", "话费争议", "话费查询"}
    assert titles(client_of(cast.outsider)) == {"西市投诉"}
    assert titles(client_of(cast.handler)) == set()
    assert len(titles(client_of(cast.admin))) == 4
    page = client_of(cast.agent).get(LIST).context["page"]
    assert page.rows[-1].title == "宽带经常断"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"text": "057188888888"}, {"话费争议"}),
        ({"text": "+86 571 8888-8888"}, {"话费争议"}),
        ({"text": "王小明"}, {"话费争议"}),
        ({"text": "争议"}, {"话费争议"}),
        ({"text": "话费"}, {"话费争议", "话费查询"}),
        ({"text": "b-77"}, {"话费查询"}),
        ({"text": "没有这个"}, set()),
        ({"text": "TS20260301"}, {"宽带经常断"}),
        ({"channel": "hall"}, {"宽带经常断"}),
        ({"opened_from": "2026-03-02"}, {"话费争议", "话费查询"}),
        ({"opened_to": "2026-03-01"}, {"宽带经常断"}),
        ({"relation": "started"}, {"宽带经常断", "话费争议"}),
        ({"status": "finished"}, set()),
        ({"status": "alive"}, {"宽带经常断", "话费争议", "话费查询"}),
        ({"status": "open"}, {"宽带经常断", "话费争议", "话费查询"}),
        ({"status": "no such thing"}, {"宽带经常断", "话费争议", "话费查询"}),
    ],
)
def test_filters_narrow_it(cast: Cast, some, client_of, query: dict[str, str], found: set[str]) -> None:
    assert titles(client_of(cast.agent), **query) == found


def test_a_branch_of_the_tree_finds_its_leaves_and_a_region_what_lies_in_it(
    cast: Cast, some, categories, severities, client_of
) -> None:
    client = client_of(cast.agent)
    assert titles(client, category=categories["broadband"].pk) == {"宽带经常断"}
    assert titles(client, severity=severities["critical"].pk) == {"话费争议"}
    assert len(titles(client, region=cast.province.pk)) == 3
    assert titles(client, region=cast.west.pk) == set()
    assert titles(client, unit=cast.west_branch.pk) == set()


def test_watched_and_handled_tickets_are_found(cast: Cast, ticket, client_of) -> None:
    client = client_of(cast.coordinator)
    assert titles(client, relation="watched") == set()
    services.watch_ticket(ticket, by=fresh(cast.coordinator))
    assert titles(client, relation="watched") == {ticket.title}
    assert titles(client, relation="handled") == set()
    do(ticket, "coordinate", cast.coordinator, "answer_named", answer_by=cast.coordinator.pk)
    assert titles(client, relation="handled") == {ticket.title}


@pytest.mark.parametrize("sort", ["number", "-opened", "due", "password", "-id); drop table", "\x00"])
def test_any_sort_key_is_harmless(cast: Cast, some, client_of, sort: str) -> None:
    assert client_of(cast.agent).get(LIST, {"sort": sort}).status_code == 200


@pytest.mark.parametrize("text", ["%", "_", "'", "\\", "\x00", "🦉", "王" * 200, "TS", "  "])
def test_any_text_is_harmless(cast: Cast, some, client_of, text: str) -> None:
    assert client_of(cast.agent).get(LIST, {"text": text}).status_code == 200


def test_the_row_names_the_present_step(cast: Cast, ticket, client_of) -> None:
    do(ticket, "coordinate", cast.coordinator, "departments_in_sequence", departments=[cast.network.pk])
    text = client_of(cast.agent).get(LIST).content.decode()
    assert "部门接收" in text
    assert str(TicketStatus.HANDLING.label) in text


def test_the_number_of_queries_does_not_grow_with_the_rows(
    cast: Cast, register, client_of, django_assert_num_queries
) -> None:
    """Who is asking, the rows, their present steps; what else the page shows is kept until it changes."""
    client = client_of(cast.agent)
    register()
    client.get(LIST)
    for rows in (1, 7):
        for _ticket in range(rows):
            register()
        with django_assert_num_queries(3):
            client.get(LIST)


def test_without_the_permission_there_is_no_list(cast: Cast, client_of) -> None:
    cast.agent.role_grants.all().delete()
    assert client_of(cast.agent).get(LIST).status_code == 403


def test_the_panels_of_the_customer_page_show_open_and_closed_tickets(
    cast: Cast, ticket, register, customer, client_of
) -> None:
    closed = register(customer=customer, title="已解决的事")
    do(closed, "coordinate", cast.coordinator, "finish", "已解决")
    client = client_of(cast.agent)
    open_panel = client.get(reverse("ticket-open-of-customer", args=[customer.number])).content.decode()
    closed_panel = client.get(reverse("ticket-closed-of-customer", args=[customer.number])).content.decode()
    assert ticket.number in open_panel
    assert closed.number not in open_panel
    assert closed.number in closed_panel
    assert client_of(cast.outsider).get(reverse("ticket-open-of-customer", args=[customer.number])).status_code == 404


def test_list_and_page_agree_for_everybody(cast: Cast, some, register, client_of) -> None:
    """One predicate: what the list shows can be opened, what it does not is 404."""
    everything = queries.find_tickets(TicketFilter(), visible_to=fresh(cast.admin))
    for name in ("agent", "coordinator", "handler", "interface_person", "visitor", "supervisor", "admin", "outsider"):
        person = getattr(cast, name)
        client = client_of(person)
        listed = {ticket.pk for ticket in queries.find_tickets(TicketFilter(), visible_to=fresh(person))}
        for ticket in everything:
            expected = 200 if ticket.pk in listed else 404
            assert client.get(ticket.get_absolute_url()).status_code == expected, (name, ticket.title)
