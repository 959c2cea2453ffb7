"""Cases of regulators for other systems: an authority's platform registers them and fetches the answers."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
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
from onepoint.regulators import policies, queries, services
from onepoint.regulators.models import RegulatorCase
from onepoint.tickets.queries import category_by_code, find_ticket

router = Router()
READ, WRITE = "regulator-cases:read", "regulator-cases:write"


class CaseOut(Schema):
    number: str
    regulator: str
    case_number: str
    state: str
    subject: str
    customer: str | None
    ticket: str | None
    received_at: datetime
    answer_due_at: datetime
    answered_at: datetime | None
    closed_at: datetime | None
    result: str


class CaseDetail(CaseOut):
    content: str
    contact_person: str
    contact_phone: str
    region: str | None
    document_number: str
    answer: str
    result_words: str


class NewCaseIn(Body):
    """``request_key`` names what is sent: repeated, it registers once. With ``category`` a ticket is made of it."""

    regulator: Code
    case_number: Line
    received_at: Moment
    subject: Line
    content: Text = ""
    contact_person: Line = ""
    contact_phone: Line = ""
    customer: Code = ""
    customer_name: Line = ""
    customer_phone: Line = ""
    region: Code = ""
    ticket: Code = ""
    category: Code = ""
    request_key: UUID | None = None


class AnswerIn(Body):
    document_number: Line
    text: Text


def _row(case: RegulatorCase) -> dict[str, Any]:
    return {
        "number": case.number, "regulator": case.regulator.code, "case_number": case.case_number, "state": case.state,
        "subject": masking.shown_words(case.subject), "customer": case.customer.number if case.customer else None,
        "ticket": case.ticket.number if case.ticket else None, "received_at": case.received_at,
        "answer_due_at": case.answer_due_at, "answered_at": case.answered_at, "closed_at": case.closed_at,
        "result": case.result,
    }  # fmt: skip


def _detail(case: RegulatorCase) -> dict[str, Any]:
    return _row(case) | {
        "content": masking.shown_words(case.content), "contact_person": case.contact_person,
        "contact_phone": masking.shown(case.contact_phone, "phone"),
        "region": case.region.code if case.region else None, "document_number": case.document_number,
        "answer": masking.shown_words(case.answer), "result_words": case.result_words,
    }  # fmt: skip


def _case_or_404(request: HttpRequest, number: str) -> RegulatorCase:
    return found(queries.find_case(number, visible_to=request.user))


def _named(find: Callable[[str], Any], code: str, field: str) -> Any:
    """What a code stands for; None for an empty one. Raises InvalidInput for an unknown one."""
    row = find(code) if code else None
    if code and row is None:
        raise InvalidInput({field: _("Nothing is known by this code.")})
    return row


@router.get("", response={200: Page[CaseOut], **PROBLEMS}, summary="Cases in scope, the latest registered first")
@needs(READ)
def list_cases(
    request: HttpRequest,
    state: Literal["open", "soon", "late", "received", "ticketed", "answered", "closed", "all"] = "all",
    text: Line = "",
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Any:
    require(policies.why_not_list(request.user))
    rows = queries.find_cases(queries.CaseFilter(text=text, state=state), visible_to=request.user)
    return page_by_cursor(rows, _row, cursor=cursor, limit=limit)


@router.post("", response={201: CaseDetail, **PROBLEMS}, summary="Register what an authority handed over")
@needs(WRITE)
def register_case(request: HttpRequest, response: HttpResponse, body: NewCaseIn) -> Any:
    user = request.user
    require(policies.why_not_register(user))
    new = services.NewCase(
        request_key=body.request_key or uuid4(),
        regulator=_named(queries.regulator_by_code, body.regulator or "-", "regulator"),
        customer=_named(partial(find_customer, visible_to=user), body.customer, "customer"),
        region=_named(lookups.region_by_code, body.region, "region"),
        ticket=_named(partial(find_ticket, visible_to=user), body.ticket, "ticket"),
        category=None if body.ticket else _named(category_by_code, body.category, "category"),
        **body.model_dump(exclude={"request_key", "regulator", "customer", "region", "ticket", "category"}),
    )
    case = services.register_case(new, by=user)
    response["Location"] = f"/api/v1/regulator-cases/{case.number}"
    return Status(201, _detail(_case_or_404(request, case.number)))


@router.get("/{number}", response={200: CaseDetail, **PROBLEMS}, summary="One case with its answer")
@needs(READ)
def show_case(request: HttpRequest, number: Code) -> Any:
    return _detail(_case_or_404(request, number))


@router.post("/{number}/answer", response={200: CaseDetail, **PROBLEMS}, summary="Record the answer given")
@needs(WRITE)
def answer_case(request: HttpRequest, number: Code, body: AnswerIn) -> Any:
    case = _case_or_404(request, number)
    services.answer_case(
        case, document_number=body.document_number, text=body.text, files=(), by=request.user
    )  # fmt: skip
    return _detail(_case_or_404(request, number))
