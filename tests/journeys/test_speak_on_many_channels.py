"""One customer complains by e-mail, calls, then chats (issue 6): one record, one timeline, one ticket; followed and rated."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

import pytest

from cast import Cast
from journeys.house import PHONE, PHONE_AS_SPOKEN, House
from journeys.screen import Screen
from onepoint.assignment import services as assignment
from onepoint.channels import services as channels
from onepoint.channels.models import Contact
from onepoint.channels.services import chats, mailboxes, mails
from onepoint.channels.signals import customer_arrived
from onepoint.customers import services as customers
from onepoint.customers.models import Customer
from onepoint.follow_ups.models import FollowUp
from onepoint.tickets import services as tickets
from onepoint.tickets.models import Ticket
from onepoint.workspace.models import Arrival
from portal.conftest import Browser

ADDRESS = "service@onepoint.example"
SENDER = "wang.xiaoming@mail.example"
WORDS = "客户要求退订套餐，营业厅不予办理，要求尽快处理并说明原因。"


@dataclass
class Customers:
    """The customer, by every way he reaches the house."""

    house: House
    phone: Browser

    @property
    def record(self) -> Customer:
        return self.house.customer

    def write(self) -> Ticket:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = f"王小明 <{SENDER}>", ADDRESS, "无法退订套餐"
        mail["Message-ID"] = "<complaint@mail.example>"
        mail.set_content(WORDS)
        kept = mails.take_in_mail(self.mailbox(), mail.as_bytes(), by=None)
        assert kept is not None
        mails.file_mails(by=None)
        kept.refresh_from_db()
        assert kept.ticket_number, (kept.state, kept.reason, kept.detail)
        return Ticket.objects.get(number=kept.ticket_number)

    def mailbox(self) -> Any:
        values = {
            "name": "客服邮箱", "address": ADDRESS, "host": "imap.example", "username": ADDRESS,
            "unit": self.house.cast.call_centre, "category_code": "pl_cancel", "ticket_kind": "complaint",
        }  # fmt: skip
        return mailboxes.create_mailbox(values=values, password="x", is_active=False, by=None)

    def call(self) -> Contact:
        """What telephony does when the agent answers."""
        agent = self.house.cast.agent
        contact = channels.journal_contact(
            by=agent, channel="hotline", subject="来电", caller_number=PHONE_AS_SPOKEN, customer=self.record
        )
        customer_arrived.send(Contact, contact=contact, agent=agent)
        return contact

    def chat(self) -> Contact:
        cast = self.house.cast
        queue = assignment.create_queue(
            code="general", name="一般咨询", name_en="General questions", units=[cast.call_centre], by=None
        )
        assignment.take_up_work(cast.second_agent, by=cast.second_agent)
        session = chats.begin_chat(
            request_key=uuid.uuid4(),
            queue=queue,
            name="王小明",
            phone=PHONE,
            question="退订套餐的投诉怎么样了？",
            by=None,
        )
        assignment.assign_waiting()
        session.entry.refresh_from_db()
        assignment.accept_entry(session.entry, by=cast.second_agent)
        session.refresh_from_db()
        return session.contact


@pytest.fixture
def somebody(house: House) -> Customers:
    customers.add_account(house.customer, by=house.cast.agent, value=SENDER, kind="email")
    smtp = {"host": "mail.example", "port": 25, "sender": "a@mail.example", "encryption": "tls"}
    smpp = {"host": "127.0.0.1", "system_id": "onepoint", "sender": "10690001"}
    channels.create_gateway(provider="smtp", name="邮件", settings=smtp, by=None)
    channels.create_gateway(provider="smpp", name="短信", settings=smpp, by=None)
    return Customers(house, Browser())


def warned_of(screen: Screen, customer: Customer) -> str:
    """What stands beside the form while the agent writes."""
    category = screen.category("退订套餐")
    return screen.client.post(
        "/intake/similar/", {"customer": customer.number, "category": category, "description": WORDS}
    ).content.decode()


def test_the_same_customer_by_mail_call_and_chat_is_one_matter(
    house: House, cast: Cast, somebody: Customers, at_screen: Callable[..., Screen]
) -> None:
    first = somebody.write()
    assert first.customer == somebody.record

    # He calls: the desk of the agent, and no other, opens everything about him; the intake warns of the open ticket.
    call = somebody.call()
    agent = at_screen(cast.agent)
    arrived = agent.client.get("/arrivals/latest/").json()
    assert at_screen(cast.second_agent).client.get("/arrivals/latest/").status_code == 204
    address = agent.client.get(arrived["open"])["Location"]
    assert somebody.record.name in agent.client.get(address).content.decode()
    assert first.number in agent.client.get(f"/tickets/of-customer/{somebody.record.number}/open/").content.decode()
    assert first.number in warned_of(agent, somebody.record)

    # All the same a second ticket is made, and merged into the first.
    form = agent.form_with(f"/intake/?contact={call.number}&customer={somebody.record.number}", "description")
    category = agent.category("退订套餐")
    agent.client.post("/intake/", {**form.values, "category": category, "description": WORDS, "do": "ticket"})
    second = Ticket.objects.exclude(pk=first.pk).get()
    tickets.merge_tickets(first, [second], reason="同一件事", by=cast.coordinator)

    # He chats: the other agent sees the one open ticket and adds to it instead of making a third.
    chat = somebody.chat()
    assert chat.customer == somebody.record
    assert Arrival.objects.get(contact=chat).agent == cast.second_agent
    other = at_screen(cast.second_agent)
    beside = warned_of(other, somebody.record)
    assert f"add:{first.number}" in beside
    assert f"add:{second.number}" not in beside
    form = other.form_with(f"/intake/?contact={chat.number}&customer={somebody.record.number}", "description")
    other.client.post("/intake/", {**form.values, "description": "客户在线询问进度。", "do": f"add:{first.number}"})
    assert Ticket.objects.count() == 2

    # One record, one timeline over all channels; the ticket shows every conversation.
    timeline = at_screen(cast.supervisor).client.get(f"/customers/{somebody.record.number}/history/").content.decode()
    for channel in ("电子邮件", "热线", "在线客服"):
        assert channel in timeline, channel
    contacts = agent.client.get(f"/tickets/{first.number}/contacts/").content.decode()
    for contact in Contact.objects.filter(customer=somebody.record):
        assert contact.number in contacts, contact.channel

    # It is settled; the customer follows it on the portal and rates it, once.
    at_screen(cast.coordinator).act(first.number, "工单协调", "finish", "已为客户办理退订")
    first.refresh_from_db()
    assert first.status == "closed"
    somebody.phone.enter(PHONE)
    page = somebody.phone.client.get(f"/portal/requests/{first.number}/")
    assert page.status_code == 200
    key = str(uuid.uuid4())
    for _again in range(2):
        somebody.phone.client.post(f"/portal/requests/{first.number}/rate/", {"stars": 5, "words": "很快", "key": key})
    visit = FollowUp.objects.get(ticket=first)
    assert visit.stars == 5
