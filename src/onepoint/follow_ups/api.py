"""Return visits for other systems: what is to be asked, and what the customer answered."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from onepoint.core import masking
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
from onepoint.follow_ups import queries, services
from onepoint.follow_ups.models import FollowUp
from onepoint.follow_ups.questions import sheet_of

router = Router()
READ, WRITE = "visits:read", "visits:write"


class VisitOut(Schema):
    id: int
    ticket: str
    closing: int
    customer: str | None
    state: str
    way: str
    due_at: datetime
    expires_at: datetime
    assignee: str | None
    answered_at: datetime | None
    answered_way: str
    is_satisfied: bool | None
    stars: int | None
    has_reopened: bool


class OptionOut(Schema):
    value: str
    label: str


class QuestionOut(Schema):
    key: str
    label: str
    type: str
    is_required: bool
    options: list[OptionOut]


class VisitDetail(VisitOut):
    words: str
    answers: dict[str, str]
    questions: list[QuestionOut]


class AnswersIn(Body):
    """``answers`` by the key of the question; ``also_unsettled`` are visits asked about together that are not settled either."""

    answers: Annotated[dict[Code, Line], Field(max_length=50)] = {}
    words: Text = ""


def _row(visit: FollowUp) -> dict[str, Any]:
    return {
        "id": visit.pk, "ticket": visit.ticket.number, "closing": visit.closing_number,
        "customer": visit.ticket.customer.number if visit.ticket.customer else None, "state": visit.state,
        "way": visit.way, "due_at": visit.due_at, "expires_at": visit.expires_at,
        "assignee": visit.assignee.username if visit.assignee else None, "answered_at": visit.answered_at,
        "answered_way": visit.answered_way, "is_satisfied": visit.is_satisfied, "stars": visit.stars,
        "has_reopened": visit.has_reopened,
    }  # fmt: skip


def _detail(visit: FollowUp) -> dict[str, Any]:
    sheet = sheet_of(visit.questionnaire.schema if visit.questionnaire else {})
    return _row(visit) | {
        "words": masking.shown_words(visit.words),
        "answers": {key: masking.shown_words(str(value)) for key, value in visit.answers.items()},
        "questions": [
            {
                "key": question.key, "label": question.label, "type": question.type, "is_required": question.is_required,
                "options": [{"value": option.value, "label": option.label} for option in question.options],
            }
            for question in sheet.questions
        ],
    }  # fmt: skip


def _visit_or_404(request: HttpRequest, pk: int) -> FollowUp:
    return found(queries.find_visit(pk, visible_to=request.user))


@router.get("", response={200: Page[VisitOut], **PROBLEMS}, summary="Return visits in scope, the latest first")
@needs(READ)
def list_visits(
    request: HttpRequest,
    which: Literal["mine", "due", "waiting", "answered", "unsatisfied", "over", "all"] = "all",
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Any:
    rows = queries.find_visits(queries.VisitFilter(which=which), visible_to=request.user)
    return page_by_cursor(rows, _row, cursor=cursor, limit=limit)


@router.get("/{visit_id}", response={200: VisitDetail, **PROBLEMS}, summary="One visit with its questions and answers")
@needs(READ)
def show_visit(request: HttpRequest, visit_id: Id) -> Any:
    return _detail(_visit_or_404(request, visit_id))


@router.post("/{visit_id}/claim", response={200: VisitDetail, **PROBLEMS}, summary="Make this visit oneself")
@needs(WRITE)
def claim_visit(request: HttpRequest, visit_id: Id) -> Any:
    services.claim_visit(_visit_or_404(request, visit_id), by=request.user)
    return _detail(_visit_or_404(request, visit_id))


@router.post("/{visit_id}/answer", response={200: VisitDetail, **PROBLEMS}, summary="What the customer answered")
@needs(WRITE)
def answer_visit(request: HttpRequest, visit_id: Id, body: AnswersIn) -> Any:
    visit = _visit_or_404(request, visit_id)
    services.record_answers(visit, body.answers, words=body.words, by=request.user)
    return _detail(_visit_or_404(request, visit_id))
