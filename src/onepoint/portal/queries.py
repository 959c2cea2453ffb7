"""Reads of the portal. What a session may see is decided here: ``own_tickets``."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from onepoint.accounts.models import Region
from onepoint.accounts.states import RegionKind
from onepoint.channels import queries as channel_queries
from onepoint.channels.models import OutgoingMessage
from onepoint.channels.states import Medium, MessageState
from onepoint.core import attachments, clock
from onepoint.core.audit import entries_of
from onepoint.core.models import Attachment
from onepoint.core.search_keys import fold, squeeze
from onepoint.core.text import clean
from onepoint.customers.models import ContactPerson, Customer, CustomerAccount
from onepoint.customers.states import AccountKind, AccountStatus, CustomerKind
from onepoint.portal.addressing import Address
from onepoint.portal.models import (
    Filing,
    FramingOrigin,
    OneTimeCode,
    PortalNote,
    PortalRules,
    PortalSession,
    PublicWording,
)
from onepoint.portal.states import PUBLIC_KINDS, STAGES, STATUS_LABELS, USUAL_WORDS
from onepoint.tickets.models import Category, Ticket
from onepoint.tickets.states import ALIVE, TicketKind
from onepoint.workflow import queries as workflow_queries

#: A number changes hands in time: without a customer behind it, it opens finished tickets no older than this.
REMEMBERED = timedelta(days=365)
MOST_LISTED = 200
MOST_MESSAGES = 50


def digest_of(secret: str) -> str:
    """What is stored in place of a session's token."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def session_of(secret: str) -> PortalSession | None:
    """The open session of a cookie."""
    found = PortalSession.objects.filter(digest=digest_of(secret)).select_related("customer").first()
    return found if found and found.is_open else None


def rules() -> PortalRules:
    """The rules of the portal; the usual ones until somebody changes them."""
    return PortalRules.objects.filter(pk=1).first() or PortalRules(pk=1)


def find_code(token: UUID) -> OneTimeCode | None:
    """The code a page asks for, until its time is over."""
    found = OneTimeCode.objects.filter(token=token, used_at=None, expires_at__gt=clock.now())
    return found.select_related("filing").first()


def code_waiting_for(filing: Filing) -> OneTimeCode | None:
    """The code that was sent for a filing and is still good."""
    return filing.codes.filter(used_at=None, expires_at__gt=clock.now()).order_by("-pk").first()


def code_ways() -> frozenset[Medium]:
    """The ways by which a code can be sent at present: those with a gateway that is switched on."""
    return frozenset(Medium(gateway.medium) for gateway in channel_queries.active_gateways())


# --- whose number it is ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Known:
    """Whom an address may belong to."""

    customers: list[Customer]  # all who have it, however
    entitled: list[Customer]  # those it speaks for: a person's own number, the contact person of a company

    @property
    def only(self) -> Customer | None:
        """The one customer a new request is about; None where there is none, or doubt."""
        return self.customers[0] if len(self.customers) == 1 else None

    @property
    def owner(self) -> Customer | None:
        """The one customer whose tickets the address may open."""
        return self.entitled[0] if len(self.entitled) == 1 and len(self.customers) == 1 else None


def known_by(address: Address) -> Known:
    """The customers in use who have this number or e-mail address: two statements."""
    kinds = [AccountKind.MOBILE] if address.is_phone else [AccountKind.EMAIL]
    open_accounts = [AccountStatus.ACTIVE, AccountStatus.SUSPENDED]
    accounts = CustomerAccount.objects.filter(value_key=address.key, status__in=open_accounts, kind__in=kinds)
    in_use = {"customer__is_active": True, "customer__merged_into": None}
    through_account = [row.customer for row in accounts.filter(**in_use).select_related("customer__region")[:10]]
    persons = ContactPerson.objects.filter(_is_person_at(address), is_active=True, **in_use)
    through_person = [row.customer for row in persons.select_related("customer__region")[:10]]
    everybody = {customer.pk: customer for customer in (*through_account, *through_person)}
    entitled = {customer.pk: customer for customer in through_account if customer.kind == CustomerKind.PERSON}
    entitled |= {customer.pk: customer for customer in through_person if customer.kind == CustomerKind.COMPANY}
    return Known(list(everybody.values()), list(entitled.values()))


