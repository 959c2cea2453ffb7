"""The keys by which contacts are found."""

from onepoint.channels.models import Contact
from onepoint.core.search_keys import squeeze, text_keys
from onepoint.customers import phone_numbers


def search_keys_of(contact: Contact) -> list[str]:
    """Keys by which a contact is found: its words, its numbers, and who called."""
    region = contact.region
    keys = text_keys(contact.subject, contact.content, contact.caller_name)
    keys |= phone_numbers.stored_forms(contact.caller_number, region.area_code if region else "")
    keys |= {squeeze(contact.number), squeeze(contact.ticket_number), squeeze(contact.caller_number)}
    if contact.customer:
        keys |= text_keys(contact.customer.name, contact.customer.name_en) | {squeeze(contact.customer.number)}
    return sorted(key[:80] for key in keys if key)
