"""What an administrator of delegated authority changes: authorities, kinds, rules for audits, reasons for objecting."""

from collections.abc import Callable
from typing import Any

from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from onepoint.core.errors import require
from onepoint.core.submitting import status_of, succeeds
from onepoint.core.tables import make_page
from onepoint.core.timeline import told
from onepoint.grants import columns, policies, queries, services
from onepoint.grants.forms import (
    AuditRuleForm,
    AuthorityForm,
    KindChangeForm,
    KindForm,
    ObjectionCodeChangeForm,
    ObjectionCodeForm,
)
from onepoint.grants.list_forms import AuthorityFilterForm
from onepoint.grants.models import Authority
from onepoint.grants.views.submitting import say

_GET_POST = ["GET", "HEAD", "POST"]


@require_safe
def list_authorities(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_manage_authorities(request.user))
    form = AuthorityFilterForm(request.GET)
    form.is_valid()
    role = form.cleaned_data.get("role")
    rows = queries.authorities(kind=form.cleaned_data.get("kind"), role_id=role.pk if role else None)
    page = make_page(rows, columns.AUTHORITIES, request.GET, default_sort="role")
    return render(request, "grants/authorities.html", {"page": page, "form": form})


def _save_authority(request: HttpRequest, row: Authority | None) -> HttpResponse:
    data = request.POST or None
    form = AuthorityForm.of(row, data) if row else AuthorityForm(data)

    def write(values: dict[str, Any]) -> None:
        if row is None:
            services.create_authority(form.items(), by=request.user)
        else:
            services.change_authority(row, form.items(), version=values["version"] or 0, by=request.user)

    if request.method == "POST" and succeeds(form, write):
        say(request, _("Saved. It counts from the next grant on."))
        return redirect("authority-list")
    history = told(queries.history_of("authority", row.pk)) if row else []
    context = {"form": form, "row": row, "history": history}
    return render(request, "grants/authority.html", context, status=status_of(form))


@require_http_methods(_GET_POST)
def create_authority(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_manage_authorities(request.user))
    return _save_authority(request, None)


@require_http_methods(_GET_POST)
def change_authority(request: HttpRequest, pk: int) -> HttpResponse:
    require(policies.why_not_manage_authorities(request.user))
    row = queries.find_authority(pk)
    if row is None:
        raise Http404
    return _save_authority(request, row)


def _edit(
    request: HttpRequest, form: BaseForm, write: Callable[[dict[str, Any]], Any], context: dict[str, Any]
) -> HttpResponse:
    """A short table with a form beside it; ``context`` names the list and its page."""
    if request.method == "POST" and succeeds(form, write):
        say(request, _("Saved."))
        return redirect(context["list_name"])
    return render(request, context["template"], {"form": form, **context}, status=status_of(form))


def _kinds() -> dict[str, Any]:
    return {"rows": queries.all_kinds(), "list_name": "grant-kind-list", "template": "grants/kinds.html"}


@require_http_methods(_GET_POST)
def list_kinds(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_manage_authorities(request.user))
    form = KindForm(request.POST or None)
    return _edit(request, form, lambda values: services.create_kind(by=request.user, **values), _kinds())


@require_http_methods(_GET_POST)
def change_kind(request: HttpRequest, pk: int) -> HttpResponse:
    require(policies.why_not_manage_authorities(request.user))
    kind = queries.find_kind(pk)
    if kind is None:
        raise Http404
    form = KindChangeForm(
        request.POST or None, initial={name: getattr(kind, name) for name in KindChangeForm.base_fields}
    )
    context = _kinds() | {"row": kind}
    return _edit(request, form, lambda values: services.change_kind(kind, by=request.user, **values), context)


def _codes() -> dict[str, Any]:
    rows = queries.objection_codes(only_in_use=False)
    return {"rows": rows, "list_name": "objection-code-list", "template": "grants/objection_codes.html"}


@require_http_methods(_GET_POST)
def list_objection_codes(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_manage_authorities(request.user))
    form = ObjectionCodeForm(request.POST or None)
    return _edit(request, form, lambda values: services.create_objection_code(by=request.user, **values), _codes())


@require_http_methods(_GET_POST)
def change_objection_code(request: HttpRequest, pk: int) -> HttpResponse:
    require(policies.why_not_manage_authorities(request.user))
    row = queries.find_objection_code(pk)
    if row is None:
        raise Http404
    initial = {name: getattr(row, name) for name in ObjectionCodeChangeForm.base_fields}
    form = ObjectionCodeChangeForm(request.POST or None, initial=initial)
    context = _codes() | {"row": row}
    return _edit(request, form, lambda values: services.change_objection_code(row, by=request.user, **values), context)


def _rules() -> dict[str, Any]:
    return {"rows": queries.audit_rules(), "list_name": "audit-rule-list", "template": "grants/audit_rules.html"}


@require_http_methods(_GET_POST)
def list_audit_rules(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_manage_authorities(request.user))

    def write(values: dict[str, Any]) -> None:
        values.pop("version")
        services.create_audit_rule(by=request.user, **values)

    return _edit(request, AuditRuleForm(request.POST or None), write, _rules())


@require_http_methods(_GET_POST)
def change_audit_rule(request: HttpRequest, pk: int) -> HttpResponse:
    require(policies.why_not_manage_authorities(request.user))
    rule = queries.find_audit_rule(pk)
    if rule is None:
        raise Http404

    def write(values: dict[str, Any]) -> None:
        values.pop("kind")
        version = values.pop("version") or 0
        services.change_audit_rule(rule, version=version, by=request.user, **values)

    form = AuditRuleForm.of(rule, request.POST or None)
    return _edit(request, form, write, _rules() | {"row": rule})
