"""What a customer's e-mail becomes: further words on the ticket it is about, else a new ticket, else an open contact."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.channels.canned import fill
from onepoint.channels.mail.reading import Mail, without_answer_marks
from onepoint.channels.models import Contact, IncomingMail, Mailbox
from onepoint.channels.queries import mail as mail_queries
from onepoint.channels.queries.mail import ThreadPlace
from onepoint.channels.services import Thread, send_message
from onepoint.channels.services import mails as mail_services
from onepoint.channels.states import Channel, ClosedRule, MailReason, MailTrust, Medium, Origin
from onepoint.core import attachments, audit, clock
from onepoint.core.errors import BusinessError, InvalidInput, require
from onepoint.core.models import Attachment
from onepoint.customers.models import Customer
from onepoint.customers.queries.addresses import customers_of_email, has_email
from onepoint.tickets import policies, queries
from onepoint.tickets.models import Category, Ticket
from onepoint.tickets.services import telling
from onepoint.tickets.services.customer_words import hear_customer
from onepoint.tickets.services.intake import Intake, register_request
from onepoint.tickets.services.progress import reopen_ticket
from onepoint.tickets.services.relations import link_tickets
from onepoint.tickets.services.search_index import note_search_change
from onepoint.tickets.states import LinkKind, TicketKind

_MAILS = uuid.UUID("6a3d9f64-3c1b-4f0e-8a55-0d2f6b7c9e11")
#: The same person writing the same subject again within that time goes on with what he began.
SAME_MATTER = timedelta(hours=24)
MANY = timedelta(hours=1)


@dataclass(frozen=True)
class Arrival:
    """A mail on its way to where it belongs."""

    mail: IncomingMail
    letter: Mail
    files: tuple[Attachment, ...]
    customer: Customer | None

    @property
    def rule(self) -> Mailbox:
        """How the mailbox wants it; the usual rules where the mailbox is gone."""
        return self.mail.mailbox or Mailbox(creates_tickets=False)


@transaction.atomic
def take_in_mail(
    mail: IncomingMail, letter: Mail, *, files: tuple[Attachment, ...], thread: ThreadPlace | None, by: None
) -> None:
    """File one mail: by its thread, by the ticket it names (only for who has to do with that), else by the mailbox's rule.

    Nothing is done for a thread about something else than tickets.
    """
    if thread is not None and thread.about_type not in ("", "ticket"):
        return
    # A forged sender is nobody we know, whatever the mailbox lets through.
    owners = [] if mail.trust == MailTrust.FAILED else customers_of_email(letter.sender)
    arrival = Arrival(mail, letter, files, owners[0] if len(owners) == 1 else None)
    ticket = _ticket_of_thread(thread)
    if ticket is None:
        ticket, stranger_to = _named_ticket(arrival)
        if ticket is None and stranger_to:
            mail_services.quarantine_mail(mail, MailReason.STRANGER, stranger_to)
            return
    ticket = ticket or _same_matter(arrival)
    if ticket is not None and ticket.is_finished and arrival.rule.closed_rule == ClosedRule.REOPEN:
        ticket = _opened_again(ticket)
    if ticket is not None and not (ticket.is_finished and arrival.rule.closed_rule != ClosedRule.NOTE):
        _add_to(ticket, arrival)
        return
    if not arrival.rule.creates_tickets:
        if ticket is not None:
            _add_to(ticket, arrival)
        return
    _register(arrival, before=ticket)


def _opened_again(ticket: Ticket) -> Ticket:
    """Where the table allows it; what was withdrawn or aborted is not opened again, a new ticket is made of the mail."""
    if policies.why_not_reopen(ticket, None) is None:
        return reopen_ticket(ticket, reason=str(_("The customer wrote about it.")), by=None)
    return ticket


def _survivor(ticket: Ticket | None) -> Ticket | None:
    """What was merged goes on in another ticket."""
    for _step in range(20):
        if ticket is None or ticket.merged_into_id is None:
            return ticket
        ticket = queries.ticket_by_id(ticket.merged_into_id)
    return ticket


def _ticket_of_thread(thread: ThreadPlace | None) -> Ticket | None:
    if thread is None:
        return None
    if thread.about_type == "ticket" and thread.about_id:
        return _survivor(queries.ticket_by_id(thread.about_id))
    return _survivor(queries.ticket_by_number(thread.ticket_number)) if thread.ticket_number else None


def _named_ticket(arrival: Arrival) -> tuple[Ticket | None, str]:
    """The ticket a mail names, if its sender is its customer or has written about it; else the number he may not use."""
    stranger_to = ""
    for number in mail_services.ticket_numbers_in(arrival.letter):
        ticket = queries.ticket_by_number(number)
        if ticket is None:
            continue
        if arrival.mail.trust != MailTrust.FAILED and _is_party(ticket, arrival.letter.sender):
            return _survivor(ticket), ""
        stranger_to = stranger_to or number
    return None, stranger_to


def _is_party(ticket: Ticket, sender: str) -> bool:
    """Whether the address is the customer's, a contact person's, or of somebody who already wrote or was written to."""
    if ticket.customer is not None and has_email(ticket.customer, sender):
        return True
    return mail_queries.has_written_about(sender, ticket.number) or queries.was_written_to(ticket, sender)


def _same_matter(arrival: Arrival) -> Ticket | None:
    """The ticket the same sender's mails came to a short while ago, and that still moves: where this one goes on with it.

    By its subject; by its words, as robots write the same letter under ever new subjects; or because it follows so soon that
    no person has begun another matter meanwhile (reliability F10). Who does has it parted from the ticket by a person.
    """
    sender, mail = arrival.letter.sender, arrival.mail
    subject = arrival.letter.plain_subject.casefold()
    now = clock.now()
    numbers = [
        number
        for number, earlier in mail_queries.tickets_lately_of(sender, since=now - SAME_MATTER, besides=mail.pk)
        if subject and without_answer_marks(earlier).casefold() == subject
    ]
    if mail.text_key:
        said = mail_queries.same_words_lately_of(
            sender, text_key=mail.text_key, since=now - SAME_MATTER, besides=mail.pk
        )
        numbers.append(said)
    soon = timedelta(minutes=arrival.rule.same_matter_minutes)
    numbers += [
        number for number, _subject in mail_queries.tickets_lately_of(sender, since=now - soon, besides=mail.pk)
    ]
    for number in dict.fromkeys(filter(None, numbers)):
        ticket = _survivor(queries.ticket_by_number(number))
        if ticket is not None and not ticket.is_finished:
            return ticket
    return None


def _add_to(ticket: Ticket, arrival: Arrival, *, by: User | None = None) -> Contact:
    """The mail is one more contact about the ticket; what it says stands on the ticket."""
    mail = arrival.mail
    contact = mail_services.journal_mail(
        mail, arrival.letter, customer=arrival.customer or ticket.customer, ticket_number=ticket.number,
        region=ticket.region, category_code=ticket.category.code,
    )  # fmt: skip
    hear_customer(
        ticket, text=_said(arrival), channel=Channel.EMAIL, contact=contact, files=arrival.files, key=f"mail-{mail.pk}",
        even_finished=True, by=None,
    )  # fmt: skip
    mail_services.note_filed(mail, contact=contact, ticket_number=ticket.number, by=by)
    return contact


def _said(arrival: Arrival) -> str:
    return mail_services.text_of(arrival.letter) or mail_services.subject_of(arrival.mail, arrival.letter)


def _register(arrival: Arrival, *, before: Ticket | None, by: User | None = None) -> Ticket | None:
    """A new ticket by the mailbox's rule, linked to the one that has ended; the sender may be told its number."""
    mail, rule = arrival.mail, arrival.rule
    since = clock.now() - MANY
    lately = {number for number, _subject in mail_queries.tickets_lately_of(
        arrival.letter.sender, since=since, besides=mail.pk
    )}  # fmt: skip
    if by is None and len(lately) >= rule.most_tickets_per_hour:
        mail_services.quarantine_mail(mail, MailReason.MANY_TICKETS, arrival.letter.sender)
        return None
    category = queries.category_by_code(rule.category_code) if rule.category_code else None
    kind = rule.ticket_kind if rule.ticket_kind in TicketKind.values else TicketKind.COMPLAINT
    refusal = (
        policies.why_not_use_category(category, kind)
        if category
        else InvalidInput({"category": _("A ticket needs a category.")})
    )
    if refusal is not None or category is None:
        mail_services.quarantine_mail(mail, MailReason.NO_TICKET, str(refusal)[:200])
        return None
    ticket = _made(arrival, category, kind)
    if before is not None:
        link_tickets(ticket, before, kind=LinkKind.RELATED, by=None)
    _acknowledge(ticket, arrival)
    return ticket


