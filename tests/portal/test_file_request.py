"""Filing: what was written becomes contact, customer and ticket once the number is proved, once."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from cast import Cast
from onepoint.channels.models import Contact, OutgoingMessage
from onepoint.core import clock
from onepoint.core.attachments import FileNotAccepted
from onepoint.core.errors import InvalidInput
from onepoint.core.models import Attachment
from onepoint.core.throttling import TooManyTries
from onepoint.customers.models import Customer
from onepoint.portal import limits, policies, services
from onepoint.portal.models import Filing, OneTimeCode, PortalNote
from onepoint.tickets.models import Category, Ticket
from onepoint.tickets.policies import CategoryNotUsable
from portal.conftest import (
    MAIL,
    MOBILE,
    NETWORK,
    STRANGERS,
    code_sent_to,
    entered,
    filed,
    filing_of,
    forget_limits,
    verbs_about,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gateways", "complaint_process")]
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000" "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)  # fmt: skip


def test_a_request_becomes_contact_customer_and_ticket(cast: Cast, categories: dict[str, Category]) -> None:
    session, ticket = filed(categories["billing"], cast, place="文三路 1 号")
    contact = Contact.objects.get(ticket_number=ticket.number)
    assert (ticket.channel, ticket.kind, ticket.category.code) == ("web", "complaint", "billing")
    assert ticket.title == "话费突然多了两百元"
    assert "文三路 1 号" in ticket.description
    assert (ticket.contact_name, ticket.contact_phone, ticket.promised_reply_channel) == ("李四", STRANGERS, "sms")
    assert ticket.customer
    assert ticket.customer.name == "李四"
    assert ticket.region == cast.east
    assert (contact.channel, contact.outcome, contact.customer) == ("web", "ticket", ticket.customer)
    assert session.customer == ticket.customer
    assert "ticket.filed_by_customer" in verbs_about("ticket", ticket.pk)
    assert PortalNote.objects.get(ticket=ticket).kind == "filed"


def test_the_customer_known_by_the_number_is_the_ticket_s(
    cast: Cast, categories: dict[str, Category], customer: Customer
) -> None:
    _session, ticket = filed(categories["billing"], cast, MOBILE)
    assert ticket.customer == customer
    assert Customer.objects.count() == 1


def test_somebody_with_an_e_mail_address_files_too(cast: Cast, categories: dict[str, Category]) -> None:
    session, ticket = filed(categories["billing"], cast, MAIL)
    assert ticket.customer
    assert ticket.customer.accounts.get().value == MAIL
    assert ticket.contact_phone == ""
    assert session.customer == ticket.customer


def test_it_is_confirmed_with_its_number(cast: Cast, categories: dict[str, Category]) -> None:
    _session, ticket = filed(categories["billing"], cast)
    message = OutgoingMessage.objects.get(key=f"portal-filed-{ticket.pk}")
    assert ticket.number in message.text
    assert (message.address, message.about_type, message.about_id) == (f"+86{STRANGERS}", "ticket", ticket.pk)


def test_nothing_is_made_before_the_number_is_proved(cast: Cast, categories: dict[str, Category]) -> None:
    sent = services.send_off(filing_of(categories["billing"], cast), network=NETWORK, by=None)
    assert sent.code
    assert sent.ticket is None
    assert not Ticket.objects.exists()
    assert not Contact.objects.exists()
    assert not Customer.objects.exists()


def test_a_form_sent_twice_is_one_request_and_one_code(cast: Cast, categories: dict[str, Category]) -> None:
    new = filing_of(categories["billing"], cast)
    first = services.send_off(new, network=NETWORK, by=None)
    second = services.send_off(new, network=NETWORK, by=None)
    assert first.code == second.code
    assert (Filing.objects.count(), OneTimeCode.objects.count()) == (1, 1)


def test_a_filing_becomes_one_ticket_however_often_it_is_confirmed(cast: Cast, categories: dict[str, Category]) -> None:
    session, ticket = filed(categories["billing"], cast)
    assert services.confirm_filing(Filing.objects.get(), by=session) == ticket
    assert Ticket.objects.count() == 1
    assert OutgoingMessage.objects.filter(key__startswith="portal-filed").count() == 1


def test_with_a_session_of_the_same_number_no_code_is_needed(
    cast: Cast, categories: dict[str, Category], customer: Customer
) -> None:
    session = entered()
    sent = services.send_off(filing_of(categories["billing"], cast, MOBILE), network=NETWORK, by=session)
    assert sent.ticket
    assert sent.ticket.customer == customer
    assert sent.code is None


def test_a_session_of_another_number_proves_nothing(cast: Cast, categories: dict[str, Category]) -> None:
    sent = services.send_off(filing_of(categories["billing"], cast, STRANGERS), network=NETWORK, by=entered())
    assert sent.ticket is None
    assert sent.code


def test_files_come_along_and_are_checked_as_elsewhere(cast: Cast, categories: dict[str, Category]) -> None:
    good = SimpleUploadedFile("账单.png", PNG, "image/png")
    _session, ticket = filed(categories["billing"], cast, files=[good])
    (file,) = Attachment.objects.filter(subject_type="ticket", subject_id=ticket.pk)
    assert file.name == "账单.png"
    assert PortalNote.objects.get().files == [file.pk]
    assert not Attachment.objects.filter(subject_type="portal_filing").exists()
    forget_limits()
    bad = SimpleUploadedFile("a.png", b"<html><script>alert(1)</script>", "image/png")
    with pytest.raises(FileNotAccepted):
        services.send_off(filing_of(categories["billing"], cast, files=[bad]), network=NETWORK, by=None)


def test_files_are_few_and_small(cast: Cast, categories: dict[str, Category]) -> None:
    many = [SimpleUploadedFile(f"{number}.txt", b"a") for number in range(limits.MOST_FILES + 1)]
    large = SimpleUploadedFile("large.txt", b"a" * (limits.LARGEST_FILE + 1))
    for files in (many, [large]):
        with pytest.raises(InvalidInput):
            services.write_filing(filing_of(categories["billing"], cast, files=files), by=None)
    assert not Filing.objects.exists()


def test_a_category_whose_items_are_asked_for_inside_is_filed_without_them(
    cast: Cast, categories: dict[str, Category]
) -> None:
    _session, ticket = filed(categories["broadband"], cast)
    assert ticket.special_items == {}
    assert ticket.severity.code == "major"


@pytest.mark.parametrize("more", [{"text": " \n"}, {"kind": "requirement"}, {"kind": "installation"}, {"kind": "x"}])
def test_what_cannot_be_filed_is_refused(cast: Cast, categories: dict[str, Category], more: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        services.write_filing(filing_of(categories["billing"], cast, **more), by=None)


def test_a_category_of_other_kinds_is_refused(cast: Cast, categories: dict[str, Category]) -> None:
    with pytest.raises(CategoryNotUsable):
        services.write_filing(filing_of(categories["bl_high"], cast, kind="praise"), by=None)


def test_requests_from_one_number_are_limited(cast: Cast, categories: dict[str, Category]) -> None:
    session = entered()
    made = 0
    for _again in range(limits.FILINGS_OF_ADDRESS[0].count + 3):
        try:
            services.send_off(filing_of(categories["billing"], cast, MOBILE, key=uuid4()), network=NETWORK, by=session)
            made += 1
        except TooManyTries:
            continue
    assert made == limits.FILINGS_OF_ADDRESS[0].count == Ticket.objects.count()


def test_what_nobody_proved_goes_with_its_files(cast: Cast, categories: dict[str, Category]) -> None:
    services.send_off(
        filing_of(categories["billing"], cast, files=[SimpleUploadedFile("a.txt", b"a")]), network=NETWORK, by=None
    )
    filed(categories["billing"], cast, MOBILE)
    with clock.at(clock.now() + timedelta(minutes=61)):
        services.forget_old()
    assert Filing.objects.count() == 1
    assert Filing.objects.get().ticket
    assert not Attachment.objects.filter(subject_type="portal_filing").exists()


def test_hostile_text_is_kept_as_it_was_written(cast: Cast, categories: dict[str, Category]) -> None:
    text = "<script>alert(1)</script>{{ 7*7 }}\u202e'; DROP TABLE--\x00\ud800"
    _session, ticket = filed(categories["billing"], cast, text=text, name="<b>李</b>")
    assert ticket.description == "<script>alert(1)</script>{{ 7*7 }}\u202e'; DROP TABLE--"


def test_a_filing_without_a_session_opens_none(cast: Cast, categories: dict[str, Category]) -> None:
    sent = services.send_off(filing_of(categories["billing"], cast), network=NETWORK, by=None)
    assert sent.code
    ticket = services.prove_filing(sent.code, digits=code_sent_to(STRANGERS), network=NETWORK)
    assert ticket.contact_phone == STRANGERS
    with pytest.raises(policies.CodeOver):
        services.enter_code(sent.code, digits=code_sent_to(STRANGERS), network=NETWORK)
