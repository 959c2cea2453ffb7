"""Web chats: begun by a visitor, answered by an agent, said, given on."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.assignment import queries as assignment_queries
from onepoint.assignment import services as assignment
from onepoint.assignment.models import Queue, QueueEntry
from onepoint.assignment.policies import QueueIsFull, QueueNotUsable
from onepoint.channels import signals
from onepoint.channels.chat_states import ChatState, Speaker
from onepoint.channels.green import green_for
from onepoint.channels.models import Contact
from onepoint.channels.models.chat import ChatMessage, ChatSession
from onepoint.channels.policies import chats as policies
from onepoint.channels.policies import why_not_move_contacts
from onepoint.channels.queries import chats as queries
from onepoint.channels.services.journal import journal_contact
from onepoint.channels.states import Channel
from onepoint.core import audit, clock, live
from onepoint.core.attachments import store_file
from onepoint.core.errors import InvalidInput, require
from onepoint.core.text import clean
from onepoint.customers import phone_numbers
from onepoint.customers.models import Customer

LONGEST_TEXT = 4000  # characters
MOST_FILES = 5  # at once
_MOVED_AT_ONCE = 500
MOST_MESSAGES = 2000  # of one conversation
SUBJECT = "chat"
#: A visitor is noted as seen at most so often.
SEEN_EVERY = timedelta(seconds=20)


def token_of(request_key: uuid.UUID) -> str:
    """The secret of the conversation begun by a form: sent twice, the form leads into the same conversation."""
    return salted_hmac("onepoint.chat", request_key.hex, algorithm="sha256").hexdigest()


#: One step of a green channel counts for more than any level of customers.
_GREEN_STEP = 10


def _priority_of(customer: Customer | None) -> int:
    """By the level of whoever has proved who he is, and before all others by a green channel."""
    green = green_for(customer=customer, channel=Channel.CHAT)
    level = customer.level.rank if customer and customer.level else 0
    return level + (_GREEN_STEP * green.priority if green else 0)


@transaction.atomic
def begin_chat(
    *,
    request_key: uuid.UUID,
    queue: Queue,
    name: str,
    phone: str = "",
    question: str = "",
    language: str = "zh-hans",
    site: str = "",
    customer: Customer | None = None,
    by: None = None,
) -> ChatSession:
    """A visitor wants to talk. ``customer`` is who he has proved to be; a telephone number alone is only a claim.

    Raises InvalidInput and ChatIsClosed (out of hours, out of use, too many wait).
    """
    token_hash = queries.hash_of(token_of(request_key))
    if known := ChatSession.objects.filter(token_hash=token_hash).first():
        return known
    values = _checked(name, phone, question)
    if not assignment_queries.is_open(queue):
        raise policies.ChatIsClosed
    claimed = customer or queries.customer_with_number(values["visitor_phone"])
    now = clock.now()
    session, is_new = ChatSession.objects.get_or_create(
        token_hash=token_hash,
        defaults={
            **values, "queue": queue, "customer": claimed, "is_verified": customer is not None, "language": language,
            "site": clean(site)[:200], "visitor_seen_at": now, "spoken_at": now, "started_at": now,
            "audience": audience_of(queue),
        },
    )  # fmt: skip
    if not is_new:
        return session
    try:
        session.entry = assignment.enter_queue(
            queue, subject_type=SUBJECT, subject_id=session.pk, by=None,
            priority=_priority_of(customer), preferred=queries.last_agent_of(claimed),
        )  # fmt: skip
    except (QueueIsFull, QueueNotUsable) as refusal:
        raise policies.ChatIsClosed from refusal
    session.save(update_fields=["entry"])
    if session.question:
        append(session, Speaker.VISITOR, session.question, author_name=session.visitor_label)
    _tell_watchers(session)
    return session


def _checked(name: str, phone: str, question: str) -> dict[str, str]:
    values = {
        "visitor_name": " ".join(clean(name).split()), "visitor_phone": clean(phone), "question": clean(question),
    }  # fmt: skip
    errors = {}
    if not values["visitor_name"] or len(values["visitor_name"]) > 80:
        errors["name"] = _("Please tell us what to call you.")
    if len(values["visitor_phone"]) > 40 or (
        values["visitor_phone"] and len(phone_numbers.normalise(values["visitor_phone"], "")) < 5
    ):
        errors["phone"] = _("Please enter a telephone number, or leave it empty.")
    if len(values["question"]) > 200:
        errors["question"] = _("Please write at most %(limit)s characters.") % {"limit": 200}
    if errors:
        raise InvalidInput(errors)
    return values


def audience_of(queue: Queue) -> list[str]:
    """Who watches what waits in a queue: whoever watches its units or their regions."""
    units = list(queue.units.all())
    return sorted({f"U{unit.pk}" for unit in units} | {f"R{unit.region_id}" for unit in units if unit.region_id})


def locked(session: ChatSession) -> ChatSession:
    return (
        ChatSession.objects.select_for_update(of=("self",))
        .select_related("queue", "entry", "agent", "customer__level", "contact")
        .get(pk=session.pk)
    )


def append(
    session: ChatSession,
    speaker: str,
    text: str,
    *,
    author: User | None = None,
    author_name: str = "",
    request_key: uuid.UUID | None = None,
    upload: UploadedFile | None = None,
) -> ChatMessage:
    """One more message at the end of a locked conversation; both sides hear of it."""
    now = clock.now()
    session.last_sequence += 1
    session.spoken_at = now
    kept = store_file(upload, subject_type=SUBJECT, subject_id=session.pk, by=author) if upload else None
    message = ChatMessage.objects.create(
        session=session, sequence=session.last_sequence, speaker=speaker, author=author,
        author_name=author_name or (author.get_full_name() if author else ""), text=text, attachment=kept,
        request_key=request_key, written_at=now,
    )  # fmt: skip
    if speaker == Speaker.VISITOR:
        session.visitor_sequence = session.last_sequence
    elif speaker == Speaker.AGENT:
        # Who answers has read what he answers.
        session.agent_read = session.last_sequence
    session.save(update_fields=["last_sequence", "spoken_at", "visitor_sequence", "agent_read"])
    tell(session)
    return message


def tell(session: ChatSession) -> None:
    """The visitor's page and the agent's look for what is new."""
    keys = {session.live_key}
    if session.agent_id:
        keys.add(f"P{session.agent_id}")
    live.publish(keys, "chat", session=session.pk)


def _tell_watchers(session: ChatSession) -> None:
    live.publish(session.audience, "chatqueue", session=session.pk)


def say_in_house(session: ChatSession, sentence: Callable[[], str]) -> None:
    """The system says something in the visitor's language."""
    with translation.override(session.language):
        append(session, Speaker.HOUSE, sentence())


