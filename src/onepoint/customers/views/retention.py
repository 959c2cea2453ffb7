"""How long files are kept: one row a kind; a shorter time is confirmed, seeing how many files go by it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from onepoint.core import audit
from onepoint.core.errors import require
from onepoint.core.submitting import status_of, succeeds
from onepoint.core.timeline import told
from onepoint.customers import policies, queries, retention, services
from onepoint.customers.models.retention import FEWEST_MONTHS, MOST_MONTHS
from onepoint.customers.services.retention import SUBJECT, is_shorter

SHOWN_EVENTS = 20


class RetentionForm(forms.Form):
    months = forms.IntegerField(
        label=gettext_lazy("Kept for (months)"), required=False, min_value=FEWEST_MONTHS, max_value=MOST_MONTHS,
        help_text=gettext_lazy("Empty: for ever."),
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput)
    confirmed = forms.IntegerField(widget=forms.HiddenInput, required=False)  # the months that were confirmed


@require_GET
def retention_list(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_change_retention(request.user))
    return render(request, "customers/retention.html", {"rules": queries.retention_rules()})


@require_http_methods(["GET", "HEAD", "POST"])
def retention_change(request: HttpRequest, code: str) -> HttpResponse:
    require(policies.why_not_change_retention(request.user))
    kind = retention.find_kind(code)
    if kind is None:
        raise Http404
    rule = queries.retention_rule(kind)
    form = RetentionForm(request.POST or None, initial={"months": rule.months, "version": rule.version})
    context: dict[str, Any] = {"kind": kind, "form": form, "months": None, "events": []}
    if request.method == "POST" and form.is_valid():
        months = form.cleaned_data["months"]
        is_confirmed = months is not None and form.cleaned_data["confirmed"] == months
        if is_shorter(rule.months, months) and not is_confirmed:
            count, is_more = retention.count_past(kind, months)
            context |= {"months": months, "count": count, "is_more": is_more}
        elif succeeds(form, lambda data: _change(request, kind, data, is_confirmed)):
            messages.success(request, _("Saved."))
            return redirect("retention-list")
    if rule.pk:
        context["events"] = told(audit.entries_of(SUBJECT, rule.pk).order_by("-id")[:SHOWN_EVENTS])
    return render(request, "customers/retention_change.html", context, status=status_of(form))


def _change(request: HttpRequest, kind: retention.Kind, data: dict[str, Any], is_confirmed: bool) -> None:
    services.change_retention(
        kind, months=data["months"], version=data["version"], is_confirmed=is_confirmed, by=request.user
    )
