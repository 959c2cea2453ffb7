"""Duty rosters: the list with who is on duty now, and the week of one roster."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from onepoint.accounts import forms, policies, queries, services
from onepoint.accounts.models import Roster, Shift
from onepoint.accounts.views.submitting import needs
from onepoint.core import clock
from onepoint.core.submitting import status_of, succeeds


def list_rosters(request: HttpRequest) -> HttpResponse:
    rosters = list(queries.rosters_visible_to(request.user))
    watches = queries.on_duty_now(rosters)
    now = {roster.pk: [watch for watch in watches if watch.roster.pk == roster.pk] for roster in rosters}
    context = {
        "lines": [{"roster": roster, "watches": now[roster.pk]} for roster in rosters],
        "may_create": policies.why_not_change_group(request.user) is None,
    }
    return render(request, "accounts/roster_list.html", context)


@needs("organisation.manage")
def create_roster(request: HttpRequest) -> HttpResponse:
    form = forms.RosterForm(request.POST or None)
    if request.method == "POST" and succeeds(form, lambda data: services.create_roster(**data, by=request.user)):
        messages.success(request, _("Roster created. Now add its shifts."))
        return redirect("roster-detail", form.cleaned_data["code"])
    return render(request, "accounts/roster_form.html", {"form": form}, status=status_of(form))


def _roster(request: HttpRequest, code: str) -> Roster:
    return get_object_or_404(queries.rosters_visible_to(request.user), code=code)


def _monday(request: HttpRequest) -> date:
    try:
        day = date.fromisoformat(request.GET.get("week", ""))
    except ValueError:
        day = clock.today()
    if abs(day - clock.today()) > timedelta(days=3650):
        day = clock.today()
    return day - timedelta(days=day.weekday())


def show_roster(request: HttpRequest, code: str) -> HttpResponse:
    return _render(request, _roster(request, code))


def _render(request: HttpRequest, roster: Roster, **changed: Any) -> HttpResponse:
    monday, user = _monday(request), request.user
    own_page = reverse("roster-detail", args=[roster.code])
    context = {
        "roster": roster,
        "week": queries.week_of(roster, monday),
        "days": [monday + timedelta(days=number) for number in range(7)],
        "today": clock.today(),
        "watches": queries.on_duty_now([roster]),
        "before_url": f"{own_page}?week={(monday - timedelta(days=7)).isoformat()}",
        "after_url": f"{own_page}?week={(monday + timedelta(days=7)).isoformat()}",
        "plan_refusal": policies.why_not_plan_roster(roster, user),
        "may_change": policies.why_not_change_roster(roster, user) is None,
        "shift_form": forms.ShiftForm(),
        **changed,
    }
    status = max((status_of(form) for form in changed.values()), default=200)
    return render(request, "accounts/roster_detail.html", context, status=status)


@require_POST
def add_shift(request: HttpRequest, code: str) -> HttpResponse:
    roster, form = _roster(request, code), forms.ShiftForm(request.POST)
    if succeeds(form, lambda data: services.add_shift(roster, **data, by=request.user)):
        return redirect("roster-detail", code)
    return _render(request, roster, shift_form=form)


@require_POST
def remove_shift(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    services.remove_shift(_shift(_roster(request, code), pk), by=request.user)
    return redirect("roster-detail", code)


@require_POST
@needs("organisation.manage")
def set_roster_use(request: HttpRequest, code: str) -> HttpResponse:
    services.set_roster_use(_roster(request, code), active=request.POST.get("active") == "1", by=request.user)
    return redirect("roster-detail", code)


def _shift(roster: Roster, pk: int) -> Shift:
    return get_object_or_404(roster.shifts, pk=pk)


def plan_duty(request: HttpRequest, code: str, pk: int, day: str) -> HttpResponse:
    """One cell of the week: who has the shift that day, and swapping a turn."""
    roster = _roster(request, code)
    shift, when = _shift(roster, pk), _day(day)
    present = queries.people_on(shift, when)
    form = forms.DutyForm(request.POST or None, roster=roster, initial={"people": [one.pk for one in present]})
    swap = forms.SwapForm(request.POST or None, roster=roster, shift=shift, day=when, prefix="swap")
    week_url = f"{reverse('roster-detail', args=[code])}?week={when.isoformat()}"
    if request.method == "POST" and _planned(request, shift, when, form, swap):
        messages.success(request, _("Saved."))
        return redirect(week_url)
    context = {
        "roster": roster,
        "shift": shift,
        "day": when,
        "people": present,
        "form": form,
        "swap": swap,
        "week_url": week_url,
        "plan_refusal": policies.why_not_plan_roster(roster, request.user),
        "may_swap": any(policies.why_not_swap_duty(roster, one, request.user) is None for one in present),
        "is_exception": queries.is_exception(shift, when),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/duty_form.html", context, status=status)


def _planned(request: HttpRequest, shift: Shift, day: date, form: forms.DutyForm, swap: forms.SwapForm) -> bool:
    """Do what the pressed button says; False when the form has to be shown again."""
    action = request.POST.get("action")
    if action == "week":
        services.follow_week(shift, day=day, by=request.user)
        return True
    if action == "swap":
        return succeeds(swap, lambda data: services.swap_duty(shift, day=day, **swap.turns(), by=request.user))
    return succeeds(form, lambda data: services.plan_duty(shift, day=day, **data, by=request.user))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Http404 from error