def _made(arrival: Arrival, category: Category, kind: str, by: User | None = None) -> Ticket:
    mail = arrival.mail
    contact = mail_services.journal_mail(
        mail, arrival.letter, customer=arrival.customer, category_code=category.code,
        request_key=uuid.uuid5(_MAILS, mail.fingerprint),
    )  # fmt: skip
    title = mail_services.subject_of(mail, arrival.letter)
    intake = Intake(
        request_key=uuid.uuid5(_MAILS, f"ticket {mail.fingerprint}"), channel=Channel.EMAIL, contact=contact,
        customer=arrival.customer, contact_name=(mail.sender_name or mail.sender)[:80], kind=kind, category=category,
        region=mail.mailbox.region if mail.mailbox and not arrival.customer else None, title=title,
        description=_said(arrival), special_items=None, began_at=mail.received_at,
    )  # fmt: skip
    registered = register_request(intake, by=None)
    ticket = registered.ticket
    assert ticket is not None
    for file in arrival.files:
        kept = attachments.copy_file(file, subject_type="ticket", subject_id=ticket.pk)
        audit.record("ticket.attachment_added", by=None, subject_type="ticket", subject_id=ticket.pk, **kept.as_fact())
    if arrival.files:
        note_search_change(ticket.pk)
    mail_services.note_filed(mail, contact=contact, ticket_number=ticket.number, by=by)
    return ticket


