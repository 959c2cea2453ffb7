"""Hidden risks for other systems: a network watch raises them, a workshop's system takes them over and removes them."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router, Status

from onepoint.accounts.queries import lookups
from onepoint.core import masking
from onepoint.core.attachments import file_response
from onepoint.core.errors import InvalidInput, require
from onepoint.core.models import Attachment
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
    tell_version,
    version_read,
)
from onepoint.quality import hidden_risk_rights as rights
from onepoint.quality.hidden_risk_states import RiskState
from onepoint.quality.models import HiddenRisk, RiskKind
from onepoint.quality.queries import hidden_risks as queries
from onepoint.quality.queries.risk_kinds import find_risk_kind, risk_kinds
from onepoint.quality.services import hidden_risks as services
from onepoint.quality.services.hidden_risks import Charge, NewRisk
from onepoint.tickets.queries import category_by_code, find_ticket

router = Router()
READ, WRITE = "hidden-risks:read", "hidden-risks:write"


class KindOut(Schema):
    code: str
    name: str
    name_en: str
    is_active: bool


class FileOut(Schema):
    id: int
    name: str
    content_type: str
    size: int
    sha256: str
    uploaded_at: datetime
    uploaded_by: str


class RiskOut(Schema):
    number: str
    kind: str
    title: str
    state: str
    is_late: bool
    region: str | None
    ticket: str | None
    raised_by: str | None
    raised_at: datetime
    owner_unit: str | None
    owner: str | None
    due_at: datetime | None
    accepted_at: datetime | None
    removed_at: datetime | None
    closed_at: datetime | None
    version: int


class RiskDetail(RiskOut):
    words: str
    category: str | None
    place: str
    product: str
    unit: str | None
    removed_by: str | None
    removal: str
    verdict: str
    files: list[FileOut]


class NewRiskIn(Body):
    """``request_key`` names what is sent: repeated, it raises once."""

    kind: Code
    title: Line
    words: Text
    ticket: Code = ""
    category: Code = ""
    place: Line = ""
    product: Line = ""
    region: Code = ""
    unit: Code = ""
    request_key: UUID | None = None


class ChargeIn(Body):
    """Who removes it, until when; without ``owner`` whoever removes hidden risks in that unit."""

    owner_unit: Code
    owner: Code = ""
    due_at: Moment
    words: Line = ""


class ChargeChange(Body):
    """What is left out stays; with another unit and no ``owner`` nobody is responsible by name yet."""

    owner_unit: Code = ""
    owner: Code = ""
    due_at: Moment | None = None
    words: Line = ""


class WordsIn(Body):
    words: Text = ""


class SendBackIn(Body):
    words: Text
    due_at: Moment


def _kind(kind: RiskKind) -> dict[str, Any]:
    return {"code": kind.code, "name": kind.name, "name_en": kind.name_en, "is_active": kind.is_active}


def _file(file: Attachment) -> dict[str, Any]:
    return {
        "id": file.pk, "name": file.name, "content_type": file.content_type, "size": file.size, "sha256": file.sha256,
        "uploaded_at": file.uploaded_at, "uploaded_by": file.uploaded_by_name,
    }  # fmt: skip


def _row(risk: HiddenRisk) -> dict[str, Any]:
    return {
        "number": risk.number, "kind": risk.kind_id, "title": masking.shown_words(risk.title), "state": risk.state,
        "is_late": risk.is_late, "region": risk.region.code if risk.region else None,
        "ticket": risk.ticket.number if risk.ticket else None,
        "raised_by": risk.raised_by.username if risk.raised_by else None, "raised_at": risk.raised_at,
        "owner_unit": risk.owner_unit.code if risk.owner_unit else None,
        "owner": risk.owner.username if risk.owner else None, "due_at": risk.due_at, "accepted_at": risk.accepted_at,
        "removed_at": risk.removed_at, "closed_at": risk.closed_at, "version": risk.version,
    }  # fmt: skip


def _detail(risk: HiddenRisk) -> dict[str, Any]:
    return _row(risk) | {
        "words": masking.shown_words(risk.words), "category": risk.category.code if risk.category else None,
        "place": masking.shown_words(risk.place), "product": risk.product,
        "unit": risk.unit.code if risk.unit else None,
        "removed_by": risk.removed_by.username if risk.removed_by else None,
        "removal": masking.shown_words(risk.removal), "verdict": masking.shown_words(risk.verdict),
        "files": [_file(file) for file in queries.files_of(risk)],
    }  # fmt: skip


def _risk_or_404(request: HttpRequest, number: str) -> HiddenRisk:
    return found(queries.find_risk(number, visible_to=request.user))


def _shown(request: HttpRequest, response: HttpResponse, number: str) -> dict[str, Any]:
    risk = _risk_or_404(request, number)
    tell_version(response, risk.version)
    return _detail(risk)


def _named(find: Any, code: str, field: str) -> Any:
    """What a code stands for; None for an empty one. Raises InvalidInput for an unknown one."""
    row = find(code) if code else None
    if code and row is None:
        raise InvalidInput({field: _("Nothing is known by this code.")})
    return row


# --- reading ----------------------------------------------------------------------------------------------------


@router.get("", response={200: Page[RiskOut], **PROBLEMS}, summary="Hidden risks in scope, the latest raised first")
@needs(READ)
def list_risks(
    request: HttpRequest,
    text: Line = "",
    state: RiskState | Literal["open", "late", "all"] = "all",
    which: Literal["all", "raised", "owned"] = "all",
    kind: Code = "",
    unit: Code = "",
    region: Code = "",
    raiser: Code = "",
    since: date | None = None,
    until: date | None = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> Any:
    require(rights.why_not_list(request.user))
    _named(find_risk_kind, kind, "kind")
    chosen = queries.RiskFilter(
        text=text, state=state, kind=kind, mine="" if which == "all" else which, since=since, until=until,
        unit=_named(lookups.unit_by_code, unit, "unit"), region=_named(lookups.region_by_code, region, "region"),
        raiser=_named(lookups.person_by_staff_number, raiser, "raiser"),
    )  # fmt: skip
    rows = queries.find_risks(chosen, visible_to=request.user)
    return page_by_cursor(rows, _row, cursor=cursor, limit=limit, moment="raised_at")


@router.get("/kinds", response={200: list[KindOut], **PROBLEMS}, summary="The kinds a hidden risk may be of")
@needs(READ)
def list_kinds(request: HttpRequest) -> Any:
    return [_kind(kind) for kind in risk_kinds(only_in_use=False)]


@router.get("/{number}", response={200: RiskDetail, **PROBLEMS}, summary="One hidden risk with its files")
@needs(READ)
def show_risk(request: HttpRequest, response: HttpResponse, number: Code) -> Any:
    return _shown(request, response, number)


@router.get(
    "/{number}/files/{file_id}",
    response={**PROBLEMS},
    summary="The bytes of a file",
    openapi_extra={"responses": {200: {"description": "OK", "content": {"application/octet-stream": {}}}}},
)
@needs(READ)
def download_file(request: HttpRequest, number: Code, file_id: Id) -> Any:
    return file_response(found(queries.find_file(_risk_or_404(request, number), file_id)))


# --- raising, and who removes it --------------------------------------------------------------------------------


@router.post("", response={201: RiskDetail, **PROBLEMS}, summary="Raise a hidden risk, once")
@needs(WRITE)
def raise_risk(request: HttpRequest, response: HttpResponse, body: NewRiskIn) -> Any:
    user = request.user
    require(rights.why_not_raise(user))
    new = NewRisk(
        request_key=body.request_key or uuid4(),
        ticket=_named(lambda number: find_ticket(number, visible_to=user), body.ticket, "ticket"),
        category=_named(category_by_code, body.category, "category"),
        region=_named(lookups.region_by_code, body.region, "region"),
        unit=_named(lookups.unit_by_code, body.unit, "unit"),
        **body.model_dump(include={"kind", "title", "words", "place", "product"}),
    )
    risk = services.raise_risk(new, by=user)
    response["Location"] = f"/api/v1/hidden-risks/{risk.number}"
    # Who may raise but not look at any is shown what he has just written.
    shown = queries.find_risk(risk.number, visible_to=user) or (risk if risk.raised_by_id == user.pk else None)
    tell_version(response, found(shown).version)
    return Status(201, _detail(found(shown)))


@router.post("/{number}/accept", response={200: RiskDetail, **PROBLEMS}, summary="It is one: who removes it, by when")
@needs(WRITE)
def accept_risk(request: HttpRequest, response: HttpResponse, number: Code, body: ChargeIn) -> Any:
    risk = _risk_or_404(request, number)
    require(rights.why_not_accept(risk, request.user))
    charge = Charge(
        unit=_named(lookups.unit_by_code, body.owner_unit or "-", "owner_unit"),
        owner=_named(lookups.person_by_staff_number, body.owner, "owner"),
        due_at=body.due_at,
    )
    services.accept_risk(risk, charge, words=body.words, by=request.user)
    return _shown(request, response, number)


@router.patch("/{number}", response={200: RiskDetail, **PROBLEMS}, summary="Hand it over (If-Match)")
@needs(WRITE)
def hand_over_risk(request: HttpRequest, response: HttpResponse, number: Code, body: ChargeChange) -> Any:
    risk = _risk_or_404(request, number)
    version = version_read(request)
    require(rights.why_not_hand_over(risk, request.user))
    assert risk.owner_unit is not None
    assert risk.due_at is not None
    unit = _named(lookups.unit_by_code, body.owner_unit, "owner_unit") or risk.owner_unit
    owner = _named(lookups.person_by_staff_number, body.owner, "owner")
    if not body.owner and unit == risk.owner_unit:
        owner = risk.owner
    charge = Charge(unit=unit, owner=owner, due_at=body.due_at or risk.due_at)
    services.hand_over_risk(risk, charge, words=body.words, version=version, by=request.user)
    return _shown(request, response, number)


# --- the rest of its way ----------------------------------------------------------------------------------------


@router.post("/{number}/refuse", response={200: RiskDetail, **PROBLEMS}, summary="It is none, and why")
@needs(WRITE)
def refuse_risk(request: HttpRequest, response: HttpResponse, number: Code, body: WordsIn) -> Any:
    services.refuse_risk(_risk_or_404(request, number), words=body.words, by=request.user)
    return _shown(request, response, number)


@router.post("/{number}/insist", response={200: RiskDetail, **PROBLEMS}, summary="It is one nevertheless, and why")
@needs(WRITE)
def insist_on_risk(request: HttpRequest, response: HttpResponse, number: Code, body: WordsIn) -> Any:
    services.insist_on_risk(_risk_or_404(request, number), words=body.words, by=request.user)
    return _shown(request, response, number)


@router.post("/{number}/start", response={200: RiskDetail, **PROBLEMS}, summary="Its removal has begun")
@needs(WRITE)
def start_removal(request: HttpRequest, response: HttpResponse, number: Code, body: WordsIn) -> Any:
    services.start_removal(_risk_or_404(request, number), words=body.words, by=request.user)
    return _shown(request, response, number)


@router.post("/{number}/remove", response={200: RiskDetail, **PROBLEMS}, summary="It is removed, and how")
@needs(WRITE)
def remove_risk(request: HttpRequest, response: HttpResponse, number: Code, body: WordsIn) -> Any:
    services.remove_risk(_risk_or_404(request, number), words=body.words, by=request.user)
    return _shown(request, response, number)


@router.post("/{number}/verify", response={200: RiskDetail, **PROBLEMS}, summary="It is gone indeed")
@needs(WRITE)
def verify_removal(request: HttpRequest, response: HttpResponse, number: Code, body: WordsIn) -> Any:
    services.verify_removal(_risk_or_404(request, number), words=body.words, by=request.user)
    return _shown(request, response, number)


@router.post("/{number}/send-back", response={200: RiskDetail, **PROBLEMS}, summary="It is not gone yet")
@needs(WRITE)
def send_back_removal(request: HttpRequest, response: HttpResponse, number: Code, body: SendBackIn) -> Any:
    risk = _risk_or_404(request, number)
    services.send_back_removal(risk, words=body.words, due_at=body.due_at, by=request.user)
    return _shown(request, response, number)
