"""Which contacts a ticket has: linked afterwards, and taken off again."""

from django.db import transaction

from onepoint.accounts.models import User
from onepoint.channels import services as channel_services
from onepoint.channels.models import Contact
from onepoint.core import audit
from onepoint.tickets.models import Ticket


@transaction.atomic
def link_contact(ticket: Ticket, contact: Contact, *, by: User | None) -> Contact:
    """Note that a contact is about this ticket too; nothing when it is noted already.

    The caller saw to it that the person sees both. Raises NotPermitted, OutsideYourScope, InvalidInput.
    """
    known = ticket.number in contact.ticket_numbers
    contact = channel_services.add_ticket(contact, ticket_number=ticket.number, by=by)
    if not known:
        audit.record(
            "ticket.contact_linked", by=by, subject_type="ticket", subject_id=ticket.pk, contact=contact.number,
            channel=contact.channel,
        )  # fmt: skip
    return contact


@transaction.atomic
def unlink_contact(ticket: Ticket, contact: Contact, *, by: User | None) -> Contact:
    """Take back a link made by mistake; the contact a ticket came from stays with it. Raises NotPermitted."""
    known = ticket.number in contact.further_tickets
    contact = channel_services.remove_ticket(contact, ticket_number=ticket.number, by=by)
    if known:
        audit.record(
            "ticket.contact_unlinked", by=by, subject_type="ticket", subject_id=ticket.pk, contact=contact.number
        )
    return contact
