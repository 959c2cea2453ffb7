"""The operator's pages: how the house is doing, and what was slow."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from onepoint.core.errors import require
from onepoint.core.failed_jobs import FailedJob
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
    shown = {"condition": queries.condition(), "failed_jobs": queries.jobs_given_up()}
    return render(request, "integrations/condition.html", shown)


@require_POST
def retry_job(request: HttpRequest, pk: int) -> HttpResponse:
    require(policies.why_not_watch_house(request.user))
    services.retry_job(_job_or_404(pk), by=request.user)
    messages.success(request, _("The job will be tried once more."))
    return redirect("house-condition")


@require_POST
def skip_job(request: HttpRequest, pk: int) -> HttpResponse:
    require(policies.why_not_watch_house(request.user))
    services.skip_job(_job_or_404(pk), by=request.user)
    messages.success(request, _("The job is skipped and will never be done."))
    return redirect("house-condition")


def _job_or_404(pk: int) -> FailedJob:
    job = queries.find_job_given_up(pk)
    if job is None:
        raise Http404
    return job


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
