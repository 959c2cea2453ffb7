"""Telling the customer of a ticket something: by which way, once, journaled."""

from typing import Any

import pytest

from cast import Cast
from onepoint.accounts.models import User
from onepoint.channels.models import Contact, OutgoingMessage
from onepoint.channels.states import Channel, Direction, Medium
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.customers import services as customer_services
from onepoint.customers.services import NewAccount
from onepoint.tickets import services
from onepoint.tickets.models import Ticket
from tickets.conftest import fresh, verbs_of


def tell(ticket: Ticket, **more: Any) -> OutgoingMessage | None:
    return services.tell_customer(ticket, **{"text": "线路已经修复。", "key": "first", "by": None} | more)


def test_who_was_promised_nothing_and_prefers_a_call_is_left_to_a_person(cast: Cast, ticket) -> None:
    assert tell(ticket) is None
    assert not OutgoingMessage.objects.exists()
    assert not Contact.objects.filter(direction=Direction.OUTBOUND).exists()


def test_the_promised_way_is_taken_journaled_and_stands_in_the_timeline(cast: Cast, register, customer) -> None:
    ticket = register(customer=customer, contact_phone="13800138000", promised_reply_channel="sms")
    message = tell(ticket, by=fresh(cast.agent))
    assert (message.medium, message.address) == (Medium.SMS, "+8613800138000")
    assert (message.about_type, message.about_id) == ("ticket", ticket.pk)
    contact = Contact.objects.get(direction=Direction.OUTBOUND)
    assert (contact.channel, contact.ticket_number, contact.customer) == (Channel.SMS, ticket.number, customer)
    assert contact.agent == cast.agent
    assert "ticket.customer_told" in verbs_of(ticket)


def test_the_same_key_tells_once(cast: Cast, register, customer) -> None:
    ticket = register(customer=customer, contact_phone="13800138000")
    first, second = tell(ticket, way="sms"), tell(ticket, way="sms", text="另一句话")
    assert first == second
    assert Contact.objects.filter(direction=Direction.OUTBOUND).count() == 1
    assert tell(ticket, way="sms", key="second") != first


def test_a_way_without_an_address_gives_way_to_one_that_reaches_him(cast: Cast, register) -> None:
    reader = customer_services.create_customer(
        by=cast.agent, name="李读信", region=cast.east, accounts=[NewAccount("li@example.com", "email")]
    )
    message = tell(register(customer=reader), way="sms")
    assert (message.medium, message.address) == (Medium.EMAIL, "li@example.com")


def test_a_customer_who_wants_no_answer_gets_none(cast: Cast, register) -> None:
    quiet = customer_services.create_customer(
        by=cast.agent, name="静", region=cast.east, preferred_channel="none", accounts=[NewAccount("13800138001")]
    )
    assert tell(register(customer=quiet)) is None
    assert tell(register(customer=quiet), way="sms") is not None


def test_nothing_is_told_without_words_by_an_unknown_way_or_without_the_right(cast: Cast, ticket) -> None:
    for wrong in ({"text": " "}, {"text": "字" * 4001}, {"way": "pigeon"}):
        with pytest.raises(InvalidInput):
            tell(ticket, **wrong)
    nobody = User(username="nobody", name="nobody")
    nobody.save()
    with pytest.raises(NotPermitted):
        tell(ticket, by=nobody)
