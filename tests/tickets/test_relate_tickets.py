"""Parents that wait for their children, links, tags."""

import pytest

from cast import Cast
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.core.models import AuditEntry
from onepoint.tickets import policies, related, services, signals
from onepoint.tickets.models import Category, TicketLink
from onepoint.tickets.services.relations import like
from onepoint.tickets.states import LinkKind, ParentRule, TicketStatus
from onepoint.workflow import services as workflow_services
from tickets.conftest import again, do, fresh, task_at, verbs_of


def finish(ticket, cast: Cast) -> None:
    do(ticket, "coordinate", cast.coordinator, "finish")


def test_a_child_is_registered_below_its_parent_and_takes_its_customer_over(cast: Cast, ticket) -> None:
    told = []

    def listen(**news) -> None:
        told.append((news["ticket"].pk, news["other"].pk, news["how"]))

    signals.ticket_related.connect(listen)
    child = services.create_child(ticket, like(ticket, title="查交换机"), by=fresh(cast.agent))
    assert again(child).parent_id == ticket.pk
    assert (again(child).customer, again(child).number != ticket.number) == (ticket.customer, True)
    assert "ticket.child_added" in verbs_of(ticket)
    assert "ticket.parent_set" in verbs_of(child)
    assert told == [(ticket.pk, child.pk, "parent")]


def test_a_parent_cannot_be_closed_while_a_child_is_open_and_the_reason_names_it(cast: Cast, ticket) -> None:
    child = services.create_child(ticket, like(ticket, title="查交换机"), by=fresh(cast.agent))
    with pytest.raises(policies.ChildrenStillOpen) as refused:
        finish(ticket, cast)
    assert child.number in str(refused.value)
    assert again(ticket).status == TicketStatus.OPEN
    assert task_at(ticket, "coordinate")
    finish(child, cast)
    finish(ticket, cast)
    assert again(ticket).status == TicketStatus.CLOSED


def test_where_the_category_says_so_it_closes_without_waiting(cast: Cast, ticket, categories) -> None:
    services.create_child(ticket, like(ticket, title="查交换机"), by=fresh(cast.agent))
    Category.objects.filter(code="billing").update(parent_rule=ParentRule.FREE)  # the branch above the ticket's
    finish(ticket, cast)
    assert again(ticket).status == TicketStatus.CLOSED


def test_a_process_that_ends_by_itself_leaves_the_parent_resolved_until_its_last_child_is_closed(
    cast: Cast, ticket
) -> None:
    first = services.create_child(ticket, like(ticket, title="一"), by=fresh(cast.agent))
    second = services.create_child(ticket, like(ticket, title="二"), by=fresh(cast.agent))
    workflow_services.complete_task(task_at(ticket, "coordinate"), outcome="finish", opinion="自动", by=None)
    assert again(ticket).status == TicketStatus.RESOLVED
    assert "ticket.waits_for_children" in verbs_of(ticket)
    finish(first, cast)
    assert not services.close_waiting_parent(ticket.pk, by=None)
    finish(second, cast)
    assert services.close_waiting_parent(ticket.pk, by=None)
    assert again(ticket).status == TicketStatus.CLOSED
    assert not services.close_waiting_parent(ticket.pk, by=None)


def test_a_withdrawn_parent_does_not_wait_and_its_child_goes_on(cast: Cast, ticket) -> None:
    child = services.create_child(ticket, like(ticket, title="查交换机"), by=fresh(cast.agent))
    services.withdraw_ticket(ticket, reason="客户撤诉", by=fresh(cast.agent))
    assert again(ticket).status == TicketStatus.WITHDRAWN
    assert again(child).status == TicketStatus.OPEN


def test_an_existing_ticket_is_put_below_another_and_taken_away(cast: Cast, ticket, register) -> None:
    child = register()
    services.attach_child(ticket, child, by=fresh(cast.agent))
    assert again(child).parent_id == ticket.pk
    with pytest.raises(policies.AlreadyHasParent):
        services.attach_child(register(), again(child), by=fresh(cast.agent))
    services.detach_child(child, by=fresh(cast.agent))
    assert again(child).parent_id is None
    assert verbs_of(child)[-1] == "ticket.parent_removed"
    services.detach_child(child, by=fresh(cast.agent))
    assert verbs_of(child).count("ticket.parent_removed") == 1


def test_nobody_stands_below_himself(cast: Cast, register) -> None:
    top, middle, bottom = register(), register(), register()
    services.attach_child(top, middle, by=fresh(cast.agent))
    services.attach_child(middle, bottom, by=fresh(cast.agent))
    with pytest.raises(policies.WouldCircle):
        services.attach_child(bottom, top, by=fresh(cast.agent))
    with pytest.raises(policies.SameTicket):
        services.attach_child(top, top, by=fresh(cast.agent))


