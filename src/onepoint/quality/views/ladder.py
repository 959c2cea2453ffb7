"""The ladder of expert levels: its rungs, who stands where, who may climb, what asks for a level."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from onepoint.core.errors import BusinessError, InvalidInput, require
from onepoint.quality import coaching_rights as rights
from onepoint.quality.coaching_forms import DemandForm, GiveLevelForm, LevelForm
from onepoint.quality.queries import coaching as queries
from onepoint.quality.services import ladder as services


def _page(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    context = {
        "levels": queries.levels(),
        "demands": queries.demands(),
        "standings": queries.standings(visible_to=request.user),
        "give_form": GiveLevelForm(auto_id="id_give_%s"),
        "demand_form": DemandForm(),
    }
    return render(request, "quality/ladder.html", context | more, status=status)


@require_safe
def show_ladder(request: HttpRequest) -> HttpResponse:
    require(rights.why_not_coach(request.user))
    return _page(request)


@require_http_methods(["GET", "HEAD", "POST"])
def change_level(request: HttpRequest, pk: int) -> HttpResponse:
    require(rights.why_not_coach(request.user))
    level = queries.find_level(pk)
    if level is None:
        raise Http404
    names = ("name", "name_en", "days_below", "inspections", "average", "most_fatal")
    form = LevelForm(request.POST if request.method == "POST" else None, initial={name: getattr(level, name) for name in names})  # fmt: skip
    if form.is_bound and form.is_valid():
        services.change_level(level, **form.cleaned_data, by=request.user)
        messages.success(request, _("Saved."))
        return redirect("ladder")
    return render(request, "quality/level.html", {"form": form, "level": level}, status=422 if form.is_bound else 200)


@require_POST
def give_level(request: HttpRequest) -> HttpResponse:
    require(rights.why_not_coach(request.user))
    form = GiveLevelForm(request.POST, auto_id="id_give_%s")
    if not form.is_valid():
        return _page(request, 422, give_form=form)
    found = form.cleaned_data
    try:
        services.give_level(found["person"], level=found["level"], reason=found["reason"], by=request.user)
    except BusinessError as refusal:
        form.add_error("person", str(refusal))
        return _page(request, 422, give_form=form)
    messages.success(request, _("Noted. The person is told."))
    return redirect("ladder")


@require_POST
def create_demand(request: HttpRequest) -> HttpResponse:
    require(rights.why_not_coach(request.user))
    form = DemandForm(request.POST)
    if form.is_valid():
        try:
            services.create_demand(**form.cleaned_data, by=request.user)
            messages.success(request, _("Saved."))
            return redirect("ladder")
        except InvalidInput as refusal:
            for name, text in refusal.errors.items():
                form.add_error(name if name in form.fields else None, str(text))
    return _page(request, 422, demand_form=form)


@require_POST
def remove_demand(request: HttpRequest, pk: int) -> HttpResponse:
    require(rights.why_not_coach(request.user))
    demand = queries.find_demand(pk)
    if demand is None:
        raise Http404
    services.remove_demand(demand, by=request.user)
    messages.success(request, _("Removed."))
    return redirect("ladder")
