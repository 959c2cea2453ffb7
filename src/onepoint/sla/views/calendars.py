"""Working calendars: the list, the page of one, its week, its days."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from onepoint.core import clock
from onepoint.core.errors import require
from onepoint.core.submitting import status_of, succeeds
from onepoint.sla import calendar_words, policies
from onepoint.sla.calendars import calendar_of
from onepoint.sla.deadlines import NeverDue, deadline
from onepoint.sla.forms.calendars import (
    BandFormSet,
    CalendarForm,
    CopyYearForm,
    DayForm,
    PreviewForm,
    band_rows,
    week_of,
)
from onepoint.sla.models import BusinessCalendar
from onepoint.sla.public_holidays import COUNTRIES, EARLIEST, LATEST
from onepoint.sla.queries import calendars as queries
from onepoint.sla.services import calendar_days, calendars

SHOWN_CHANGES = 5
SHOWN_PLACES = 8


def years_ahead() -> list[int]:
    """This year and, from October on, the next: by then its holidays are announced soon."""
    today = clock.today()
    return [today.year, today.year + 1] if today.month >= 10 else [today.year]


def missing_years() -> list[dict[str, Any]]:
    """What the warning tells: countries with the years near at hand that nobody has filled in."""
    found = queries.years_missing(years_ahead())
    return [{"code": code, "country": COUNTRIES.get(code, code), "years": years} for code, years in found.items()]


@require_GET
def calendar_list(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_view_calendars(request.user))
    rows = [
        {"calendar": one, "week": calendar_words.week_lines(one), "country": COUNTRIES.get(one.country, "")}
        for one in queries.calendars()
    ]
    context = {"rows": rows, "missing": missing_years(), "may_change": _may_change(request)}
    return render(request, "sla/calendar_list.html", context)


@require_GET
def calendar_detail(request: HttpRequest, calendar_id: int) -> HttpResponse:
    require(policies.why_not_view_calendars(request.user))
    return _render(request, _calendar(calendar_id))


@require_http_methods(["GET", "POST"])
def calendar_create(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_change_calendars(request.user))
    form, bands = CalendarForm(request.POST or None), _bands(request, [])
    made: list[BusinessCalendar] = []

    def create(data: dict[str, Any]) -> None:
        data.pop("version")
        made.append(calendars.create_calendar(by=request.user, week=week_of(bands.cleaned_data), **data))

    if request.method == "POST" and _both_succeed(form, bands, create):
        messages.success(request, _("Saved."))
        return redirect(made[0])
    return render(request, "sla/calendar_form.html", {"form": form, "bands": bands}, status=_status(form, bands))


@require_http_methods(["GET", "POST"])
def calendar_edit(request: HttpRequest, calendar_id: int) -> HttpResponse:
    require(policies.why_not_change_calendars(request.user))
    calendar = _calendar(calendar_id)
    initial = {name: getattr(calendar, name) for name in CalendarForm.base_fields}
    form = CalendarForm(request.POST or None, initial=initial, calendar=calendar)
    bands = _bands(request, band_rows(calendar.week))

    def change(data: dict[str, Any]) -> None:
        calendars.change_calendar(calendar, by=request.user, week=week_of(bands.cleaned_data), **data)

    if request.method == "POST" and _both_succeed(form, bands, change):
        messages.success(request, _("Saved. Running clocks are set right in the background."))
        return redirect(calendar)
    context = {"form": form, "bands": bands, "calendar": calendar}
    return render(request, "sla/calendar_form.html", context, status=_status(form, bands))


@require_POST
def calendar_delete(request: HttpRequest, calendar_id: int) -> HttpResponse:
    calendar = _calendar(calendar_id)
    calendars.delete_calendar(calendar, by=request.user)
    messages.success(request, _("Deleted."))
    return redirect("calendar-list")


@require_POST
def calendar_default(request: HttpRequest, calendar_id: int) -> HttpResponse:
    calendar = calendars.make_default(_calendar(calendar_id), by=request.user)
    messages.success(request, _("Whoever has no calendar of their own works by it now."))
    return redirect(calendar)


@require_POST
def calendar_days_set(request: HttpRequest, calendar_id: int) -> HttpResponse:
    require(policies.why_not_change_calendars(request.user))
    calendar, form = _calendar(calendar_id), DayForm(request.POST)
    if succeeds(form, lambda data: calendar_days.set_days(calendar, by=request.user, **data)):
        messages.success(request, _("Saved. Running clocks are set right in the background."))
        return redirect(f"{calendar.get_absolute_url()}?month={form.cleaned_data['first']:%Y-%m}#days")
    return _render(request, calendar, day_form=form)


@require_POST
def calendar_day_remove(request: HttpRequest, calendar_id: int, day_id: int) -> HttpResponse:
    require(policies.why_not_change_calendars(request.user))
    calendar = _calendar(calendar_id)
    day = queries.find_day(calendar, day_id)
    if day is None:
        raise Http404
    calendar_days.remove_day(day, by=request.user)
    messages.success(request, _("Removed."))
    return redirect(f"{calendar.get_absolute_url()}?month={day.date:%Y-%m}#days")


@require_POST
def calendar_year_copy(request: HttpRequest, calendar_id: int) -> HttpResponse:
    require(policies.why_not_change_calendars(request.user))
    calendar, form = _calendar(calendar_id), CopyYearForm(request.POST)
    counts: list[int] = []
    if succeeds(form, lambda data: counts.append(calendar_days.copy_year(calendar, by=request.user, **data))):
        messages.success(request, ngettext("%(n)s day copied.", "%(n)s days copied.", counts[0]) % {"n": counts[0]})
        return redirect(f"{calendar.get_absolute_url()}?month={form.cleaned_data['to_year']}-01#days")
    return _render(request, calendar, copy_form=form)


def _calendar(calendar_id: int) -> BusinessCalendar:
    calendar = queries.find_calendar(calendar_id)
    if calendar is None:
        raise Http404
    return calendar


def _may_change(request: HttpRequest) -> bool:
    return policies.why_not_change_calendars(request.user) is None


def _bands(request: HttpRequest, initial: list[dict[str, Any]]) -> Any:
    return BandFormSet(request.POST or None, initial=initial, prefix="bands")


def _both_succeed(form: CalendarForm, bands: Any, write: Any) -> bool:
    return form.is_valid() & bands.is_valid() and succeeds(form, write)


def _status(form: CalendarForm, bands: Any) -> int:
    return 422 if form.is_bound and (form.errors or not bands.is_valid()) else 200


def _month(request: HttpRequest) -> date:
    try:
        first = date.fromisoformat(f"{request.GET.get('month', '')}-01")
    except ValueError:
        first = clock.today().replace(day=1)
    return first if EARLIEST <= first.year <= LATEST else clock.today().replace(day=1)


def _render(request: HttpRequest, calendar: BusinessCalendar, **changed: Any) -> HttpResponse:
    first, loaded = _month(request), calendar_of(calendar.pk)
    beside = timedelta(days=45)
    assigned = list(queries.assignments(calendar)[: SHOWN_PLACES + 1])
    context = {
        "calendar": calendar,
        "week": calendar_words.week_lines(calendar),
        "country": COUNTRIES.get(calendar.country, ""),
        "month": first,
        "month_before": first - timedelta(days=1),
        "month_after": (first + timedelta(days=31)).replace(day=1),
        "weeks": calendar_words.month_of(loaded, first, queries.own_dates(calendar, first - beside, first + beside)),
        "is_unpublished": calendar.country and first.year not in _known_years(calendar),
        "own_days": [] if calendar.is_round_the_clock else queries.own_days(calendar, first.year),
        "preview": _preview(request, loaded),
        "assigned": assigned[:SHOWN_PLACES],
        "has_more_assigned": len(assigned) > SHOWN_PLACES,
        "followers": list(calendar.followers.all()),
        "changes": _told_changes(calendar),
        "may_change": _may_change(request),
        "delete_refusal": policies.why_not_delete_calendar(calendar, request.user),
        "default_refusal": policies.why_not_make_default(calendar, request.user),
        "day_form": DayForm(initial={"first": first}),
        "copy_form": CopyYearForm(initial={"from_year": first.year, "to_year": first.year + 1}),
        "today": clock.today(),
        **changed,
    }
    status = max((status_of(form) for form in changed.values()), default=200)
    return render(request, "sla/calendar_detail.html", context, status=status)


def _known_years(calendar: BusinessCalendar) -> set[int]:
    return {row.year for row in queries.published_years(calendar.country)}


def _told_changes(calendar: BusinessCalendar) -> list[dict[str, Any]]:
    rows = queries.changes(calendar)[:SHOWN_CHANGES]
    return [{"change": row, "what": calendar_words.change_sentence(row.what, row.facts)} for row in rows]


def _preview(request: HttpRequest, loaded: Any) -> dict[str, Any]:
    """When something is due in this calendar, with every step to it."""
    form = PreviewForm(request.GET) if "since" in request.GET else PreviewForm.now()
    shown: dict[str, Any] = {"form": form}
    if not form.is_valid():
        return shown
    data = form.cleaned_data
    try:
        if data["measure"] == "days":
            told = deadline(loaded, data["since"], days=int(data["amount"]))
        else:
            told = deadline(loaded, data["since"], span=form.span)
    except NeverDue as never:
        form.add_error("amount", str(never))
        return shown
    zone = calendar_words.zone_of(loaded)
    return {
        **shown,
        "due": told.due_at,
        "counted": told.counted,
        "days": calendar_words.tell(loaded, told.pieces),
        "unpublished": calendar_words.unpublished_years(told.pieces),
        "due_there": told.due_at.astimezone(zone).strftime("%Y-%m-%d %H:%M") if _differs(zone) else "",
        "zone": zone.key,
    }


def _differs(zone: ZoneInfo) -> bool:
    return zone.key != timezone.get_default_timezone_name()
