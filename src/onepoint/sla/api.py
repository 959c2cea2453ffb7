"""Working calendars for other systems: which there are, who works by which, and when something is due."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router
from pydantic import AwareDatetime, Field

from onepoint.accounts.queries import lookups
from onepoint.core.errors import InvalidInput, require
from onepoint.core.rest import BIGGEST_ID, PROBLEMS, Code, Schema, found, needs
from onepoint.sla import calendar_words, policies
from onepoint.sla.calendars import calendar_of
from onepoint.sla.deadlines import deadline
from onepoint.sla.models import BusinessCalendar
from onepoint.sla.public_holidays import EARLIEST, LATEST
from onepoint.sla.queries import calendars as queries

router = Router()
READ = "calendars:read"

Minutes = Annotated[int, Field(ge=0, le=60 * 24 * 366, description="Working minutes")]
Days = Annotated[int, Field(ge=0, le=1000, description="Working days, counted before the minutes")]


class BandOut(Schema):
    begins: str
    ends: str
    shift: str
    shift_en: str


class CalendarOut(Schema):
    """``week`` has seven days, Monday first; a band whose end is not after its beginning ends on the next day."""

    id: int
    name: str
    name_en: str
    time_zone: str
    is_round_the_clock: bool
    is_default: bool
    country: str
    based_on: int | None
    week: list[list[BandOut]]


class CalendarOf(Schema):
    """``calendar`` is null where the house has none: all time counts."""

    calendar: CalendarOut | None
    inherited_from: str | None = Field(
        description="Code of the unit or region that has the calendar; null: the house's"
    )


class StepOut(Schema):
    date: str
    kind: str
    name: str
    begins_at: datetime | None
    ends_at: datetime | None
    counted_seconds: int


class DueOut(Schema):
    due_at: datetime
    counted_seconds: int
    unpublished_years: list[int]
    steps: list[StepOut]


def _shown(calendar: BusinessCalendar) -> dict[str, Any]:
    week = calendar.week or [[] for _day in range(7)]
    return {
        **{name: getattr(calendar, name) for name in ("id", "name", "name_en", "time_zone", "is_round_the_clock")},
        "is_default": calendar.is_default,
        "country": calendar.country,
        "based_on": calendar.based_on_id,
        "week": [
            [
                {
                    "begins": band["from"],
                    "ends": band["to"],
                    "shift": band.get("shift", ""),
                    "shift_en": band.get("shift_en", ""),
                }
                for band in day
            ]
            for day in week
        ],
    }


@router.get("", response={200: list[CalendarOut], **PROBLEMS}, summary="Working calendars")
@needs(READ)
def list_calendars(request: HttpRequest) -> list[dict[str, Any]]:
    require(policies.why_not_view_calendars(request.user))
    return [_shown(calendar) for calendar in queries.calendars()]


@router.get("/of", response={200: CalendarOf, **PROBLEMS}, summary="By which calendar a unit or region works")
@needs(READ)
def calendar_of_place(request: HttpRequest, unit: Code = "", region: Code = "") -> dict[str, Any]:
    require(policies.why_not_view_calendars(request.user))
    its_unit = lookups.unit_by_code(unit) if unit else None
    its_region = lookups.region_by_code(region) if region else None
    errors = {}
    if unit and its_unit is None:
        errors["unit"] = _("There is no such unit.")
    if region and its_region is None:
        errors["region"] = _("There is no such region.")
    if not unit and not region:
        errors["unit"] = _("Choose a unit or a region.")
    if errors:
        raise InvalidInput(errors)
    inherited = queries.calendar_through(its_unit, its_region)
    return {
        "calendar": _shown(inherited.calendar) if inherited.calendar else None,
        "inherited_from": inherited.through.code if inherited.through else None,
    }


@router.get("/{calendar_id}/due", response={200: DueOut, **PROBLEMS}, summary="When something is due")
@needs(READ)
def due(
    request: HttpRequest,
    calendar_id: Annotated[int, Field(ge=1, le=BIGGEST_ID)],
    since: AwareDatetime,
    minutes: Minutes = 0,
    days: Days = 0,
) -> dict[str, Any]:
    """The moment with so much working time since another, and every step on the way; at most about sixty steps are told."""
    require(policies.why_not_view_calendars(request.user))
    calendar = found(queries.find_calendar(calendar_id))
    if not EARLIEST < since.year < LATEST:
        raise InvalidInput({"since": _("Choose a date of this century.")})
    told = deadline(calendar_of(calendar.pk), since, days=days, span=timedelta(minutes=minutes))
    return {
        "due_at": told.due_at,
        "counted_seconds": int(told.counted.total_seconds()),
        "unpublished_years": calendar_words.unpublished_years(told.pieces),
        "steps": [
            {
                "date": piece.date.isoformat(),
                "kind": piece.kind,
                "name": piece.name,
                "begins_at": piece.begins,
                "ends_at": piece.ends,
                "counted_seconds": int(piece.counted.total_seconds()),
            }
            for piece in told.pieces
        ],
    }
