"""Uncovering a masked value, and the lists of who saw personal data."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from onepoint.accounts import disclosure
from onepoint.accounts.policies import why_not_permitted
from onepoint.accounts.privacy import UnmaskingLimitReached, why_not_unmask
from onepoint.accounts.privacy_forms import (
    GROUP_LABELS,
    FieldRightsForm,
    PrivacyPolicyForm,
    ReadersFilter,
    UnmaskForm,
    UnmaskingFilter,
)
from onepoint.accounts.queries import organisation as role_queries
from onepoint.accounts.queries import privacy as queries
from onepoint.accounts.services import privacy as services
from onepoint.accounts.views.submitting import needs
from onepoint.core import masking
from onepoint.core.errors import require
from onepoint.core.submitting import status_of, succeeds
from onepoint.core.tables import Column, make_page
from onepoint.core.timeline import subject_labels

UNMASKING_COLUMNS = [
    Column("at", gettext_lazy("When"), ("at",), "num"),
    Column("person", gettext_lazy("Who")),
    Column("about", gettext_lazy("About")),
    Column("group", gettext_lazy("Kind")),
    Column("reason", gettext_lazy("Reason"), ("reason",)),
    Column("note", gettext_lazy("Explanation"), css="wide"),
    Column("address", gettext_lazy("Network address"), css="num"),
]
READING_COLUMNS = [
    Column("at", gettext_lazy("When"), ("id",), "num"),
    Column("person", gettext_lazy("Who")),
    Column("about", gettext_lazy("About"), css="wide"),
    Column("groups", gettext_lazy("Kinds")),
    Column("address", gettext_lazy("Network address"), css="num"),
]


@require_http_methods(["GET", "POST"])
def unmask(request: HttpRequest, kind: str, number: str, field: str) -> HttpResponse:
    """Ask for the reason, then show the value once; the same address serves the page and the piece beside the value."""
    found = disclosure.find_value(kind, number, field, visible_to=request.user)
    if found is None:
        raise Http404
    limit, done = queries.privacy_policy().unmaskings_per_day, queries.unmaskings_today(request.user)
    refusal = None if masking.sees(found.group) else why_not_unmask(request.user, done, limit)
    if refusal and not isinstance(refusal, UnmaskingLimitReached):
        require(refusal)
    form = UnmaskForm(request.POST or None)
    context: dict[str, Any] = {"form": form, "kind": kind, "number": number, "field": field, "label": found.label}
    context |= {"refusal": refusal, "left": max(limit - done, 0), "masked": masking.shown(found.value, found.group)}
    subject = disclosure.subject_of(kind)
    context["back"] = reverse(subject.page, args=[number]) if subject else ""
    if request.method == "POST" and not refusal:
        shown: list[str] = []
        if succeeds(form, lambda typed: shown.append(services.unmask(kind, number, field, **typed, by=request.user))):
            context["value"] = shown[0]
    status = refusal.status if refusal and request.method == "POST" else status_of(form)
    template = "accounts/_unmask.html" if request.htmx else "accounts/unmask.html"
    response = render(request, template, context, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _labels(rows: list[Any]) -> dict[tuple[str, int], str]:
    kinds: dict[str, set[int]] = {}
    for row in rows:
        kinds.setdefault(row.subject_type, set()).add(row.subject_id)
    return {(kind, pk): label for kind, ids in kinds.items() for pk, label in subject_labels(kind, ids).items()}


@require_GET
@needs("personal_data.audit")
def list_unmaskings(request: HttpRequest) -> HttpResponse:
    form = UnmaskingFilter(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {}
    found = queries.unmaskings(visible_to=request.user, **chosen)
    page = make_page(found, UNMASKING_COLUMNS, request.GET, default_sort="-at")
    labels = _labels(page.rows)
    lines = [
        {"row": row, "about": labels.get((row.subject_type, row.subject_id), row.subject_number),
         "group": GROUP_LABELS.get(row.group, row.group)}
        for row in page.rows
    ]  # fmt: skip
    return render(request, "accounts/unmasking_list.html", {"form": form, "page": page, "lines": lines})


@require_GET
@needs("personal_data.audit")
def list_readings(request: HttpRequest) -> HttpResponse:
    form = ReadersFilter(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {}
    page = make_page(
        queries.readings(visible_to=request.user, **chosen), READING_COLUMNS, request.GET, default_sort="-at"
    )
    labels = _labels(page.rows)
    lines = [
        {"row": row, "about": labels.get((row.subject_type, row.subject_id), ""),
         "groups": [GROUP_LABELS.get(group, group) for group in row.groups]}
        for row in page.rows
    ]  # fmt: skip
    return render(request, "accounts/reading_list.html", {"form": form, "page": page, "lines": lines})


@require_http_methods(["GET", "POST"])
@needs("organisation.view")
def show_field_rights(request: HttpRequest, code: str) -> HttpResponse:
    """What a role may do with single fields; to read, and to change for who may manage roles."""
    role = get_object_or_404(role_queries.roles(), code=code)
    form = FieldRightsForm(request.POST or None, role=role)
    if request.method == "POST" and succeeds(
        form, lambda data: services.change_field_rights(role, data, by=request.user)
    ):
        messages.success(request, _("Saved. It counts from each holder's next click."))
        return redirect("role-fields", code)
    may_change = why_not_permitted("role.manage", request.user) is None
    context = {"role": role, "form": form, "may_change": may_change}
    return render(request, "accounts/field_rights.html", context, status=status_of(form))


@require_http_methods(["GET", "POST"])
@needs("personal_data.audit")
def change_privacy_policy(request: HttpRequest) -> HttpResponse:
    form = PrivacyPolicyForm(request.POST or None, instance=queries.privacy_policy())
    if request.method == "POST" and succeeds(
        form, lambda data: services.change_privacy_policy(**data, by=request.user)
    ):
        messages.success(request, _("Saved."))
        return redirect("privacy-policy")
    return render(request, "accounts/privacy_policy.html", {"form": form}, status=status_of(form))
