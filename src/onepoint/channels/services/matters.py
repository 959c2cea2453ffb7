"""Corrections to what a journaled contact was about: its category, its tickets, its customer. What was said stays."""

from django.db import transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.channels import category_names, policies
from onepoint.channels.lookup_keys import search_keys_of
from onepoint.channels.models import Contact
from onepoint.channels.services.journal import audience_of
from onepoint.channels.states import ContactOutcome
from onepoint.core import audit, clock
from onepoint.core.errors import InvalidInput, require
from onepoint.customers.models import Customer

#: A conversation about more tickets than this was not one conversation.
MOST_TICKETS = 50


def _locked(contact: Contact) -> Contact:
    rows = Contact.objects.select_for_update(of=("self",)).select_related("customer", "region", "agent", "unit")
    return rows.get(pk=contact.pk)


@transaction.atomic
def add_ticket(contact: Contact, *, ticket_number: str, by: User | None) -> Contact:
    """Note that the contact is (also) about a ticket; one that was not settled counts as settled by it.

    Nothing when it is noted already. Raises NotPermitted, OutsideYourScope, InvalidInput.
    """
    contact = _locked(contact)
    require(policies.why_not_relate_contact(contact, by))
    if ticket_number in contact.ticket_numbers:
        return contact
    if len(contact.ticket_numbers) >= MOST_TICKETS:
        raise InvalidInput({"ticket": _("One contact cannot be about so many tickets.")})
    values: dict[str, object] = {}
    if contact.ticket_number:
        values["further_tickets"] = [*contact.further_tickets, ticket_number]
    else:
        values["ticket_number"] = ticket_number
    if contact.outcome == ContactOutcome.OPEN:
        values |= {"outcome": ContactOutcome.TICKET, "ended_at": contact.ended_at or clock.now()}
    _save(contact, values)
    audit.record("contact.ticket_added", by=by, subject_type="contact", subject_id=contact.pk, ticket=ticket_number)
    return contact


@transaction.atomic
def remove_ticket(contact: Contact, *, ticket_number: str, by: User | None) -> Contact:
    """Take back a ticket that was linked by mistake; the one the contact became stays. Raises NotPermitted, InvalidInput."""
    contact = _locked(contact)
    require(policies.why_not_relate_contact(contact, by))
    if ticket_number not in contact.further_tickets:
        return contact
    _save(contact, {"further_tickets": [number for number in contact.further_tickets if number != ticket_number]})
    audit.record("contact.ticket_removed", by=by, subject_type="contact", subject_id=contact.pk, ticket=ticket_number)
    return contact


@transaction.atomic
def correct_contact(contact: Contact, *, category_code: str, by: User | None) -> Contact:
    """File the contact under another category, within the limits of the journal's rules.

    Raises NotPermitted, CorrectedTooLate, InvalidInput for a category nobody knows.
    """
    contact = _locked(contact)
    require(policies.why_not_correct_contact(contact, by))
    if category_code and category_code not in dict(category_names.choices()):
        raise InvalidInput({"category": _("Please choose from the list.")})
    if category_code == contact.category_code:
        return contact
    changes = {"category": [contact.category_code, category_code]}
    _save(contact, {"category_code": category_code})
    audit.record("contact.corrected", by=by, subject_type="contact", subject_id=contact.pk, changes=changes)
    return contact


@transaction.atomic
def name_customer(contact: Contact, customer: Customer, *, by: User | None) -> Contact:
    """Say who it was that nobody knew yet; who is known stays, for that is a matter of merging customers.

    Raises NotPermitted, CustomerKnown.
    """
    contact = _locked(contact)
    if contact.customer_id == customer.pk:
        return contact
    require(policies.why_not_name_customer(contact, by))
    contact.customer = customer
    contact.region = contact.region or customer.region
    _save(contact, {"customer": customer, "region": contact.region, "audience": audience_of(contact)})
    audit.record(
        "contact.customer_named", by=by, subject_type="contact", subject_id=contact.pk, customer=customer.number
    )
    return contact


def _save(contact: Contact, values: dict[str, object]) -> None:
    for name, value in values.items():
        setattr(contact, name, value)
    contact.search_keys = search_keys_of(contact)
    contact.save(update_fields=[*values, "search_keys"])
