"""Nothing goes about which a regulator's case is open; files of a closed case go by a rule of their own."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from cast import Cast
from onepoint.accounts.models import User
from onepoint.core import attachments, clock
from onepoint.core.models import Attachment
from onepoint.customers import retention
from onepoint.customers import services as customers
from onepoint.customers.models import Customer
from onepoint.regulators.models import RegulatorCase
from onepoint.regulators.queries import SUBJECT
from onepoint.regulators.states import CaseState
from onepoint.tickets.models import Ticket
from onepoint.tickets.states import TicketStatus

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
LONG_AGO = datetime(2026, 1, 5, 4, tzinfo=UTC)


def put(subject: str, pk: int) -> Attachment:
    with clock.at(LONG_AGO):
        upload = SimpleUploadedFile("答复.txt", f"{subject} {pk}".encode())
        return attachments.store_file(upload, subject_type=subject, subject_id=pk, by=None)


def run() -> int:
    with clock.at(NOON):
        return customers.remove_past_files(by=None)


def close(case: RegulatorCase) -> None:
    RegulatorCase.objects.filter(pk=case.pk).update(state=CaseState.CLOSED, closed_at=LONG_AGO)


@pytest.fixture(autouse=True)
def rules(db: None) -> None:
    for code in ("ticket", "regulator_case"):
        kind = retention.find_kind(code)
        assert kind is not None
        customers.change_retention(kind, months=6, version=0, is_confirmed=True, by=None)


@pytest.mark.parametrize("named", ["ticket", "customer"])
@pytest.mark.parametrize("state", [state for state in CaseState if state != CaseState.CLOSED])
def test_an_open_case_keeps_what_it_is_about(
    hand_over: Callable[..., RegulatorCase], ticket: Ticket, customer: Customer, named: str, state: str
) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(status=TicketStatus.CLOSED, closed_at=LONG_AGO)
    put("ticket", ticket.pk)
    case = hand_over()
    links: dict[str, Any] = {"ticket": None, "customer": None, named: {"ticket": ticket, "customer": customer}[named]}
    RegulatorCase.objects.filter(pk=case.pk).update(state=state, answered_at=LONG_AGO, **links)
    put(SUBJECT, case.pk)
    assert run() == 0
    close(case)
    assert run() == 2


def test_files_of_a_case_wait_for_its_ticket_and_for_the_hold(
    cast: Cast,
    hand_over: Callable[..., RegulatorCase],
    ticket: Ticket,
    customer: Customer,
    client_of: Callable[[User], Client],
) -> None:
    case = hand_over(region=cast.east)
    RegulatorCase.objects.filter(pk=case.pk).update(ticket=ticket, customer=None)
    close(case)
    file = put(SUBJECT, case.pk)
    assert run() == 0
    Ticket.objects.filter(pk=ticket.pk).update(status=TicketStatus.CLOSED, closed_at=LONG_AGO)
    Customer.objects.filter(pk=customer.pk).update(legal_hold="诉讼保全")
    assert run() == 0
    Customer.objects.filter(pk=customer.pk).update(legal_hold="")
    assert run() == 1
    coordinator = client_of(cast.coordinator)
    page = coordinator.get(reverse("regulator-case-detail", args=[case.number])).content.decode()
    address = reverse("regulator-case-file", args=[case.number, file.pk])
    assert "答复.txt" in page
    assert address not in page
    assert coordinator.get(address).status_code == 410
    assert client_of(cast.outsider).get(address).status_code == 404
