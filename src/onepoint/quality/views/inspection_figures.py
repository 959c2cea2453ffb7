"""Figures of inspections and the agreement of inspectors, for a period."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from onepoint.core.errors import require
from onepoint.quality import inspection_rights as rights
from onepoint.quality.inspection_forms import AgreementPeriodForm, PeriodForm
from onepoint.quality.queries import inspection_figures as queries


@require_safe
def show_figures(request: HttpRequest) -> HttpResponse:
    require(rights.why_not_see_inspections(request.user))
    form = PeriodForm(request.GET)
    since, until = form.period()
    by = form.cleaned_data.get("by") or "unit"
    context = {
        "form": form,
        "since": since,
        "until": until,
        "by": by,
        "figures": queries.figures_of_inspected(by, since, until, visible_to=request.user),
        "inspectors": queries.figures_of_inspectors(since, until, visible_to=request.user),
    }
    return render(request, "quality/inspection_figures.html", context)


@require_safe
def show_agreement(request: HttpRequest) -> HttpResponse:
    require(rights.why_not_see_inspections(request.user))
    form = AgreementPeriodForm(request.GET)
    since, until = form.period()
    found = queries.agreement_figures(since, until, visible_to=request.user)
    context = {"form": form, "since": since, "until": until, "found": found}
    return render(request, "quality/agreement.html", context)
