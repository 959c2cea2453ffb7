"""What a customer does with his own tickets: add, remind, withdraw, rate, have them taken up again."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.utils.translation import gettext as _

from onepoint.channels.states import Channel
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, require
from onepoint.core.models import Attachment
from onepoint.core.text import clean
from onepoint.follow_ups import services as follow_ups
from onepoint.portal import limits, policies, queries
from onepoint.portal.models import PortalNote, PortalSession
from onepoint.portal.services.filing import check_files
from onepoint.portal.states import NoteKind
from onepoint.tickets import services as tickets
from onepoint.tickets.models import Ticket

LONGEST_REASON = 300
LONGEST_REMINDER = 400


def _done_before(key: UUID, ticket: Ticket) -> PortalNote | None:
    """What the same form did already; a second submission waits here until the first has ended."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"portal:act:{ticket.pk}"])
    ticket.refresh_from_db(fields=["status", "closed_at", "reopen_count"])
    note = queries.note_of_key(key)
    return note if note and note.ticket_id == ticket.pk else None


def _note(ticket: Ticket, kind: NoteKind, key: UUID, **more: Any) -> PortalNote:
    return PortalNote.objects.create(ticket=ticket, kind=kind, key=key, at=clock.now(), **more)


def add_words(
    ticket: Ticket, *, text: str, files: Sequence[UploadedFile] = (), key: UUID, by: PortalSession
) -> PortalNote:
    """Tell the house more about a request: the people who have it now are told.

    Raises RequestFinished, InvalidInput, FileNotAccepted, TooManyTries.
    """
    limits.count(limits.ACTS_OF_ADDRESS, limits.key_of(by.reached_by))
    said = clean(text)
    if not said and not files:
        raise InvalidInput({"text": _("Please write something or add a file.")})
    if len(said) > limits.LONGEST_TEXT:
        raise InvalidInput({"text": _("This text is too long.")})
    check_files(files)
    return _add(ticket, said, files, key)


@transaction.atomic
def _add(ticket: Ticket, text: str, files: Sequence[UploadedFile], key: UUID) -> PortalNote:
    if note := _done_before(key, ticket):
        return note
    require(policies.why_not_add(ticket))
    newest = Attachment.objects.of("ticket", ticket.pk).order_by("-pk").values_list("pk", flat=True).first() or 0
    tickets.hear_customer(ticket, text=text, channel=Channel.WEB, files=files, key=str(key), by=None)
    added = Attachment.objects.of("ticket", ticket.pk).filter(pk__gt=newest, uploaded_by_id=None)
    own = list(added.filter(context__channel=Channel.WEB).values_list("pk", flat=True)) if files else []
    return _note(ticket, NoteKind.ADDED, key, text=text, files=own)


def remind_house(ticket: Ticket, *, text: str, key: UUID, by: PortalSession) -> PortalNote:
    """Urge whoever has the request now; counted, and often enough it is carried upwards.

    Raises RequestFinished, RemindedAlready, InvalidInput, TooManyTries.
    """
    limits.count(limits.ACTS_OF_ADDRESS, limits.key_of(by.reached_by))
    said = clean(text)
    if len(said) > LONGEST_REMINDER:
        raise InvalidInput({"text": _("This text is too long.")})
    return _remind(ticket, said, key)


@transaction.atomic
def _remind(ticket: Ticket, text: str, key: UUID) -> PortalNote:
    if note := _done_before(key, ticket):
        return note
    require(policies.why_not_remind(ticket, queries.last_note(ticket, NoteKind.REMINDED), queries.rules()))
    tickets.remind_for_customer(
        ticket, text=text or _("The customer asks for speed."), channel=Channel.WEB, key=f"portal-{key}", by=None
    )
    return _note(ticket, NoteKind.REMINDED, key, text=text)


def withdraw_request(ticket: Ticket, *, reason: str, key: UUID, by: PortalSession) -> PortalNote:
    """The customer no longer asks for it: the ticket ends with its process. Raises RequestFinished, TooManyTries."""
    limits.count(limits.ACTS_OF_ADDRESS, limits.key_of(by.reached_by))
    return _withdraw(ticket, clean(reason)[:LONGEST_REASON], key)


@transaction.atomic
def _withdraw(ticket: Ticket, reason: str, key: UUID) -> PortalNote:
    if note := _done_before(key, ticket):
        return note
    require(policies.why_not_withdraw(ticket))
    tickets.withdraw_ticket(ticket, reason=reason or _("Withdrawn by the customer on the portal."), by=None)
    return _note(ticket, NoteKind.WITHDRAWN, key, text=reason)


def rate_ticket(ticket: Ticket, *, stars: int, words: str, key: UUID, by: PortalSession) -> PortalNote:
    """Say how it went, with 1 to 5 stars, once for each closing. Raises NotClosedYet, RatedAlready, InvalidInput, TooManyTries."""
    limits.count(limits.ACTS_OF_ADDRESS, limits.key_of(by.reached_by))
    return _rate(ticket, stars, clean(words), key)


@transaction.atomic
def _rate(ticket: Ticket, stars: int, words: str, key: UUID) -> PortalNote:
    if note := _done_before(key, ticket):
        return note
    require(policies.why_not_rate(ticket, queries.last_note(ticket, NoteKind.RATED)))
    note = _note(ticket, NoteKind.RATED, key, text=words, stars=stars)
    follow_ups.take_rating(ticket, stars=stars, words=words, channel="portal", key=f"portal-{key}", by=None)
    return note


def take_up_again(ticket: Ticket, *, reason: str, key: UUID, by: PortalSession) -> PortalNote:
    """The customer is not satisfied: the closed ticket goes back to the department that handled it last.

    Raises NotClosedYet, TooLateToReopen, ReopenedOften, NothingToReopen, InvalidInput, TooManyTries.
    """
    limits.count(limits.ACTS_OF_ADDRESS, limits.key_of(by.reached_by))
    said = clean(reason)[:LONGEST_REASON]
    if not said:
        raise InvalidInput({"text": _("Please write what is not settled yet.")})
    return _take_up(ticket, said, key)


@transaction.atomic
def _take_up(ticket: Ticket, reason: str, key: UUID) -> PortalNote:
    if note := _done_before(key, ticket):
        return note
    require(policies.why_not_reopen(ticket, queries.rules()))
    follow_ups.take_up_again(ticket, words=reason, key=f"portal-{key}", by=None)
    return _note(ticket, NoteKind.REOPENED, key, text=reason)
