"""How a web chat ends: the transcript becomes the contact, the visitor rates it, the agent wraps it up."""

import uuid
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.assignment import services as assignment
from onepoint.assignment.models import Queue
from onepoint.channels.chat_states import ChatState, EndedBy, Speaker
from onepoint.channels.lookup_keys import search_keys_of
from onepoint.channels.models import Contact
from onepoint.channels.models.chat import ChatSession
from onepoint.channels.policies import chats as policies
from onepoint.channels.queries import chats as queries
from onepoint.channels.services import journal
from onepoint.channels.services.chats import LONGEST_TEXT, SUBJECT, locked, say_in_house, tell
from onepoint.channels.services.outbox import send_message
from onepoint.channels.states import Channel, ContactOutcome, Medium
from onepoint.core import audit, clock
from onepoint.core.attachments import copy_file
from onepoint.core.errors import InvalidInput, require
from onepoint.core.text import clean
from onepoint.customers import phone_numbers

SILENT = timedelta(minutes=15)  # nothing said
GONE_ACTIVE = timedelta(minutes=3)  # and the visitor's page is closed
GONE_WAITING = timedelta(seconds=90)
RATED_WITHIN = timedelta(hours=24)


def transcript_text(session: ChatSession) -> str:
    """What was said, a line each: time, who, words."""
    lines = []
    for message in queries.transcript_of(session):
        at = timezone.localtime(message.written_at)
        who = message.author_name or str(Speaker(message.speaker).label)
        said = message.text or (f"[{message.attachment.name}]" if message.attachment else "")
        lines.append(f"[{at:%H:%M:%S}] {who}: {said}")
    return "\n".join(lines)


@transaction.atomic
def end_chat(session: ChatSession, *, ended_by: str, by: User | None) -> None:
    """Either side, or long silence, ends it; a visitor who still waits has left. A second time changes nothing.

    Raises NotPermitted, ChatIsSomebodyElses for an agent.
    """
    if ended_by == EndedBy.AGENT and session.is_open:
        require(policies.why_not_lead(session, by))
    if session.state == ChatState.WAITING and session.entry is not None:
        session.entry.refresh_from_db()
        if assignment.leave_queue(session.entry, by=None):
            _leave(session, ended_by)
            return
        session.refresh_from_db()
    entry = session.entry
    if entry is not None:
        entry.refresh_from_db()
        assignment.end_entry(entry, by=by)
    session = locked(session)
    if session.state != ChatState.ACTIVE:
        return
    say_in_house(session, lambda: _ending_sentence(ended_by))
    session.state, session.ended_at, session.ended_by = ChatState.ENDED, clock.now(), ended_by
    session.save(update_fields=["state", "ended_at", "ended_by"])
    _complete_contact(session)
    audit.record("chat.ended", by=by, subject_type=SUBJECT, subject_id=session.pk, ended_by=ended_by)
    tell(session)


def _ending_sentence(ended_by: str) -> str:
    if ended_by == EndedBy.VISITOR:
        return _("You have ended the conversation. Thank you!")
    if ended_by == EndedBy.AGENT:
        return _("The conversation has been ended. Thank you!")
    return _("The conversation was ended because nothing was said for some time.")


def _leave(session: ChatSession, ended_by: str) -> None:
    session = locked(session)
    session.state, session.ended_at, session.ended_by = ChatState.LEFT, clock.now(), ended_by
    session.save(update_fields=["state", "ended_at", "ended_by"])
    if session.contact is not None:
        _complete_contact(session)
    elif session.visitor_phone or session.customer_id:
        # Somebody could call back.
        session.contact = _journal_unanswered(session, session.question or _("Gave up waiting in the web chat"))
        session.save(update_fields=["contact"])
        _complete_contact(session)
    tell(session)


def _journal_unanswered(session: ChatSession, subject: str, content: str = "") -> Contact:
    unit = session.queue.units.first()
    return journal.journal_contact(
        by=None, channel=Channel.CHAT, subject=subject[:200], content=content, customer=session.customer,
        caller_number=session.visitor_phone, caller_name=session.visitor_name, unit=unit,
        region=unit.region if unit else None, started_at=session.started_at,
        request_key=uuid.uuid5(uuid.NAMESPACE_URL, f"chat:{session.pk}"),
    )  # fmt: skip


def _complete_contact(session: ChatSession) -> None:
    """The contact holds what was said up to now, the customer and the files; its outcome stays as it is."""
    contact = session.contact
    if contact is None:
        return
    contact.content = transcript_text(session) or contact.content
    contact.ended_at = session.ended_at or contact.ended_at
    contact.agent = session.agent or contact.agent
    if session.customer is not None and session.is_verified:
        contact.customer = session.customer
    contact.audience = sorted({*contact.audience, *journal.audience_of(contact)})
    contact.search_keys = search_keys_of(contact)
    contact.save(update_fields=["content", "ended_at", "agent", "customer", "audience", "search_keys"])
    kept = {file.sha256 for file in contact_files(contact)}
    for message in queries.transcript_of(session):
        if message.attachment is not None and message.attachment.sha256 not in kept:
            kept.add(message.attachment.sha256)
            copy_file(message.attachment, subject_type="contact", subject_id=contact.pk)


def contact_files(contact: Contact) -> list[Any]:
    from onepoint.core.attachments import current_files

    return current_files("contact", contact.pk)


