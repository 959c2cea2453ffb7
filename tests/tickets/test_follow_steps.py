"""A ticket follows its process: status, who may see it, and its end."""

import pytest

from cast import Cast
from onepoint.accounts.models import User
from onepoint.core import clock
from onepoint.tickets import signals
from onepoint.tickets.models import Ticket
from onepoint.tickets.states import TicketStatus
from onepoint.workflow import queries as workflow_queries
from onepoint.workflow import services as workflow_services
from tickets.conftest import again, do, fresh, task_at, verbs_of


def sees(user: User, ticket: Ticket) -> bool:
    return Ticket.objects.visible_to(fresh(user)).filter(pk=ticket.pk).exists()


def test_the_departments_see_it_from_the_moment_it_is_sent_to_them(cast: Cast, ticket) -> None:
    assert not sees(cast.interface_person, ticket)
    do(ticket, "coordinate", cast.coordinator, "departments_in_sequence", departments=[cast.network.pk])
    assert again(ticket).status == TicketStatus.HANDLING
    for person in (cast.interface_person, cast.deputy, cast.handler):
        assert sees(person, ticket), person
    assert not sees(cast.billing_handler, ticket)
    do(ticket, "receive", cast.interface_person, "pass_on", "转计费", department=cast.billing.pk)
    assert sees(cast.billing_handler, ticket)
    assert sees(cast.handler, ticket)


def test_whatever_stands_in_a_to_do_list_can_be_opened(cast: Cast, ticket) -> None:
    """Also by somebody whose data scope reaches nothing but his own work."""
    cast.billing_handler.role_grants.update(data_scope="own")
    workflow_services.reassign_task(
        task_at(ticket, "coordinate"), to=cast.billing_handler, reason="代班", by=fresh(cast.supervisor)
    )
    (waiting,) = workflow_queries.open_tasks_for(fresh(cast.billing_handler))
    assert waiting.subject_id == ticket.pk
    assert sees(cast.billing_handler, ticket)
    assert not sees(cast.billing_interface, ticket)


def test_a_candidate_with_the_narrowest_scope_sees_it(cast: Cast, ticket) -> None:
    cast.deputy.role_grants.update(data_scope="own")
    do(ticket, "coordinate", cast.coordinator, "departments_in_sequence", departments=[cast.network.pk])
    assert sees(cast.deputy, ticket)


def test_the_status_is_that_of_the_step_reached(cast: Cast, ticket) -> None:
    do(ticket, "coordinate", cast.coordinator, "answer_original")
    assert again(ticket).status == TicketStatus.REPLYING
    do(ticket, "answer", cast.agent, "answered")
    now = again(ticket)
    assert now.status == TicketStatus.VISITING
    assert now.resolved_at is not None
    do(ticket, "follow_up", cast.visitor, "not_settled", "还没有退费")
    assert again(ticket).status == TicketStatus.OPEN


@pytest.mark.parametrize(
    ("outcome", "status", "verb"),
    [("finish", TicketStatus.CLOSED, "ticket.closed"), ("abort", TicketStatus.ABORTED, "ticket.aborted")],
)
def test_it_ends_with_its_process(cast: Cast, ticket, outcome: str, status: str, verb: str) -> None:
    told = []

    def listen(**news) -> None:
        told.append((news["ticket"].pk, news["outcome"], news["by"]))

    signals.ticket_closed.connect(listen)
    do(ticket, "coordinate", cast.coordinator, outcome, "处理完成")
    now = again(ticket)
    assert (now.status, now.outcome) == (status, status)
    assert now.closed_at is not None
    assert now.closed_at <= clock.now()
    assert told == [(ticket.pk, status, cast.coordinator)]
    assert verbs_of(ticket).count(verb) == 1


def test_a_terminated_process_aborts_the_ticket(cast: Cast, ticket) -> None:
    workflow_services.terminate_process(ticket.process_instance_id, reason="重复受理", by=fresh(cast.supervisor))
    assert again(ticket).status == TicketStatus.ABORTED
    assert not workflow_queries.live_tasks_of("ticket", ticket.pk)


def test_a_change_of_status_is_journaled_and_announced(cast: Cast, ticket) -> None:
    told = []

    def listen(**news) -> None:
        told.append((news["verb"], news["was"], news["ticket"].status))

    signals.ticket_status_changed.connect(listen)
    do(ticket, "coordinate", cast.coordinator, "answer_original")
    assert told == [("start_replying", TicketStatus.OPEN, TicketStatus.REPLYING)]
    assert verbs_of(ticket).count("ticket.status_changed") == 1
