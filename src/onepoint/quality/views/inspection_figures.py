"""Figures of inspections and the agreement of inspectors, for a period."""

from datetime import date, timedelta

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from onepoint.core import clock
from onepoint.core.errors import require
from onepoint.quality import inspection_rights as rights
from onepoint.quality.queries import inspection_figures as queries

LONGEST = timedelta(days=366)


class PeriodForm(forms.Form):
    """The period shown, and what results are counted by."""

    since = forms.DateField(label=_("From"), required=False)
    until = forms.DateField(label=_("Until"), required=False)
    by = forms.ChoiceField(
        label=_("Counted by"), required=False,
        choices=[("unit", _("Unit")), ("person", _("Person")), ("category", _("Category"))],
    )  # fmt: skip

    def period(self) -> tuple[date, date]:
        """The days asked for; the last thirty where nothing sensible was. The fields show the days it came to."""
        self.is_valid()
        until = clock.day_within(self.cleaned_data.get("until") or clock.today())
        since = self.cleaned_data.get("since") or until - timedelta(days=29)
        since = min(max(since, until - LONGEST), until)
        shown = {"since": since, "until": until}
        self.data = {**dict(self.data.items()), **{name: day for name, day in shown.items() if name not in self.errors}}
        return since, until


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
    form = PeriodForm(request.GET)
    del form.fields["by"]
    since, until = form.period()
    found = queries.agreement_figures(since, until, visible_to=request.user)
    context = {"form": form, "since": since, "until": until, "found": found}
    return render(request, "quality/agreement.html", context)
