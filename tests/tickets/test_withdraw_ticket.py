"""Withdrawing and reopening."""

from datetime import timedelta

import pytest
from django.urls import reverse

from cast import Cast
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.core.models import AuditEntry
from onepoint.tickets import policies, services, signals
from onepoint.tickets.states import TicketStatus
from onepoint.workflow import queries as workflow_queries
from tickets.conftest import again, do, fresh, task_at, verbs_of


@pytest.mark.parametrize("person", ["agent", "coordinator"])
def test_creator_and_coordinator_withdraw_it_and_the_process_ends(cast: Cast, ticket, person: str) -> None:
    told = []

    def listen(**news) -> None:
        told.append(news["outcome"])

    signals.ticket_closed.connect(listen)
    services.withdraw_ticket(ticket, reason="客户撤诉", by=fresh(getattr(cast, person)))
    now = again(ticket)
    assert (now.status, now.outcome) == (TicketStatus.WITHDRAWN, "withdrawn")
    assert not workflow_queries.live_tasks_of("ticket", ticket.pk)
    assert told == ["withdrawn"]
    assert verbs_of(ticket).count("ticket.withdrawn") == 1


def test_a_colleague_may_not(cast: Cast, ticket) -> None:
    with pytest.raises(policies.NotYourTicket):
        services.withdraw_ticket(ticket, reason="x", by=fresh(cast.second_agent))
    with pytest.raises(NotPermitted):
        services.withdraw_ticket(ticket, reason="x", by=fresh(cast.supervisor))
    assert task_at(ticket, "coordinate")


def test_it_needs_a_reason_and_else_changes_nothing(cast: Cast, ticket) -> None:
    with pytest.raises(InvalidInput):
        services.withdraw_ticket(ticket, reason="  ", by=fresh(cast.agent))
    assert again(ticket).status == TicketStatus.OPEN


def test_a_finished_ticket_is_not_withdrawn(cast: Cast, ticket) -> None:
    do(ticket, "coordinate", cast.coordinator, "finish", "已解决")
    with pytest.raises(policies.StatusDoesNotAllow):
        services.withdraw_ticket(again(ticket), reason="x", by=fresh(cast.agent))


def test_a_closed_ticket_lives_again_at_its_last_step_and_keeps_its_opinions(cast: Cast, ticket, client_of) -> None:
    told = []

    def listen(**news) -> None:
        told.append(news["reason"])

    signals.ticket_reopened.connect(listen)
    do(ticket, "coordinate", cast.coordinator, "finish", "第一轮的结论")
    first = ticket.process_instance_id
    reopened = services.reopen_ticket(again(ticket), reason="又出现了", by=fresh(cast.coordinator))
    now = again(ticket)
    assert (now.status, now.reopen_count, now.closed_at, now.outcome) == (TicketStatus.OPEN, 1, None, "")
    assert reopened.process_instance_id == first
    assert task_at(ticket, "coordinate").instance_id == now.process_instance_id
    assert told == ["又出现了"]
    assert verbs_of(ticket).count("ticket.reopened") == 1
    text = client_of(cast.agent).get(ticket.get_absolute_url()).content.decode()
    assert "第一轮的结论" in text
    assert "又出现了" in text


def test_a_reopened_ticket_goes_back_to_the_department_that_handled_it_last(cast: Cast, ticket) -> None:
    do(ticket, "coordinate", cast.coordinator, "departments_in_sequence", departments=[cast.network.pk])
    do(ticket, "receive", cast.interface_person, "done", "线路已修")
    do(ticket, "coordinate", cast.coordinator, "finish", "已答复")
    assert again(ticket).status == TicketStatus.CLOSED
    with clock.at(clock.now() + timedelta(days=30)):
        services.reopen_ticket(again(ticket), reason="又断了", by=fresh(cast.coordinator))
        assert again(ticket).due_at > clock.now()
    assert (again(ticket).status, again(ticket).reopen_count) == (TicketStatus.HANDLING, 1)
    task = task_at(ticket, "receive")
    assert (task.unit, task.assignee) == (cast.network, cast.interface_person)
    entry = AuditEntry.objects.get(verb="ticket.reopened")
    assert (entry.actor_id, entry.data["reason"], entry.data["count"]) == (cast.coordinator.pk, "又断了", 1)


def test_a_ticket_reopened_and_closed_again_counts_both_rounds(cast: Cast, ticket) -> None:
    for count in (1, 2):
        do(ticket, "coordinate", cast.coordinator, "finish", "已解决")
        services.reopen_ticket(again(ticket), reason="又出现了", by=fresh(cast.coordinator))
        assert again(ticket).reopen_count == count


def test_reopening_needs_a_coordinator_a_closed_ticket_and_a_reason(cast: Cast, ticket) -> None:
    with pytest.raises(policies.StatusDoesNotAllow):
        services.reopen_ticket(ticket, reason="x", by=fresh(cast.coordinator))
    do(ticket, "coordinate", cast.coordinator, "finish", "已解决")
    with pytest.raises(NotPermitted):
        services.reopen_ticket(again(ticket), reason="x", by=fresh(cast.agent))
    with pytest.raises(InvalidInput):
        services.reopen_ticket(again(ticket), reason="", by=fresh(cast.coordinator))
    assert again(ticket).status == TicketStatus.CLOSED


def test_the_pages_do_both(cast: Cast, ticket, client_of) -> None:
    agent, coordinator = client_of(cast.agent), client_of(cast.coordinator)
    refused = agent.post(reverse("ticket-withdraw", args=[ticket.number]), {"reason": ""})
    assert refused.status_code == 422
    agent.post(reverse("ticket-withdraw", args=[ticket.number]), {"reason": "客户撤诉"})
    assert again(ticket).status == TicketStatus.WITHDRAWN
    refused = coordinator.post(reverse("ticket-reopen", args=[ticket.number]), {"reason": "写好的理由"})
    assert refused.status_code == 409
    assert "写好的理由" in refused.content.decode()
