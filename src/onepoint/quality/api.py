"""Marks and inspections for other systems: what was judged, marking from a step elsewhere, one's own results, appealing."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router, Status

from onepoint.accounts.queries import lookups
from onepoint.core import masking
from onepoint.core.errors import InvalidInput, require
from onepoint.core.rest import (
    PROBLEMS,
    Body,
    Code,
    Cursor,
    Id,
    Limit,
    Line,
    Page,
    Schema,
    Text,
    found,
    needs,
    page_by_cursor,
)
from onepoint.quality import inspection_rights, policies, services
from onepoint.quality.models import Inspection, Mark, UnqualifiedCode
from onepoint.quality.queries import inspections as inspection_queries
from onepoint.quality.queries import marks as queries
from onepoint.quality.queries.standard import codes_for
from onepoint.quality.services import inspecting
from onepoint.quality.states import MarkDirection, MarkState
from onepoint.tickets.models import Ticket
from onepoint.tickets.queries import find_ticket

marks_router, inspections_router = Router(), Router()
READ, WRITE = "marks:read", "marks:write"
READ_RESULTS, ANSWER_RESULTS = "inspections:read", "inspections:write"


# --- marks ------------------------------------------------------------------------------------------------------


class MarkOut(Schema):
    number: str
    ticket: str
    step: int | None
    direction: str
    code: str
    code_name: str
    points: int
    is_fatal: bool
    state: str
    is_final: bool
    person: str
    unit: str | None
    marked_by: str
    marked_at: datetime
    appeal_due_at: datetime


class MarkDetail(MarkOut):
    words: str
    appeal_state: str | None
    appeal_reason: str
    settled_at: datetime | None


class NewMarkIn(Body):
    """``step`` is the finished step that is judged; without it the record, or of answers the last step. ``key``: marks once."""

    ticket: Code
    direction: Literal["back_on_front", "front_on_back"]
    code: Code
    step: Id | None = None
    words: Line = ""
    key: UUID | None = None


class ReasonIn(Body):
    reason: Text


def _mark(mark: Mark) -> dict[str, Any]:
    return {
        "number": mark.number, "ticket": mark.ticket.number, "step": mark.task_id, "direction": mark.direction,
        "code": mark.code.code, "code_name": mark.code.label, "points": mark.points, "is_fatal": mark.is_fatal,
        "state": mark.state, "is_final": policies.is_final(mark), "person": mark.person.username,
        "unit": mark.unit.code if mark.unit else None, "marked_by": mark.marked_by.username,
        "marked_at": mark.marked_at, "appeal_due_at": mark.appeal_due_at,
    }  # fmt: skip


def _mark_detail(mark: Mark) -> dict[str, Any]:
    appeal = getattr(mark, "appeal", None)
    return _mark(mark) | {
        "words": masking.shown_words(mark.words), "settled_at": mark.settled_at,
        "appeal_state": appeal.state if appeal else None,
        "appeal_reason": masking.shown_words(appeal.reason) if appeal else "",
    }  # fmt: skip


def _mark_or_404(request: HttpRequest, number: str) -> Mark:
    return found(queries.find_mark(number, visible_to=request.user))


@marks_router.get("", response={200: Page[MarkOut], **PROBLEMS}, summary="Marks in scope, newest first")
@needs(READ)
def list_marks(
    request: HttpRequest,
    which: Literal["all", "own"] = "all",
    ticket: Code = "",
    state: MarkState | Literal["counted", ""] = "",
    direction: MarkDirection | Literal[""] = "",
    code: Code = "",
    unit: Code = "",
    since: date | None = None,
    until: date | None = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Any:
    place = lookups.unit_by_code(unit) if unit else None
    if unit and place is None:
        raise InvalidInput({"unit": _("Nothing is known by this code.")})
    chosen = queries.MarkFilter(
        text=ticket, state=state, direction=direction, code=code, unit=place, since=since, until=until
    )
    own = which == "own"
    rows = queries.marks_on(request.user, chosen) if own else queries.find_marks(chosen, visible_to=request.user)
    return page_by_cursor(rows, _mark, cursor=cursor, limit=limit, moment="marked_at")


@marks_router.post("", response={201: MarkDetail, **PROBLEMS}, summary="Mark a ticket as unqualified, once")
@needs(WRITE)
def mark_ticket(request: HttpRequest, response: HttpResponse, body: NewMarkIn) -> Any:
    user = request.user
    require(policies.why_not_mark_at_all(body.direction, user))
    ticket = find_ticket(body.ticket, visible_to=user)
    code = next((one for one in codes_for(body.direction) if one.code == body.code), None)
    unknown = {"ticket": ticket is None, "code": code is None}
    if ticket is None or code is None:
        raise InvalidInput({name: _("Nothing is known by this code.") for name, is_so in unknown.items() if is_so})
    mark = _made(ticket, code, body, request)
    response["Location"] = f"/api/v1/marks/{mark.number}"
    return Status(201, _mark_detail(_mark_or_404(request, mark.number)))


def _made(ticket: Ticket, code: UnqualifiedCode, body: NewMarkIn, request: HttpRequest) -> Mark:
    parts = queries.work_on(ticket, but=request.user)
    if body.step is not None:
        fitting = [one for one in parts if one.task and one.task.pk == body.step]
    else:
        fitting = [one for one in parts if (one.task is None) == (body.direction == MarkDirection.BACK_ON_FRONT)]
    if not fitting:
        raise InvalidInput({"step": _("There is no work of somebody else here that could be judged.")})
    work = fitting[0]
    return services.mark_unqualified(
        ticket, code=code, person=work.person, direction=body.direction, task=work.task, words=body.words,
        key=str(body.key or uuid4()), by=request.user,
    )  # fmt: skip


@marks_router.get("/{number}", response={200: MarkDetail, **PROBLEMS}, summary="One mark with its appeal")
@needs(READ)
def show_mark(request: HttpRequest, number: Code) -> Any:
    return _mark_detail(_mark_or_404(request, number))


@marks_router.post("/{number}/appeal", response={200: MarkDetail, **PROBLEMS}, summary="Disagree with a mark, in time")
@needs(WRITE)
def appeal_mark(request: HttpRequest, number: Code, body: ReasonIn) -> Any:
    services.file_appeal(_mark_or_404(request, number), reason=body.reason, by=request.user)
    return _mark_detail(_mark_or_404(request, number))


@marks_router.post("/{number}/withdraw", response={200: MarkDetail, **PROBLEMS}, summary="Take one's own mark back")
@needs(WRITE)
def withdraw_mark(request: HttpRequest, number: Code, body: ReasonIn) -> Any:
    services.withdraw_mark(_mark_or_404(request, number), reason=body.reason, by=request.user)
    return _mark_detail(_mark_or_404(request, number))


# --- inspections ------------------------------------------------------------------------------------------------


class InspectionOut(Schema):
    id: int
    ticket: str | None
    contact: str | None
    plan: str
    person: str | None
    unit: str | None
    category: str | None
    state: str
    drawn_at: datetime
    score: Decimal | None
    is_fatal: bool | None
    words: str
    result_at: datetime | None
    acknowledged_at: datetime | None
    appeal_due_at: datetime | None
    appealed_at: datetime | None


class WordsIn(Body):
    words: Text


def _inspection(row: Inspection) -> dict[str, Any]:
    """Scores only once the result stands: until then they are blind."""
    told = row.has_result
    return {
        "id": row.pk, "ticket": row.ticket.number if row.ticket else None,
        "contact": row.contact.number if row.contact else None, "plan": row.plan.label,
        "person": row.person.username if row.person else None, "unit": row.unit.code if row.unit else None,
        "category": row.category.code if row.category else None, "state": row.state, "drawn_at": row.drawn_at,
        "score": row.score if told else None, "is_fatal": row.is_fatal if told else None,
        "words": masking.shown_words(row.words) if told else "", "result_at": row.result_at,
        "acknowledged_at": row.acknowledged_at, "appeal_due_at": row.appeal_due_at, "appealed_at": row.appealed_at,
    }  # fmt: skip


def _inspection_or_404(request: HttpRequest, pk: int) -> Inspection:
    return found(inspection_queries.find_inspection(pk, visible_to=request.user))


@inspections_router.get(
    "", response={200: Page[InspectionOut], **PROBLEMS}, summary="Inspections in scope, the latest drawn first"
)
@needs(READ_RESULTS)
def list_inspections(
    request: HttpRequest,
    which: Literal["all", "waiting", "results", "appealed", "disputed", "fatal"] = "all",
    number: Code = "",
    since: date | None = None,
    until: date | None = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Any:
    require(inspection_rights.why_not_see_inspections(request.user))
    chosen = inspection_queries.InspectionFilter(which=which, number=number, since=since, until=until)
    rows = inspection_queries.find_inspections(chosen, visible_to=request.user)
    return page_by_cursor(rows, _inspection, cursor=cursor, limit=limit, moment="drawn_at")


@inspections_router.get(
    "/results", response={200: Page[InspectionOut], **PROBLEMS}, summary="What was found about one's own work"
)
@needs(READ_RESULTS)
def list_results(request: HttpRequest, cursor: Cursor = "", limit: Limit = 50) -> Any:
    rows = inspection_queries.results_of(request.user)
    return page_by_cursor(rows, _inspection, cursor=cursor, limit=limit, moment="result_at")


@inspections_router.get("/{inspection_id}", response={200: InspectionOut, **PROBLEMS}, summary="One inspection")
@needs(READ_RESULTS)
def show_inspection(request: HttpRequest, inspection_id: Id) -> Any:
    return _inspection(_inspection_or_404(request, inspection_id))


@inspections_router.post(
    "/{inspection_id}/acknowledge", response={200: InspectionOut, **PROBLEMS}, summary="Note that one has read a result"
)
@needs(ANSWER_RESULTS)
def acknowledge_result(request: HttpRequest, inspection_id: Id) -> Any:
    inspecting.acknowledge_result(_inspection_or_404(request, inspection_id), by=request.user)
    return _inspection(_inspection_or_404(request, inspection_id))


@inspections_router.post(
    "/{inspection_id}/appeal", response={200: InspectionOut, **PROBLEMS}, summary="Disagree with a result, in time"
)
@needs(ANSWER_RESULTS)
def appeal_result(request: HttpRequest, inspection_id: Id, body: WordsIn) -> Any:
    inspecting.appeal_result(_inspection_or_404(request, inspection_id), words=body.words, by=request.user)
    return _inspection(_inspection_or_404(request, inspection_id))