def _acknowledge(ticket: Ticket, arrival: Arrival) -> None:
    """Tell the sender the number, where the mailbox wants that; never a robot, and nobody over and over (RFC 3834)."""
    mail, letter, rule = arrival.mail, arrival.letter, arrival.rule
    if not rule.acknowledgement or not letter.may_be_answered or mail.trust == MailTrust.FAILED:
        return
    if mail_services.number_of_answers(mail.sender) >= rule.most_answers_per_day:
        return
    facts = {
        "ticket": ticket.number,
        "title": ticket.title,
        "customer": mail.sender_name,
        "date": f"{clock.today():%Y-%m-%d}",
    }
    subject = f"Re: {letter.plain_subject or ticket.title} [{ticket.number}]"
    send_message(
        Medium.EMAIL, mail.sender, key=f"mail-acknowledged-{mail.pk}", subject=subject,
        text=fill(rule.acknowledgement, facts), about=("ticket", ticket.pk), audience=outbox_audience(ticket),
        gateway=rule.gateway, by=None,
        thread=Thread(
            answers=mail.message_id, references=mail.references, reply_to=rule.address, origin=Origin.REPLY,
        ),
    )  # fmt: skip
    audit.record("ticket.mail_acknowledged", by=None, subject_type="ticket", subject_id=ticket.pk, subject=subject)


def outbox_audience(ticket: Ticket) -> list[str]:
    """Keys of places and persons only: the outbox knows no candidates of steps."""
    return [key for key in ticket.audience if key[:1] in "PUR"]


@transaction.atomic
def file_mail(mail: IncomingMail, *, ticket: Ticket | None, by: User | None) -> Ticket | None:
    """File a mail nobody could file by itself: to a ticket, or as a new one by the mailbox's rule.

    Raises NotPermitted, MailNotInThatState, InvalidInput, and what registering a ticket raises.
    """
    again = mail_services.read_for_filing(mail, by=by)
    owners = customers_of_email(again.letter.sender)
    arrival = Arrival(again.mail, again.letter, again.files, owners[0] if len(owners) == 1 else None)
    if ticket is not None:
        require(policies.why_not_hear_customer(ticket, None, even_finished=True))
        _add_to(ticket, arrival, by=by)
        return ticket
    require(policies.why_not_create(by))
    category = queries.category_by_code(arrival.rule.category_code) if arrival.rule.category_code else None
    if category is None:
        raise InvalidInput(
            {"mail": _("The mailbox names no category; file the mail as a contact and make a ticket of that.")}
        )
    kind = arrival.rule.ticket_kind if arrival.rule.ticket_kind in TicketKind.values else TicketKind.COMPLAINT
    refusal: BusinessError | None = policies.why_not_use_category(category, kind)
    require(refusal)
    return _made(arrival, category, kind, by=by)


@transaction.atomic
def note_bounce(ticket_id: int, *, address: str, reason: str, is_final: bool, by: None) -> None:
    """A mail about the ticket came back: it stands in the timeline, and whoever has the work hears of it if for good."""
    ticket = queries.ticket_by_id(ticket_id)
    if ticket is None:
        return
    entry = audit.record(
        "ticket.mail_bounced", by=by, subject_type="ticket", subject_id=ticket.pk, address=address, reason=reason[:300],
        is_final=is_final,
    )  # fmt: skip
    if is_final:
        telling.tell_of_bounce(ticket, address=address, key=f"bounce-{entry.pk}")
