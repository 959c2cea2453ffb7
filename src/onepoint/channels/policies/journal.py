"""Who may journal contacts, and what stands once it is journaled."""

from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.accounts.policies import OutsideYourScope, why_not_permitted
from onepoint.accounts.scope import scope_of
from onepoint.channels.models import Contact
from onepoint.core.errors import BusinessError


class ContactAlreadySettled(BusinessError):
    """The contact was solved or already became a ticket; the journal is not rewritten."""

    code = "contact_already_settled"
    message = _("Contact %(number)s is already settled.")


def why_not_journal_contact(by: User | None) -> BusinessError | None:
    """Needs ``contact.create``."""
    return why_not_permitted("contact.create", by)


def why_not_settle_contact(contact: Contact, by: User | None) -> BusinessError | None:
    """Its own agent, or whoever may journal contacts within sight of this one, and only once."""
    if refusal := why_not_permitted("contact.create", by):
        return refusal
    if by is not None and contact.agent_id != by.pk and not _sees(contact, by):
        return OutsideYourScope()
    return ContactAlreadySettled(number=contact.number) if contact.ticket_number or contact.is_solved else None


def why_not_move_contacts(by: User | None) -> BusinessError | None:
    """Needs ``customer.merge``, as contacts only change hands when two customers become one."""
    return why_not_permitted("customer.merge", by)


def _sees(contact: Contact, by: User) -> bool:
    level_id = contact.customer.level_id if contact.customer else None
    return scope_of(by, "contact.create").meets(contact.audience, level_id, has_customer=contact.customer is not None)
