"""Registering a ticket: number, audience, due moment, special items, process, journal, news."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from cast import Cast
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.sla.services import clock_policies
from onepoint.sla.states import ClockKind
from onepoint.tickets import policies, services, signals
from onepoint.tickets.models import Category, Severity, Ticket
from onepoint.tickets.states import TicketKind, TicketStatus
from tickets.conftest import fresh, task_at, verbs_of

MOMENT = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


def test_a_ticket_gets_a_number_an_audience_and_waits_for_the_coordinator(cast: Cast, register) -> None:
    with clock.at(MOMENT):
        ticket = register()
    assert ticket.number.startswith("TS20260302")
    assert (ticket.created_by, ticket.owner, ticket.unit, ticket.region) == (
        cast.agent,
        cast.agent,
        cast.call_centre,
        cast.east,
    )
    assert {f"P{cast.agent.pk}", f"U{cast.call_centre.pk}", f"R{cast.east.pk}"} <= set(ticket.audience)
    assert ticket.status == TicketStatus.OPEN
    assert f"A:coordinator@R{cast.east.pk}" in task_at(ticket, "coordinate").candidate_keys


def test_the_answer_is_due_by_severity_and_for_complaints_within_the_statutory_fifteen_days(
    cast: Cast, register, severities: dict[str, Severity]
) -> None:
    clock_policies.create_clock_policy(
        name="十五日答复", kind=ClockKind.STATUTORY, subject_kinds=["complaint"], limit=timedelta(days=15),
        in_working_time=False, by=None,
    )  # fmt: skip
    with clock.at(MOMENT):
        major = register(severity=severities["major"])
        normal = register(severity=severities["normal"])
        praise = register(
            severity=severities["normal"], kind=TicketKind.PRAISE, category=Category.objects.get(code="billing")
        )
    assert major.due_at == MOMENT + timedelta(hours=24)
    assert normal.due_at == MOMENT + timedelta(days=15)
    assert praise.due_at == MOMENT + timedelta(hours=480)


def test_severity_and_form_are_inherited_from_the_branch_above(register, categories, severities) -> None:
    ticket = register(category=categories["bb_slow"], special_items={"account": "kd1001", "speed": "80"})
    assert ticket.severity == severities["major"]
    assert ticket.form_version.definition.key == "broadband_fault"
    assert ticket.special_items == {"account": "kd1001", "speed": 80}


def test_special_items_are_validated_on_the_server(register, categories) -> None:
    with pytest.raises(InvalidInput) as refusal:
        register(category=categories["bb_slow"], special_items={"speed": "fast"})
    assert set(refusal.value.errors) == {"items-account", "items-speed"}
    assert not Ticket.objects.exists()


def test_who_may_not_create_is_refused(cast: Cast, register) -> None:
    with pytest.raises(NotPermitted):
        register(by=cast.handler)


def test_a_category_out_of_use_or_for_other_kinds_is_refused(register, categories) -> None:
    with pytest.raises(policies.CategoryNotUsable):
        register(kind=TicketKind.PRAISE)
    services.deactivate_category(categories["billing"], by=None)
    with pytest.raises(policies.CategoryNotUsable):
        register(category=Category.objects.get(code="bl_high"))


def test_a_number_of_another_customer_is_refused(cast: Cast, register, customer) -> None:
    with pytest.raises(InvalidInput) as refusal:
        register(account=customer.accounts.first())
    assert set(refusal.value.errors) == {"account"}


def test_an_empty_title_is_refused(register) -> None:
    with pytest.raises(InvalidInput):
        register(title=" \x00 ")


def test_the_same_form_sent_twice_makes_one_ticket(register) -> None:
    key = uuid.uuid4()
    assert register(request_key=key) == register(request_key=key)
    assert Ticket.objects.count() == 1


def test_the_same_number_of_the_same_source_makes_one_ticket(register) -> None:
    first = register(external_source="boss", external_number="77")
    assert register(external_source="boss", external_number="77") == first
    assert register(external_source="nsp", external_number="77") != first


def test_the_journal_and_the_announcement_tell_of_it(cast: Cast, register) -> None:
    told = []
    signals.ticket_created.connect(listener := lambda **news: told.append((news["ticket"], news["by"])))
    ticket = register()
    assert told == [(ticket, cast.agent)]
    assert verbs_of(ticket)[:2] == ["ticket.created", "process.started"]
    assert listener


def test_the_outsider_of_another_city_does_not_see_it(cast: Cast, register) -> None:
    ticket = register()
    assert not Ticket.objects.visible_to(fresh(cast.outsider)).filter(pk=ticket.pk).exists()
    assert not Ticket.objects.visible_to(fresh(cast.handler)).filter(pk=ticket.pk).exists()
    for person in (cast.agent, cast.second_agent, cast.coordinator, cast.supervisor, cast.admin):
        assert Ticket.objects.visible_to(fresh(person)).filter(pk=ticket.pk).exists(), person
