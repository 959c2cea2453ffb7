"""Who works by which calendar, the public holidays of a country, and what changes did to running clocks."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from onepoint.core import clock
from onepoint.core.errors import require
from onepoint.core.submitting import status_of, succeeds
from onepoint.core.tables import Column, make_page
from onepoint.sla import calendar_words, policies
from onepoint.sla.forms.calendars import AssignForm, CountryForm, FillYearForm, PlaceForm
from onepoint.sla.public_holidays import CHINA, COUNTRIES
from onepoint.sla.queries import calendars as queries
from onepoint.sla.services import calendar_days, calendars
from onepoint.sla.views.calendars import missing_years

PLACES = [
    Column("place", gettext_lazy("Unit or region"), (), "wide"),
    Column("calendar", gettext_lazy("Calendar"), ("calendar__name",)),
    Column("act", "", (), "actions"),
]
CHANGES = [
    Column("at", gettext_lazy("At"), ("id",)),
    Column("calendar", gettext_lazy("Calendar"), ("calendar_name",)),
    Column("what", gettext_lazy("Change"), (), "wide"),
    Column("by", gettext_lazy("Changed by")),
    Column("state", gettext_lazy("State"), ("state",)),
    Column("moved", gettext_lazy("Clocks moved"), ("moved_count",), "right"),
    Column("shifts", gettext_lazy("Furthest shifts")),
]


@require_http_methods(["GET", "POST"])
def assignment_list(request: HttpRequest) -> HttpResponse:
    """Units and regions with a calendar of their own; what any place works by; a form for another assignment."""
    require(policies.why_not_view_calendars(request.user))
    form = AssignForm(request.POST or None)
    if request.method == "POST":
        require(policies.why_not_change_calendars(request.user))
        if succeeds(form, lambda data: calendars.assign_calendar(by=request.user, **data)):
            messages.success(request, _("Saved. Running clocks are set right in the background."))
            return redirect("calendar-assignments")
    lookup = PlaceForm(request.GET if {"unit", "region"} & request.GET.keys() else None)
    context = {
        "page": make_page(queries.assignments(), PLACES, request.GET, default_sort=""),
        "form": form,
        "lookup": lookup,
        "found": _looked_up(lookup),
        "may_change": policies.why_not_change_calendars(request.user) is None,
    }
    return render(request, "sla/assignment_list.html", context, status=status_of(form))


def _looked_up(lookup: PlaceForm) -> dict[str, Any] | None:
    if not lookup.is_bound or not lookup.is_valid():
        return None
    unit, region = lookup.cleaned_data["unit"], lookup.cleaned_data["region"]
    if unit is None and region is None:
        return None
    inherited = queries.calendar_through(unit, region)
    return {"place": unit or region, "calendar": inherited.calendar, "through": inherited.through}


@require_POST
def assignment_withdraw(request: HttpRequest, assignment_id: int) -> HttpResponse:
    require(policies.why_not_change_calendars(request.user))
    assignment = queries.find_assignment(assignment_id)
    if assignment is None:
        raise Http404
    calendars.withdraw_assignment(assignment, by=request.user)
    messages.success(request, _("Withdrawn."))
    return redirect("calendar-assignments")


@require_GET
def public_holidays(request: HttpRequest) -> HttpResponse:
    """The public holidays of a country and year, as they stand in the house."""
    require(policies.why_not_view_calendars(request.user))
    return _render_public(request, FillYearForm())


@require_POST
def public_year_fill(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_change_calendars(request.user))
    form = FillYearForm(request.POST)
    counts: list[int] = []
    if succeeds(form, lambda data: counts.append(calendar_days.fill_year(**data, by=request.user))):
        messages.success(
            request, ngettext("%(n)s day filled in.", "%(n)s days filled in.", counts[0]) % {"n": counts[0]}
        )
        chosen = f"country={form.cleaned_data['country']}&year={form.cleaned_data['year']}"
        return redirect(f"{reverse('calendar-holidays')}?{chosen}")
    return _render_public(request, form)


def _render_public(request: HttpRequest, form: FillYearForm) -> HttpResponse:
    chosen = CountryForm(request.GET)
    data = chosen.cleaned_data if chosen.is_valid() else {}
    country, year = data.get("country") or CHINA, data.get("year") or clock.today().year
    years = queries.published_years(country)
    context = {
        "country": country,
        "country_name": COUNTRIES[country],
        "year": year,
        "years": years,
        "filled": next((row for row in years if row.year == year), None),
        "days": queries.public_days(country, year),
        "countries": [(code, name) for code, name in COUNTRIES.items() if code in {*queries.countries_kept(), country}],
        "missing": missing_years(),
        "form": form if form.is_bound else FillYearForm(initial={"country": country, "year": year}),
        "may_change": policies.why_not_change_calendars(request.user) is None,
    }
    return render(request, "sla/public_holidays.html", context, status=status_of(form))


@require_GET
def change_list(request: HttpRequest) -> HttpResponse:
    """What was done to working time, by whom, and how many running clocks it moved."""
    require(policies.why_not_view_calendars(request.user))
    page = make_page(queries.changes(), CHANGES, request.GET, default_sort="-at")
    told = [
        {
            "change": row,
            "what": calendar_words.change_sentence(row.what, row.facts),
            "shifts": calendar_words.shift_words(row),
        }
        for row in page.rows
    ]
    return render(request, "sla/change_list.html", {"page": page, "told": told})
