"""Whoever may not read tickets at all is given no step of one, and no picker offers such a person."""

import pytest
from django.urls import reverse

from cast import Cast, make_user
from onepoint.accounts.models import User
from onepoint.core.errors import InvalidInput
from onepoint.tickets.models import Ticket
from onepoint.tickets.policies import CannotReadTickets
from onepoint.tickets.queries import people_of_unit
from onepoint.workflow import services as workflow
from tickets.conftest import do, task_at


@pytest.fixture
def reader_of_nothing(cast: Cast) -> User:
    """Belongs to the network department, and has no role at all."""
    return make_user("warehouse", cast.network, [], "仓库员")


@pytest.fixture
def received(cast: Cast, ticket: Ticket) -> Ticket:
    do(ticket, "coordinate", cast.coordinator, "departments_in_sequence", departments=[cast.network.pk])
    return ticket


def test_nobody_assigns_a_step_to_who_reads_no_tickets(cast: Cast, received: Ticket, reader_of_nothing: User) -> None:
    with pytest.raises(InvalidInput) as refused:
        do(received, "receive", cast.interface_person, "assign_handler", handler=reader_of_nothing.pk)
    assert "仓库员" in str(refused.value.errors["handler"])
    do(received, "receive", cast.interface_person, "assign_handler", handler=cast.handler.pk)
    assert task_at(received, "handle").assignee == cast.handler


def test_nobody_passes_a_step_on_or_asks_who_reads_no_tickets(
    cast: Cast, received: Ticket, reader_of_nothing: User
) -> None:
    do(received, "receive", cast.interface_person, "assign_handler", handler=cast.handler.pk)
    task = task_at(received, "handle")
    with pytest.raises(CannotReadTickets):
        workflow.reassign_task(task, to=reader_of_nothing, reason="请办", by=cast.supervisor)
    with pytest.raises(CannotReadTickets):
        workflow.delegate_task(task, to=reader_of_nothing, reason="请办", by=cast.handler)
    with pytest.raises(CannotReadTickets):
        workflow.add_signers(task, people=[reader_of_nothing], position="before", reason="请核", by=cast.handler)
    assert task_at(received, "handle").assignee == cast.handler


def test_pickers_of_steps_leave_out_who_reads_no_tickets(
    cast: Cast, received: Ticket, reader_of_nothing: User, client_of
) -> None:
    assert reader_of_nothing not in people_of_unit(cast.network.pk)
    assert cast.handler in people_of_unit(cast.network.pk)
    client, options = client_of(cast.interface_person), reverse("person-options")
    offered = client.get(f"{options}?may=ticket.view&q=warehouse").json()["results"]
    anybody = client.get(f"{options}?q=warehouse").json()["results"]
    assert (offered, [one["label"] for one in anybody]) == ([], ["仓库员"])
    assert client.get(f"{options}?may=x").json() == {"results": []}
