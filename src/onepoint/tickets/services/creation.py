"""Registering a ticket: items checked, audience set, process started, journal written, news told — all or nothing."""

import uuid
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import BusinessLine, OrgUnit, Region, User
from onepoint.channels.models import Contact
from onepoint.core import audit, clock, live
from onepoint.core.errors import InvalidInput, require
from onepoint.core.numbering import next_number
from onepoint.core.prepared import Insert, NamedStatement, Value
from onepoint.core.search_keys import text_keys
from onepoint.core.text import clean
from onepoint.customers.models import Asset, Customer, CustomerAccount
from onepoint.customers.phone_numbers import normalise, stored_forms
from onepoint.dynamic_forms.models import FormVersion
from onepoint.dynamic_forms.validation import validate_items
from onepoint.sla.clock_rows import NewClock
from onepoint.tickets import policies, queries, signals
from onepoint.tickets.green_channels import find_green_channel
from onepoint.tickets.models import Category, Severity, Ticket
from onepoint.tickets.services import limits
from onepoint.tickets.services.leading import offer_to_incidents
from onepoint.tickets.states import INTERNAL_KINDS, TicketKind, Urgency
from onepoint.workflow import services as workflow_services


@dataclass(frozen=True)
class NewTicket:
    """What is known of a ticket when it is registered. Empty region, unit and severity are filled by rule.

    ``special_items`` is None where nobody was asked for them (files, other systems); a mapping, even an empty one,
    is validated against the form of the category.
    """

    kind: str
    category: Category
    title: str
    channel: str
    description: str = ""
    severity: Severity | None = None
    urgency: str = Urgency.NORMAL
    contact: Contact | None = None
    customer: Customer | None = None
    contact_name: str = ""
    contact_phone: str = ""
    account: CustomerAccount | None = None
    asset: Asset | None = None
    region: Region | None = None
    unit: OrgUnit | None = None
    owner: User | None = None
    special_items: Mapping[str, Any] | None = None
    promised_reply_channel: str = ""
    promised_reply_at: datetime | None = None
    tags: Sequence[str] = ()
    external_source: str = ""
    external_number: str = ""
    external_items: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)  # told to the process beside the ticket's own facts
    request_key: uuid.UUID | None = None


def checked_special_items(
    category: Category, raw: Mapping[str, Any] | None
) -> tuple[FormVersion | None, dict[str, Any]]:
    """The form version in force for the category and the cleaned items. Raises InvalidInput, fields as ``items-<key>``."""
    if raw is None:
        return None, {}
    version = queries.form_version_of(category)
    if version is None:
        return None, {}
    items, errors = validate_items(version.schema, raw)
    if errors:
        raise InvalidInput({f"items-{key}": text for key, text in errors.items()})
    return version, items


def _check_belongings(new: NewTicket) -> None:
    errors = {}
    owner_id = new.customer.pk if new.customer else None
    if not clean(new.title):
        errors["title"] = _("A ticket needs a title.")
    if new.account and new.account.customer_id != owner_id:
        errors["account"] = _("This number belongs to another customer.")
    if new.asset and new.asset.customer_id != owner_id:
        errors["asset"] = _("This product belongs to another customer.")
    if new.kind not in TicketKind.values:
        errors["kind"] = _("Unknown kind of ticket.")
    if errors:
        raise InvalidInput(errors)


def _region_of(new: NewTicket, unit: OrgUnit | None) -> Region | None:
    if new.region:
        return new.region
    if new.customer:
        return new.customer.region
    return unit.region if unit else None


def _audience(
    *, by: User | None, owner: User | None, unit: OrgUnit | None, region: Region | None, line: BusinessLine | None
) -> list[str]:
    keys = [f"P{person.pk}" for person in (by, owner) if person]
    keys += [f"U{unit.pk}"] if unit else []
    keys += [f"R{region.pk}"] if region else []
    keys += [f"B{line.pk}"] if line else []
    return list(dict.fromkeys(keys))


def _first_audience(kind: str, *, by: User | None, owner: User | None, **places: Any) -> list[str]:
    """Of what the house opens for itself only those concerned hear, not their whole place."""
    if kind in INTERNAL_KINDS:
        places = dict.fromkeys(places)
    return _audience(by=by, owner=owner, **places)


def _insert(new: NewTicket, by: User | None) -> tuple[Ticket, list[NewClock]]:
    form_version, items = checked_special_items(new.category, new.special_items)
    severity = new.severity or queries.usual_severity(new.category)
    unit = new.unit or (by.unit if by else None)
    region = _region_of(new, unit)
    owner = new.owner or by
    line = queries.business_line_of(new.category, unit)
    green = find_green_channel(customer=new.customer, unit=unit, category=new.category, channel=new.channel)
    tags = [*new.tags, *([green.tag.code] if green and green.tag else [])]
    phone = clean(new.contact_phone)
    ticket = Ticket(
        number=next_number("TS"),
        kind=new.kind, category=new.category, severity=severity, channel=new.channel,
        contact=new.contact, title=clean(new.title)[:200], description=clean(new.description),
        customer=new.customer, contact_name=clean(new.contact_name), contact_phone=phone,
        contact_phone_key=normalise(phone, region.area_code if region else "") if phone else "",
        account=new.account, asset=new.asset, region=region, unit=unit, created_by=by, owner=owner,
        form_version=form_version, special_items=items,
        promised_reply_channel=new.promised_reply_channel, promised_reply_at=new.promised_reply_at,
        opened_at=clock.now(), tags=list(dict.fromkeys(tags)), green_channel=green,
        urgency=Urgency.HIGH if green and green.raises_urgency else new.urgency,
        external_source=new.external_source, external_number=new.external_number,
        external_items=dict(new.external_items), request_key=new.request_key,
        audience=_first_audience(new.kind, by=by, owner=owner, unit=unit, region=region, line=line), business_line=line,
    )  # fmt: skip
    ticket.search_keys = search_keys_of(ticket)
    planned = limits.plan_ticket_clocks(ticket)
    _NEW_TICKET.save(ticket)
    return ticket, planned


