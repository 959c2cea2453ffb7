"""The rules for limits: the list, one rule, the delivered ones."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from onepoint.core.errors import require
from onepoint.core.submitting import status_of, succeeds
from onepoint.core.tables import Column, make_page
from onepoint.core.timeline import told
from onepoint.sla import clock_explaining, policies
from onepoint.sla.forms.clock_policies import ClockPolicyFilter, ClockPolicyForm
from onepoint.sla.models import ClockPolicy
from onepoint.sla.queries import clocks as queries
from onepoint.sla.services import clock_policies

COLUMNS = [
    Column("name", gettext_lazy("Name"), ("name",)),
    Column("kind", gettext_lazy("Clock"), ("kind",)),
    Column("limit", gettext_lazy("Limit"), ("limit",), "right"),
    Column("conditions", gettext_lazy("For")),
    Column("warnings", gettext_lazy("Warnings")),
    Column("active", gettext_lazy("In use"), ("is_active",)),
]


@require_safe
def clock_policy_list(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_see_clock_policies(request.user))
    form = ClockPolicyFilter(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    active = {"yes": True, "no": False}.get(wanted.get("active") or "")
    rows = queries.clock_policies(active=active, kind=wanted.get("kind") or "")
    page = make_page(rows, COLUMNS, request.GET, default_sort="kind")
    context = {
        "page": page,
        "form": form,
        "rows": [(policy, clock_explaining.conditions_in_words(policy)) for policy in page.rows],
        "may_change": policies.why_not_change_clock_policies(request.user) is None,
    }
    return render(request, "sla/clock_policy_list.html", context)


@require_POST
def clock_policy_presets(request: HttpRequest) -> HttpResponse:
    count = clock_policies.load_presets(by=request.user)
    text = ngettext("%(n)s delivered rule loaded.", "%(n)s delivered rules loaded.", count) % {"n": count}
    messages.success(request, text if count else _("All delivered rules are here already."))
    return redirect("clock-policy-list")


@require_http_methods(["GET", "HEAD", "POST"])
def clock_policy_create(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_change_clock_policies(request.user))
    form = ClockPolicyForm(request.POST or None)
    made: list[ClockPolicy] = []

    def create(data: dict[str, Any]) -> None:
        data.pop("version")
        made.append(clock_policies.create_clock_policy(by=request.user, **data))

    if request.method == "POST" and succeeds(form, create):
        messages.success(request, _("Saved. It counts for what is registered or corrected from now on."))
        return redirect(made[0])
    return render(request, "sla/clock_policy_form.html", {"form": form}, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
def clock_policy_detail(request: HttpRequest, pk: int) -> HttpResponse:
    require(policies.why_not_see_clock_policies(request.user))
    policy = queries.find_clock_policy(pk)
    if policy is None:
        raise Http404
    refusal = policies.why_not_change_clock_policies(request.user)
    if request.method == "POST":
        require(refusal)
    form = ClockPolicyForm.of(policy, request.POST or None)

    def change(data: dict[str, Any]) -> None:
        version = data.pop("version") or 0
        clock_policies.change_clock_policy(policy, version=version, by=request.user, **data)

    if request.method == "POST" and succeeds(form, change):
        messages.success(request, _("Saved. It counts for what is registered or corrected from now on."))
        return redirect(policy)
    context = {
        "form": form,
        "policy": policy,
        "conditions": clock_explaining.conditions_in_words(policy),
        "refusal": refusal,
        "history": told(queries.history_of_policy(policy)),
    }
    return render(request, "sla/clock_policy_form.html", context, status=status_of(form))