@transaction.atomic
def note_transcript(session: ChatSession, *, by: User) -> Contact:
    """Bring the contact up to date, so that a ticket can be made of it now. Raises NotPermitted, ChatIsSomebodyElses."""
    session = locked(session)
    require(policies.why_not_wrap_up(session, by))
    if session.contact is None:
        raise policies.ChatIsOver
    _complete_contact(session)
    return session.contact


@transaction.atomic
def wrap_up_chat(session: ChatSession, *, category_code: str = "", is_solved: bool, by: User, **solution: Any) -> None:
    """Category and outcome, and the agent is free for the next. Nothing is changed on a contact that is settled.

    Raises NotPermitted, ChatIsSomebodyElses, ChatNotOver and what solving a contact raises.
    """
    # Not locked: an ending locks agent, entry and conversation in that order.
    session.refresh_from_db()
    require(policies.why_not_wrap_up(session, by))
    if session.is_open:
        raise policies.ChatNotOver
    contact = session.contact
    if contact is not None:
        contact.refresh_from_db()
        is_open = contact.outcome == ContactOutcome.OPEN and not contact.ticket_number
        if category_code and is_open:
            contact.category_code = category_code
            contact.save(update_fields=["category_code"])
        if is_solved and is_open:
            journal.solve_contact(contact, by=by, **solution)
    audit.record("chat.wrapped_up", by=by, subject_type=SUBJECT, subject_id=session.pk, category=category_code)
    if session.entry is not None:
        assignment.finish_wrap_up(session.entry, by=by)


@transaction.atomic
def rate_chat(session: ChatSession, *, stars: int, words: str = "", by: None = None) -> None:
    """The visitor says how it was, for a day after the end; a second time replaces the first.

    Raises ChatNotOver, ChatIsOver, InvalidInput.
    """
    session = locked(session)
    if session.state != ChatState.ENDED or session.ended_at is None:
        raise policies.ChatNotOver
    if clock.now() - session.ended_at > RATED_WITHIN:
        raise policies.ChatIsOver
    if not 1 <= stars <= 5:
        raise InvalidInput({"stars": _("Please choose one to five stars.")})
    session.stars, session.rating_words = stars, clean(words)[:500]
    session.save(update_fields=["stars", "rating_words"])
    audit.record("chat.rated", by=None, subject_type=SUBJECT, subject_id=session.pk, stars=stars)


@transaction.atomic
def send_transcript(session: ChatSession, *, email: str, by: None = None) -> None:
    """What was said, by e-mail; once for each conversation. Raises ChatNotOver, InvalidInput."""
    session = locked(session)
    if session.is_open:
        raise policies.ChatNotOver
    email = clean(email)
    try:
        validate_email(email)
    except ValidationError as error:
        raise InvalidInput({"email": _("Please enter an e-mail address.")}) from error
    if session.transcript_to:
        return
    session.transcript_to = email
    session.save(update_fields=["transcript_to"])
    with translation.override(session.language):
        send_message(
            Medium.EMAIL, email, key=f"chat-transcript:{session.pk}", about=(SUBJECT, session.pk),
            subject=_("Your conversation of %(date)s") % {"date": f"{timezone.localtime(session.started_at):%Y-%m-%d}"},
            text=transcript_text(session), language=session.language, audience=session.audience, by=None,
        )  # fmt: skip


@transaction.atomic
def leave_letter(
    *,
    request_key: uuid.UUID,
    queue: Queue,
    name: str,
    phone: str,
    text: str,
    language: str = "zh-hans",
    site: str = "",
    by: None = None,
) -> Contact:
    """Nobody could answer: what the visitor wanted to say becomes an open contact. Sent twice it is kept once.

    Raises InvalidInput.
    """
    values = {"name": " ".join(clean(name).split()), "phone": clean(phone), "text": clean(text)}
    errors = {}
    if not values["name"] or len(values["name"]) > 80:
        errors["name"] = _("Please tell us what to call you.")
    if len(values["phone"]) > 40 or len(phone_numbers.normalise(values["phone"], "")) < 5:
        errors["phone"] = _("Please enter a telephone number we can call.")
    if not values["text"] or len(values["text"]) > LONGEST_TEXT:
        errors["text"] = _("Please write up to %(limit)s characters.") % {"limit": LONGEST_TEXT}
    if errors:
        raise InvalidInput(errors)
    now = clock.now()
    session, is_new = ChatSession.objects.get_or_create(
        token_hash=queries.hash_of(f"letter:{request_key.hex}"),
        defaults={
            "queue": queue, "state": ChatState.LETTER, "visitor_name": values["name"], "visitor_phone": values["phone"],
            "customer": queries.customer_with_number(values["phone"]), "question": values["text"][:200],
            "language": language, "site": clean(site)[:200], "visitor_seen_at": now, "spoken_at": now,
            "started_at": now, "ended_at": now,
        },
    )  # fmt: skip
    if is_new or session.contact is None:
        first_line = values["text"].splitlines()[0]
        session.contact = _journal_unanswered(session, first_line, values["text"])
        session.save(update_fields=["contact"])
    return session.contact


def end_silent_chats(*, by: None = None) -> int:
    """Chats whose visitor has gone without a word; the tick calls it."""
    now = clock.now()
    count = 0
    for session in queries.silent_chats(spoken_before=now - GONE_WAITING, seen_before=now - GONE_WAITING):
        is_waiting = session.state == ChatState.WAITING
        silent = now - session.spoken_at > SILENT and now - session.visitor_seen_at > GONE_ACTIVE
        if is_waiting or silent:
            end_chat(session, ended_by=EndedBy.SILENCE, by=None)
            count += 1
    return count
