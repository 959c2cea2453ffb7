"""The operations screen: what runs where and how long, what is stuck, and the means to set it going again."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from onepoint.core.errors import BusinessError, require
from onepoint.core.submitting import add_refusal
from onepoint.core.tables import Column, make_page
from onepoint.workflow import operations, policies, queries, registry, services
from onepoint.workflow.forms import JumpForm, MendForm, SuspendForm
from onepoint.workflow.models import ProcessInstance

TASK_COLUMNS = [
    Column("number", gettext_lazy("Number"), ("subject_number",)),
    Column("since", gettext_lazy("Arrived"), ("created_at",)),
    Column("due", gettext_lazy("Due"), ("due_at",)),
    Column("holder", gettext_lazy("Waits for"), css="wide"),
    Column("state", gettext_lazy("Status"), ("status",)),
]
TIMER_COLUMNS = [
    Column("due", gettext_lazy("Due"), ("due_at",)),
    Column("number", gettext_lazy("Number"), ("instance__subject_number",)),
    Column("process", gettext_lazy("Process")),
    Column("step", gettext_lazy("Step")),
    Column("problem", gettext_lazy("Problem"), css="wide"),
    Column("actions", "", css="actions"),
]


@require_safe
def show_operations(request: HttpRequest) -> HttpResponse:
    """Figures, live tasks by process and step, and the heat of one drawing."""
    require(policies.why_not_view(request.user))
    versions = list(operations.versions_running(request.user))
    wanted = request.GET.get("version", "")
    shown = next((version for version in versions if str(version.pk) == wanted), versions[0] if versions else None)
    loads = operations.step_loads(request.user)
    context = {
        "totals": operations.totals(request.user),
        "loads": loads,
        "most": max((load.count for load in loads), default=1),
        "versions": versions,
        "shown": shown,
    }
    return render(request, "workflow/operations.html", context)


@never_cache
@require_safe
def serve_heat(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """How many instances of a version wait at each node and how long, for the process picture."""
    require(policies.why_not_view(request.user))
    version = queries.find_version(key, number)
    if version is None:
        raise Http404
    return JsonResponse(operations.heat(version, request.user))


@require_safe
def list_at_step(request: HttpRequest, key: str, node_id: str) -> HttpResponse:
    """The instances that wait at one step."""
    require(policies.why_not_view(request.user))
    definition = queries.find_definition(key)
    if definition is None:
        raise Http404
    page = make_page(operations.tasks_at(request.user, key, node_id), TASK_COLUMNS, request.GET, default_sort="since")
    version = definition.published_version
    step = page.rows[0].label if page.rows else queries.node_name(version.pk, node_id) if version else node_id
    return render(request, "workflow/operations_step.html", {"page": page, "definition": definition, "step": step})


@require_safe
def list_stuck_timers(request: HttpRequest) -> HttpResponse:
    """Timers that should have fired."""
    require(policies.why_not_view(request.user))
    page = make_page(operations.stuck_timers(request.user), TIMER_COLUMNS, request.GET, default_sort="due")
    steps = operations.timer_steps(page.rows)
    context = {
        "page": page,
        "rows": [(timer, steps[timer.pk]) for timer in page.rows],
        "may_manage": policies.why_not_manage(request.user) is None,
    }
    return render(request, "workflow/stuck_timers.html", context)


@require_POST
def retry_timer(request: HttpRequest, pk: int) -> HttpResponse:
    """Fire a stuck timer now."""
    timer = operations.find_stuck_timer(pk, visible_to=request.user)
    if timer is None:
        raise Http404
    if services.retry_timer(timer, by=request.user):
        messages.success(request, _("It goes on."))
    else:
        messages.warning(request, _("Tried again; it is still stuck."))
    return redirect("operation-timers")


# -- one instance -------------------------------------------------------------------------------------------------


def _running(request: HttpRequest, pk: int) -> ProcessInstance:
    """The instance in the reader's scope of ``process.view``, else 404."""
    require(policies.why_not_view(request.user))
    instance = operations.find_running(pk, request.user)
    if instance is None:
        raise Http404
    return instance


def _visits(instance: ProcessInstance) -> list[tuple[int, str]]:
    live = [task for task in queries.tasks_of(instance) if task.is_live and not task.is_signer]
    return [(task.visit_seq, f"{task.label} · {task.assignee_name or task.unit or ''}".rstrip(" ·")) for task in live]


def _jump_form(instance: ProcessInstance, sent: Any = None) -> JumpForm:
    return JumpForm(sent, steps=operations.jump_targets(instance), visits=_visits(instance))


