"""Sampling plans: the list, one with its draws, what would be drawn, drawing."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from onepoint.core import audit, clock
from onepoint.core.errors import InvalidInput, require
from onepoint.core.tables import Column, make_page
from onepoint.core.timeline import told
from onepoint.quality import inspection_rights as rights
from onepoint.quality.inspection_forms import DaysForm, PlanForm
from onepoint.quality.models import SamplingPlan
from onepoint.quality.queries import plans as queries
from onepoint.quality.risks import label_of_risk
from onepoint.quality.services import drawing, planning

COLUMNS = [
    Column("name", gettext_lazy("Name"), ("name",), "wide"),
    Column("scorecard", gettext_lazy("Score card"), ("scorecard__code",)),
    Column("method", gettext_lazy("How"), ("method",)),
    Column("size", gettext_lazy("Sample size")),
    Column("double", gettext_lazy("Scored twice"), ("double_share",), "right"),
    Column("frequency", gettext_lazy("How often"), ("frequency",)),
    Column("last", gettext_lazy("Last draw"), ("last_draw",)),
    Column("state", gettext_lazy("State")),
]
#: Strata shown on a page; a draw may have more.
MOST_STRATA = 60


def _plan_or_404(request: HttpRequest, pk: int) -> SamplingPlan:
    require(rights.why_not_plan(request.user))
    found = queries.find_plan(pk)
    if found is None:
        raise Http404
    return found


@require_safe
def list_plans(request: HttpRequest) -> HttpResponse:
    require(rights.why_not_plan(request.user))
    page = make_page(queries.plans(), COLUMNS, request.GET, default_sort="name")
    return render(request, "quality/plans.html", {"page": page})


def _add_refusal(form: Any, refusal: InvalidInput) -> None:
    for name, text in refusal.errors.items():
        form.add_error(name if name in form.fields else None, str(text))


@require_http_methods(["GET", "HEAD", "POST"])
def create_plan(request: HttpRequest) -> HttpResponse:
    require(rights.why_not_plan(request.user))
    form = PlanForm(request.POST if request.method == "POST" else None, is_new=True)
    if form.is_bound and form.is_valid():
        try:
            made = planning.create_plan(form.items(), by=request.user)
            messages.success(request, _("Saved. Try what it would draw."))
            return redirect("sampling-plan-detail", made.pk)
        except InvalidInput as refusal:
            _add_refusal(form, refusal)
    return render(request, "quality/plan_form.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def change_plan(request: HttpRequest, pk: int) -> HttpResponse:
    plan = _plan_or_404(request, pk)
    form = PlanForm.of(plan, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            version = form.cleaned_data["lock_version"] or 0
            planning.change_plan(plan, form.items(), lock_version=version, by=request.user)
            messages.success(request, _("Saved."))
            return redirect("sampling-plan-detail", pk)
        except InvalidInput as refusal:
            _add_refusal(form, refusal)
    return render(request, "quality/plan_form.html", {"form": form, "plan": plan}, status=422 if form.is_bound else 200)


def _page(request: HttpRequest, plan: SamplingPlan, form: DaysForm, status: int = 200, **more: Any) -> HttpResponse:
    context = {
        "plan": plan,
        "form": form,
        "draws": queries.draws_of(plan),
        "weights": [(label_of_risk(code), weight) for code, weight in plan.weights.items()],
        "inspectors": queries.inspectors_of(plan)[:20],
        "history": told(audit.entries_of("sampling_plan", plan.pk).order_by("-id")[:30]),
    }
    return render(request, "quality/plan.html", context | more, status=status)


@require_safe
def show_plan(request: HttpRequest, pk: int) -> HttpResponse:
    """A plan with its draws; with ``begins_on`` and ``ends_on`` also what it would draw from these days."""
    plan = _plan_or_404(request, pk)
    if "begins_on" not in request.GET:
        today = clock.today()
        return _page(request, plan, DaysForm(initial={"begins_on": today - timedelta(days=7), "ends_on": today}))
    form = DaysForm(request.GET)
    if not form.is_valid():
        return _page(request, plan, form, 422)
    try:
        period = drawing.checked_days(form.cleaned_data["begins_on"], form.cleaned_data["ends_on"])
    except InvalidInput as refusal:
        _add_refusal(form, refusal)
        return _page(request, plan, form, 422)
    rules = queries.rules_of(plan)
    found = drawing.count_strata(rules, period, seed=f"{plan.seed}/{period.name}", by=request.user)
    quotas = drawing.quotas_of(rules, found)
    largest = sorted(found, key=lambda key: (-found[key], key))
    labels = queries.stratum_labels(plan.stratum, largest[:MOST_STRATA])
    strata = [(labels.get(key, key or _("everything")), found[key], quotas[key]) for key in largest[:MOST_STRATA]]
    tried = {
        "strata": strata,
        "population": sum(found.values()),
        "drawn": sum(quotas.values()),
        "hidden": max(0, len(largest) - MOST_STRATA),
    }
    return _page(request, plan, form, tried=tried)


@require_POST
def draw_plan(request: HttpRequest, pk: int) -> HttpResponse:
    plan = _plan_or_404(request, pk)
    form = DaysForm(request.POST)
    if not form.is_valid():
        return _page(request, plan, form, 422)
    try:
        drawing.ask_for_draw(plan, **form.cleaned_data, by=request.user)
    except InvalidInput as refusal:
        _add_refusal(form, refusal)
        return _page(request, plan, form, 422)
    messages.success(request, _("The draw is being made; it appears here in a moment."))
    return redirect("sampling-plan-detail", pk)


@require_POST
def switch_plan(request: HttpRequest, pk: int) -> HttpResponse:
    planning.switch_plan(_plan_or_404(request, pk), is_active="on" in request.POST, by=request.user)
    return redirect("sampling-plan-detail", pk)
