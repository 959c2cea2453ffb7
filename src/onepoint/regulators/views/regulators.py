"""The regulators themselves."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from onepoint.core.errors import require
from onepoint.regulators import policies, queries, services
from onepoint.regulators.forms import NewRegulatorForm, RegulatorForm
from onepoint.regulators.models import Regulator
from onepoint.regulators.views.submitting import status_of, succeeds


@require_safe
def list_regulators(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_manage(request.user))
    return render(request, "regulators/regulators.html", {"rows": queries.regulators(only_in_use=False)})


def _save(request: HttpRequest, row: Regulator | None) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = RegulatorForm.of(row, data) if row else NewRegulatorForm(data)

    def write(values: dict[str, Any]) -> None:
        if row is None:
            services.create_regulator(values["code"], form.items(), by=request.user)
        else:
            services.change_regulator(row, form.items(), version=values["version"] or 0, by=request.user)

    if request.method == "POST" and succeeds(form, write):
        messages.success(request, _("Saved."))
        return redirect("regulator-list")
    return render(request, "regulators/regulator.html", {"form": form, "row": row}, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
def create_regulator(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_manage(request.user))
    return _save(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
def change_regulator(request: HttpRequest, pk: int) -> HttpResponse:
    require(policies.why_not_manage(request.user))
    row = queries.find_regulator(pk)
    if row is None:
        raise Http404
    return _save(request, row)