def _say(
    session: ChatSession, speaker: str, text: str, request_key: uuid.UUID, files: list[Any], **author: Any
) -> list[ChatMessage]:
    text = clean(text)
    if not text and not files:
        raise InvalidInput({"text": _("Please write something.")})
    if len(text) > LONGEST_TEXT:
        raise InvalidInput({"text": _("Please write at most %(limit)s characters.") % {"limit": LONGEST_TEXT}})
    if len(files) > MOST_FILES:
        raise InvalidInput({"files": _("At most %(count)s files at once.") % {"count": MOST_FILES}})
    if ChatMessage.objects.filter(session=session, request_key=request_key).exists():
        return []
    if session.last_sequence >= MOST_MESSAGES:
        raise policies.ChatIsOver
    said = []
    keys = [request_key, *(uuid.uuid5(request_key, str(number)) for number in range(len(files)))]
    if text:
        said.append(append(session, speaker, text, request_key=keys[0], **author))
    for number, upload in enumerate(files):
        # The first thing said carries the form's own key, so that the same form is known again.
        key = keys[number + 1] if text or number else keys[0]
        said.append(append(session, speaker, "", request_key=key, upload=upload, **author))
    return said


@transaction.atomic
def say_as_visitor(
    session: ChatSession, *, text: str, request_key: uuid.UUID, files: list[UploadedFile] | None = None, by: None = None
) -> list[ChatMessage]:
    """What the visitor writes, waiting or in conversation; sent twice it is said once.

    Raises ChatIsOver, InvalidInput, FileNotAccepted.
    """
    session = locked(session)
    require(None if session.is_open else policies.ChatIsOver())
    session.visitor_seen_at = clock.now()
    session.save(update_fields=["visitor_seen_at"])
    return _say(session, Speaker.VISITOR, text, request_key, files or [], author_name=session.visitor_label)


