"""Pages of channels name the ticket of a message; a way to it is only for whoever may open it."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from cast import Cast
from onepoint.accounts.models import Role, RoleGrant, User
from onepoint.assignment import services as assignment
from onepoint.channels import services as channels
from onepoint.channels.chat_states import ChatState
from onepoint.channels.models import ChatSession, Contact, IncomingMail, IncomingScan, IncomingText
from onepoint.channels.services import chats
from onepoint.channels.states import MailState, ScanState, TextState
from onepoint.core import clock
from onepoint.tickets.models import Ticket

PERMISSIONS = ["contact.view", "mail.view", "text.view", "scan.view", "queue.watch"]


@pytest.fixture
def stranger(cast: Cast) -> User:
    """Sees what comes in by every channel, and no ticket."""
    role = Role.objects.create(code="post", name="收发", permissions=PERMISSIONS, data_scope="all")
    RoleGrant.objects.create(user=cast.interface_person, role=role, unit=cast.head_office)
    RoleGrant.objects.create(user=cast.agent, role=role, unit=cast.head_office)
    RoleGrant.objects.filter(user=cast.interface_person).exclude(role=role).delete()
    return User.objects.get(pk=cast.interface_person.pk)


@pytest.fixture
def contact(cast: Cast, ticket: Ticket) -> Contact:
    return channels.journal_contact(
        by=cast.agent, channel="fax", subject="传真", content="催办", customer=ticket.customer,
        ticket_number=ticket.number,
    )  # fmt: skip


@pytest.fixture
def pages(cast: Cast, ticket: Ticket, contact: Contact) -> list[str]:
    """Every page of a channel that names the ticket."""
    now = clock.now()
    mail = IncomingMail.objects.create(
        fingerprint="1", state=MailState.FILED, sender="a@x.example", received_at=now, ticket_number=ticket.number
    )
    text = IncomingText.objects.create(
        sender="13800138000", sender_key="+8613800138000", text="催办", state=TextState.FILED, received_at=now,
        ticket_number=ticket.number,
    )  # fmt: skip
    scan = IncomingScan.objects.create(
        channel="fax", name="fax.tif", state=ScanState.TAKEN_IN, received_at=now, contact=contact
    )
    return [
        f"/mails/{mail.pk}/", f"/texts/{text.pk}/", f"/scans/{scan.pk}/", f"/contacts/{contact.number}/matter/",
        "/contacts/",
    ]  # fmt: skip


def show_tickets(client: Client) -> None:
    """Lets the reader's journal have a column of tickets."""
    client.post("/filters/contacts/columns/", {"columns": ["number", "ticket"]})


def links_in(client: Client, address: str) -> tuple[bool, bool]:
    """Whether the page names the ticket, and whether it leads there."""
    number = Ticket.objects.get().number
    answer = client.get(address)
    assert answer.status_code == 200, address
    page = answer.content.decode()
    return number in page, f'href="/tickets/{number}/"' in page


def test_who_may_open_the_ticket_gets_a_way_to_it(
    cast: Cast, stranger: User, pages: list[str], client_of: Callable[[User], Client]
) -> None:
    client = client_of(cast.agent)
    show_tickets(client)
    assert {page: links_in(client, page) for page in pages} == dict.fromkeys(pages, (True, True))


def test_for_everybody_else_the_number_is_plain_words(
    stranger: User, pages: list[str], ticket: Ticket, client_of: Callable[[User], Client]
) -> None:
    client = client_of(stranger)
    show_tickets(client)
    assert client.get(f"/tickets/{ticket.number}/").status_code == 404
    assert {page: links_in(client, page) for page in pages} == dict.fromkeys(pages, (True, False))
    assert "您无权查看此工单" in client.get(pages[0]).content.decode()


def test_the_page_of_a_chat_leads_only_where_its_reader_may_go(
    cast: Cast, stranger: User, contact: Contact, client_of: Callable[[User], Client]
) -> None:
    queue = assignment.create_queue(code="chat", name="在线客服", units=[cast.call_centre], by=None)
    session = chats.begin_chat(request_key=uuid4(), queue=queue, name="王", question="催办", by=None)
    ChatSession.objects.filter(pk=session.pk).update(contact=contact, agent=cast.agent, state=ChatState.ACTIVE)
    assert links_in(client_of(cast.agent), f"/chats/{session.pk}/") == (True, True)
    assert links_in(client_of(stranger), f"/chats/{session.pk}/") == (True, False)


def test_the_journal_asks_once_for_all_its_tickets(
    cast: Cast, contact: Contact, register: Any, client_of: Callable[[User], Client], django_assert_num_queries: Any
) -> None:
    client = client_of(cast.agent)
    client.get("/contacts/")
    with django_assert_num_queries(3):
        client.get("/contacts/")
    show_tickets(client)
    client.get("/contacts/")
    with django_assert_num_queries(4):
        client.get("/contacts/")
    for _one in range(3):
        channels.journal_contact(by=cast.agent, channel="hall", subject="问", ticket_number=register().number)
    with django_assert_num_queries(4):
        page = client.get("/contacts/").content.decode()
    assert page.count('href="/tickets/TS') == 4
