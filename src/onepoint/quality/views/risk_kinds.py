"""The screen of the kinds of hidden risks."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from onepoint.core.errors import require
from onepoint.core.submitting import status_of, succeeds
from onepoint.quality import hidden_risk_rights as rights
from onepoint.quality.hidden_risk_forms import RiskKindChangeForm, RiskKindForm
from onepoint.quality.models import RiskKind
from onepoint.quality.queries import risk_kinds as queries
from onepoint.quality.services import risk_kinds as services


def _shown(request: HttpRequest, form: forms.Form, kind: RiskKind | None = None) -> HttpResponse:
    context = {"kinds": queries.risk_kinds(only_in_use=False), "form": form, "kind": kind}
    return render(request, "quality/hidden_risks/kinds.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
def kind_list(request: HttpRequest) -> HttpResponse:
    require(rights.why_not_manage_kinds(request.user))
    form = RiskKindForm(request.POST if request.method == "POST" else None)
    if form.is_bound and succeeds(form, lambda values: services.create_risk_kind(by=request.user, **values)):
        messages.success(request, _("Added."))
        return redirect("risk-kind-list")
    return _shown(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
def kind_edit(request: HttpRequest, code: str) -> HttpResponse:
    require(rights.why_not_manage_kinds(request.user))
    kind = queries.find_risk_kind(code)
    if kind is None:
        raise Http404
    initial = {name: getattr(kind, name) for name in RiskKindChangeForm.base_fields}
    form = RiskKindChangeForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and succeeds(form, lambda values: services.change_risk_kind(kind, by=request.user, **values)):
        messages.success(request, _("Saved."))
        return redirect("risk-kind-list")
    return _shown(request, form, queries.find_risk_kind(code))
