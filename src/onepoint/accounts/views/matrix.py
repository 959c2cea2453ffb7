"""The matrix: business lines across functions, and the platforms they share."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from onepoint.accounts import forms, policies, queries, services
from onepoint.accounts.views.submitting import needs
from onepoint.core.submitting import status_of, succeeds

AXES = {"lines": services.create_business_line, "functions": services.create_business_function}


@needs("organisation.view")
def show_matrix(request: HttpRequest) -> HttpResponse:
    return _render(request)


def _render(request: HttpRequest, **changed: Any) -> HttpResponse:
    may_change = policies.why_not_change_matrix(request.user) is None
    context = {
        "matrix": queries.matrix(visible_to=request.user),
        "may_change": may_change,
        "line_form": forms.AxisForm(prefix="lines"),
        "function_form": forms.AxisForm(prefix="functions"),
        **changed,
    }
    status = max((status_of(form) for form in changed.values()), default=200)
    return render(request, "accounts/matrix.html", context, status=status)


@require_POST
@needs("organisation.manage")
def create_on_axis(request: HttpRequest, axis: str) -> HttpResponse:
    if axis not in AXES:
        raise Http404
    form = forms.AxisForm(request.POST, prefix=axis)
    if succeeds(form, lambda data: AXES[axis](**data, by=request.user)):
        return redirect("matrix")
    return _render(request, **{"line_form" if axis == "lines" else "function_form": form})


@needs("organisation.manage")
def change_on_axis(request: HttpRequest, axis: str, code: str) -> HttpResponse:
    row = get_object_or_404(queries.axis_rows(axis), code=code)
    initial = {name: getattr(row, name) for name in ("name", "name_en", "position_order", "is_active")}
    form = forms.AxisChangeForm(request.POST or None, initial=initial)
    if request.method == "POST" and succeeds(form, lambda data: services.change_axis(row, **data, by=request.user)):
        messages.success(request, _("Saved."))
        return redirect("matrix")
    return render(request, "accounts/axis_form.html", {"form": form, "row": row}, status=status_of(form))


@require_POST
@needs("organisation.manage")
def arrange_platforms(request: HttpRequest) -> HttpResponse:
    """The grid of ticks: ``served`` holds ``platform/line`` for each."""
    matrix = queries.matrix(visible_to=request.user)
    ticked = set(request.POST.getlist("served"))
    served = {
        platform: [line for line in matrix.lines if f"{platform.pk}/{line.pk}" in ticked]
        for platform in matrix.platforms
    }
    services.arrange_platforms(served, by=request.user)
    messages.success(request, _("Saved."))
    return redirect("matrix")