def test_a_finished_ticket_is_neither_parent_nor_child(cast: Cast, ticket, register) -> None:
    finish(ticket, cast)
    for parent, child in ((ticket, register()), (register(), ticket)):
        with pytest.raises(policies.TicketFinished):
            services.attach_child(parent, child, by=fresh(cast.agent))
    with pytest.raises(policies.TicketFinished):
        services.create_child(ticket, like(ticket, title="x"), by=fresh(cast.agent))


def test_who_may_not_edit_tickets_changes_no_relation(cast: Cast, ticket, register) -> None:
    other, handler = register(), fresh(cast.handler)
    for act in (
        lambda: services.attach_child(ticket, other, by=handler),
        lambda: services.detach_child(ticket, by=handler),
        lambda: services.link_tickets(ticket, other, kind=LinkKind.RELATED, by=handler),
        lambda: services.create_child(ticket, like(ticket), by=handler),
        lambda: services.create_tag(name="x", by=handler),
    ):
        with pytest.raises(NotPermitted):
            act()


def test_child_work_shows_where_the_children_stand_and_hides_what_the_reader_may_not_see(cast: Cast, ticket) -> None:
    child = services.create_child(ticket, like(ticket, title="查交换机"), by=fresh(cast.agent))
    do(child, "coordinate", cast.coordinator, "departments_in_sequence", "请查", departments=[cast.network.pk])
    (work,), hidden = related.child_work(ticket, visible_to=fresh(cast.agent))
    assert (work.ticket, hidden) == (child, 0)
    assert [step.node_id for step in work.steps] == ["receive"]
    assert work.last_opinion is not None
    assert work.last_opinion.text == "请查"
    assert related.child_work(ticket, visible_to=fresh(cast.outsider)) == ([], 1)


def test_a_link_is_read_from_both_sides(cast: Cast, ticket, register) -> None:
    other = register()
    services.link_tickets(ticket, other, kind=LinkKind.CAUSED_BY, by=fresh(cast.agent))
    services.link_tickets(ticket, other, kind=LinkKind.CAUSED_BY, by=fresh(cast.agent))
    (here,) = related.links_of(ticket, visible_to=fresh(cast.agent))
    (there,) = related.links_of(other, visible_to=fresh(cast.agent))
    assert (here.ticket, there.ticket) == (other, ticket)
    assert here.label != there.label
    assert verbs_of(ticket).count("ticket.linked") == verbs_of(other).count("ticket.linked") == 1
    assert related.links_of(other, visible_to=fresh(cast.outsider)) == []
    services.unlink_tickets(here.link, by=fresh(cast.agent))
    assert not TicketLink.objects.exists()
    assert verbs_of(other)[-1] == "ticket.unlinked"


def test_related_is_the_same_from_either_side(cast: Cast, ticket, register) -> None:
    other = register()
    first = services.link_tickets(ticket, other, kind=LinkKind.RELATED, by=fresh(cast.agent))
    assert services.link_tickets(other, ticket, kind=LinkKind.RELATED, by=fresh(cast.agent)) == first
    with pytest.raises(InvalidInput):
        services.link_tickets(ticket, other, kind="married_to", by=fresh(cast.agent))


def test_tags_are_put_on_and_taken_off_once(cast: Cast, ticket) -> None:
    tag = services.create_tag(name="重复投诉", name_en="Repeated", colour="warn", by=None)
    for _attempt in range(2):
        services.tag_ticket(ticket, tag, by=fresh(cast.agent))
    assert again(ticket).tags == ["重复投诉"]
    assert verbs_of(ticket).count("ticket.tagged") == 1
    services.change_tag(tag, name="屡次投诉", name_en="", colour="bad", unit=None, is_active=True, by=None)
    (shown,) = related.shown_tags(again(ticket).tags)
    assert (shown.name, shown.colour) == ("屡次投诉", "bad")
    services.untag_ticket(ticket, "重复投诉", by=fresh(cast.agent))
    assert again(ticket).tags == []
    assert AuditEntry.objects.get(verb="ticket.untagged").data["tag"] == "屡次投诉"


def test_a_tag_of_a_unit_is_offered_below_it_only(cast: Cast) -> None:
    everywhere = services.create_tag(name="紧急", by=None)
    of_calls = services.create_tag(name="话务", unit=cast.call_centre, by=None)
    assert set(related.tags_for(fresh(cast.agent))) == {of_calls, everywhere}
    assert related.tags_for(fresh(cast.outsider)) == [everywhere]


def test_a_tag_out_of_use_or_without_a_name_or_twice_is_refused(cast: Cast, ticket) -> None:
    tag = services.create_tag(name="紧急", by=None)
    for name in ("紧急", " ", "长" * 41):
        with pytest.raises(InvalidInput):
            services.create_tag(name=name, by=None)
    services.change_tag(tag, name="紧急", name_en="", colour="", unit=None, is_active=False, by=None)
    tag.refresh_from_db()
    with pytest.raises(InvalidInput):
        services.tag_ticket(ticket, tag, by=fresh(cast.agent))
