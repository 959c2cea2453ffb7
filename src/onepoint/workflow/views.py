"""Pages of workflow: processes with their drawings, pictures of instances, incidents."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from onepoint.core.errors import require
from onepoint.core.tables import Column, make_page
from onepoint.workflow import picture, policies, queries, registry, services
from onepoint.workflow.errors import ProcessRefused
from onepoint.workflow.forms import DrawingForm, IncidentFilter

XML = "application/xml; charset=utf-8"
INCIDENT_COLUMNS = [
    Column("since", gettext_lazy("Since"), ("created_at",)),
    Column("number", gettext_lazy("Number"), ("instance__subject_number",)),
    Column("process", gettext_lazy("Process"), ("instance__version__definition__name",)),
    Column("step", gettext_lazy("Step"), ("node_id",)),
    Column("problem", gettext_lazy("Problem"), css="wide"),
    Column("actions", "", css="actions"),
]


@require_safe
def list_processes(request: HttpRequest) -> HttpResponse:
    """Every process with the version in force and how many instances run."""
    require(policies.why_not_view(request.user))
    return render(request, "workflow/processes.html", _page_of_processes(request, DrawingForm()))


def _page_of_processes(request: HttpRequest, form: DrawingForm, problems: list[str] | None = None) -> dict[str, Any]:
    return {
        "definitions": queries.definitions(),
        "may_manage": policies.why_not_manage(request.user) is None,
        "form": form,
        "problems": problems or [],
    }


@require_http_methods(["POST"])
def deploy_process(request: HttpRequest) -> HttpResponse:
    """Take in a BPMN file as a draft; a refused one is shown with everything that is wrong."""
    require(policies.why_not_manage(request.user))
    form = DrawingForm(request.POST, request.FILES)
    problems: list[str] = []
    if form.is_valid():
        try:
            version = services.deploy_version(form.cleaned_data["file"].read(), by=request.user)
        except ProcessRefused as refusal:
            problems = refusal.problems
        else:
            messages.success(request, _("Version %d is stored as a draft.") % version.number)
            return redirect("process-detail", version.definition.key)
    return render(request, "workflow/processes.html", _page_of_processes(request, form, problems), status=422)


@require_safe
def show_process(request: HttpRequest, key: str) -> HttpResponse:
    """One process: its versions and the drawing of one of them."""
    require(policies.why_not_view(request.user))
    definition = queries.find_definition(key)
    if definition is None:
        raise Http404
    versions = list(definition.versions.all())
    wanted = request.GET.get("version", "")
    shown = next((version for version in versions if str(version.number) == wanted), None)
    shown = shown or next((version for version in versions if version.is_published), versions[0] if versions else None)
    context = {
        "definition": definition,
        "versions": versions,
        "shown": shown,
        "steps": queries.steps_of_version(shown) if shown else [],
        "may_manage": policies.why_not_manage(request.user) is None,
    }
    return render(request, "workflow/process.html", context)


@require_safe
def serve_version(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The drawing of a version; ``?download=1`` gives the file exactly as it was deployed."""
    require(policies.why_not_view(request.user))
    version = queries.find_version(key, number)
    if version is None:
        raise Http404
    exactly = request.GET.get("download")
    return _drawing(version.bpmn if exactly else picture.bpmn_shown(version.bpmn), f"{key}-{number}.bpmn")


def _drawing(bpmn: str, name: str) -> HttpResponse:
    """XML for the viewer and for saving; never opened as a page, since a browser would run what it holds."""
    return HttpResponse(bpmn, content_type=XML, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@require_POST
def publish_process(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Let new instances start on this version."""
    version = queries.find_version(key, number)
    if version is None:
        raise Http404
    services.publish_version(version, by=request.user)
    messages.success(request, _("Version %d is published.") % number)
    return redirect("process-detail", key)


def _visible_instance(request: HttpRequest, pk: int) -> Any:
    """The instance if the capability that owns its subject lets this person see it, else 404."""
    instance = queries.find_instance(pk)
    if instance is None or not registry.may_see_subject(request.user, instance.subject_type, instance.subject_id):
        raise Http404
    return instance


@never_cache
@require_safe
def serve_instance(request: HttpRequest, pk: int) -> HttpResponse:
    """The drawing an instance runs on."""
    instance = _visible_instance(request, pk)
    return _drawing(picture.bpmn_shown(instance.version.bpmn), f"{instance.version.definition.key}.bpmn")


@never_cache
@require_safe
def serve_picture(request: HttpRequest, pk: int) -> HttpResponse:
    """Where an instance is and was, for the process picture."""
    return JsonResponse(picture.process_picture(_visible_instance(request, pk)))


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
