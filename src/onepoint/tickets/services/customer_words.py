"""What the customer says of a ticket that exists already, by whatever channel: heard, kept, found, and told."""

import uuid
from collections.abc import Sequence

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.channels.models import Contact
from onepoint.channels.services import journal_contact
from onepoint.core import attachments, audit
from onepoint.core.compiled import Compiled
from onepoint.core.errors import InvalidInput, require
from onepoint.core.models import Attachment, AuditEntry
from onepoint.core.text import clean
from onepoint.tickets import policies, signals
from onepoint.tickets.models import Ticket
from onepoint.tickets.services import telling
from onepoint.tickets.services.search_index import note_search_change

#: So much stands in the timeline and the notification; all of it stands in the contact.
SHOWN = 500
_WORDS = uuid.UUID("0b0f3a5e-53a1-4d8e-9d6c-1f0e7a1d4c02")


@transaction.atomic
def hear_customer(
    ticket: Ticket,
    *,
    text: str,
    channel: str,
    contact: Contact | None = None,
    files: Sequence[UploadedFile | Attachment] = (),
    key: str = "",
    even_finished: bool = False,
    by: User | None,
) -> None:
    """The customer's further words on a ticket: timeline, files, search, and whoever has the work is told.

    ``contact`` is the conversation they were said in; without one, one is journaled. ``files`` are uploads, or attachments
    another capability keeps already (copied, the bytes shared). The same ``key`` for the same ticket is heard once.
    ``even_finished`` lets words through about a ticket that has ended. Raises NotPermitted, TicketFinished, InvalidInput,
    FileNotAccepted.
    """
    locked = _LOCKED.first(ticket.pk)
    if locked is None:
        raise Ticket.DoesNotExist
    if key and _was_heard(ticket, key):
        return
    require(policies.why_not_hear_customer(locked, by, even_finished=even_finished))
    said = clean(text)
    if not said and not files:
        raise InvalidInput({"text": _("Please write down what the customer said.")})
    if contact is None:
        contact = _journaled(ticket, said, channel, key, by)
    for file in files:
        _keep(ticket, file, channel, by)
    entry = audit.record(
        "ticket.customer_wrote", by=by, subject_type="ticket", subject_id=ticket.pk, text=_shortened(said),
        channel=channel, contact=contact.number, key=key, files=len(files),
    )  # fmt: skip
    note_search_change(ticket.pk)
    telling.tell_of_words(locked, _shortened(said), key=f"words-{entry.pk}", by=by)
    signals.customer_heard.send(sender=Ticket, ticket=ticket, contact=contact, text=said, by=by)


@transaction.atomic
def hear_contact(
    contact: Contact,
    *,
    ticket_number: str,
    text: str,
    files: Sequence[UploadedFile | Attachment],
    key: str,
    by: User | None,
) -> None:
    """A channel recognised the ticket a contact belongs to. Nothing where there is no such ticket (any more).

    What was said is kept whatever has become of the ticket: its owner is to read it.
    """
    ticket = _BY_NUMBER.first(ticket_number)
    if ticket is not None:
        hear_customer(
            ticket, text=text, channel=contact.channel, contact=contact, files=files, key=key or f"contact-{contact.pk}",
            even_finished=True, by=by,
        )  # fmt: skip


_BY_NUMBER = Compiled("ticket_spoken_of", lambda number: Ticket.objects.filter(number=number))
_LOCKED = Compiled("locked_ticket", lambda pk: Ticket.objects.select_for_update(of=("self",)).filter(pk=pk))


def _was_heard(ticket: Ticket, key: str) -> bool:
    """Under the ticket's lock, so that of two at once the second finds the first."""
    entries = AuditEntry.objects.filter(subject_type="ticket", subject_id=ticket.pk, verb="ticket.customer_wrote")
    return entries.filter(data__key=key).exists()


def _journaled(ticket: Ticket, text: str, channel: str, key: str, by: User | None) -> Contact:
    return journal_contact(
        channel=channel, subject=_("Further to %(number)s") % {"number": ticket.number}, content=text,
        customer=ticket.customer, caller_name=ticket.contact_name, caller_number=ticket.contact_phone,
        region=ticket.region, category_code=ticket.category.code, ticket_number=ticket.number, by=by,
        request_key=uuid.uuid5(_WORDS, f"{ticket.pk}\n{key}") if key else None,
    )  # fmt: skip


def _keep(ticket: Ticket, file: UploadedFile | Attachment, channel: str, by: User | None) -> None:
    if isinstance(file, Attachment):
        kept = attachments.copy_file(file, subject_type="ticket", subject_id=ticket.pk)
    else:
        kept = attachments.store_file(
            file, subject_type="ticket", subject_id=ticket.pk, by=by, context={"channel": channel}
        )
    audit.record("ticket.attachment_added", by=by, subject_type="ticket", subject_id=ticket.pk, **kept.as_fact())


def _shortened(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
