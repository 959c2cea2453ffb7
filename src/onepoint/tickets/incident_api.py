"""Mass incidents for other systems: a network watch declares one, a call centre attaches tickets to it."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router, Status
from pydantic import Field

from onepoint.accounts.models import Region
from onepoint.accounts.queries import lookups
from onepoint.core import masking
from onepoint.core.errors import InvalidInput
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
    tell_version,
)
from onepoint.tickets import mass_incidents, queries, services
from onepoint.tickets.batch_states import IncidentState
from onepoint.tickets.models import MassIncident

router = Router()
READ, WRITE = "incidents:read", "incidents:write"


class IncidentOut(Schema):
    number: str
    title: str
    state: str
    category: str | None
    since: datetime
    expected_end: datetime | None
    declared_at: datetime
    lead_ticket: str | None
    version: int


class IncidentDetail(IncidentOut):
    regions: list[str]
    keywords: list[str]
    cause: str
    public_words: str
    public_words_en: str
    attaches_by_itself: bool
    clocks_stand_still: bool
    tickets: dict[str, int]


class NewIncident(Body):
    title: Line
    regions: Annotated[list[Code], Field(min_length=1, max_length=50)]
    since: Moment
    category: Code = ""
    keywords: Annotated[list[Line], Field(max_length=50)] = []
    cause: Text = ""
    expected_end: Moment | None = None
    public_words: Text = ""
    public_words_en: Text = ""
    attaches_by_itself: bool = False
    clocks_stand_still: bool = True
    lead_ticket: Code = ""


class Attaching(Body):
    ticket: Code


def _row(incident: MassIncident) -> dict[str, Any]:
    return {
        "number": incident.number, "title": masking.shown_words(incident.title), "state": incident.state,
        "category": incident.category.code if incident.category else None, "since": incident.since,
        "expected_end": incident.expected_end, "declared_at": incident.declared_at,
        "lead_ticket": incident.lead_ticket.number if incident.lead_ticket else None, "version": incident.version,
    }  # fmt: skip


def _detail(incident: MassIncident) -> dict[str, Any]:
    counts = mass_incidents.counts_of([incident])[incident.pk]
    return _row(incident) | {
        "regions": [region.code for region in incident.regions.all()], "keywords": list(incident.keywords),
        "cause": masking.shown_words(incident.cause), "public_words": incident.public_words,
        "public_words_en": incident.public_words_en, "attaches_by_itself": incident.attaches_by_itself,
        "clocks_stand_still": incident.clocks_stand_still, "tickets": dict(counts),
    }  # fmt: skip


def _incident_or_404(request: HttpRequest, number: str) -> MassIncident:
    return found(mass_incidents.find_incident(number, visible_to=request.user))


def _shown(request: HttpRequest, response: HttpResponse, number: str) -> dict[str, Any]:
    incident = _incident_or_404(request, number)
    tell_version(response, incident.version)
    return _detail(incident)


def _regions(codes: list[str]) -> list[Region]:
    regions = [lookups.region_by_code(code) for code in dict.fromkeys(codes)]
    known = [region for region in regions if region is not None]
    if len(known) < len(regions):
        raise InvalidInput({"regions": _("Nothing is known by this code.")})
    return known


@router.get("", response={200: Page[IncidentOut], **PROBLEMS}, summary="Mass incidents in scope, the latest first")
@needs(READ)
def list_incidents(
    request: HttpRequest, state: IncidentState | None = None, text: Line = "", cursor: Cursor = "", limit: Limit = 50
) -> Any:
    rows = mass_incidents.incidents(visible_to=request.user, state=state or "", text=text)
    return page_by_cursor(rows, _row, cursor=cursor, limit=limit)


@router.post("", response={201: IncidentDetail, **PROBLEMS}, summary="Declare a mass incident")
@needs(WRITE)
def declare_incident(request: HttpRequest, response: HttpResponse, body: NewIncident) -> Any:
    category = queries.category_by_code(body.category) if body.category else None
    if body.category and category is None:
        raise InvalidInput({"category": _("Nothing is known by this code.")})
    lead = queries.find_ticket(body.lead_ticket, visible_to=request.user) if body.lead_ticket else None
    if body.lead_ticket and lead is None:
        raise InvalidInput({"lead_ticket": _("Nothing is known by this code.")})
    coded = {"category", "regions", "lead_ticket"}
    items = services.IncidentItems(
        **body.model_dump(exclude=coded), category=category, regions=_regions(body.regions)
    )  # fmt: skip
    incident = services.declare_incident(items, lead=lead, by=request.user)
    response["Location"] = f"/api/v1/mass-incidents/{incident.number}"
    return Status(201, _shown(request, response, incident.number))


@router.get("/{number}", response={200: IncidentDetail, **PROBLEMS}, summary="One mass incident with its figures")
@needs(READ)
def show_incident(request: HttpRequest, response: HttpResponse, number: Code) -> Any:
    return _shown(request, response, number)


@router.post("/{number}/attach", response={200: IncidentDetail, **PROBLEMS}, summary="Attach a ticket to it")
@needs(WRITE)
def attach_ticket(request: HttpRequest, response: HttpResponse, number: Code, body: Attaching) -> Any:
    incident = _incident_or_404(request, number)
    ticket = queries.find_ticket(body.ticket, visible_to=request.user)
    if ticket is None:
        raise InvalidInput({"ticket": _("Nothing is known by this code.")})
    services.attach_ticket(incident, ticket, by=request.user)
    return _shown(request, response, number)
