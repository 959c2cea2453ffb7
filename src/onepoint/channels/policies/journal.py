"""Who may journal contacts, and what stands once it is journaled."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.accounts.policies import OutsideYourScope, why_not_permitted
from onepoint.accounts.scope import scope_of
from onepoint.channels.models import Contact
from onepoint.channels.queries import results as queries
from onepoint.core import clock
from onepoint.core.errors import BusinessError

CORRECT = "contact.correct"


class ContactAlreadySettled(BusinessError):
    """The contact was solved or already became a ticket; the journal is not rewritten."""

    code = "contact_already_settled"
    message = _("Contact %(number)s is already settled.")


class CorrectedTooLate(BusinessError):
    """The journal's rules give the agent some hours; later a supervisor corrects it."""

    code = "corrected_too_late"
    message = _("A contact can be corrected by its agent within %(hours)s hours. Please ask your supervisor.")


class CustomerKnown(BusinessError):
    """Whose contact it is stands in the journal; two records of one customer are merged instead."""

    code = "customer_known"
    message = _("Contact %(number)s has a customer already.")


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


def what_a_solution_lacks(values: Mapping[str, Any], by: User | None) -> dict[str, str | Promise]:
    """Field → sentence: a person who solves a contact says what it was about and what came of it, if the house asks so."""
    if by is None or not queries.journal_rule().needs_result:
        return {}
    lacking: dict[str, str | Promise] = {}
    if not values["category_code"]:
        lacking["category"] = _("What was it about? A contact that is solved at once needs a category.")
    if values["result"] is None:
        lacking["result"] = _("What came of it? Please choose a result.")
    return lacking


def why_not_manage_journal(by: User | None) -> BusinessError | None:
    """Results and rules need ``journal.manage``."""
    return why_not_permitted("journal.manage", by)


def why_not_relate_contact(contact: Contact, by: User | None) -> BusinessError | None:
    """Tickets are linked by its agent, or by whoever may journal contacts within sight of this one."""
    if refusal := why_not_permitted("contact.create", by):
        return refusal
    return None if by is None or contact.agent_id == by.pk or _sees(contact, by) else OutsideYourScope()


def why_not_correct_contact(contact: Contact, by: User | None) -> BusinessError | None:
    """Its own agent for some hours; later, and those of others, need ``contact.correct``."""
    if by is None or (why_not_permitted(CORRECT, by) is None and _sees(contact, by, CORRECT)):
        return None
    if contact.agent_id != by.pk:
        return why_not_permitted(CORRECT, by) or OutsideYourScope()
    if refusal := why_not_permitted("contact.create", by):
        return refusal
    hours = queries.journal_rule().correct_hours
    return None if clock.now() - contact.started_at <= timedelta(hours=hours) else CorrectedTooLate(hours=hours)


def why_not_name_customer(contact: Contact, by: User | None) -> BusinessError | None:
    """Somebody nobody knew gets a name from whoever may link its tickets; a known customer is not exchanged."""
    if refusal := why_not_relate_contact(contact, by):
        return refusal
    return CustomerKnown(number=contact.number) if contact.customer_id else None


def why_not_move_contacts(by: User | None) -> BusinessError | None:
    """Needs ``customer.merge``, as contacts only change hands when two customers become one."""
    return why_not_permitted("customer.merge", by)


def _sees(contact: Contact, by: User, permission: str = "contact.create") -> bool:
    level_id = contact.customer.level_id if contact.customer else None
    return scope_of(by, permission).meets(contact.audience, level_id, has_customer=contact.customer is not None)
