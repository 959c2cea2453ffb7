"""What cannot go on by itself."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from onepoint.core.errors import require
from onepoint.core.tables import Column, make_page
from onepoint.workflow import policies, queries, services
from onepoint.workflow.forms import IncidentFilter

INCIDENT_COLUMNS = [
    Column("since", gettext_lazy("Since"), ("created_at",)),
    Column("number", gettext_lazy("Number"), ("instance__subject_number",)),
    Column("process", gettext_lazy("Process"), ("instance__version__definition__name",)),
    Column("step", gettext_lazy("Step"), ("node_id",)),
    Column("problem", gettext_lazy("Problem"), css="wide"),
    Column("actions", "", css="actions"),
]


@require_safe
def list_incidents(request: HttpRequest) -> HttpResponse:
    """What is stuck, in the person's scope."""
    require(policies.why_not_view(request.user))
    form = IncidentFilter(request.GET)
    text = form.cleaned_data["text"] if form.is_valid() else ""
    page = make_page(queries.open_incidents(request.user, text), INCIDENT_COLUMNS, request.GET, default_sort="-since")
    names = queries.step_names(page.rows)
    context = {
        "page": page,
        "rows": [(incident, names[incident.pk]) for incident in page.rows],
        "form": form,
        "may_manage": policies.why_not_manage(request.user) is None,
    }
    return render(request, "workflow/incidents.html", context)


@require_POST
def retry_incident(request: HttpRequest, pk: int) -> HttpResponse:
    """Try again where an instance is stuck."""
    incident = queries.find_incident(pk, visible_to=request.user)
    if incident is None:
        raise Http404
    services.retry_incident(incident, by=request.user)
    if queries.is_stuck(incident.instance_id):
        messages.warning(request, _("Tried again; it is still stuck."))
    else:
        messages.success(request, _("It goes on."))
    return redirect("incident-list")