def _page(request: HttpRequest, instance: ProcessInstance, **more: Any) -> dict[str, Any]:
    user = request.user
    incidents = queries.incidents_of(instance)
    names = queries.step_names(incidents)
    return {
        "instance": instance,
        "subject_page": registry.page_of_subject(instance.subject_type),
        "sees_subject": registry.may_see_subject(user, instance.subject_type, instance.subject_id),
        "tasks": [task for task in queries.tasks_of(instance) if task.is_live],
        "waits": operations.waits_of(instance),
        "called": operations.called_by(instance),
        "warnings": operations.warnings_of(instance),
        "incidents": [(incident, names[incident.pk]) for incident in incidents],
        "variables": operations.variables_of(instance) if policies.why_not_manage(user) is None else {},
        "may_manage": policies.why_not_manage(user) is None,
        "why_not_jump": policies.why_not_jump(instance, user),
        "why_not_suspend": policies.why_not_suspend(instance, user),
        "why_not_resume": policies.why_not_resume(instance, user),
        "why_not_terminate": policies.why_not_terminate(instance, user),
        "jump_form": _jump_form(instance),
        "suspend_form": SuspendForm(),
        "mend_form": MendForm(),
        **more,
    }


@require_safe
def show_instance(request: HttpRequest, pk: int) -> HttpResponse:
    """One instance: where it is, what it waits for, what is stuck, and what may be done about it."""
    return render(request, "workflow/instance.html", _page(request, _running(request, pk)))


def _again(request: HttpRequest, instance: ProcessInstance, refusal: BusinessError, **more: Any) -> HttpResponse:
    """The page with the reason, and what was typed."""
    for form in more.values():
        add_refusal(form, refusal)
    return render(request, "workflow/instance.html", _page(request, instance, **more), status=refusal.status)


@require_http_methods(["POST"])
def jump_instance(request: HttpRequest, pk: int) -> HttpResponse:
    """Look what a move to another step would lead to, and then make it."""
    instance = _running(request, pk)
    form = _jump_form(instance, request.POST)
    if not form.is_valid():
        return render(request, "workflow/instance.html", _page(request, instance, jump_form=form), status=422)
    to_node, reason = form.cleaned_data["to_node"], form.cleaned_data["reason"]
    try:
        if request.POST.get("make"):
            services.jump_process(instance, to_node=to_node, visits=form.visits, reason=reason, by=request.user)
            messages.success(request, _("Moved."))
            return redirect("operation-instance", pk)
        foreseen = services.foresee_jump(instance, to_node=to_node, visits=form.visits, by=request.user)
    except BusinessError as refusal:
        return _again(request, instance, refusal, jump_form=form)
    names = {
        "ends": [queries.node_name(instance.version_id, node) for node in foreseen.ends],
        "begins": [queries.node_name(instance.version_id, node) for node in foreseen.begins],
        "problems": foreseen.problems,
    }
    return render(request, "workflow/instance.html", _page(request, instance, jump_form=form, foreseen=names))


@require_POST
def suspend_instance(request: HttpRequest, pk: int) -> HttpResponse:
    instance = _running(request, pk)
    form = SuspendForm(request.POST)
    if not form.is_valid():
        return render(request, "workflow/instance.html", _page(request, instance, suspend_form=form), status=422)
    try:
        services.suspend_process(instance, by=request.user, **form.cleaned_data)
    except BusinessError as refusal:
        return _again(request, instance, refusal, suspend_form=form)
    messages.success(request, _("Suspended."))
    return redirect("operation-instance", pk)


@require_POST
def resume_instance(request: HttpRequest, pk: int) -> HttpResponse:
    services.resume_process(_running(request, pk), by=request.user)
    messages.success(request, _("It goes on."))
    return redirect("operation-instance", pk)


@require_POST
def mend_incident(request: HttpRequest, pk: int, incident_pk: int) -> HttpResponse:
    """Set a variable and try again where an instance is stuck."""
    instance = _running(request, pk)
    incident = queries.find_incident(incident_pk, visible_to=request.user)
    if incident is None or incident.instance_id != instance.pk:
        raise Http404
    form = MendForm(request.POST)
    if not form.is_valid():
        return render(request, "workflow/instance.html", _page(request, instance, mend_form=form), status=422)
    try:
        services.retry_incident(incident, variables=form.variables, reason=form.cleaned_data["reason"], by=request.user)
    except BusinessError as refusal:
        return _again(request, instance, refusal, mend_form=form)
    if queries.is_stuck(instance.pk):
        messages.warning(request, _("Tried again; it is still stuck."))
    else:
        messages.success(request, _("It goes on."))
    return redirect("operation-instance", pk)
