"""Whoever is not satisfied: the ticket is back at the department's interface person, or at the crisis seats."""

from datetime import timedelta
from typing import Any

import pytest

from cast import Cast, make_user
from onepoint.accounts.models import Role, RoleGrant
from onepoint.accounts.states import DataScope
from onepoint.core import clock
from onepoint.core.models import AuditEntry
from onepoint.customers import services as customer_services
from onepoint.customers.states import AttentionKind
from onepoint.follow_ups import services
from onepoint.follow_ups.models import FollowUp
from onepoint.notifications.models import Notification
from onepoint.tickets import services as ticket_services
from onepoint.tickets.models import Ticket
from onepoint.tickets.states import TicketStatus
from onepoint.workflow import services as workflow_services
from tickets.conftest import DELIVERED, again, do, fresh, task_at, verbs_of


def rate(ticket: Ticket, words: str = "还是断线", stars: int = 1) -> FollowUp:
    return services.take_rating(ticket, stars=stars, words=words, channel="portal", key=f"k{ticket.reopen_count}")


@pytest.fixture
def crisis(cast: Cast, questionnaire: Any) -> Any:
    """The crisis seats of East, with their process."""
    version = workflow_services.deploy_version((DELIVERED / "crisis.bpmn").read_bytes(), by=None)
    workflow_services.publish_version(version, by=None)
    role = Role.objects.create(
        code="crisis_seat",
        name="危机处理专席",
        permissions=["desk.use", "ticket.view"],
        data_scope=DataScope.OWN_REGION,
    )
    person = make_user("crisis", cast.call_centre, [])
    RoleGrant.objects.create(user=person, role=role, unit=cast.call_centre)
    return person


def test_the_ticket_is_back_at_the_interface_person_with_the_customers_words(cast: Cast, closed: Ticket) -> None:
    with clock.at(clock.now() + timedelta(days=9)):
        visit = rate(closed)
        now = again(closed)
        assert (now.status, now.reopen_count) == (TicketStatus.HANDLING, 1)
        assert now.due_at is None or now.due_at > clock.now()
    task = task_at(closed, "receive")
    assert (task.unit, task.assignee) == (cast.network, cast.interface_person)
    assert visit.has_reopened
    entry = AuditEntry.objects.get(verb="ticket.reopened")
    assert (entry.actor_id, entry.data["reason"]) == (None, "还是断线")


def test_if_the_interface_person_has_left_the_deputies_have_it(cast: Cast, closed: Ticket) -> None:
    cast.interface_person.is_active = False
    cast.interface_person.save(update_fields=["is_active"])
    rate(closed)
    task = task_at(closed, "receive")
    assert task.assignee is None or task.assignee != cast.interface_person
    assert f"I{cast.network.pk}" in task.candidate_keys or task.assignee == cast.deputy


def test_the_first_asked_person_hears_of_every_answer(cast: Cast, closed: Ticket) -> None:
    rate(closed, stars=5, words="很好")
    assert Notification.objects.get(event="visit.satisfied").person == cast.agent


def test_and_of_a_customer_who_is_not_satisfied(cast: Cast, closed: Ticket) -> None:
    rate(closed)
    assert Notification.objects.get(event="visit.not_satisfied").person == cast.agent
    assert not Notification.objects.filter(event="visit.satisfied").exists()


def test_the_second_time_the_crisis_seats_have_it(cast: Cast, crisis, closed: Ticket) -> None:
    rate(closed)
    do(closed, "receive", cast.interface_person, "done", "已重修")
    do(closed, "coordinate", cast.coordinator, "finish", "再次答复")
    assert again(closed).status == TicketStatus.CLOSED
    rate(again(closed), "又断了")
    now = again(closed)
    assert (now.status, now.reopen_count) == (TicketStatus.HANDLING, 2)
    assert now.process_instance.version.definition.key == "crisis"
    assert "ticket.to_crisis" in verbs_of(closed)
    assert Notification.objects.filter(event="visit.crisis", person=cast.agent).exists()
    do(now, "crisis_handle", crisis, "ask_department", "请到场", department=cast.network.pk)
    do(now, "crisis_department", cast.interface_person, "done", "已到场修复")
    do(now, "crisis_handle", crisis, "settled", "已修复并致歉")
    do(now, "crisis_answer", crisis, "answered", "客户接受")
    assert again(closed).status == TicketStatus.CLOSED
    assert FollowUp.objects.filter(ticket=closed).count() == 2


@pytest.mark.parametrize("words", ["我要找记者曝光你们", "准备打12315"])
def test_words_of_risk_lead_to_the_crisis_seats_at_once(cast: Cast, crisis, closed: Ticket, words: str) -> None:
    rate(closed, words)
    assert again(closed).process_instance.version.definition.key == "crisis"
    assert task_at(closed, "crisis_handle").candidate_keys


def test_so_does_a_customer_on_the_attention_list(cast: Cast, crisis, ticket, close, customer) -> None:
    customer_services.put_on_attention_list(
        customer, kind=AttentionKind.RISK, reason="多次越级投诉", starts_on=clock.today(), by=None
    )
    rate(close(ticket))
    assert again(ticket).process_instance.version.definition.key == "crisis"
    entry = AuditEntry.objects.get(verb="ticket.to_crisis")
    assert entry.data["why"] == "attention"


def test_a_house_without_crisis_seats_lets_the_department_go_on(cast: Cast, questionnaire, closed: Ticket) -> None:
    rate(closed, "我要曝光")
    assert task_at(closed, "receive").assignee == cast.interface_person


def test_words_about_a_ticket_that_lives_again_already_are_heard_there(
    cast: Cast, make_rule, register, close, customer
) -> None:
    make_rule(ways=("phone",))
    ticket = close(register(customer=customer))
    services.make_visits(by=None)
    visit = FollowUp.objects.get()
    FollowUp.objects.update(due_at=clock.now(), assignee=cast.visitor)
    ticket_services.reopen_ticket(again(ticket), reason="客户来电", by=fresh(cast.coordinator))
    FollowUp.objects.update(state="waiting")  # as if the answer had been on its way when the ticket was reopened
    services.record_answers(visit, {"q1": "3"}, words="还是不行", by=fresh(cast.visitor))
    assert again(ticket).reopen_count == 1
    assert "ticket.customer_wrote" in verbs_of(ticket)
