"""What an intake ends in, by whatever channel it came. Contact, customer, ticket and files stand or fall together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction

from onepoint.accounts.models import Region, User
from onepoint.channels import queries as channel_queries
from onepoint.channels import services as channel_services
from onepoint.channels.models import Contact, ContactResult
from onepoint.channels.origins import Origin
from onepoint.channels.states import ContactOutcome
from onepoint.core.errors import InvalidInput, require
from onepoint.customers import services as customer_services
from onepoint.customers.models import Asset, Customer, CustomerAccount
from onepoint.customers.services import NewAccount
from onepoint.customers.states import CustomerKind
from onepoint.tickets import intake_rights, queries
from onepoint.tickets.models import Category, MassIncident, Severity, Ticket
from onepoint.tickets.services.account_managers import let_manager_follow
from onepoint.tickets.services.attaching import attach_ticket
from onepoint.tickets.services.creation import NewTicket, create_ticket
from onepoint.tickets.services.customer_words import hear_customer
from onepoint.tickets.services.files import add_attachment, bring_scans
from onepoint.tickets.services.relations import link_tickets
from onepoint.tickets.services.urging import remind_for_customer
from onepoint.tickets.states import LinkKind, TicketKind, Urgency

TITLE_LENGTH = 60


@dataclass(frozen=True)
class NewCustomer:
    """Somebody met for the first time at this intake."""

    name: str
    region: Region
    kind: str = CustomerKind.PERSON
    accounts: Sequence[NewAccount] = ()
    despite_duplicates: bool = False


@dataclass(frozen=True)
class Intake:
    """What the front desk wrote down of one conversation, whatever it ends in.

    ``request_key`` names this filled-in form: sent twice, it acts once. ``contact`` is an open contact carried on.
    ``bundled_with`` is a ticket the same conversation has already yielded: one promise, one contact, linked tickets.
    """

    request_key: UUID
    channel: str
    began_at: datetime | None = None
    contact: Contact | None = None
    bundled_with: Ticket | None = None
    customer: Customer | None = None
    new_customer: NewCustomer | None = None
    caller_number: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    account: CustomerAccount | None = None
    asset: Asset | None = None
    region: Region | None = None  # where it is about; empty: the customer's, else the agent's
    kind: str = TicketKind.COMPLAINT
    category: Category | None = None
    severity: Severity | None = None
    urgency: str = Urgency.NORMAL
    title: str = ""
    description: str = ""
    special_items: Mapping[str, Any] | None = field(default_factory=dict)  # None: nobody was asked for them
    promised_reply_channel: str = ""
    promised_reply_at: datetime | None = None
    result: ContactResult | None = None  # of what is solved at once
    result_text: str = ""
    files: Sequence[UploadedFile] = ()
    origin: Origin | None = None  # how the customer came; None: nobody was asked
    related_to: Ticket | None = None  # a ticket it resembles; both are linked
    incident: MassIncident | None = None  # a known mass incident it belongs to; handled with that

    @property
    def subject(self) -> str:
        """The title, else the beginning of the text, else the category."""
        first_line = next((line.strip() for line in self.description.splitlines() if line.strip()), "")
        shortened = first_line if len(first_line) <= TITLE_LENGTH else f"{first_line[: TITLE_LENGTH - 1]}…"
        return self.title.strip() or shortened or (self.category.label if self.category else "")


@dataclass(frozen=True)
class Registered:
    """What an intake made. ``contact`` is None where the person may register tickets but journal nothing."""

    contact: Contact | None
    ticket: Ticket | None = None


def _wait_for_the_same_form(request_key: UUID) -> None:
    """Let a second submission of one form wait until the first has ended, so that it finds what that made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(request_key)])


def _made_before(request_key: UUID) -> Registered | None:
    contact = channel_queries.already_journaled(request_key)
    ticket = queries.already_made(request_key, "", "")
    return Registered(contact, ticket) if contact or ticket else None


def _with_customer(intake: Intake, by: User | None) -> Intake:
    if intake.customer or not intake.new_customer:
        return intake
    require(intake_rights.why_not_register_customer(by))
    new = intake.new_customer
    customer = customer_services.create_customer(
        by=by, name=new.name, region=new.region, kind=new.kind, accounts=new.accounts,
        despite_duplicates=new.despite_duplicates,
    )  # fmt: skip
    return replace(intake, customer=customer)


def _journal(intake: Intake, by: User | None, outcome: str, ticket_number: str = "") -> Contact:
    return channel_services.journal_contact(
        by=by,
        channel=intake.channel,
        subject=intake.subject[:200],
        content=intake.description,
        outcome=outcome,
        customer=intake.customer,
        caller_number=intake.caller_number or intake.contact_phone,
        caller_name=intake.contact_name or (intake.customer.name if intake.customer else ""),
        region=intake.region,
        category_code=intake.category.code if intake.category else "",
        ticket_number=ticket_number,
        started_at=intake.began_at,
        request_key=intake.request_key,
    )


@transaction.atomic
def solve_request(intake: Intake, *, by: User | None) -> Registered:
    """The matter was settled at once: journal only. Raises NotPermitted, InvalidInput, PossibleDuplicate."""
    require(intake_rights.why_not_solve(by))
    _wait_for_the_same_form(intake.request_key)
    if made := _made_before(intake.request_key):
        return made
    if not intake.subject:
        raise InvalidInput({"description": intake_rights.NOTHING_WRITTEN})
    intake = _with_customer(intake, by)
    contact = intake.contact or _journal(intake, by, ContactOutcome.OPEN)
    _keep_origin(contact, intake, by)
    channel_services.solve_contact(
        contact, result=intake.result, result_text=intake.result_text,
        category_code=intake.category.code if intake.category else "", by=by,
    )  # fmt: skip
    return Registered(contact)


