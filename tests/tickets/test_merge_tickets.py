"""Merging and splitting: everything is kept, finished tickets are refused (demand 13)."""

import uuid

import pytest

from cast import Cast
from onepoint.core.attachments import current_files
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.customers import services as customer_services
from onepoint.tickets import policies, queries, related, services, signals
from onepoint.tickets.models import Ticket
from onepoint.tickets.services import SplitPart
from onepoint.tickets.services.relations import like
from onepoint.tickets.states import TicketStatus
from onepoint.workflow.models import ProcessInstance, UserTask
from tickets.conftest import again, do, fresh, task_at, verbs_of
from tickets.test_attach_file import upload


def merge(survivor, *merged, by=None, **more):
    return services.merge_tickets(survivor, list(merged), reason="同一件事", by=by, **more)


def test_the_merged_one_ends_with_its_process_and_everything_is_read_from_the_survivor(
    cast: Cast, ticket, register, customer
) -> None:
    told = []

    def listen(**news) -> None:
        told.append((news["ticket"].pk, news["merged"].pk))

    signals.tickets_merged.connect(listen)
    other = register(by=cast.second_agent, customer=customer)
    file = services.add_attachment(other, upload(), by=fresh(cast.second_agent))
    services.watch_ticket(other, by=cast.second_agent)
    do(other, "coordinate", cast.coordinator, "departments_in_sequence", "请网络部查", departments=[cast.network.pk])

    merge(ticket, other, by=fresh(cast.coordinator))

    ended = again(other)
    assert (ended.status, ended.outcome, ended.merged_into_id) == (TicketStatus.MERGED, "merged", ticket.pk)
    assert ProcessInstance.objects.get(pk=ended.process_instance_id).outcome == "merged"
    assert not UserTask.objects.live().filter(subject_id=other.pk).exists()
    survivor = queries.find_ticket(ticket.number, visible_to=fresh(cast.agent))
    assert survivor is not None
    assert task_at(survivor, "coordinate")
    assert queries.files_of(survivor) == [file]
    assert queries.find_file(survivor, file.pk) == file
    assert "请网络部查" in [opinion.text for opinion in queries.opinions_of(survivor)]
    assert list(survivor.watchers.values_list("user", flat=True)) == [cast.second_agent.pk]
    assert related.merged_tickets(survivor) == [other]
    assert verbs_of(ticket)[-1] == "ticket.took_over"
    assert "ticket.merged" in verbs_of(other)
    assert told == [(ticket.pk, other.pk)]


def test_whoever_saw_the_merged_one_sees_the_survivor(cast: Cast, ticket, register) -> None:
    other = register()
    do(other, "coordinate", cast.coordinator, "departments_in_sequence", "请查", departments=[cast.network.pk])
    assert queries.find_ticket(ticket.number, visible_to=fresh(cast.interface_person)) is None
    merge(ticket, other, by=fresh(cast.coordinator))
    assert queries.find_ticket(ticket.number, visible_to=fresh(cast.interface_person)) == ticket
    assert related.survivor_of(again(other), visible_to=fresh(cast.interface_person)) == ticket


def test_a_chain_of_merges_points_to_the_last_survivor(cast: Cast, register) -> None:
    first, second, third = register(), register(), register()
    merge(second, first)
    merge(third, again(second))
    assert again(first).merged_into_id == again(second).merged_into_id == third.pk
    assert queries.family_ids(again(third)) == [third.pk, first.pk, second.pk]


def test_finished_tickets_are_refused_on_either_side(cast: Cast, ticket, register) -> None:
    closed = register()
    do(closed, "coordinate", cast.coordinator, "finish")
    with pytest.raises(policies.StatusDoesNotAllow):
        merge(ticket, again(closed), by=fresh(cast.coordinator))
    with pytest.raises(policies.TicketFinished):
        merge(again(closed), ticket, by=fresh(cast.coordinator))
    with pytest.raises(policies.SameTicket):
        merge(ticket, ticket, by=fresh(cast.coordinator))
    with pytest.raises(InvalidInput):
        services.merge_tickets(ticket, [register()], reason=" ", by=fresh(cast.coordinator))
    with pytest.raises(NotPermitted):
        merge(ticket, register(), by=fresh(cast.agent))
    assert again(ticket).status == TicketStatus.OPEN


