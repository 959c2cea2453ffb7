"""The operator's pages: how the house is doing, and what was slow."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from onepoint.core.errors import require
from onepoint.core.tables import Column, make_page
from onepoint.integrations import policies, queries, services

COLUMNS = [
    Column("page", gettext_lazy("Page"), ("page",)),
    Column("statement", gettext_lazy("Statement"), css="wide"),
    Column("times", gettext_lazy("Times"), ("times",), css="right num"),
    Column("longest", gettext_lazy("Longest"), ("longest_seconds",), css="right num"),
    Column("usual", gettext_lazy("Usual"), css="right num"),
    Column("total", gettext_lazy("In all"), ("total_seconds",), css="right num"),
    Column("last", gettext_lazy("Last"), ("last_at",), css="num"),
]


@require_GET
def show_condition(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_watch_house(request.user))
    return render(request, "integrations/condition.html", {"condition": queries.condition()})


@require_GET
def list_slow_statements(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_watch_house(request.user))
    page = make_page(queries.slow_statements(), COLUMNS, request.GET, default_sort="-total")
    return render(request, "integrations/slow_statements.html", {"page": page})


@require_POST
def forget_slow_statements(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_watch_house(request.user))
    count = services.forget_slow_statements(by=request.user)
    messages.success(request, _("%(count)s entries are forgotten; counting begins anew.") % {"count": count})
    return redirect("slow-statement-list")
