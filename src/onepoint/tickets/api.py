"""Tickets for other systems: registered, read, corrected and moved by the rules of the pages."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import File, Router, Status
from ninja.files import UploadedFile
from pydantic import Field

from onepoint.accounts.models import User
from onepoint.accounts.queries import lookups
from onepoint.channels.states import Channel
from onepoint.core import masking, stamped
from onepoint.core.attachments import file_response
from onepoint.core.errors import InvalidInput, require
from onepoint.core.models import Attachment, AuditEntry
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
    refuse_masked,
    tell_version,
    version_read,
    withhold_fields,
)
from onepoint.core.timeline import sentence_of
from onepoint.core.withheld import WORDS
from onepoint.customers import queries as customer_queries
from onepoint.customers.models import Customer
from onepoint.sla.clock_explaining import ToldClock
from onepoint.tickets import clocks, item_rights, policies, queries, services
from onepoint.tickets.models import Category, Severity, Ticket
from onepoint.tickets.services.corrections import Correction
from onepoint.tickets.states import ReplyChannel, TicketKind, TicketStatus, Urgency
from onepoint.workflow.models import Opinion, UserTask

router = Router()
categories = Router()
READ, WRITE = "tickets:read", "tickets:write"

#: Fields a caller may see masked only, and must not send back so.
MASKED = {"contact_phone": "phone", "title": WORDS, "description": WORDS}
ReplyWay = ReplyChannel | Literal[""]


class TicketOut(Schema):
    number: str
    kind: str
    status: str
    title: str
    category: str
    severity: str
    urgency: str
    channel: str
    customer: str | None
    region: str | None
    unit: str | None
    opened_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    outcome: str
    reopen_count: int
    reminder_count: int
    tags: list[str]
    version: int


class StepOut(Schema):
    task: int
    step: str
    step_en: str
    status: str
    assignee: str | None
    unit: str | None
    since: datetime


class OpinionOut(Schema):
    step: str
    step_en: str
    author: str
    unit: str | None
    outcome: str
    text: str
    at: datetime


class ClockOut(Schema):
    """``elapsed`` and ``left`` are seconds of the calendar it counts in; paused clocks are due at no moment."""

    kind: str
    name: str
    name_en: str
    state: str
    light: str
    step_task: int | None
    limit: float
    elapsed: float
    left: float
    in_working_time: bool
    calendar: str | None
    rule: str | None
    pause_reason: str
    started_at: datetime
    warn_at: datetime | None
    due_at: datetime | None
    breached_at: datetime | None
    settled_at: datetime | None


class TicketDetail(TicketOut):
    description: str
    contact_name: str
    contact_phone: str
    account: int | None
    asset: int | None
    special_items: dict[str, Any]
    promised_reply_channel: str
    promised_reply_at: datetime | None
    external_source: str
    external_number: str
    steps: list[StepOut]
    opinions: list[OpinionOut]


class FileOut(Schema):
    id: int
    name: str
    content_type: str
    size: int
    sha256: str
    version: int
    uploaded_at: datetime
    uploaded_by: str
    #: Kept as long as the house keeps such files; the bytes are gone.
    removed_at: datetime | None


class EventOut(Schema):
    id: int
    at: datetime
    verb: str
    who: str
    text: str


class CategoryOut(Schema):
    code: str
    name: str
    name_en: str
    parent: str | None
    kinds: list[str]
    is_active: bool


class NewTicket(Body):
    kind: TicketKind
    category: Code
    title: Line
    description: Text = ""
    channel: Channel = Channel.API
    severity: Code = ""
    urgency: Urgency = Urgency.NORMAL
    customer: Code = ""
    contact_name: Annotated[Line, Field(max_length=80)] = ""
    contact_phone: Annotated[Line, Field(max_length=40)] = ""
    account: Id | None = None
    asset: Id | None = None
    region: Code = ""
    unit: Code = ""
    special_items: dict[str, Any] | None = None
    promised_reply_channel: ReplyWay = ""
    promised_reply_at: Moment | None = None
    external_source: Annotated[Line, Field(max_length=60)] = ""
    external_number: Annotated[Line, Field(max_length=80)] = ""


class TicketChange(Body):
    """Only what is sent is changed."""

    kind: TicketKind | None = None
    category: Code | None = None
    title: Line | None = None
    description: Text | None = None
    severity: Code | None = None
    urgency: Urgency | None = None
    contact_name: Line | None = None
    contact_phone: Line | None = None
    special_items: dict[str, Any] | None = None
    promised_reply_channel: ReplyWay | None = None
    promised_reply_at: Moment | None = None


class Reason(Body):
    reason: Text


# -- how rows are shown -------------------------------------------------------------------------------------------


def _row(ticket: Ticket) -> dict[str, Any]:
    return {
        "number": ticket.number, "kind": ticket.kind, "status": ticket.status, "title": masking.shown_words(ticket.title),
        "category": ticket.category.code, "severity": ticket.severity.code, "urgency": ticket.urgency,
        "channel": ticket.channel, "customer": ticket.customer.number if ticket.customer else None,
        "region": ticket.region.code if ticket.region else None, "unit": ticket.unit.code if ticket.unit else None,
        "opened_at": ticket.opened_at, "due_at": ticket.due_at, "closed_at": ticket.closed_at,
        "outcome": ticket.outcome, "reopen_count": ticket.reopen_count, "reminder_count": ticket.reminder_count,
        "tags": ticket.tags, "version": ticket.version,
    }  # fmt: skip


def _step(task: UserTask) -> dict[str, Any]:
    return {
        "task": task.pk, "step": task.name, "step_en": task.name_en, "status": task.status,
        "assignee": task.assignee.username if task.assignee else None, "unit": task.unit.code if task.unit else None,
        "since": task.created_at,
    }  # fmt: skip


def _clock(told: ToldClock) -> dict[str, Any]:
    one = told.clock
    return {
        "kind": one.kind, "name": one.name, "name_en": one.name_en, "state": one.state, "light": one.light,
        "step_task": one.subject_id if one.subject_type == "task" else None, "limit": one.limit.total_seconds(),
        "elapsed": told.elapsed.total_seconds(), "left": told.left.total_seconds(),
        "in_working_time": one.in_working_time, "calendar": one.calendar.name if one.calendar else None,
        "rule": one.policy.name if one.policy else None, "pause_reason": told.pause_reason, "started_at": one.started_at,
        "warn_at": one.warn_at, "due_at": one.due_at, "breached_at": one.breached_at, "settled_at": one.settled_at,
    }  # fmt: skip


def _opinion(opinion: Opinion) -> dict[str, Any]:
    return {
        "step": opinion.step, "step_en": opinion.step_en, "author": opinion.author.name if opinion.author else "",
        "unit": opinion.unit.code if opinion.unit else None, "outcome": opinion.outcome, "text": masking.shown_words(opinion.text),
        "at": opinion.at,
    }  # fmt: skip


def _items(ticket: Ticket, hidden: frozenset[str]) -> dict[str, Any]:
    items = ticket.special_items
    withheld = item_rights.ItemRights.special_keys(hidden, items)
    return {
        key: masking.shown_words(value) if isinstance(value, str) else value
        for key, value in items.items()
        if key not in withheld
    }


def _detail(ticket: Ticket, by: User, *, opinions: Iterable[Opinion] | None = None) -> dict[str, Any]:
    """Everything the page shows; what the person's roles or step hide reads as empty."""
    opinions = queries.opinions_of(ticket) if opinions is None else opinions
    tasks = queries.live_tasks(ticket)
    hidden = item_rights.rights_over(tasks, by).hidden
    shown = _row(ticket) | {
        "description": masking.shown_words(ticket.description), "contact_name": ticket.contact_name, "contact_phone": masking.shown(ticket.contact_phone, "phone"),
        "account": ticket.account_id, "asset": ticket.asset_id, "special_items": _items(ticket, hidden),
        "promised_reply_channel": ticket.promised_reply_channel, "promised_reply_at": ticket.promised_reply_at,
        "external_source": ticket.external_source, "external_number": ticket.external_number,
        "steps": [_step(task) for task in tasks],
        "opinions": [_opinion(opinion) for opinion in opinions],
    }  # fmt: skip
    return withhold_fields(shown, hidden)