def _is_person_at(address: Address) -> Q:
    if address.is_phone:
        return Q(phone_key=address.key)
    # E-mail addresses of contact persons are found through the keys of their customers, which have an index.
    near = Customer.objects.filter(search_keys__contains=[squeeze(address.key)[:80]])
    return Q(customer__in=near, email__iexact=fold(address.key))


# --- one's own tickets -------------------------------------------------------------------------------------------


def own_tickets(session: PortalSession) -> Q:
    """Which tickets are those of a session: of its customer, filed with its address, or with its number as the contact's.

    Tickets that departments make among themselves below another are never among them.
    """
    mine = Q(pk__in=_filed_with(session).values("ticket"))
    if session.customer_id:
        mine |= Q(customer=session.customer_id)
    if session.medium == Medium.SMS:
        recent = Q(status__in=ALIVE) | Q(opened_at__gte=clock.now() - REMEMBERED)
        mine |= Q(contact_phone_key=session.address) & recent
    return mine & _for_customers()


def _for_customers() -> Q:
    return ~Q(kind=TicketKind.REQUIREMENT) & (Q(parent=None) | Q(contact__isnull=False))


def _filed_with(session: PortalSession) -> QuerySet[Filing]:
    return Filing.objects.filter(address=session.address, medium=session.medium, ticket__isnull=False)


def find_ticket(session: PortalSession, number: str) -> Ticket | None:
    """One of the session's own tickets; None for any other, whether it exists or not."""
    own = Ticket.objects.filter(own_tickets(session), number=clean(number)[:20])
    return own.select_related("category", "merged_into").first()


def newest_tickets(session: PortalSession) -> list[Ticket]:
    """The newest of them, newest first: each way of being one's own is a walk along an index of its own."""
    condition = _for_customers()
    newest = Ticket.objects.order_by("-opened_at", "-pk")
    ids = set(_filed_with(session).order_by("-pk").values_list("ticket", flat=True)[:MOST_LISTED])
    if session.customer_id:
        ids |= set(newest.filter(condition, customer=session.customer_id).values_list("pk", flat=True)[:MOST_LISTED])
    if session.medium == Medium.SMS:
        named = newest.filter(contact_phone_key=session.address)
        ids |= set(named.values_list("pk", flat=True)[:MOST_LISTED])
    found = newest.filter(own_tickets(session), pk__in=ids).select_related("category")
    return list(found[:MOST_LISTED])


def notes_of(ticket: Ticket) -> list[PortalNote]:
    """What the customer did with a ticket here, first to last."""
    return list(ticket.portal_notes.order_by("pk")[:MOST_LISTED])


def last_note(ticket: Ticket, kind: str) -> PortalNote | None:
    return ticket.portal_notes.filter(kind=kind).order_by("-pk").first()


def note_of_key(key: UUID) -> PortalNote | None:
    """What an earlier submission of the same form did."""
    return PortalNote.objects.filter(key=key).first()


@dataclass(frozen=True)
class Told:
    """What the house told the customer about a ticket."""

    text: str
    at: datetime


def told(session: PortalSession, ticket: Ticket) -> list[Told]:
    """What the house told about a ticket, first to last: all of it to its customer, to others what came to their address."""
    if session.customer_id and session.customer_id == ticket.customer_id:
        entries = entries_of("ticket", ticket.pk, since=ticket.opened_at).filter(verb="ticket.customer_told")
        return [Told(str(entry.data.get("text", "")), entry.at) for entry in entries[:MOST_MESSAGES]]
    sent = OutgoingMessage.objects.filter(about_type="ticket", about_id=ticket.pk, address=session.address)
    sent = sent.filter(is_confidential=False).exclude(state__in=[MessageState.DEAD, MessageState.CANCELLED])
    sent = sent.exclude(key__startswith="portal-").order_by("pk")[:MOST_MESSAGES]
    return [Told(message.text, message.created_at) for message in sent]


