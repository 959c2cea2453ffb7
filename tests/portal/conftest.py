"""A house with the complaint process, its customers, a gateway for each way, and a customer's browser."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import uuid4

import pytest
from django.test import Client

from cast import Cast
from onepoint.channels import services as channels
from onepoint.channels.models import OutgoingMessage
from onepoint.core.models import AuditEntry, TryCount
from onepoint.portal import services
from onepoint.portal.addressing import address_from
from onepoint.portal.models import PortalSession
from onepoint.portal.services import NewFiling
from onepoint.tickets.models import Category, Ticket
from tickets.conftest import (  # noqa: F401 — fixtures
    again,
    broadband_form,
    categories,
    complaint_process,
    customer,
    do,
    files_of_this_test,
    register,
    severities,
    task_at,
    ticket,
)

MOBILE = "13800138000"  # of the customer
STRANGERS = "13900139000"
MAIL = "li@example.com"
NETWORK = "203.0.113.5"


@pytest.fixture
def gateways(db: None) -> None:
    """One gateway for each way; nothing is sent by a test, what waits in the outbox is read."""
    smtp = {"host": "mail.example", "port": 25, "sender": "a@mail.example", "encryption": "tls"}
    smpp = {"host": "127.0.0.1", "system_id": "onepoint", "sender": "10690001"}
    channels.create_gateway(provider="smtp", name="邮件", settings=smtp, by=None)
    channels.create_gateway(provider="smpp", name="短信", settings=smpp, by=None)


def code_sent_to(address: str) -> str:
    """The digits of the newest code that waits in the outbox for an address."""
    key = address_from(address).key
    message = OutgoingMessage.objects.filter(address=key, is_confidential=True).latest("pk")
    found = re.search(r"\d{6}", message.text)
    assert found
    return found[0]


def forget_limits() -> None:
    TryCount.objects.all().delete()


def entered(text: str = MOBILE) -> PortalSession:
    """A session of whoever has this number or address."""
    forget_limits()
    code = services.ask_code(address_from(text), network=NETWORK, by=None)
    return services.enter_code(code, digits=code_sent_to(text), network=NETWORK).session


def filing_of(category: Category, cast: Cast, address: str = STRANGERS, **more: object) -> NewFiling:
    """A complaint somebody wrote."""
    written = {
        "kind": "complaint", "category": category, "text": "话费突然多了两百元\n请查一下", "region": cast.east, "name": "李四",
        "reply_way": "sms" if "@" not in address else "email", "key": uuid4(), **more,
    }  # fmt: skip
    return NewFiling(address=address_from(address), **written)  # type: ignore[arg-type]


def filed(category: Category, cast: Cast, address: str = STRANGERS, **more: object) -> tuple[PortalSession, Ticket]:
    """A complaint that was written, proved and so became a ticket."""
    forget_limits()
    sent = services.send_off(filing_of(category, cast, address, **more), network=NETWORK, by=None)
    assert sent.code
    got = services.enter_code(sent.code, digits=code_sent_to(address), network=NETWORK)
    assert got.ticket
    return got.session, got.ticket


def verbs_about(subject_type: str, subject_id: int) -> list[str]:
    entries = AuditEntry.objects.filter(subject_type=subject_type, subject_id=subject_id).order_by("pk")
    return list(entries.values_list("verb", flat=True))


@dataclass
class Browser:
    """A customer's browser: fills in forms as the pages give them."""

    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def enter(self, address: str = MOBILE, number: str = "") -> None:
        """Come in by a code."""
        forget_limits()
        asked = self.client.post("/portal/enter/", {"address": address, "number": number})
        assert asked.status_code == 302, asked.content.decode()
        opened = self.client.post(asked.headers["Location"], {"digits": code_sent_to(address)})
        assert opened.status_code == 302, opened.content.decode()


@pytest.fixture
def phone(gateways: None) -> Browser:
    return Browser()


@pytest.fixture
def close(cast: Cast) -> Callable[[Ticket], Ticket]:
    """A function by which the house handles a ticket to its end."""

    def handle(one: Ticket) -> Ticket:
        do(one, "coordinate", cast.coordinator, "departments_in_sequence", departments=[cast.network.pk])
        do(one, "receive", cast.interface_person, "assign_handler", handler=cast.handler.pk)
        do(one, "handle", cast.handler, "done", "内部意见：线路已修")
        do(one, "review", cast.interface_person, "approve")
        do(one, "coordinate", cast.coordinator, "finish", "已答复")
        return again(one)

    return handle
