"""Taking in what an authority hands over."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from cast import Cast
from onepoint.accounts.models import User
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.core.models import Attachment, AuditEntry
from onepoint.customers import services as customers
from onepoint.customers.models import Customer
from onepoint.notifications.models import Notification
from onepoint.regulators import policies, queries, services, signals
from onepoint.regulators.models import Regulator, RegulatorCase
from onepoint.sla.models import Clock
from onepoint.tickets.models import Category, Supervision, Ticket


def test_a_case_has_its_own_number_clock_and_journal(hand_over: Callable[..., RegulatorCase], cast: Cast) -> None:
    heard: list[RegulatorCase] = []

    def hear(sender: object, case: RegulatorCase, **_more: object) -> None:
        heard.append(case)

    signals.case_registered.connect(hear)
    received = clock.now() - timedelta(days=2)
    try:
        case = hand_over(received_at=received)
    finally:
        signals.case_registered.disconnect(hear)
    assert heard == [case]
    assert (case.state, case.received_by, case.region) == ("received", cast.coordinator, cast.east)
    assert case.answer_due_at == received + timedelta(days=10)
    running = Clock.objects.get(subject_type="regulator_case", subject_id=case.pk)
    assert (running.kind, running.due_at) == ("statutory", case.answer_due_at)
    assert case.warn_at == received + timedelta(days=5)
    assert case.acceptance_due_at is not None
    assert AuditEntry.objects.get(verb="regulator_case.registered").actor_id == cast.coordinator.pk


@pytest.mark.parametrize(
    "written", ["鄂申〔2026〕1024", "鄂申[2026] 1024", "鄂申2026-1024 ", "鄂申（２０２６）１０２４"]
)
def test_the_same_number_of_one_authority_is_refused_with_the_way_to_the_first(
    hand_over: Callable[..., RegulatorCase], written: str
) -> None:
    first = hand_over()
    with pytest.raises(policies.RegisteredAlready) as refusal:
        hand_over(written)
    assert refusal.value.details["number"] == first.number
    assert refusal.value.details["url"] == first.get_absolute_url()
    assert RegulatorCase.objects.count() == 1


def test_another_authority_may_use_the_same_number(hand_over: Callable[..., RegulatorCase]) -> None:
    hand_over()
    other = services.create_regulator("hotline", services.RegulatorItems(name="12345", report_hours=0), by=None)
    assert hand_over(regulator=other).case_number == "鄂申〔2026〕1024"


def test_the_same_form_twice_registers_once(hand_over: Callable[..., RegulatorCase]) -> None:
    key = uuid4()
    assert hand_over(request_key=key).pk == hand_over(request_key=key).pk


def test_a_ticket_that_is_here_becomes_graver_and_is_supervised(
    hand_over: Callable[..., RegulatorCase], ticket: Ticket, cast: Cast
) -> None:
    case = hand_over(ticket=ticket)
    ticket.refresh_from_db()
    assert (case.state, case.customer, case.ticket) == ("ticketed", ticket.customer, ticket)
    assert ticket.severity.code == "critical"
    supervision = Supervision.objects.get(ticket=ticket)
    assert supervision.interval_hours == 8
    assert cast.coordinator.pk in supervision.receivers
    assert AuditEntry.objects.filter(verb="ticket.handed_over_by_regulator", subject_id=ticket.pk).count() == 1
    told = Notification.objects.filter(event="regulator_case.registered").values_list("person", flat=True)
    assert list(told) == [cast.agent.pk]


def test_a_graver_ticket_stays_as_grave_and_its_supervision_as_it_is(
    hand_over: Callable[..., RegulatorCase], ticket: Ticket
) -> None:
    hand_over(ticket=ticket)
    hand_over("第二号", ticket=ticket)
    assert Supervision.objects.filter(ticket=ticket).count() == 1
    assert RegulatorCase.objects.filter(ticket=ticket, state="ticketed").count() == 2


def test_with_a_category_a_new_ticket_is_made_with_its_severity_and_files(
    hand_over: Callable[..., RegulatorCase], categories: dict[str, Category], customer: Customer
) -> None:
    letter = SimpleUploadedFile("转办函.txt", "请于十日内答复".encode())
    case = hand_over(category=categories["bl_high"], customer=customer, files=[letter])
    assert case.ticket is not None
    ticket = Ticket.objects.get(pk=case.ticket.pk)
    assert (ticket.severity.code, ticket.customer, ticket.title) == ("critical", customer, case.subject)
    kept = set(Attachment.objects.values_list("subject_type", "name"))
    assert kept == {("regulator_case", "转办函.txt"), ("ticket", "转办函.txt")}


def test_what_only_the_customer_knows_is_not_asked_of_a_letter(
    hand_over: Callable[..., RegulatorCase], categories: dict[str, Category]
) -> None:
    """Tickets about slow broadband have special items that must be filled in at the desk."""
    assert hand_over(category=categories["bb_slow"]).state == "ticketed"


def test_a_ticket_of_somebody_else_is_refused(
    hand_over: Callable[..., RegulatorCase], ticket: Ticket, cast: Cast
) -> None:
    other = customers.create_customer(by=cast.agent, name="李四", region=cast.east)
    with pytest.raises(policies.OtherCustomer):
        hand_over(ticket=ticket, customer=other)
    assert not RegulatorCase.objects.exists()


def test_a_case_that_waits_is_given_its_ticket_later(
    hand_over: Callable[..., RegulatorCase], ticket: Ticket, cast: Cast
) -> None:
    case = hand_over()
    services.take_up_case(case, ticket, by=cast.coordinator)
    case.refresh_from_db()
    assert (case.state, case.customer) == ("ticketed", ticket.customer)
    with pytest.raises(policies.CaseStateForbids):
        services.take_up_case(case, ticket, by=cast.coordinator)


def test_registering_needs_its_permission(hand_over: Callable[..., RegulatorCase], cast: Cast) -> None:
    with pytest.raises(NotPermitted):
        hand_over(by=cast.agent)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"case_number": "〔〕-"}, "case_number"),
        ({"subject": " "}, "subject"),
        ({"received_at": clock.now() + timedelta(days=900)}, "received_at"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(
    hand_over: Callable[..., RegulatorCase], changed: dict, field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        hand_over(**changed)
    assert list(refusal.value.errors) == [field]


def test_working_days_are_counted_where_the_authority_counts_them(
    hand_over: Callable[..., RegulatorCase], appeals: Regulator
) -> None:
    Regulator.objects.filter(pk=appeals.pk).update(in_working_days=True)
    appeals.refresh_from_db()
    case = hand_over()
    assert case.answer_due_at >= case.received_at + timedelta(days=9)


def test_the_outsider_sees_neither_case_nor_file(hand_over: Callable[..., RegulatorCase], cast: Cast) -> None:
    case = hand_over()
    assert queries.find_case(case.number, visible_to=cast.outsider) is None
    assert queries.find_case(case.number, visible_to=cast.coordinator) == case


def test_the_page_shows_the_way_to_the_first_and_keeps_what_was_typed(
    hand_over: Callable[..., RegulatorCase], appeals: Regulator, cast: Cast, client: Client
) -> None:
    first = hand_over()
    client.force_login(cast.coordinator)
    typed = {
        "regulator": appeals.pk, "case_number": "鄂申[2026]1024", "received_at": "2026-01-05T09:00", "subject": "再次转办",
        "content": "原文",
    }  # fmt: skip
    answer = client.post(reverse("regulator-case-create"), typed)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert first.get_absolute_url() in page
    assert "再次转办" in page
    typed["case_number"] = "鄂申[2026]1025"
    answer = client.post(reverse("regulator-case-create"), typed)
    assert answer.status_code == 302
    assert client.get(answer["Location"]).status_code == 200


def test_the_list_costs_the_same_however_many_cases(
    hand_over: Callable[..., RegulatorCase], cast: Cast, client: Client, django_assert_max_num_queries: Callable
) -> None:
    for number in range(6):
        hand_over(f"号{number}")
    client.force_login(User.objects.get(pk=cast.coordinator.pk))
    client.get(reverse("regulator-case-list"))
    with django_assert_max_num_queries(12):
        page = client.get(reverse("regulator-case-list"))
    assert page.content.decode().count("JG2") >= 6