def test_tickets_of_different_customers_are_merged_only_by_who_says_so(cast: Cast, ticket, register) -> None:
    stranger = customer_services.create_customer(by=cast.agent, name="李四", region=cast.east, accounts=[])
    other = register(customer=stranger)
    with pytest.raises(policies.DifferentCustomers) as refused:
        merge(ticket, other, by=fresh(cast.coordinator))
    assert "李四" in str(refused.value)
    merge(ticket, other, by=fresh(cast.coordinator), despite_customers=True)
    assert again(other).merged_into_id == ticket.pk


def test_the_children_of_a_merged_parent_become_the_survivors(cast: Cast, ticket, register) -> None:
    other = register()
    child = services.create_child(other, like(other, title="查交换机"), by=fresh(cast.agent))
    merge(ticket, other, by=fresh(cast.coordinator))
    assert again(child).parent_id == ticket.pk


def test_a_parent_merged_into_its_child_leaves_no_circle(cast: Cast, register) -> None:
    top, middle, bottom = register(), register(), register()
    services.attach_child(top, middle, by=None)
    services.attach_child(middle, bottom, by=None)
    with pytest.raises(policies.WouldCircle):
        merge(again(bottom), top)
    merge(again(bottom), middle)
    assert again(bottom).parent_id == top.pk


def test_a_split_part_gets_its_own_number_process_and_files(cast: Cast, ticket) -> None:
    agent = fresh(cast.agent)
    kept = services.add_attachment(ticket, upload("留下.txt"), by=agent)
    shared = services.add_attachment(ticket, upload("共用.txt"), by=agent)
    moved = services.add_attachment(ticket, upload("移走.txt"), by=agent)
    part = SplitPart(title="另一件事", description="宽带也慢", moved=[moved.pk, 10**9], shared=[shared.pk])
    made = services.split_ticket(ticket, part, by=agent)
    assert (made.customer, made.title) == (ticket.customer, "另一件事")
    assert made.number != ticket.number
    assert task_at(made, "coordinate")
    assert {file.name for file in current_files("ticket", made.pk)} == {"共用.txt", "移走.txt"}
    assert {file.name for file in current_files("ticket", ticket.pk)} == {"留下.txt", "共用.txt"}
    assert {file.uploaded_by_id for file in current_files("ticket", made.pk)} == {cast.agent.pk}
    assert kept.sha256 == moved.sha256  # the bytes are stored once
    (link,) = related.links_of(made, visible_to=agent)
    assert (link.ticket, link.link.kind) == (ticket, "split_from")
    assert verbs_of(ticket)[-1] == "ticket.split"
    assert "ticket.attachment_moved" in verbs_of(ticket)


def test_a_split_sent_twice_splits_once(cast: Cast, ticket) -> None:
    shared = services.add_attachment(ticket, upload("共用.txt"), by=fresh(cast.agent))
    part = SplitPart(title="另一件事", description="", shared=[shared.pk], request_key=uuid.uuid4())
    made = {services.split_ticket(again(ticket), part, by=fresh(cast.agent)).pk for _time in range(2)}
    assert len(made) == 1
    assert [file.name for file in current_files("ticket", *made)] == ["共用.txt"]


def test_a_finished_ticket_is_not_split(cast: Cast, ticket) -> None:
    do(ticket, "coordinate", cast.coordinator, "finish")
    with pytest.raises(policies.TicketFinished):
        services.split_ticket(ticket, SplitPart(title="x", description=""), by=fresh(cast.agent))
    with pytest.raises(NotPermitted):
        services.split_ticket(ticket, SplitPart(title="x", description=""), by=fresh(cast.handler))
    assert Ticket.objects.count() == 1
