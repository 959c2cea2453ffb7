"""The composer of short messages on a ticket: sent once, journaled, shown with what came back."""

from uuid import uuid4

from cast import Cast
from onepoint.channels import services as channels
from onepoint.channels.models import Contact, OutgoingMessage
from onepoint.channels.providers.interface import Arrived
from onepoint.core.models import AuditEntry
from onepoint.tickets.models import Ticket


def test_a_short_message_is_sent_once_journaled_and_its_answer_stands_below(
    ticket: Ticket, cast: Cast, client_of
) -> None:
    client = client_of(cast.agent)
    page = f"/tickets/{ticket.number}/texts/write/"
    values = {"text": "师傅今天下午四点上门，请留人。", "key": str(uuid4())}
    for _time in range(2):
        assert client.post(page, values).status_code == 302
    message = OutgoingMessage.objects.get(medium="sms")
    assert (message.address, message.text) == ("+8613800138000", values["text"])
    contact = Contact.objects.get(channel="sms")
    assert (contact.direction, contact.ticket_number) == ("outbound", ticket.number)
    assert AuditEntry.objects.filter(verb="ticket.customer_told", subject_id=ticket.pk).count() == 1
    gateway = channels.create_gateway(
        provider="smpp", name="短信", settings={"host": "127.0.0.1", "system_id": "onepoint"}, by=None
    )
    channels.take_in_text(gateway, Arrived("13800138000", "1", "好的😀".encode("utf-16-be")), by=None)
    channels.file_texts(by=None)
    shown = client.get(f"/tickets/{ticket.number}/texts/").content.decode()
    assert values["text"] in shown
    assert "好的😀" in shown


def test_a_canned_text_is_filled_in_and_nothing_typed_is_lost(ticket: Ticket, cast: Cast, client_of) -> None:
    channels.create_canned_text(
        code="visit", name="上门", text="{customer}您好，工单{ticket}将上门。", media=["sms"], by=cast.admin
    )
    client = client_of(cast.agent)
    page = f"/tickets/{ticket.number}/texts/write/"
    assert f"王小明您好，工单{ticket.number}将上门。" in client.get(f"{page}?canned=visit").content.decode()
    answer = client.post(page, {"text": "长" * 1001, "key": str(uuid4())})
    assert answer.status_code == 422
    assert "长" * 1001 in answer.content.decode()
    assert client_of(cast.outsider).get(page).status_code == 404
    assert not OutgoingMessage.objects.exists()
