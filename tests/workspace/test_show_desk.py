"""The desk: each person sees a ticket when and only when it is theirs."""

from datetime import timedelta

import pytest

from onepoint.accounts.models import User
from onepoint.core import clock, navigation
from onepoint.tickets import services as ticket_services
from onepoint.tickets.services import NewTicket
from onepoint.workflow import services as workflow_services
from onepoint.workflow.models import UserTask


def task_of(ticket):
    return UserTask.objects.live().select_related("instance").get(subject_type="ticket", subject_id=ticket.pk)


def fresh(user):
    return User.objects.get(pk=user.pk)


def shows(client_of, person, kind, ticket):
    return ticket.number in client_of(person).get(f"/?kind={kind}").content.decode()


def test_a_new_ticket_waits_for_the_coordinator_and_for_nobody_else(cast, ticket, client_of):
    assert shows(client_of, cast.coordinator, "pool", ticket)
    for person in (cast.agent, cast.handler, cast.billing_handler, cast.outsider, cast.visitor):
        assert not shows(client_of, person, "pool", ticket), person
        assert not shows(client_of, person, "mine", ticket), person


def test_a_claimed_step_is_in_its_holders_hands_only(cast, ticket, client_of):
    workflow_services.claim_task(task_of(ticket), by=cast.coordinator)
    assert shows(client_of, cast.coordinator, "mine", ticket)
    assert not shows(client_of, cast.coordinator, "pool", ticket)


def test_it_is_claimed_from_the_desk(cast, ticket, client_of):
    task = task_of(ticket)
    client = client_of(cast.coordinator)
    path = f"/tickets/{ticket.number}/tasks/{task.pk}/claim/"
    assert f'action="{path}"' in client.get("/?kind=pool").content.decode()
    client.post(path)
    assert f'action="{path}"' not in client.get("/?kind=mine").content.decode()
    assert shows(client_of, cast.coordinator, "mine", ticket)


def test_what_was_sent_back_for_correction_waits_for_the_agent_and_is_done_by_the_coordinator(cast, ticket, client_of):
    task = task_of(ticket)
    workflow_services.claim_task(task, by=cast.coordinator)
    workflow_services.complete_task(
        task_of(ticket), outcome="send_back_for_correction", inputs={}, opinion="请补充资料", by=fresh(cast.coordinator)
    )
    assert shows(client_of, cast.coordinator, "done", ticket)
    assert not shows(client_of, cast.coordinator, "mine", ticket)
    assert shows(client_of, cast.agent, "mine", ticket) or shows(client_of, cast.agent, "pool", ticket)


def test_what_one_registered_and_watches_stands_there_until_finished(cast, ticket, client_of):
    assert shows(client_of, cast.agent, "started", ticket)
    assert not shows(client_of, cast.second_agent, "started", ticket)
    ticket_services.watch_ticket(ticket, by=cast.second_agent)
    assert shows(client_of, cast.second_agent, "watched", ticket)
    ticket_services.withdraw_ticket(ticket, reason="客户撤诉", by=cast.agent)
    assert not shows(client_of, cast.agent, "started", ticket)
    assert not shows(client_of, cast.second_agent, "watched", ticket)


def test_the_tabs_count_what_they_hold(cast, ticket, categories, client_of):
    page = client_of(cast.coordinator).get("/").content.decode()
    assert ticket.number in page, "with nothing in hand the pool comes first"
    assert page.count('class="tabs__count">1<') == 1
    workflow_services.claim_task(task_of(ticket), by=cast.coordinator)
    assert 'aria-current="page"' in client_of(cast.coordinator).get("/?kind=nonsense").content.decode()


@pytest.mark.parametrize(
    ("kind", "queries"),
    [("pool", 17), ("mine", 16), ("late", 16), ("started", 16), ("owned", 16), ("watched", 16), ("done", 16)],
)
def test_the_desk_costs_a_fixed_number_of_queries(
    cast, ticket, categories, client_of, django_assert_max_num_queries, kind, queries
):
    client = client_of(cast.coordinator)
    client.get("/")
    for index in range(4):
        new = NewTicket(kind="complaint", category=categories["billing"], title=f"投诉{index}", channel="hotline")
        ticket_services.create_ticket(new, by=cast.agent)
    with django_assert_max_num_queries(queries):
        client.get(f"/?kind={kind}")


def test_a_ticket_past_its_promise_stands_under_overdue(cast, ticket, categories, client_of):
    new = NewTicket(kind="complaint", category=categories["billing"], title="早该答复", channel="hotline")
    with clock.at(clock.now() - timedelta(days=30)):
        old = ticket_services.create_ticket(new, by=cast.agent)
    assert shows(client_of, cast.coordinator, "late", old)
    assert not shows(client_of, cast.coordinator, "late", ticket)
    assert not shows(client_of, cast.outsider, "late", old)


def test_somebody_without_the_desk_begins_at_the_first_of_his_own_pages(cast, client_of):
    cast.handler.role_grants.all().delete()
    home = navigation.home_of(cast.handler)
    assert home not in ("", "/")
    assert client_of(cast.handler).get("/")["Location"] == home
    assert client_of(cast.handler).get("/search/?q=1").status_code == 403


def test_who_was_asked_first_sees_who_has_the_ticket_until_it_is_settled(cast, ticket, client_of):
    task = task_of(ticket)
    workflow_services.claim_task(task, by=cast.coordinator)
    page = client_of(cast.agent).get("/?kind=owned").content.decode()
    assert ticket.number in page
    assert cast.coordinator.label in page
    assert client_of(cast.agent).get("/desk/figures/").json()["owned"]["count"] == "1"
    assert not shows(client_of, cast.second_agent, "owned", ticket)
    ticket_services.withdraw_ticket(ticket, reason="客户撤诉", by=cast.agent)
    assert not shows(client_of, cast.agent, "owned", ticket)
