"""Reads of calendars: the list, one with all that belongs to it, who works by it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, QuerySet

from onepoint.accounts.models import OrgUnit, Region
from onepoint.sla.models import BusinessCalendar, CalendarAssignment, CalendarChange, Holiday, HolidayYear


def calendars() -> QuerySet[BusinessCalendar]:
    """All calendars, the house's first, with how many places they are assigned to."""
    found = BusinessCalendar.objects.select_related("based_on")
    return found.annotate(assignment_count=Count("assignments", distinct=True)).order_by("-is_default", "name", "pk")


def find_calendar(calendar_id: int) -> BusinessCalendar | None:
    return calendars().filter(pk=calendar_id).first()


def base_options(calendar: BusinessCalendar | None) -> QuerySet[BusinessCalendar]:
    """Calendars whose days another one may keep."""
    found = BusinessCalendar.objects.filter(based_on=None)
    return found.exclude(pk=calendar.pk) if calendar else found


def own_days(calendar: BusinessCalendar, year: int) -> list[Holiday]:
    """What a calendar itself says about dates of a year."""
    return list(calendar.holidays.filter(date__year=year).order_by("date"))


def own_dates(calendar: BusinessCalendar, first: date, last: date) -> frozenset[date]:
    """The dates a calendar itself says something about."""
    return frozenset(calendar.holidays.filter(date__gte=first, date__lte=last).values_list("date", flat=True))


def find_day(calendar: BusinessCalendar, day_id: int) -> Holiday | None:
    return calendar.holidays.filter(pk=day_id).first()


def assignments(calendar: BusinessCalendar | None = None) -> QuerySet[CalendarAssignment]:
    """Which units and regions have a calendar of their own."""
    found = CalendarAssignment.objects.select_related("calendar", "unit", "region")
    if calendar is not None:
        found = found.filter(calendar=calendar)
    return found.order_by("unit__path", "region__path", "pk")


def find_assignment(assignment_id: int) -> CalendarAssignment | None:
    return assignments().filter(pk=assignment_id).first()


def changes(calendar: BusinessCalendar | None = None) -> QuerySet[CalendarChange]:
    """What was done to working time and what it did to running clocks, newest first."""
    found = CalendarChange.objects.select_related("calendar", "by").order_by("-id")
    return found.filter(affected_ids__contains=[calendar.pk]) if calendar else found


def published_years(country: str) -> list[HolidayYear]:
    """The years of a country that are filled in, newest first."""
    return list(HolidayYear.objects.filter(country=country).select_related("filled_by").order_by("-year"))


def public_days(country: str, year: int) -> list[Holiday]:
    return list(Holiday.objects.filter(calendar=None, country=country, date__year=year).order_by("date"))


def countries_kept() -> list[str]:
    """The countries whose public holidays some calendar keeps."""
    kept = BusinessCalendar.objects.filter(is_round_the_clock=False).exclude(country="").order_by()
    return sorted(set(kept.values_list("country", flat=True)))


def years_missing(years: Sequence[int]) -> dict[str, list[int]]:
    """Country → those of the years that are not filled in, for the countries some calendar keeps."""
    kept = countries_kept()
    known = set(HolidayYear.objects.filter(country__in=kept, year__in=years).values_list("country", "year"))
    found = {country: [year for year in years if (country, year) not in known] for country in kept}
    return {country: missing for country, missing in found.items() if missing}


@dataclass(frozen=True)
class Inherited:
    """By which calendar a place works, and through what."""

    calendar: BusinessCalendar | None
    through: OrgUnit | Region | None  # whose assignment it is; None for the house calendar


def calendar_through(unit: OrgUnit | None, region: Region | None) -> Inherited:
    """By which calendar a unit or region works and from where it has it; the same order as ``calendars.calendar_for``."""
    region = region or (unit.region if unit else None)
    if unit and (found := _nearest("unit", unit)):
        return Inherited(found.calendar, found.unit)
    if region and (found := _nearest("region", region)):
        return Inherited(found.calendar, found.region)
    return Inherited(BusinessCalendar.objects.filter(is_default=True).first(), None)


def _nearest(field: str, node: OrgUnit | Region) -> CalendarAssignment | None:
    found = CalendarAssignment.objects.select_related("calendar", "unit", "region")
    by_node = {getattr(row, f"{field}_id"): row for row in found.filter(**{f"{field}__in": node.ancestor_ids})}
    return next((by_node[pk] for pk in reversed(node.ancestor_ids) if pk in by_node), None)
