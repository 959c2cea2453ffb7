"""First-asked responsibility: who settles a ticket, and who hears of it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from cast import Cast
from onepoint.accounts import services as accounts
from onepoint.accounts.models import Role, User
from onepoint.core import clock
from onepoint.notifications.models import Notification
from onepoint.tickets import first_asked, services, ticket_events
from onepoint.tickets.models import Category, Ticket
from onepoint.tickets.services import telling
from onepoint.workflow import services as workflow_services
from onepoint.workflow.models import UserTask


@pytest.fixture
def strict(categories: dict[str, Category]) -> None:
    """Tickets about billing are settled by whoever was asked first; its leaves take that over."""
    Category.objects.filter(pk=categories["billing"].pk).update(owner_rule="confirms")


def test_only_the_first_asked_person_says_it_is_settled(ticket: Ticket, strict: None, cast: Cast) -> None:
    with pytest.raises(first_asked.OwnerConfirms) as refusal:
        services.resolve_ticket(ticket, reason="已退费", by=cast.coordinator)
    assert cast.agent.name in str(refusal.value)
    assert services.resolve_ticket(ticket, reason="已退费", by=cast.agent).status == "resolved"


def test_a_leader_settles_it_too(ticket: Ticket, strict: None, cast: Cast) -> None:
    role = Role.objects.get(code="coordinator")
    role.permissions = [*role.permissions, "ticket.supervise"]
    role.save()
    coordinator = User.objects.get(pk=cast.coordinator.pk)
    assert services.resolve_ticket(ticket, reason="已退费", by=coordinator).status == "resolved"


def test_a_deputy_settles_it_while_the_owner_is_away(ticket: Ticket, strict: None, cast: Cast) -> None:
    now = clock.now()
    accounts.delegate_work(cast.agent, deputy=cast.coordinator, starts_at=now, ends_at=now + timedelta(days=2), by=None)
    coordinator = User.objects.get(pk=cast.coordinator.pk)
    assert services.resolve_ticket(ticket, reason="已退费", by=coordinator).status == "resolved"


def test_an_owner_who_left_is_not_waited_for(ticket: Ticket, strict: None, cast: Cast) -> None:
    User.objects.filter(pk=cast.agent.pk).update(is_active=False)
    ticket = Ticket.objects.get(pk=ticket.pk)
    assert services.resolve_ticket(ticket, reason="已退费", by=cast.coordinator).status == "resolved"


def test_a_category_of_its_own_rule_is_free_again(
    register: Callable[..., Ticket], strict: None, categories: dict[str, Category], cast: Cast
) -> None:
    Category.objects.filter(pk=categories["bl_high"].pk).update(owner_rule="free")
    ticket = Ticket.objects.get(pk=register().pk)
    assert services.resolve_ticket(ticket, reason="已退费", by=cast.coordinator).status == "resolved"


def test_without_a_rule_whoever_has_to_do_with_it_settles_it(ticket: Ticket, cast: Cast) -> None:
    assert services.resolve_ticket(ticket, reason="已退费", by=cast.coordinator).status == "resolved"


def test_the_owner_hears_of_what_happens_though_he_watches_nothing(ticket: Ticket, cast: Cast) -> None:
    told = telling.tell_followers(ticket.pk, ticket_events.CLOSED, key="x", reason="", by=cast.coordinator)
    again = telling.tell_followers(ticket.pk, ticket_events.CLOSED, key="x", reason="", by=cast.coordinator)
    assert (told, again) == (1, 0)
    assert Notification.objects.get(event=ticket_events.CLOSED).person == cast.agent


def test_the_answer_is_given_by_whoever_answers_for_it_by_now(
    register: Callable[..., Ticket], complaint_process: None, cast: Cast
) -> None:
    ticket = register()
    Ticket.objects.filter(pk=ticket.pk).update(owner=cast.second_agent)  # handed over meanwhile
    task = UserTask.objects.live().get(subject_id=ticket.pk)
    workflow_services.claim_task(task, by=cast.coordinator)
    workflow_services.complete_task(task, outcome="answer_original", inputs={}, opinion="请答复", by=cast.coordinator)
    assert UserTask.objects.live().get(subject_id=ticket.pk).assignee == cast.second_agent


def test_whoever_registered_it_answers_where_the_owner_has_left(
    register: Callable[..., Ticket], complaint_process: None, cast: Cast
) -> None:
    ticket = register()
    Ticket.objects.filter(pk=ticket.pk).update(owner=cast.second_agent)
    User.objects.filter(pk=cast.second_agent.pk).update(is_active=False)
    task = UserTask.objects.live().get(subject_id=ticket.pk)
    workflow_services.claim_task(task, by=cast.coordinator)
    workflow_services.complete_task(task, outcome="answer_original", inputs={}, opinion="请答复", by=cast.coordinator)
    assert UserTask.objects.live().get(subject_id=ticket.pk).assignee == cast.agent