def _file(file: Attachment) -> dict[str, Any]:
    return {
        "id": file.pk, "name": file.name, "content_type": file.content_type, "size": file.size, "sha256": file.sha256,
        "version": file.version, "uploaded_at": file.uploaded_at, "uploaded_by": file.uploaded_by_name,
        "removed_at": file.removed_at,
    }  # fmt: skip


def _event(entry: AuditEntry) -> dict[str, Any]:
    return {
        "id": entry.pk,
        "at": entry.at,
        "verb": entry.verb,
        "who": entry.actor_name,
        "text": masking.shown_words(sentence_of(entry)),
    }


def _category(category: Category) -> dict[str, Any]:
    return {
        "code": category.code, "name": category.name, "name_en": category.name_en,
        "parent": category.parent.code if category.parent else None, "kinds": category.kinds,
        "is_active": category.is_active,
    }  # fmt: skip


# -- what codes mean ----------------------------------------------------------------------------------------------


def _named(find: Any, code: str, field: str) -> Any:
    """The row a code stands for; None for an empty code. Raises InvalidInput for an unknown one."""
    if not code:
        return None
    row = find(code)
    if row is None:
        raise InvalidInput({field: _("Nothing is known by this code.")})
    return row


def _category_of(code: str) -> Category:
    category: Category | None = _named(queries.category_by_code, code, "category")
    if category is None:
        raise InvalidInput({"category": _("A ticket needs a category.")})
    return category


