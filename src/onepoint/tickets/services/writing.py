"""An e-mail somebody writes to the customer from the ticket: in the customer's thread, with files, in the outbox and journal."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.channels.models import OutgoingMessage
from onepoint.channels.queries import mail as mail_queries
from onepoint.channels.services import Thread, send_message
from onepoint.channels.states import Medium, Origin
from onepoint.core.errors import InvalidInput, require
from onepoint.core.text import clean
from onepoint.tickets import policies, queries
from onepoint.tickets.models import Ticket
from onepoint.tickets.services.answering import journal_answer, note_told
from onepoint.tickets.services.mails import outbox_audience
from onepoint.tickets.services.search_index import note_search_change
from onepoint.tickets.states import ReplyChannel

LONGEST_TEXT, LONGEST_SUBJECT = 20_000, 200
_WRITTEN = uuid.UUID("f3d3c9f0-1b52-4b0d-9d24-6a7b8a0c5e33")


@dataclass(frozen=True)
class Answer:
    """What is to be sent. ``files`` are ids of the ticket's own files; ``key`` names the filled-in form."""

    to: str
    subject: str
    text: str
    key: str
    copies_to: Sequence[str] = ()
    files: Sequence[int] = ()


@transaction.atomic
def write_mail(ticket: Ticket, answer: Answer, *, by: User | None) -> OutgoingMessage:
    """Send the customer an e-mail about the ticket. The same ``key`` sends once.

    Raises NotPermitted, NothingToDoWithIt, InvalidInput (by field).
    """
    ticket = Ticket.objects.select_for_update(of=("self",)).select_related("customer", "region").get(pk=ticket.pk)
    require(policies.why_not_write_mail(ticket, by))
    key = f"ticket-mail-{ticket.pk}-{uuid.uuid5(_WRITTEN, answer.key)}"
    if (sent := queries.message_of_key(key)) is not None:
        return sent
    to, copies, subject, text = _checked(ticket, answer)
    last = next(iter(mail_queries.mails_of_ticket(ticket.number, limit=1)), None)
    mailbox = last.mailbox if last else None
    contact = journal_answer(ticket, way=ReplyChannel.EMAIL, subject=subject, text=text, number=to[:80], key=key, by=by)
    message = send_message(
        Medium.EMAIL, to, key=key, subject=subject, text=text, about=("ticket", ticket.pk),
        audience=outbox_audience(ticket), attachments=answer.files, gateway=mailbox.gateway if mailbox else None,
        thread=Thread(
            copies_to=copies, answers=last.message_id if last else "", references=last.references if last else "",
            reply_to=mailbox.address if mailbox else "", origin=Origin.PERSON,
        ),
        by=by,
    )  # fmt: skip
    note_told(ticket, way=ReplyChannel.EMAIL, text=text, contact=contact, by=by)
    note_search_change(ticket.pk)
    return message


def subject_for(ticket: Ticket, subject: str = "") -> str:
    """The subject with the ticket's number, by which an answer finds back even without its thread."""
    shown = " ".join(clean(subject or ticket.title).split())
    if ticket.number not in shown:
        shown = f"{shown[: LONGEST_SUBJECT - 20]} [{ticket.number}]"
    return shown[:LONGEST_SUBJECT]


def _checked(ticket: Ticket, answer: Answer) -> tuple[str, list[str], str, str]:
    errors: dict[str, str] = {}
    to, text = clean(answer.to).lower(), clean(answer.text)
    copies = [one for one in dict.fromkeys(clean(one).lower() for one in answer.copies_to) if one and one != to]
    for field, addresses in (("to", [to]), ("copies_to", copies)):
        for address in addresses:
            try:
                validate_email(address)
            except ValidationError:
                errors[field] = _("“%(address)s” is no e-mail address.") % {"address": address}
    if not text or len(text) > LONGEST_TEXT:
        wanted = _("Please write what the customer is told, at most %(most)s characters.") % {"most": LONGEST_TEXT}
        errors["text"] = wanted
    own = {file.pk for file in queries.files_of(ticket)}
    if set(answer.files) - own:
        errors["files"] = _("One of the files is no longer there.")
    if errors:
        raise InvalidInput(errors)
    return to, copies, subject_for(ticket, answer.subject), text
