"""The customer's further words on a ticket: heard once, told to whoever has the work, found, with their files."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from cast import Cast
from onepoint.channels.models import Contact
from onepoint.channels.services import journal_contact
from onepoint.channels.signals import customer_wrote
from onepoint.core import attachments
from onepoint.core.errors import InvalidInput, NotPermitted
from onepoint.core.models import Attachment, AuditEntry
from onepoint.notifications.models import Notification
from onepoint.tickets import searching, services, signals
from onepoint.tickets.models import Ticket
from onepoint.tickets.policies import TicketFinished

PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452") + b"\0" * 40


def picture(name: str = "router.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PNG, "image/png")


def entries(ticket: Ticket) -> list[AuditEntry]:
    rows = AuditEntry.objects.filter(subject_type="ticket", subject_id=ticket.pk, verb="ticket.customer_wrote")
    return list(rows.order_by("pk"))


def test_words_are_journaled_kept_and_told_to_whoever_has_the_work(ticket: Ticket, cast: Cast) -> None:
    told: list[dict[str, Any]] = []
    signals.customer_heard.connect(lambda sender, **facts: told.append(facts), weak=False, dispatch_uid="test")
    try:
        services.hear_customer(ticket, text="光猫红灯一直闪", channel="web", files=[picture()], by=None)
    finally:
        signals.customer_heard.disconnect(dispatch_uid="test")
    contact = Contact.objects.get(ticket_number=ticket.number, channel="web")
    assert (contact.content, contact.customer, contact.outcome) == ("光猫红灯一直闪", ticket.customer, "ticket")
    (entry,) = entries(ticket)
    assert (entry.data["text"], entry.data["contact"], entry.actor_id) == ("光猫红灯一直闪", contact.number, None)
    assert [row.name for row in Attachment.objects.of("ticket", ticket.pk)] == ["router.png"]
    heard = {row.person for row in Notification.objects.filter(event="ticket.customer_wrote")}
    assert heard == {cast.agent, cast.coordinator}
    assert told[0]["contact"] == contact


def test_the_same_key_is_heard_once(ticket: Ticket) -> None:
    for _ in range(2):
        services.hear_customer(ticket, text="再补充一点", channel="email", files=[picture()], key="<a@b>", by=None)
    assert len(entries(ticket)) == 1
    assert Attachment.objects.of("ticket", ticket.pk).count() == 1
    assert Contact.objects.filter(ticket_number=ticket.number, channel="email").count() == 1


def test_words_can_be_searched_for(ticket: Ticket, cast: Cast) -> None:
    services.hear_customer(ticket, text="昨夜雷击以后调制解调器没有反应", channel="sms", by=None)
    services.index_changes()
    assert [hit.ticket for hit in searching.find_hits("调制解调器", visible_to=cast.agent)] == [ticket]


def test_a_finished_ticket_hears_only_where_that_is_wanted(ticket: Ticket, cast: Cast) -> None:
    services.withdraw_ticket(ticket, reason="不需要了", by=cast.agent)
    with pytest.raises(TicketFinished):
        services.hear_customer(ticket, text="还有一件事", channel="web", by=None)
    services.hear_customer(ticket, text="还有一件事", channel="web", even_finished=True, by=None)
    assert len(entries(ticket)) == 1


def test_only_who_journals_contacts_notes_them_and_nothing_is_not_noted(ticket: Ticket, cast: Cast) -> None:
    with pytest.raises(NotPermitted):
        services.hear_customer(ticket, text="补充", channel="hotline", by=cast.handler)
    with pytest.raises(InvalidInput):
        services.hear_customer(ticket, text="  ", channel="hotline", by=cast.agent)
    assert entries(ticket) == []


def test_a_channel_that_recognised_the_ticket_is_heard_with_the_files_it_kept(ticket: Ticket, cast: Cast) -> None:
    contact = journal_contact(
        channel="email", subject="Re: 网速", content="请看照片", customer=ticket.customer, ticket_number=ticket.number, by=None
    )  # fmt: skip
    kept = attachments.store_file(picture(), subject_type="contact", subject_id=contact.pk, by=None)
    for _ in range(2):
        customer_wrote.send(
            Contact, contact=contact, ticket_number=ticket.number, text="请看照片", files=(kept,), by=None
        )
    (copied,) = Attachment.objects.of("ticket", ticket.pk)
    assert (copied.sha256, copied.pk != kept.pk) == (kept.sha256, True)
    assert len(entries(ticket)) == 1