def _severity_of(code: str) -> Severity | None:
    severity: Severity | None = _named(queries.severity_by_code, code, "severity")
    return severity


def _customer_of(request: HttpRequest, number: str) -> Customer | None:
    customer: Customer | None = _named(
        lambda code: customer_queries.find_customer(code, visible_to=request.user), number, "customer"
    )
    return customer


def _belonging(find: Any, customer: Customer | None, pk: int | None, field: str) -> Any:
    if pk is None:
        return None
    row = find(customer, pk) if customer else None
    if row is None:
        raise InvalidInput({field: _("This does not belong to the customer.")})
    return row


def _ticket_or_404(request: HttpRequest, number: str) -> Ticket:
    return found(queries.find_ticket(number, visible_to=request.user))


def _shown(request: HttpRequest, response: HttpResponse, number: str) -> dict[str, Any]:
    ticket = _ticket_or_404(request, number)
    tell_version(response, ticket.version)
    return _detail(ticket, request.user)


# -- operations ---------------------------------------------------------------------------------------------------


@router.get("", response={200: Page[TicketOut], **PROBLEMS}, summary="Tickets in scope, newest first")
@needs(READ)
def list_tickets(
    request: HttpRequest,
    text: Line = "",
    status: TicketStatus | None = None,
    kind: TicketKind | None = None,
    category: Code = "",
    severity: Code = "",
    region: Code = "",
    unit: Code = "",
    channel: Channel | None = None,
    opened_from: date | None = None,
    opened_to: date | None = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Any:
    chosen = queries.TicketFilter(
        text=text,
        statuses=(status,) if status else (),
        kind=kind or "",
        category=_named(queries.category_by_code, category, "category"),
        severity=_severity_of(severity),
        region=_named(lookups.region_by_code, region, "region"),
        unit=_named(lookups.unit_by_code, unit, "unit"),
        channel=channel or "",
        opened_from=opened_from,
        opened_to=opened_to,
    )
    rows = queries.find_tickets(chosen, visible_to=request.user)
    return page_by_cursor(rows, _row, cursor=cursor, limit=limit, moment="opened_at")


@router.post("", response={201: TicketDetail, **PROBLEMS}, summary="Register a ticket and start its process")
@needs(WRITE)
def create_ticket(request: HttpRequest, response: HttpResponse, body: NewTicket) -> Any:
    # Nothing a registration writes changes what the process keeps.
    with stamped.as_of(request.user.stamps):
        return _create_ticket(request, response, body)


def _create_ticket(request: HttpRequest, response: HttpResponse, body: NewTicket) -> Any:
    customer = _customer_of(request, body.customer)
    coded = {"category", "severity", "customer", "region", "unit", "account", "asset"}
    new = services.NewTicket(
        **body.model_dump(exclude=coded),
        category=_category_of(body.category),
        severity=_severity_of(body.severity),
        customer=customer,
        account=_belonging(customer_queries.find_account, customer, body.account, "account"),
        asset=_belonging(customer_queries.find_asset, customer, body.asset, "asset"),
        region=_named(lookups.region_by_code, body.region, "region"),
        unit=_named(lookups.unit_by_code, body.unit, "unit"),
    )
    ticket, is_new = services.create_ticket_once(new, by=request.user)
    response["Location"] = f"/api/v1/tickets/{ticket.number}"
    if not is_new:
        return Status(201, _shown(request, response, ticket.number))
    tell_version(response, ticket.version)
    return Status(201, _detail(ticket, request.user, opinions=()))


@router.get("/{number}", response={200: TicketDetail, **PROBLEMS}, summary="One ticket with steps and opinions")
@needs(READ)
def show_ticket(request: HttpRequest, response: HttpResponse, number: Code) -> Any:
    return _shown(request, response, number)


@router.patch("/{number}", response={200: TicketDetail, **PROBLEMS}, summary="Correct a ticket's items (If-Match)")
@needs(WRITE)
def correct_ticket(request: HttpRequest, response: HttpResponse, number: Code, body: TicketChange) -> Any:
    ticket = _ticket_or_404(request, number)
    version = version_read(request)
    values = body.model_dump(exclude_unset=True)
    if wrong := [name for name, value in values.items() if value is None and name != "promised_reply_at"]:
        raise InvalidInput({name: _("This cannot be empty.") for name in wrong})
    if "category" in values:
        values["category"] = _category_of(values["category"])
    if "severity" in values:
        values["severity"] = _severity_of(values["severity"]) or ticket.severity
    require(policies.why_not_correct(ticket, request.user))
    refuse_masked(ticket, values, MASKED)
    services.correct_ticket(ticket, Correction(**values), version=version, by=request.user)
    return _shown(request, response, number)


@router.post("/{number}/withdraw", response={200: TicketDetail, **PROBLEMS}, summary="The customer wants it no longer")
@needs(WRITE)
def withdraw_ticket(request: HttpRequest, response: HttpResponse, number: Code, body: Reason) -> Any:
    services.withdraw_ticket(_ticket_or_404(request, number), reason=body.reason, by=request.user)
    return _shown(request, response, number)


@router.post("/{number}/reopen", response={200: TicketDetail, **PROBLEMS}, summary="Open a closed ticket again")
@needs(WRITE)
def reopen_ticket(request: HttpRequest, response: HttpResponse, number: Code, body: Reason) -> Any:
    services.reopen_ticket(_ticket_or_404(request, number), reason=body.reason, by=request.user)
    return _shown(request, response, number)


@router.get("/{number}/timeline", response={200: Page[EventOut], **PROBLEMS}, summary="What happened, newest first")
@needs(READ)
def show_timeline(request: HttpRequest, number: Code, cursor: Cursor = "", limit: Limit = 50) -> Any:
    rows = queries.timeline_entries(_ticket_or_404(request, number))
    return page_by_cursor(rows, _event, cursor=cursor, limit=limit)


@router.get(
    "/{number}/clocks", response={200: list[ClockOut], **PROBLEMS}, summary="The clocks of a ticket and its steps"
)
@needs(READ)
def list_clocks(request: HttpRequest, number: Code) -> Any:
    found = clocks.clocks_of(_ticket_or_404(request, number))
    return [_clock(told) for told in (*found.open, *found.over)]


@router.get("/{number}/attachments", response={200: list[FileOut], **PROBLEMS}, summary="Current files of a ticket")
@needs(READ)
def list_attachments(request: HttpRequest, number: Code) -> Any:
    return [_file(file) for file in queries.files_of(_ticket_or_404(request, number))]


@router.post("/{number}/attachments", response={201: FileOut, **PROBLEMS}, summary="Add a file")
@needs(WRITE)
def add_attachment(request: HttpRequest, number: Code, file: File[UploadedFile]) -> Any:
    return Status(201, _file(services.add_attachment(_ticket_or_404(request, number), file, by=request.user)))


@router.get(
    "/{number}/attachments/{file_id}",
    response={**PROBLEMS},
    summary="The bytes of a file",
    openapi_extra={"responses": {200: {"description": "OK", "content": {"application/octet-stream": {}}}}},
)
@needs(READ)
def download_attachment(request: HttpRequest, number: Code, file_id: Id) -> Any:
    return file_response(found(queries.find_file(_ticket_or_404(request, number), file_id)))


@categories.get("", response={200: Page[CategoryOut], **PROBLEMS}, summary="The classification tree")
@needs(READ)
def list_categories(request: HttpRequest, cursor: Cursor = "", limit: Limit = 50) -> Any:
    return page_by_cursor(queries.category_rows(), _category, cursor=cursor, limit=limit)
