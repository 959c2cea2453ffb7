"""Grants: the list, what waits for approval, one grant and what is done with it."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from onepoint.core.errors import BusinessError, require
from onepoint.core.tables import make_page
from onepoint.core.timeline import told
from onepoint.grants import columns, policies, queries, services
from onepoint.grants.forms import DemandForm, ObjectionForm
from onepoint.grants.list_forms import GrantFilterForm
from onepoint.grants.models import AuditItem, Grant
from onepoint.grants.views.submitting import grant_or_404, say, tabs_of


@require_safe
def list_grants(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_list(request.user))
    form = GrantFilterForm(request.GET)
    rows = queries.find_grants(form.chosen(), visible_to=request.user)
    page = make_page(rows, columns.GRANTS, request.GET, default_sort="-given")
    return render(request, "grants/list.html", {"page": page, "form": form, "may": tabs_of(request)})


@require_safe
def list_approvals(request: HttpRequest) -> HttpResponse:
    """What waits for the reader's decision; follows by itself."""
    require(policies.why_not_list_approvals(request.user))
    page = make_page(queries.grants_to_decide(request.user), columns.TO_DECIDE, request.GET, default_sort="given")
    return render(request, "grants/approvals.html", {"page": page, "may": tabs_of(request)})


def _context(request: HttpRequest, grant: Grant) -> dict[str, Any]:
    user = request.user
    item = queries.audit_of(grant)
    return {
        "grant": grant,
        "item": item,
        "may_decide": policies.why_not_decide(grant, user) is None,
        "may_settle": policies.why_not_settle(grant, user) is None,
        "may_cancel": policies.why_not_cancel(grant, user) is None,
        "audits": policies.why_not_list_audits(user) is None,
        "timeline": told(queries.timeline_of(grant)),
        **(_audit_context(request, grant, item) if item else {}),
    }


def _audit_context(request: HttpRequest, grant: Grant, item: AuditItem) -> dict[str, Any]:
    item.grant = grant
    user = request.user
    return {
        "may_claim": policies.why_not_claim(item, user) is None,
        "may_judge": policies.why_not_judge(item, user) is None,
        "may_accept": policies.why_not_judge(item, user, "accept") is None,
        "may_correct": policies.why_not_correct(item, user) is None,
        "objection_form": ObjectionForm(),
        "demand_form": DemandForm(),
    }


@require_safe
def show_grant(request: HttpRequest, number: str) -> HttpResponse:
    return render(request, "grants/detail.html", _context(request, grant_or_404(request, number)))


def act(request: HttpRequest, number: str, action: str, done: str, run: Callable[[Grant], Any]) -> HttpResponse:
    """One service; refused, the page comes back with the reason and what was typed."""
    grant = grant_or_404(request, number)
    try:
        run(grant)
    except BusinessError as refusal:
        typed = {"action": action, "refusal": refusal, "text": request.POST.get("text", "")}
        context = _context(request, grant_or_404(request, number)) | {"typed": typed}
        for name, form in (("objection_form", ObjectionForm), ("demand_form", DemandForm)):
            if name.startswith(action):
                context[name] = form(request.POST)
        return render(request, "grants/detail.html", context, status=refusal.status)
    say(request, done)
    return redirect(grant)


@require_POST
def approve_grant(request: HttpRequest, number: str) -> HttpResponse:
    text = request.POST.get("text", "")
    return act(
        request,
        number,
        "decide",
        _("Approved."),
        lambda grant: services.approve_grant(grant, words=text, by=request.user),
    )


@require_POST
def refuse_grant(request: HttpRequest, number: str) -> HttpResponse:
    text = request.POST.get("text", "")
    return act(
        request,
        number,
        "decide",
        _("Refused."),
        lambda grant: services.refuse_grant(grant, words=text, by=request.user),
    )


@require_POST
def settle_grant(request: HttpRequest, number: str) -> HttpResponse:
    text = request.POST.get("text", "")
    return act(
        request,
        number,
        "settle",
        _("Settled."),
        lambda grant: services.settle_grant(grant, voucher=text, by=request.user),
    )


@require_POST
def cancel_grant(request: HttpRequest, number: str) -> HttpResponse:
    text = request.POST.get("text", "")
    return act(
        request,
        number,
        "cancel",
        _("Taken back."),
        lambda grant: services.cancel_grant(grant, reason=text, by=request.user),
    )