_NEW_TICKET = Insert(Ticket)


def search_keys_of(ticket: Ticket) -> list[str]:
    """Keys by which a ticket is found: words of title and names, every way to write its telephone number, its numbers."""
    customer = ticket.customer
    names = [customer.name, customer.name_en] if customer else []
    keys = text_keys(ticket.title, ticket.contact_name, *names)
    area_code = ticket.region.area_code if ticket.region else ""
    keys |= stored_forms(ticket.contact_phone, area_code) if ticket.contact_phone else set()
    keys |= {ticket.account.value_key} if ticket.account else set()
    keys |= {customer.number.lower()} if customer else set()
    return sorted(keys | {ticket.number.lower(), ticket.external_number.lower()} - {""})


def process_variables(ticket: Ticket) -> dict[str, Any]:
    """What routing conditions of a process may ask about a ticket."""
    return {
        "ticket_number": ticket.number,
        "kind": ticket.kind,
        "category": ticket.category.code,
        "severity": ticket.severity.code,
        "severity_rank": ticket.severity.rank,
        "urgency": ticket.urgency,
        "channel": ticket.channel,
        "region": ticket.region_id,
        "unit": ticket.unit_id,
        "business_line": ticket.business_line_id,
        "customer_level": ticket.customer.level.code if ticket.customer and ticket.customer.level else None,
        "reopen_count": ticket.reopen_count,
    }


def start_ticket_process(
    ticket: Ticket, *, by: User | None, variables: Mapping[str, Any] | None = None, process_key: str = ""
) -> None:
    """Start the process of the ticket's category and kind (or the one named) and remember the instance.

    The receivers set status and audience; whom its first steps let see the ticket is written together with the instance.
    """
    token = _starting.set(ticket)
    try:
        instance = workflow_services.start_process(
            process_key or queries.process_key_of(ticket.category, ticket.kind),
            subject_type="ticket",
            subject_id=ticket.pk,
            subject_number=ticket.number,
            region=ticket.region,
            unit=ticket.unit,
            variables=process_variables(ticket) | dict(variables or {}),
            by=by,
        )
    finally:
        _starting.reset(token)
    _remember_process(ticket, instance.id)


_starting: ContextVar[Ticket | None] = ContextVar("ticket_being_started", default=None)


def ticket_being_started(ticket_id: int) -> Ticket | None:
    """The ticket whose process is just being started, if it is this one: its audience is written at the end."""
    ticket = _starting.get()
    return ticket if ticket and ticket.pk == ticket_id else None


_REMEMBER_PROCESS = NamedStatement(
    "remember_process",
    """
WITH noted AS (INSERT INTO tickets_searchchange (ticket_id) VALUES (%(id)s::bigint))
UPDATE tickets_ticket
SET process_instance_id = %(instance)s::bigint,
    audience = audience || ARRAY(SELECT key FROM unnest(%(keys)s::text[]) AS key WHERE key <> ALL (audience))
WHERE id = %(id)s::bigint
RETURNING status, audience, outcome, resolved_at, closed_at
""",
)


def _remember_process(ticket: Ticket, instance_id: int) -> None:
    """Note the instance and who sees the ticket, and take over what else was made of it meanwhile: one round trip."""
    told: dict[str, Value] = {"instance": instance_id, "keys": ticket.audience, "id": ticket.pk}
    (row,) = _REMEMBER_PROCESS.rows(told)
    ticket.status, ticket.audience, ticket.outcome, ticket.resolved_at, ticket.closed_at = row
    ticket.process_instance_id = instance_id


@transaction.atomic
@live.gathered()
def _create(new: NewTicket, by: User | None) -> Ticket:
    ticket, planned = _insert(new, by)
    with audit.together():
        audit.record(
            "ticket.created", by=by, subject_type="ticket", subject_id=ticket.pk, number=ticket.number,
            kind=ticket.kind, category=new.category.name, category_en=new.category.name_en, channel=ticket.channel,
        )  # fmt: skip
        if green := ticket.green_channel:
            audit.record(
                "ticket.green_channel", by=None, subject_type="ticket", subject_id=ticket.pk, name=green.name,
                name_en=green.name_en,
            )  # fmt: skip
        limits.start_ticket_clocks(ticket, planned, by=by)
    start_ticket_process(ticket, by=by, variables=new.variables)
    offer_to_incidents(ticket, by=by)
    signals.ticket_created.send(sender=Ticket, ticket=ticket, by=by)
    return ticket


def create_ticket(new: NewTicket, *, by: User | None) -> Ticket:
    """Register a ticket and start its process. Raises NotPermitted, CategoryNotUsable or InvalidInput.

    The same ``request_key`` or the same number at the same source again gives the ticket made the first time.
    """
    return create_ticket_once(new, by=by)[0]


def create_ticket_once(new: NewTicket, *, by: User | None) -> tuple[Ticket, bool]:
    """The same, and whether the ticket is new."""
    require(policies.why_not_create(by) or policies.why_not_open_kind(new.kind, by))
    require(policies.why_not_use_category(new.category, new.kind))
    _check_belongings(new)
    try:
        return _create(new, by), True
    except IntegrityError:
        # The form was sent before, or the row is here already: a unique key let only the first one through.
        if existing := queries.already_made(new.request_key, new.external_source, new.external_number):
            return existing, False
        raise
