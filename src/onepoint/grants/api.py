"""Grants for other systems: billing reads what is to be paid out; a sales desk asks for one."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router, Status
from pydantic import Field

from onepoint.core import masking
from onepoint.core.errors import InvalidInput, require
from onepoint.core.rest import (
    PROBLEMS,
    Body,
    Code,
    Cursor,
    Limit,
    Line,
    Page,
    Schema,
    found,
    needs,
    page_by_cursor,
)
from onepoint.customers.queries import find_customer
from onepoint.grants import policies, queries, services
from onepoint.grants.models import Grant
from onepoint.grants.states import GrantState
from onepoint.tickets.queries import find_ticket

router = Router()
READ, WRITE = "grants:read", "grants:write"


class GrantOut(Schema):
    number: str
    kind: str
    amount: Decimal
    state: str
    customer: str
    ticket: str | None
    reason: str
    granted_by: str
    given_at: datetime
    needs_approval: bool
    decided_at: datetime | None
    decision: str
    settled_at: datetime | None
    voucher: str


class NewGrantIn(Body):
    """``key`` names what is sent: repeated, it grants once."""

    kind: Code
    amount: Annotated[Decimal, Field(gt=0, max_digits=12, decimal_places=2)]
    reason: Line
    customer: Code = ""
    ticket: Code = ""
    key: UUID | None = None


class Words(Body):
    words: Line = ""


def _row(grant: Grant) -> dict[str, Any]:
    return {
        "number": grant.number, "kind": grant.kind.code, "amount": grant.amount, "state": grant.state,
        "customer": grant.customer.number, "ticket": grant.ticket.number if grant.ticket else None,
        "reason": masking.shown_words(grant.reason), "granted_by": grant.granted_by.username,
        "given_at": grant.given_at, "needs_approval": grant.needs_approval, "decided_at": grant.decided_at,
        "decision": masking.shown_words(grant.decision), "settled_at": grant.settled_at, "voucher": grant.voucher,
    }  # fmt: skip


def _grant_or_404(request: HttpRequest, number: str) -> Grant:
    return found(queries.find_grant(number, visible_to=request.user))


@router.get("", response={200: Page[GrantOut], **PROBLEMS}, summary="Grants in scope, newest first")
@needs(READ)
def list_grants(request: HttpRequest, state: GrantState | None = None, cursor: Cursor = "", limit: Limit = 50) -> Any:
    rows = queries.find_grants(queries.GrantFilter(state=state or ""), visible_to=request.user)
    return page_by_cursor(rows, _row, cursor=cursor, limit=limit, moment="given_at")


@router.post("", response={201: GrantOut, **PROBLEMS}, summary="Grant on the spot, or ask for it")
@needs(WRITE)
def request_grant(request: HttpRequest, response: HttpResponse, body: NewGrantIn) -> Any:
    user = request.user
    require(policies.why_not_give(user))
    kind = queries.kind_by_code(body.kind)
    ticket = find_ticket(body.ticket, visible_to=user) if body.ticket else None
    customer = find_customer(body.customer, visible_to=user) if body.customer else ticket.customer if ticket else None
    unknown = {
        "kind": kind is None, "ticket": bool(body.ticket) and ticket is None,
        "customer": bool(body.customer) and customer is None,
    }  # fmt: skip
    if kind is None or any(unknown.values()):
        raise InvalidInput({name: _("Nothing is known by this code.") for name, is_so in unknown.items() if is_so})
    grant = services.give_grant(
        services.NewGrant(
            key=body.key or uuid4(), kind=kind, amount=body.amount, reason=body.reason, customer=customer, ticket=ticket
        ),
        by=user,
    )
    response["Location"] = f"/api/v1/grants/{grant.number}"
    return Status(201, _row(_grant_or_404(request, grant.number)))


@router.get("/{number}", response={200: GrantOut, **PROBLEMS}, summary="One grant")
@needs(READ)
def show_grant(request: HttpRequest, number: Code) -> Any:
    return _row(_grant_or_404(request, number))


@router.post("/{number}/approve", response={200: GrantOut, **PROBLEMS}, summary="Let it hold, within one's authority")
@needs(WRITE)
def approve_grant(request: HttpRequest, number: Code, body: Words) -> Any:
    services.approve_grant(_grant_or_404(request, number), words=body.words, by=request.user)
    return _row(_grant_or_404(request, number))


@router.post("/{number}/refuse", response={200: GrantOut, **PROBLEMS}, summary="Turn it down, with the reason")
@needs(WRITE)
def refuse_grant(request: HttpRequest, number: Code, body: Words) -> Any:
    services.refuse_grant(_grant_or_404(request, number), words=body.words, by=request.user)
    return _row(_grant_or_404(request, number))
