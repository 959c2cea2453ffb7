"""Telling the customer of a ticket something, by the way he was promised or wants it."""

import uuid

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.channels import services as channel_services
from onepoint.channels.models import Contact, OutgoingMessage
from onepoint.channels.states import Channel, ContactOutcome, Direction
from onepoint.core import audit, clock
from onepoint.core.errors import InvalidInput, require
from onepoint.core.text import clean
from onepoint.tickets import policies, queries
from onepoint.tickets.models import Ticket
from onepoint.tickets.reaching import MEDIUM_OF, MESSAGE_WAYS, Reach, chosen_way, reach_of
from onepoint.tickets.services.account_managers import tell_manager_of_answer
from onepoint.tickets.services.search_index import note_search_change
from onepoint.tickets.states import ReplyChannel

_TOLD = uuid.UUID("0b2f3f0e-4f3c-5a0e-9a59-2b1e6a4c7d10")
_CHANNELS = {
    ReplyChannel.PHONE: Channel.HOTLINE, ReplyChannel.SMS: Channel.SMS, ReplyChannel.EMAIL: Channel.EMAIL,
    ReplyChannel.LETTER: Channel.LETTER, ReplyChannel.VISIT: Channel.ACCOUNT_MANAGER,
}  # fmt: skip
#: A text beyond this is no message any more but a mistake.
LONGEST = 4000


@transaction.atomic
def tell_customer(
    ticket: Ticket, *, text: str, subject: str = "", key: str, way: str = "", is_locked: bool = False, by: User | None
) -> OutgoingMessage | None:
    """Send the customer a message about his ticket; journaled, and in the ticket's timeline. The same ``key`` sends once.

    ``way`` is a ReplyChannel; empty: the promised way, else the customer's own, else whatever reaches him. None where only
    a person can do it (telephone, visit, letter) or the customer wants no answer. ``is_locked``: the caller has just locked and
    read the ticket. Raises NotPermitted, InvalidInput.
    """
    require(policies.why_not_tell(by))
    said = clean(text)
    if not said or len(said) > LONGEST:
        wanted = _("Please write what the customer is told, at most %(most)s characters.") % {"most": LONGEST}
        raise InvalidInput({"text": wanted})
    if way and way not in ReplyChannel.values:
        raise InvalidInput({"way": _("Please choose from the list.")})
    if not is_locked:
        rows = Ticket.objects.select_for_update(of=("self",)).select_related("customer", "region", "unit", "category")
        ticket = rows.get(pk=ticket.pk)
    message_key = f"ticket-told-{ticket.pk}-{uuid.uuid5(_TOLD, key)}"
    if (sent := queries.message_of_key(message_key)) is not None:
        return sent
    reach = reach_of(ticket)
    chosen = chosen_way(ticket, reach, way)
    if chosen not in MESSAGE_WAYS:
        return None
    return _send(ticket, ReplyChannel(chosen), reach, said, clean(subject), message_key, by)


def _send(
    ticket: Ticket, way: ReplyChannel, reach: Reach, text: str, subject: str, key: str, by: User | None
) -> OutgoingMessage:
    language = ticket.customer.language if ticket.customer else "zh-hans"
    with translation.override(language):
        head = subject or _("About your request %(number)s") % {"number": ticket.number}
    contact = journal_answer(ticket, way=way, subject=head, text=text, number=reach.address(way), key=key, by=by)
    message = channel_services.send_message(
        MEDIUM_OF[way], reach.address(way), key=key, subject=head, text=text, about=("ticket", ticket.pk),
        audience=_outbox_audience(ticket), language=language, by=by,
    )  # fmt: skip
    note_told(ticket, way=way, text=text, contact=contact, by=by)
    note_search_change(ticket.pk)
    return message


def note_told(ticket: Ticket, *, way: str, text: str, contact: Contact, by: User | None) -> None:
    """Write into the timeline what the customer was told in a contact; his account manager hears it too.

    Part of the write that told him.
    """
    audit.record(
        "ticket.customer_told", by=by, subject_type="ticket", subject_id=ticket.pk, way=ReplyChannel(way).value,
        text=text[:2000], contact=contact.number,
    )  # fmt: skip
    tell_manager_of_answer(ticket, text=text, key=f"told-{contact.pk}", by=by)


def _outbox_audience(ticket: Ticket) -> list[str]:
    """Keys of places and persons only: the outbox knows no candidates of steps."""
    return [key for key in ticket.audience if key[:1] in "PUR"]


def journal_answer(
    ticket: Ticket, *, way: str, subject: str, text: str, number: str, key: str, by: User | None
) -> Contact:
    """One outbound conversation about a ticket in the contact journal. Part of the caller's write."""
    now = clock.now()
    # Who may tell the customer has been decided; that it is journaled is only its consequence.
    agent = by if by is not None and by.may("contact.create") else None
    return channel_services.journal_contact(
        by=agent, channel=_CHANNELS[ReplyChannel(way)], direction=Direction.OUTBOUND, subject=subject[:200], content=text,
        outcome=ContactOutcome.SOLVED, customer=ticket.customer, caller_number=number, caller_name=ticket.contact_name,
        region=ticket.region, unit=None if agent else ticket.unit, category_code=ticket.category.code,
        ticket_number=ticket.number, started_at=now, ended_at=now, request_key=uuid.uuid5(_TOLD, key),
    )  # fmt: skip