def files_of(notes: list[PortalNote]) -> dict[int, Attachment]:
    """The files the customer added himself, by id."""
    ids = [pk for note in notes for pk in note.files]
    return {file.pk: file for file in Attachment.objects.filter(pk__in=ids, deleted_at=None)} if ids else {}


def find_file(ticket: Ticket, attachment_id: int) -> Attachment | None:
    """One file the customer added to his ticket himself; files of the house are not shown here."""
    if not ticket.portal_notes.filter(files__contains=[attachment_id]).exists():
        return None
    return Attachment.objects.of("ticket", ticket.pk).filter(pk=attachment_id).first()


def files_of_filing(filing: Filing) -> list[Attachment]:
    return attachments.current_files("portal_filing", filing.pk)


# --- what may be asked for ---------------------------------------------------------------------------------------


def topics() -> list[Category]:
    """What a request may be about: the top of the category tree, where it or anything below serves customers."""
    rows = list(Category.objects.filter(is_active=True).order_by("path"))
    has_children = {row.parent_id for row in rows}
    serving = {row.parent_id for row in rows if _serves_customers(row)}
    tops = [row for row in rows if row.parent_id is None and _serves_customers(row)]
    found = [row for row in tops if row.pk not in has_children or row.pk in serving]
    return sorted(found, key=lambda row: (row.position_order, row.pk))


def _serves_customers(category: Category) -> bool:
    return not category.kinds or any(kind in category.kinds for kind in PUBLIC_KINDS)


def places() -> QuerySet[Region]:
    """The cities a request may be about."""
    return Region.objects.filter(kind=RegionKind.CITY, is_active=True).order_by("path")


def city_of(region: Region | None) -> Region | None:
    """The city a customer's region lies in."""
    if region is None:
        return None
    return places().filter(pk__in=region.ancestor_ids).first()


# --- screens of the house ----------------------------------------------------------------------------------------


def wordings() -> QuerySet[PublicWording]:
    return PublicWording.objects.order_by("process_key", "node_id", "status")


def find_wording(pk: int) -> PublicWording | None:
    return PublicWording.objects.filter(pk=pk).first()


def framing_origins(*, active: bool = False) -> list[FramingOrigin]:
    rows = FramingOrigin.objects.order_by("origin")
    return list(rows.filter(is_active=True) if active else rows)


def find_origin(pk: int) -> FramingOrigin | None:
    return FramingOrigin.objects.filter(pk=pk).first()


def processes() -> list[tuple[str, str]]:
    """The processes that are published, by key and name."""
    return [(row.key, row.label) for row in workflow_queries.definitions() if row.published_version]


def steps_of(process_key: str) -> list[tuple[str, str]]:
    """The human steps of a process in force, by id and name."""
    definition = workflow_queries.find_definition(process_key) if process_key else None
    version = definition.published_version if definition else None
    return [(step.node_id, step.label) for step in workflow_queries.steps_of_version(version)] if version else []


@dataclass(frozen=True)
class WordedStatus:
    """One status with the words every house starts with, and the house's own for every process."""

    code: str
    label: str
    stage: str
    usual: str
    own: PublicWording | None


def wording_table() -> dict[str, Any]:
    """What the screen of words shows: each status, then the house's own words for single processes and steps."""
    rows = list(wordings())
    for_all = {row.status: row for row in rows if not row.process_key and row.status}
    statuses = [
        WordedStatus(code, str(STATUS_LABELS[code]), str(stage.label), str(USUAL_WORDS[code]), for_all.get(code))
        for code, stage in STAGES.items()
    ]
    names = dict(processes())
    special = [(place_of(row, names), row) for row in rows if row.process_key]
    return {"statuses": statuses, "special": special}


def place_of(wording: PublicWording, names: Mapping[str, str] | None = None) -> str:
    """What words are for, by name."""
    names = dict(processes()) if names is None else names
    process = names.get(wording.process_key, wording.process_key)
    if wording.status:
        return " · ".join(part for part in (process, str(STATUS_LABELS.get(wording.status, wording.status))) if part)
    return f"{process} · {dict(steps_of(wording.process_key)).get(wording.node_id, wording.node_id)}"