@transaction.atomic
def register_request(intake: Intake, *, by: User | None) -> Registered:
    """The matter goes on as a ticket: contact, customer, ticket and files in one.

    Raises NotPermitted, InvalidInput (special items as ``items-<key>``), PossibleDuplicate, CategoryNotUsable,
    ContactAlreadySettled.
    """
    require(intake_rights.why_not_register(by))
    _wait_for_the_same_form(intake.request_key)
    if made := _made_before(intake.request_key):
        return made
    category = intake.category
    if category is None:
        raise InvalidInput({"category": intake_rights.NO_CATEGORY})
    intake = _with_customer(intake, by)
    if intake.bundled_with:
        return _register_one_more(intake, intake.bundled_with, category, by)
    contact = intake.contact
    if contact is None and intake_rights.why_not_solve(by) is None:
        contact = _journal(intake, by, ContactOutcome.OPEN)
    _keep_origin(contact, intake, by)
    ticket = create_ticket(_new_ticket(intake, contact, category), by=by)
    for upload in intake.files:
        add_attachment(ticket, upload, by=by)
    if intake.contact:
        bring_scans(intake.contact, ticket, by=by)
    if contact:
        channel_services.link_ticket(contact, by=by, ticket_number=ticket.number)
        let_manager_follow(ticket, by=by)
    _relate(ticket, intake, by)
    return Registered(contact, ticket)


def _keep_origin(contact: Contact | None, intake: Intake, by: User | None) -> None:
    if contact and intake.origin:
        channel_services.keep_origin(contact, intake.origin, by=by)


def _relate(ticket: Ticket, intake: Intake, by: User | None) -> None:
    """What was found beside the form while it was filled in."""
    if intake.related_to:
        # Both lie before the person who registers one of them; who may link tickets otherwise is another question.
        link_tickets(ticket, intake.related_to, kind=LinkKind.RELATED, by=None)
    if intake.incident:
        attach_ticket(intake.incident, ticket, by=by)


@transaction.atomic
def add_request(intake: Intake, ticket: Ticket, *, by: User | None) -> Registered:
    """It is the same matter as a ticket that still moves: what was said joins that ticket, and no second one is made.

    The caller saw to it that the person sees the ticket. Raises NotPermitted, TicketFinished, InvalidInput.
    """
    require(intake_rights.why_not_solve(by))
    _wait_for_the_same_form(intake.request_key)
    contact = _conversation_about(ticket, intake, by)
    hear_customer(
        ticket, text=intake.description or intake.subject, channel=intake.channel, contact=contact, files=intake.files,
        key=str(intake.request_key), by=by,
    )  # fmt: skip
    return Registered(contact, ticket)


@transaction.atomic
def urge_by_request(intake: Intake, ticket: Ticket, *, by: User | None) -> Registered:
    """The customer asks again about a ticket that still moves: journaled, and it urges by that.

    Raises NotPermitted, TicketFinished, InvalidInput.
    """
    require(intake_rights.why_not_solve(by))
    _wait_for_the_same_form(intake.request_key)
    contact = _conversation_about(ticket, intake, by)
    remind_for_customer(
        ticket, text=intake.description or intake.subject, channel=intake.channel, key=str(intake.request_key),
        is_journaled=True, by=by,
    )  # fmt: skip
    return Registered(contact, ticket)


def _conversation_about(ticket: Ticket, intake: Intake, by: User | None) -> Contact:
    """The contact of this form, about this ticket; the same form again finds the one it made."""
    if not (intake.description or intake.title).strip():
        raise InvalidInput({"description": intake_rights.NOTHING_WRITTEN})
    if intake.contact:
        return channel_services.add_ticket(intake.contact, ticket_number=ticket.number, by=by)
    if made := channel_queries.already_journaled(intake.request_key):
        return made
    filled = replace(
        intake, customer=intake.customer or ticket.customer, category=intake.category or ticket.category,
        contact_name=intake.contact_name or ticket.contact_name,
    )  # fmt: skip
    contact = _journal(filled, by, ContactOutcome.TICKET, ticket.number)
    _keep_origin(contact, intake, by)
    return contact


def _register_one_more(intake: Intake, bundle: Ticket, category: Category, by: User | None) -> Registered:
    """A further ticket of a conversation that is journaled already, linked to the first (spec §4)."""
    ticket = create_ticket(_new_ticket(intake, bundle.contact, category), by=by)
    for upload in intake.files:
        add_attachment(ticket, upload, by=by)
    # Both were just registered in one conversation; who may link tickets otherwise is another question.
    link_tickets(ticket, bundle, kind=LinkKind.RELATED, by=None)
    let_manager_follow(ticket, by=by)
    return Registered(bundle.contact, ticket)


def _new_ticket(intake: Intake, contact: Contact | None, category: Category) -> NewTicket:
    return NewTicket(
        kind=intake.kind,
        category=category,
        title=intake.subject,
        channel=intake.channel,
        description=intake.description,
        severity=intake.severity,
        urgency=intake.urgency,
        contact=contact,
        customer=intake.customer,
        contact_name=intake.contact_name or (intake.customer.name if intake.customer else ""),
        contact_phone=intake.contact_phone or intake.caller_number,
        account=intake.account,
        asset=intake.asset,
        region=intake.region,
        special_items=intake.special_items,
        promised_reply_channel=intake.promised_reply_channel,
        promised_reply_at=intake.promised_reply_at,
        request_key=intake.request_key,
    )