@transaction.atomic
def say_as_agent(
    session: ChatSession,
    *,
    text: str,
    request_key: uuid.UUID,
    files: list[UploadedFile] | None = None,
    is_note: bool = False,
    by: User,
) -> list[ChatMessage]:
    """What the agent answers, or notes for colleagues only. Raises NotPermitted, ChatIsSomebodyElses, ChatIsOver, InvalidInput."""
    session = locked(session)
    require(policies.why_not_lead(session, by))
    return _say(session, Speaker.NOTE if is_note else Speaker.AGENT, text, request_key, files or [], author=by)


def note_visitor(session: ChatSession, *, read_to: int = 0, by: None = None) -> None:
    """The visitor's page is there, and shows what was said up to ``read_to``. Written now and then only."""
    now = clock.now()
    read_to = min(read_to, session.last_sequence)
    if read_to > session.visitor_read or now - session.visitor_seen_at > SEEN_EVERY:
        ChatSession.objects.filter(pk=session.pk, visitor_read__lte=read_to).update(visitor_read=read_to)
        ChatSession.objects.filter(pk=session.pk).update(visitor_seen_at=now)


def mark_read(session: ChatSession, *, until: int, by: User) -> None:
    """The agent has seen what was said up to a message; somebody who only reads along marks nothing."""
    until = min(until, session.last_sequence)
    if session.agent_id == by.pk and until > session.agent_read:
        ChatSession.objects.filter(pk=session.pk, agent_read__lt=until).update(agent_read=until)
        live.publish({f"P{by.pk}"}, "chat", session=session.pk)


def note_typing(session: ChatSession, *, by: User | None) -> None:
    """One side is writing: the other sees it for a moment. Nothing is kept."""
    if not session.is_open:
        return
    if by is None and session.agent_id:
        live.publish({f"P{session.agent_id}"}, "typing", session=session.pk)
    elif by is not None and session.agent_id == by.pk:
        live.publish({session.live_key}, "typing", session=session.pk)


@transaction.atomic
def answer_chat(entry: QueueEntry, *, by: User) -> None:
    """Somebody accepted what rang: the conversation is his, and journaled from here on."""
    session = ChatSession.objects.filter(pk=entry.subject_id).first()
    if session is None:
        return
    session = locked(session)
    if not session.is_open or session.agent_id == by.pk:
        return
    now = clock.now()
    session.state, session.agent, session.entry = ChatState.ACTIVE, by, entry
    session.accepted_at = session.accepted_at or now
    session.audience = sorted({*audience_of(session.queue), *audience_of(entry.queue), f"P{by.pk}"})
    session.queue = entry.queue
    if session.contact is None:
        session.contact = _journal(session, by)
    session.save(update_fields=["state", "agent", "entry", "accepted_at", "audience", "queue", "contact"])
    say_in_house(session, lambda: _("%(name)s is here for you.") % {"name": by.label})
    audit.record("chat.accepted", by=by, subject_type=SUBJECT, subject_id=session.pk)
    if session.contact is not None:
        signals.customer_arrived.send(ChatSession, contact=session.contact, agent=by)
    _tell_watchers(session)


def _journal(session: ChatSession, by: User) -> Contact:
    """The contact of this conversation; what was said is added at its end."""
    return journal_contact(
        by=by if by.may("contact.create") else None,
        channel=Channel.CHAT,
        subject=session.question or _("Web chat"),
        customer=session.customer,
        caller_number=session.visitor_phone,
        caller_name=session.visitor_name,
        unit=by.unit,
        started_at=session.started_at,
        request_key=uuid.uuid5(uuid.NAMESPACE_URL, f"chat:{session.pk}"),
    )


