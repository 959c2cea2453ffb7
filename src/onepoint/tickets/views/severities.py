"""The severity standard: one table for everybody, and its screen for those who maintain it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from onepoint.core.errors import InvalidInput, require
from onepoint.tickets import policies, queries, services
from onepoint.tickets.forms import SeverityForm
from onepoint.tickets.models import Severity


@require_safe
def list_severities(request: HttpRequest) -> HttpResponse:
    """The published standard; everybody may read it."""
    may_change = policies.why_not_manage_categories(request.user) is None
    return render(
        request, "tickets/severities.html", {"severities": queries.severities(active=False), "may_change": may_change}
    )


def _save(request: HttpRequest, severity: Severity | None) -> HttpResponse:
    require(policies.why_not_manage_categories(request.user))
    form = SeverityForm(request.POST or None, instance=severity)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                if severity is None:
                    services.create_severity(form.items(), by=request.user)
                else:
                    present = queries.severity_by_code(form.initial["code"])
                    if present is None:
                        raise Http404
                    services.change_severity(present, form.items(), by=request.user)
                messages.success(request, _("Saved."))
                return redirect("severity-list")
            except InvalidInput as refusal:
                for name, text in refusal.errors.items():
                    form.add_error(name, str(text))
    return render(request, "tickets/severity.html", {"form": form, "severity": severity}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def create_severity(request: HttpRequest) -> HttpResponse:
    return _save(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
def change_severity(request: HttpRequest, code: str) -> HttpResponse:
    severity = queries.severity_by_code(code)
    if severity is None:
        raise Http404
    return _save(request, severity)
