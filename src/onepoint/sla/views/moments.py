"""Due moments that failed: tried again or given up by a person."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from onepoint.core.errors import require
from onepoint.core.tables import Column, make_page
from onepoint.core.timeline import subject_labels
from onepoint.sla import policies, services
from onepoint.sla.models import DueMoment
from onepoint.sla.queries import moments as queries

COLUMNS = [
    Column("due", gettext_lazy("Due"), ("due_at",)),
    Column("kind", gettext_lazy("Kind"), ("kind",)),
    Column("about", gettext_lazy("About")),
    Column("problem", gettext_lazy("Problem"), css="wide"),
    Column("actions", "", css="actions"),
]


@require_safe
def list_moments(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_manage_moments(request.user))
    page = make_page(queries.parked_moments(), COLUMNS, request.GET, default_sort="-due")
    kinds: dict[str, list[int]] = {}
    for moment in page.rows:
        kinds.setdefault(moment.subject_type, []).append(moment.subject_id)
    labels = {kind: subject_labels(kind, ids) for kind, ids in kinds.items()}
    rows = [
        (moment, labels[moment.subject_type].get(moment.subject_id, f"{moment.subject_type} {moment.subject_id}"))
        for moment in page.rows
    ]
    return render(request, "sla/moments.html", {"page": page, "rows": rows, "late": queries.late_moments()})


def _parked_or_404(request: HttpRequest, pk: int) -> DueMoment:
    require(policies.why_not_manage_moments(request.user))
    moment = queries.find_parked_moment(pk)
    if moment is None:
        raise Http404
    return moment


@require_POST
def retry_moment(request: HttpRequest, pk: int) -> HttpResponse:
    services.retry_moment(_parked_or_404(request, pk), by=request.user)
    messages.success(request, _("It will be tried again at once."))
    return redirect("moment-list")


@require_POST
def skip_moment(request: HttpRequest, pk: int) -> HttpResponse:
    services.skip_moment(_parked_or_404(request, pk), by=request.user)
    messages.success(request, _("Given up."))
    return redirect("moment-list")
