"""Setting up queues, skills and what agents can do; and how the queues stand now."""

from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from onepoint.assignment import policies, queries, services
from onepoint.assignment.forms import AgentForm, QueueForm, SkillForm
from onepoint.assignment.models import Agent
from onepoint.assignment.states import AgentState
from onepoint.core import audit
from onepoint.core.errors import InvalidInput, require
from onepoint.core.submitting import add_refusal
from onepoint.core.tables import Column, make_page
from onepoint.core.timeline import told

COLUMNS = [
    Column("code", gettext_lazy("Code"), ("code",)),
    Column("name", gettext_lazy("Name"), ("name",), "wide"),
    Column("medium", gettext_lazy("Medium"), ("medium", "code")),
    Column("strategy", gettext_lazy("Who is next"), ("strategy", "code")),
    Column("served", gettext_lazy("Served by")),
    Column("skills", gettext_lazy("Skills needed")),
    Column("state", gettext_lazy("State"), ("-is_active", "code")),
]
AGENT_COLUMNS = [
    Column("name", gettext_lazy("Agent"), ("person__name_key",)),
    Column("unit", gettext_lazy("Unit"), ("person__unit__path", "pk")),
    Column("state", gettext_lazy("State"), ("state", "pk")),
    Column("since", gettext_lazy("Since"), ("state_since",), "num"),
    Column("skills", gettext_lazy("Skills"), css="wide"),
]


def _written(form: django_forms.Form, write: Any) -> bool:
    if not form.is_valid():
        return False
    try:
        write()
    except InvalidInput as refusal:
        add_refusal(form, refusal)
        return False
    return True


@require_GET
def queue_list(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_change_queues(request.user))
    page = make_page(queries.queues(), COLUMNS, request.GET, default_sort="code")
    return render(request, "assignment/queues.html", {"page": page, "skills": queries.skills(), "form": SkillForm()})


@require_http_methods(["GET", "HEAD", "POST"])
def queue_create(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_change_queues(request.user))
    form = QueueForm(request.POST or None, queue=None, skills=list(queries.skills()))
    if request.method == "POST" and _written(form, lambda: services.create_queue(**form.values(), by=request.user)):
        messages.success(request, _("The queue is set up."))
        return redirect("queue-list")
    context = {"form": form, "title": _("New queue")}
    return render(request, "assignment/queue_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def queue_change(request: HttpRequest, code: str) -> HttpResponse:
    require(policies.why_not_change_queues(request.user))
    queue = queries.find_queue(code)
    if queue is None:
        raise Http404
    form = QueueForm(request.POST or None, queue=queue, skills=list(queries.skills()))

    def write() -> None:
        values = form.values()
        services.change_queue(queue, **{**values, "revision": values["revision"] or 0}, by=request.user)

    if request.method == "POST" and _written(form, write):
        messages.success(request, _("Saved."))
        return redirect("queue-list")
    events = told(audit.entries_of("queue", queue.pk))
    context = {"form": form, "queue": queue, "title": queue.label, "events": events}
    return render(request, "assignment/queue_form.html", context, status=422 if form.errors else 200)


@require_POST
def skill_create(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_change_queues(request.user))
    form = SkillForm(request.POST)
    if _written(form, lambda: services.create_skill(**form.cleaned_data, by=request.user)):
        messages.success(request, _("The skill is added."))
        return redirect("queue-list")
    page = make_page(queries.queues(), COLUMNS, request.GET, default_sort="code")
    context = {"page": page, "skills": queries.skills(), "form": form}
    return render(request, "assignment/queues.html", context, status=422)


@require_GET
def agent_list(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_change_queues(request.user))
    found = queries.agents_visible_to(request.user, "queue.change").prefetch_related("person__skills__skill")
    page = make_page(found, AGENT_COLUMNS, request.GET, default_sort="name")
    return render(request, "assignment/agents.html", {"page": page})


def _agent_or_404(request: HttpRequest, username: str, permission: str) -> Agent:
    agent = queries.find_agent(username, visible_to=request.user, permission=permission)
    if agent is None:
        raise Http404
    return agent


@require_http_methods(["GET", "HEAD", "POST"])
def agent_change(request: HttpRequest, username: str) -> HttpResponse:
    require(policies.why_not_change_queues(request.user))
    agent = _agent_or_404(request, username, "queue.change")
    skills = list(queries.skills())
    levels = queries.levels_of(agent.person)
    initial = {f"skill-{skill.code}": levels.get(skill.pk) for skill in skills}
    initial |= {f"capacity-{medium}": most for medium, most in agent.capacities.items()}
    form = AgentForm(request.POST or None, skills=skills, initial=initial)
    if request.method == "POST" and _written(
        form, lambda: services.change_agent(agent.person, **form.values(), by=request.user)
    ):
        messages.success(request, _("Saved."))
        return redirect("agent-list")
    context = {"form": form, "agent": agent}
    return render(request, "assignment/agent_form.html", context, status=422 if form.errors else 200)


@require_GET
@never_cache
def queue_overview(request: HttpRequest) -> HttpResponse:
    """How the queues stand and what everybody is doing now."""
    require(policies.why_not_watch_queues(request.user))
    context = {
        "figures": queries.figures_of(list(queries.queues().filter(is_active=True))),
        "rows": queries.agents_at_work(visible_to=request.user),
    }
    return render(request, "assignment/overview.html", context)


@require_POST
def agent_set_state(request: HttpRequest, username: str) -> HttpResponse:
    """A superior pauses somebody, or sends him back to work or home."""
    require(policies.why_not_watch_queues(request.user))
    person = _agent_or_404(request, username, "queue.watch").person
    state = request.POST.get("state", "")
    if state == AgentState.READY:
        services.take_up_work(person, by=request.user)
    elif state == AgentState.PAUSED:
        services.pause_work(person, reason="other", by=request.user)
    elif state == AgentState.OFFLINE:
        services.end_work(person, by=request.user)
    else:
        raise Http404
    return redirect("queue-overview")