@transaction.atomic
def pass_chat(
    session: ChatSession,
    *,
    to_person: User | None = None,
    to_queue: Queue | None = None,
    note: str = "",
    by: User,
) -> None:
    """Give a conversation to somebody with room, or to a queue, with a note for colleagues.

    Raises NotPermitted, ChatIsSomebodyElses, ChatIsOver, AgentHasNoRoom, QueueNotUsable, InvalidInput.
    """
    require(policies.why_not_reassign(session, by))
    if (to_person is None) == (to_queue is None) or session.entry is None:
        raise InvalidInput({"to": _("Please choose a person or a queue.")})
    note = clean(note)
    if len(note) > LONGEST_TEXT:
        raise InvalidInput({"note": _("Please write at most %(limit)s characters.") % {"limit": LONGEST_TEXT}})
    if to_person is not None:
        assignment.give_to_person(session.entry, to_person, by=by)
    elif to_queue is not None:
        assignment.give_to_queue(session.entry, to_queue, by=by)
    session = locked(session)
    require(policies.why_not_reassign(session, by))
    was_answered = session.state == ChatState.ACTIVE
    earlier = session.agent
    if note:
        append(session, Speaker.NOTE, note, author=by)
    session.state, session.agent = ChatState.WAITING, None
    session.audience = sorted({*session.audience, *(audience_of(to_queue) if to_queue else [])})
    session.save(update_fields=["state", "agent", "audience"])
    if was_answered:
        say_in_house(session, lambda: _("You are being passed on to a colleague. Please stay with us."))
    given_to = to_person.get_full_name() if to_person else to_queue.name if to_queue else ""
    audit.record("chat.passed", by=by, subject_type=SUBJECT, subject_id=session.pk, to=given_to)
    if earlier is not None:
        live.publish({f"P{earlier.pk}"}, "chat", session=session.pk)
    _tell_watchers(session)


@transaction.atomic
def take_chat_back(entry: QueueEntry, agent: User, *, by: None) -> None:
    """The conversation its agent has left (the browser was closed) waits for somebody else. Nothing where it only rang."""
    session = ChatSession.objects.filter(pk=entry.subject_id).first()
    if session is None:
        return
    session = locked(session)
    if session.state != ChatState.ACTIVE or session.agent_id != agent.pk:
        return
    session.state, session.agent = ChatState.WAITING, None
    session.save(update_fields=["state", "agent"])
    say_in_house(
        session, lambda: _("The connection to your colleague here was lost; somebody else goes on in a moment.")
    )
    audit.record("chat.taken_back", by=None, subject_type=SUBJECT, subject_id=session.pk, agent=agent.name)
    live.publish({f"P{agent.pk}"}, "chat", session=session.pk)
    _tell_watchers(session)


@transaction.atomic
def confirm_customer(session: ChatSession, *, customer: Customer, by: User) -> None:
    """The agent has made sure who the visitor is, or knows better. Raises NotPermitted, ChatIsSomebodyElses."""
    session = locked(session)
    require(policies.why_not_wrap_up(session, by))
    session.customer, session.is_verified = customer, True
    session.save(update_fields=["customer", "is_verified"])
    audit.record(
        "chat.customer_confirmed", by=by, subject_type=SUBJECT, subject_id=session.pk, customer=customer.number
    )
    tell(session)


@transaction.atomic
def move_chats(ids: list[int], *, of: Customer, to: Customer, by: User | None) -> list[int]:
    """Let those of the conversations that name ``of`` name ``to``; gives the ids moved. The merge of customers audits it.

    Raises NotPermitted unless the system does it.
    """
    require(why_not_move_contacts(by))
    moved = []
    for start in range(0, len(ids), _MOVED_AT_ONCE):
        some = ChatSession.objects.filter(pk__in=ids[start : start + _MOVED_AT_ONCE], customer=of).order_by("pk")
        rows = list(some.select_for_update(of=("self",)).values_list("pk", flat=True))
        ChatSession.objects.filter(pk__in=rows).update(customer=to)
        moved += rows
    return moved
