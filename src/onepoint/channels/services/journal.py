"""Writes to the contact journal."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import OrgUnit, Region, User
from onepoint.channels import policies, signals
from onepoint.channels.lookup_keys import search_keys_of
from onepoint.channels.models import Contact, ContactResult
from onepoint.channels.states import ContactOutcome, Direction
from onepoint.core import audit, clock
from onepoint.core.errors import InvalidInput, SomebodyWasFaster, require
from onepoint.core.numbering import next_number
from onepoint.core.prepared import Insert
from onepoint.core.text import clean
from onepoint.customers import phone_numbers
from onepoint.customers.models import Customer

_MOVED_AT_ONCE = 500


@transaction.atomic
def journal_contact(
    *,
    by: User | None,
    channel: str,
    subject: str,
    content: str = "",
    direction: str = Direction.INBOUND,
    outcome: str = ContactOutcome.OPEN,
    customer: Customer | None = None,
    caller_number: str = "",
    caller_name: str = "",
    region: Region | None = None,
    unit: OrgUnit | None = None,
    category_code: str = "",
    ticket_number: str = "",
    started_at: datetime | None = None,
    ended_at: datetime | None = None,
    request_key: UUID | None = None,
) -> Contact:
    """Write one conversation into the journal; region and unit are the customer's and the agent's where none is given.

    ``request_key`` is unique: the database refuses a second contact of one intake. Raises NotPermitted and InvalidInput.
    """
    require(policies.why_not_journal_contact(by))
    region = region or (customer.region if customer else None) or (by.unit.region if by and by.unit else None)
    unit = unit or (by.unit if by else None)
    contact = Contact(
        number=next_number("CT"),
        channel=channel,
        direction=direction,
        customer=customer,
        caller_number=clean(caller_number),
        caller_name=clean(caller_name),
        agent=by,
        region=region,
        unit=unit,
        category_code=category_code,
        subject=clean(subject),
        content=clean(content),
        outcome=ContactOutcome.TICKET if ticket_number else outcome,
        ticket_number=ticket_number,
        started_at=started_at or clock.now(),
        ended_at=ended_at,
        request_key=request_key,
    )
    contact.caller_key = phone_numbers.normalise(contact.caller_number, region.area_code if region else "")
    contact.audience = audience_of(contact)
    contact.search_keys = search_keys_of(contact)
    _check(contact)
    _NEW_CONTACT.save(contact)
    audit.record("contact.journaled", by=by, subject_type="contact", subject_id=contact.pk, number=contact.number)
    signals.contact_journaled.send(Contact, contact=contact, by=by)
    return contact


_NEW_CONTACT = Insert(Contact)


@transaction.atomic
def journal_conversation(
    *,
    by: User | None,
    is_solved: bool = False,
    result: ContactResult | None = None,
    result_text: str = "",
    started_at: datetime | None = None,
    ended_at: datetime | None = None,
    **said: Any,
) -> Contact:
    """Journal a conversation another system held, settled there or still open. Raises NotPermitted, InvalidInput."""
    now = clock.now()
    began = started_at or now
    if began > now or (ended_at and not began <= ended_at <= now):
        raise InvalidInput({"started_at": _("A conversation begins before it ends, and not in the future.")})
    contact = journal_contact(by=by, started_at=began, ended_at=ended_at, **said)
    if is_solved:
        solve_contact(contact, by=by, result=result, result_text=result_text)
    return contact


@transaction.atomic
def link_ticket(contact: Contact, *, by: User | None, ticket_number: str) -> None:
    """Note the ticket that carries on what the contact could not settle.

    Raises NotPermitted, ContactAlreadySettled, SomebodyWasFaster.
    """
    require(policies.why_not_settle_contact(contact, by))
    _settle(contact, outcome=ContactOutcome.TICKET, ticket_number=ticket_number)
    audit.record("contact.became_ticket", by=by, subject_type="contact", subject_id=contact.pk, ticket=ticket_number)


@transaction.atomic
def solve_contact(
    contact: Contact,
    *,
    by: User | None,
    result: ContactResult | None = None,
    result_text: str = "",
    category_code: str = "",
) -> None:
    """The matter was settled without a ticket, with what result; ``category_code`` replaces the one it had.

    Raises NotPermitted, ContactAlreadySettled, SomebodyWasFaster, and InvalidInput where the journal's rules ask for more.
    """
    require(policies.why_not_settle_contact(contact, by))
    values: dict[str, Any] = {
        "result": result,
        "result_text": clean(result_text),
        "category_code": category_code or contact.category_code,
    }
    if lacking := policies.what_a_solution_lacks(values, by):
        raise InvalidInput(lacking)
    _settle(contact, outcome=ContactOutcome.SOLVED, **values)
    facts: dict[str, Any] = {"result": result.name, "result_en": result.name_en} if result else {}
    audit.record("contact.solved", by=by, subject_type="contact", subject_id=contact.pk, **facts)


def _settle(contact: Contact, *, outcome: str, ticket_number: str = "", **more: Any) -> None:
    values = {"outcome": outcome, "ticket_number": ticket_number, "ended_at": contact.ended_at or clock.now(), **more}
    for name, value in values.items():
        setattr(contact, name, value)
    contact.search_keys = values["search_keys"] = search_keys_of(contact)
    if not Contact.objects.filter(pk=contact.pk, outcome=ContactOutcome.OPEN).update(**values):
        raise SomebodyWasFaster


@transaction.atomic
def move_contacts(ids: Sequence[int], *, by: User | None, of: Customer, to: Customer) -> list[int]:
    """Let those of the contacts that name ``of`` name ``to``; gives the ids moved. The merge of customers audits it.

    Raises NotPermitted unless the system does it.
    """
    require(policies.why_not_move_contacts(by))
    moved = []
    for start in range(0, len(ids), _MOVED_AT_ONCE):
        some = ids[start : start + _MOVED_AT_ONCE]
        contacts = Contact.objects.filter(pk__in=some, customer=of).order_by("pk")
        rows = list(contacts.select_for_update(of=("self",)).select_related("region"))
        for contact in rows:
            contact.customer = to
            contact.audience = audience_of(contact)
            contact.search_keys = search_keys_of(contact)
        Contact.objects.bulk_update(rows, ["customer", "audience", "search_keys"])
        moved += [contact.pk for contact in rows]
    return moved


def audience_of(contact: Contact) -> list[str]:
    """Who may see it: its agent, its unit, its region, and the unit that owns the customer."""
    customer = contact.customer
    keys = {
        f"P{contact.agent_id}" if contact.agent_id else "",
        f"U{contact.unit_id}" if contact.unit_id else "",
        f"R{contact.region_id}" if contact.region_id else "",
        f"U{customer.unit_id}" if customer and customer.unit_id else "",
        f"R{customer.region_id}" if customer else "",
    }
    return sorted(keys - {""})


def _check(contact: Contact) -> None:
    try:
        contact.clean_fields(
            exclude=[
                "customer",
                "agent",
                "region",
                "unit",
                "result",
                "request_key",
                "audience",
                "search_keys",
                "further_tickets",
            ]
        )
    except ValidationError as error:
        raise InvalidInput({name: " ".join(texts) for name, texts in error.message_dict.items()}) from error
