"""Pages of processes: their versions and drawings."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from onepoint.core.errors import require
from onepoint.workflow import picture, policies, queries, services
from onepoint.workflow.errors import ProcessRefused
from onepoint.workflow.forms import DrawingForm
from onepoint.workflow.views.drawings import drawing


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
    return drawing(version.bpmn if exactly else picture.bpmn_shown(version.bpmn), f"{key}-{number}.bpmn")


@require_POST
def publish_process(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Let new instances start on this version."""
    version = queries.find_version(key, number)
    if version is None:
        raise Http404
    services.publish_version(version, by=request.user)
    messages.success(request, _("Version %d is published.") % number)
    return redirect("process-detail", key)
