"""Contacts and web chats for other systems: read, journaled and read along by the rules of the pages."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router, Status

from onepoint.channels import category_names, queries, services
from onepoint.channels.chat_states import ChatState
from onepoint.channels.models import Contact
from onepoint.channels.models.chat import ChatMessage, ChatSession
from onepoint.channels.queries import chats
from onepoint.channels.states import Channel, ContactOutcome, Direction
from onepoint.core import clock, masking
from onepoint.core.errors import InvalidInput
from onepoint.core.rest import (
    PROBLEMS,
    Body,
    Code,
    Cursor,
    Id,
    Limit,
    Line,
    Moment,
    Page,
    Schema,
    Text,
    found,
    needs,
    page_by_cursor,
)
from onepoint.customers.queries import find_customer

contacts = Router()
web_chats = Router()
READ, WRITE = "contacts:read", "contacts:write"


class ContactOut(Schema):
    number: str
    channel: str
    direction: str
    customer: str | None
    caller_name: str
    caller_number: str
    agent: str | None
    unit: str | None
    region: str | None
    category: str
    subject: str
    outcome: str
    started_at: datetime
    ended_at: datetime | None
    tickets: list[str]


class ContactDetail(ContactOut):
    content: str
    result: str | None
    result_text: str


class NewContact(Body):
    """One conversation. ``is_solved``: settled without a ticket; else it is still open."""

    channel: Channel
    subject: Line
    content: Text = ""
    direction: Direction = Direction.INBOUND
    customer: Code = ""
    caller_name: Line = ""
    caller_number: Line = ""
    category: Code = ""
    is_solved: bool = False
    result: Code = ""
    result_text: Line = ""
    started_at: Moment | None = None
    ended_at: Moment | None = None


class ChatOut(Schema):
    id: int
    state: str
    queue: str
    visitor: str
    visitor_phone: str
    customer: str | None
    is_verified: bool
    question: str
    agent: str | None
    contact: str | None
    started_at: datetime
    accepted_at: datetime | None
    ended_at: datetime | None
    stars: int | None


class LineOut(Schema):
    number: int
    speaker: str
    author: str
    text: str
    file: str | None
    at: datetime


def _row(contact: Contact) -> dict[str, Any]:
    return {
        "number": contact.number, "channel": contact.channel, "direction": contact.direction,
        "customer": contact.customer.number if contact.customer else None, "caller_name": contact.caller_name,
        "caller_number": masking.shown(contact.caller_number, "phone"),
        "agent": contact.agent.username if contact.agent else None, "unit": contact.unit.code if contact.unit else None,
        "region": contact.region.code if contact.region else None, "category": contact.category_code,
        "subject": masking.shown_words(contact.subject), "outcome": contact.outcome, "started_at": contact.started_at,
        "ended_at": contact.ended_at, "tickets": contact.ticket_numbers,
    }  # fmt: skip


def _detail(contact: Contact) -> dict[str, Any]:
    return _row(contact) | {
        "content": masking.shown_words(contact.content), "result": contact.result.code if contact.result else None,
        "result_text": masking.shown_words(contact.result_text),
    }  # fmt: skip


def _chat(session: ChatSession) -> dict[str, Any]:
    return {
        "id": session.pk, "state": session.state, "queue": session.queue.code, "visitor": session.visitor_label,
        "visitor_phone": masking.shown(session.visitor_phone, "phone"),
        "customer": session.customer.number if session.customer else None, "is_verified": session.is_verified,
        "question": masking.shown_words(session.question), "agent": session.agent.username if session.agent else None,
        "contact": session.contact.number if session.contact else None, "started_at": session.started_at,
        "accepted_at": session.accepted_at, "ended_at": session.ended_at, "stars": session.stars,
    }  # fmt: skip


def _line(message: ChatMessage) -> dict[str, Any]:
    return {
        "number": message.sequence, "speaker": message.speaker, "author": message.author_name,
        "text": masking.shown_words(message.text), "file": message.attachment.name if message.attachment else None,
        "at": message.written_at,
    }  # fmt: skip


def _contact_or_404(request: HttpRequest, number: str) -> Contact:
    return found(queries.find_contact(number, visible_to=request.user))


def _category(code: str) -> str:
    if code and code not in dict(category_names.choices()):
        raise InvalidInput({"category": _("Nothing is known by this code.")})
    return code


@contacts.get("", response={200: Page[ContactOut], **PROBLEMS}, summary="The contact journal in scope, newest first")
@needs(READ)
def list_contacts(
    request: HttpRequest,
    text: Line = "",
    channel: Channel | None = None,
    direction: Direction | None = None,
    outcome: ContactOutcome | None = None,
    category: Code = "",
    began_from: date | None = None,
    began_to: date | None = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Any:
    rows = queries.filtered_contacts(
        visible_to=request.user, text=text, channel=channel or "", direction=direction or "", outcome=outcome or "",
        category=_category(category), start=clock.day_start(began_from) if began_from else None,
        end=clock.day_end(began_to) if began_to else None,
    )  # fmt: skip
    return page_by_cursor(rows, _row, cursor=cursor, limit=limit, moment="started_at")


@contacts.post("", response={201: ContactDetail, **PROBLEMS}, summary="Journal a conversation")
@needs(WRITE)
def journal_contact(request: HttpRequest, response: HttpResponse, body: NewContact) -> Any:
    customer = find_customer(body.customer, visible_to=request.user) if body.customer else None
    if body.customer and customer is None:
        raise InvalidInput({"customer": _("Nothing is known by this code.")})
    result = queries.result_by_code(body.result) if body.result else None
    if body.result and result is None:
        raise InvalidInput({"result": _("Nothing is known by this code.")})
    contact = services.journal_conversation(
        channel=body.channel, subject=body.subject, content=body.content, direction=body.direction, customer=customer,
        caller_name=body.caller_name, caller_number=body.caller_number, category_code=_category(body.category),
        started_at=body.started_at, ended_at=body.ended_at, is_solved=body.is_solved, result=result,
        result_text=body.result_text, by=request.user,
    )  # fmt: skip
    response["Location"] = f"/api/v1/contacts/{contact.number}"
    return Status(201, _detail(_contact_or_404(request, contact.number)))


@contacts.get("/{number}", response={200: ContactDetail, **PROBLEMS}, summary="One contact with what was said")
@needs(READ)
def show_contact(request: HttpRequest, number: Code) -> Any:
    return _detail(_contact_or_404(request, number))


@web_chats.get("", response={200: Page[ChatOut], **PROBLEMS}, summary="Web chats in scope, the latest first")
@needs(READ)
def list_chats(request: HttpRequest, state: ChatState | None = None, cursor: Cursor = "", limit: Limit = 50) -> Any:
    rows = chats.chats_in_scope(visible_to=request.user, state=state or "")
    return page_by_cursor(rows, _chat, cursor=cursor, limit=limit)


@web_chats.get("/{chat_id}", response={200: ChatOut, **PROBLEMS}, summary="One web chat")
@needs(READ)
def show_chat(request: HttpRequest, chat_id: Id) -> Any:
    return _chat(found(chats.find_session(chat_id, visible_to=request.user)))


@web_chats.get(
    "/{chat_id}/transcript", response={200: list[LineOut], **PROBLEMS}, summary="What customer and agents said"
)
@needs(READ)
def show_transcript(request: HttpRequest, chat_id: Id) -> Any:
    session = found(chats.find_session(chat_id, visible_to=request.user))
    return [_line(message) for message in chats.transcript_of(session)]
