"""Whoever may not read tickets at all is given no step of one, and no picker offers such a person."""

from uuid import uuid4

import pytest
from django.urls import reverse

from cast import Cast, make_user
from onepoint.accounts.models import User
from onepoint.core.errors import InvalidInput
from onepoint.notifications.models import Notification
from onepoint.tickets import services
from onepoint.tickets.batch_states import BatchVerb
from onepoint.tickets.batches import Chosen
from onepoint.tickets.models import BatchRun, Ticket, Watcher
from onepoint.tickets.policies import CannotReadAlong, CannotReadTickets
from onepoint.tickets.queries import people_of_unit
from onepoint.workflow import services as workflow
from tickets.conftest import do, fresh, task_at


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


def test_nobody_is_sent_a_copy_who_reads_no_tickets(
    cast: Cast, received: Ticket, reader_of_nothing: User, client_of
) -> None:
    do(received, "receive", cast.interface_person, "assign_handler", handler=cast.handler.pk)
    task = task_at(received, "handle")
    with pytest.raises(CannotReadAlong):
        workflow.copy_task(task, people=[cast.deputy, reader_of_nothing], text="请知悉", by=cast.handler)
    url = reverse("ticket-task-copy", args=[received.number, task.pk])
    answer = client_of(cast.handler).post(url, {"people": [reader_of_nothing.pk], "reason": "请知悉"})
    assert answer.status_code == 409
    assert not Watcher.objects.filter(ticket=received).exists()
    assert not Notification.objects.filter(person=reader_of_nothing).exists()
    workflow.copy_task(task, people=[cast.deputy], text="请知悉", by=cast.handler)
    assert Watcher.objects.get(ticket=received).user == cast.deputy


def test_no_batch_begins_for_who_reads_no_tickets(
    cast: Cast, received: Ticket, reader_of_nothing: User, client_of
) -> None:
    chosen = Chosen(ids=[received.pk])
    given = {"person": reader_of_nothing.pk, "reason": "请办"}
    with pytest.raises(InvalidInput) as refused:
        services.start_batch(BatchVerb.REASSIGN, given, chosen, by=fresh(cast.coordinator))
    assert "仓库员" in refused.value.errors["person"]
    client = client_of(cast.coordinator)
    form = {"verb": "reassign", "ticket": received.pk}
    shown = client.post("/tickets/batches/new/", form | given | {"request_key": uuid4()})
    assert (shown.status_code, BatchRun.objects.count()) == (422, 0)
    assert "仓库员" in shown.content.decode()
    assert f"{reverse('person-options')}?may=ticket.view" in client.get("/tickets/batches/new/", form).content.decode()


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
