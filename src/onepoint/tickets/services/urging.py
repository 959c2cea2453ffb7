"""Urging a ticket by hand or for its customer, and what an escalation does to the ticket itself."""

from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.channels.models import Contact
from onepoint.channels.services import journal_contact
from onepoint.channels.states import Direction
from onepoint.core import audit
from onepoint.core.errors import InvalidInput, require
from onepoint.core.text import clean
from onepoint.tickets import queries, signals, urging_rights
from onepoint.tickets.models import Severity, Ticket
from onepoint.tickets.services.corrections import Correction, correct_ticket
from onepoint.tickets.services.supervising import supervise_by_escalation
from onepoint.workflow import services as workflow_services
from onepoint.workflow.models import Escalation, Reminder
from onepoint.workflow.services.reminding import LONGEST_TEXT, Subject
from onepoint.workflow.states import ReminderKind
from onepoint.workflow.urging.rules import rule_for


@transaction.atomic
def remind_ticket(ticket: Ticket, *, text: str, key: str = "", by: User | None) -> Reminder:
    """Urge whoever has the ticket's work; the count rises, an answer is owed, and often enough it is carried upwards.

    Raises NotPermitted, TicketFinished, RemindedLately, InvalidInput.
    """
    _lock(ticket)
    require(urging_rights.why_not_remind(ticket, by))
    return _remind(ticket, text, ReminderKind.PERSON, key, by)


@transaction.atomic
def remind_for_customer(
    ticket: Ticket, *, text: str, channel: str, key: str = "", is_journaled: bool = False, by: User | None
) -> Reminder:
    """The customer asks again about a ticket that is still open: journaled as a contact, and it urges by itself.

    ``is_journaled``: the contact stands in the journal already. Raises NotPermitted, TicketFinished, InvalidInput.
    """
    _lock(ticket)
    require(urging_rights.why_not_remind(ticket, by))
    if not clean(text):
        raise InvalidInput({"text": _("Please write down what the customer said.")})
    before = ticket.reminder_count
    reminder = _remind(ticket, text, ReminderKind.CUSTOMER, key, by)
    if ticket.reminder_count > before and not is_journaled:
        journal_contact(
            channel=channel, subject=_("The customer urges %(number)s") % {"number": ticket.number}, content=text,
            customer=ticket.customer, caller_name=ticket.contact_name, caller_number=ticket.contact_phone,
            region=ticket.region, category_code=ticket.category.code, ticket_number=ticket.number, by=by,
        )  # fmt: skip
    return reminder


@transaction.atomic
def remind_by_contact(contact: Contact, *, by: User | None) -> Reminder | None:
    """A customer asked again, with nothing more to be done for him now: the newest open ticket of the same category is
    urged by that (demand 9). None where there is no such ticket."""
    if contact.customer_id is None or not contact.category_code or contact.direction != Direction.INBOUND:
        return None
    open_tickets = Ticket.objects.alive().filter(customer=contact.customer_id, category__code=contact.category_code)
    ticket = open_tickets.with_labels().order_by("-opened_at", "-pk").first()
    if ticket is None:
        return None
    text = "\n".join(part for part in (contact.subject, contact.content) if part)[:LONGEST_TEXT]
    return remind_for_customer(
        ticket,
        text=text,
        channel=contact.channel,
        key=f"contact-{contact.pk}",
        is_journaled=True,
        by=by if urging_rights.why_not_urge(by) is None else None,
    )


def _lock(ticket: Ticket) -> None:
    """The process before the ticket, as every command does it."""
    if ticket.process_instance_id:
        workflow_services.lock_instance(ticket.process_instance_id)
    locked = Ticket.objects.select_for_update(of=("self",)).get(pk=ticket.pk)
    for name in ("status", "reminder_count", "audience"):
        setattr(ticket, name, getattr(locked, name))


def _remind(ticket: Ticket, text: str, kind: str, key: str, by: User | None) -> Reminder:
    facts = {"kind": ticket.kind, "severity": ticket.severity.code}
    rule = rule_for(queries.process_key_of(ticket.category, ticket.kind), facts, ticket.unit_id)
    reminder = workflow_services.remind_handlers(
        Subject("ticket", ticket.pk, ticket.number, ticket.unit_id, ticket.region_id), text=text, kind=kind, rule=rule,
        is_leader=urging_rights.leads(ticket, by), key=key, by=by,
    )  # fmt: skip
    if reminder.number > ticket.reminder_count:  # not the same form a second time
        Ticket.objects.filter(pk=ticket.pk).update(reminder_count=F("reminder_count") + 1)
        ticket.reminder_count += 1
        signals.ticket_reminded.send(sender=Ticket, ticket=ticket, by=by, reminder=reminder)
    return reminder


@transaction.atomic
def answer_reminder(reminder: Reminder, *, text: str, by: User | None) -> Reminder:
    """Tell who urged what is being done. Raises NothingOwed, TaskNotYours, InvalidInput, SomebodyWasFaster."""
    return workflow_services.answer_reminder(reminder, text=text, by=by)


@transaction.atomic
def follow_escalation(escalation: Escalation, *, by: User | None) -> None:
    """A step was carried upwards: do to the ticket what only the ticket can have done."""
    wanted = {"raise_severity", "supervise"} & set(escalation.deeds)
    ticket = Ticket.objects.select_for_update(of=("self",)).filter(pk=escalation.subject_id).first() if wanted else None
    if ticket is None or ticket.is_finished:
        return
    if "raise_severity" in wanted:
        raise_severity(ticket, by=by)
    if "supervise" in wanted:
        supervise_by_escalation(ticket, escalation.people, by=by)


@transaction.atomic
def raise_severity(ticket: Ticket, *, by: User | None) -> bool:
    """One level graver, where there is one; a correction of the house's own, so that limits follow. False at the gravest."""
    old = ticket.severity
    graver = Severity.objects.filter(is_active=True, rank__lt=old.rank).order_by("-rank").first()
    if graver is None:
        return False
    correct_ticket(ticket, Correction(severity=graver), version=ticket.version, by=None)
    told: dict[str, Any] = {"from": old.name, "from_en": old.name_en, "to": graver.name, "to_en": graver.name_en}
    audit.record("ticket.severity_raised", by=by, subject_type="ticket", subject_id=ticket.pk, **told)
    return True
