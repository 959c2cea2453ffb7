"""Moving running tickets to another version: the mapping of steps, a dry run, the order and its report."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from onepoint.core.errors import require
from onepoint.core.tables import Column, make_page
from onepoint.workflow import policies, queries, services
from onepoint.workflow.designing import moves
from onepoint.workflow.errors import MoveRefused
from onepoint.workflow.models import ProcessDefinition, ProcessVersion

COLUMNS = [
    Column("number", gettext_lazy("Number"), ("instance__subject_number",)),
    Column("status", gettext_lazy("Status"), ("status",)),
    Column("problem", gettext_lazy("Problem"), css="wide"),
]
#: How a mapped step is named in the form.
MAPPED = "map-"


def _definition(request: HttpRequest, key: str) -> ProcessDefinition:
    require(policies.why_not_manage(request.user))
    definition = queries.find_definition(key)
    if definition is None:
        raise Http404
    return definition


def _pair(definition: ProcessDefinition, asked: Any) -> tuple[ProcessVersion | None, ProcessVersion | None]:
    """From the oldest version with running instances to the one in force, unless others are asked for."""
    versions = {str(version.number): version for version in definition.versions.all()}
    target = versions.get(asked.get("to", "")) or definition.published_version
    running = [one for one in versions.values() if one.running_count and one != target]  # type: ignore[attr-defined]
    source = versions.get(asked.get("from", "")) or next(reversed(running), None)
    return source, target


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def move_instances(request: HttpRequest, key: str) -> HttpResponse:
    """Choose versions, tickets and mapping; try it; order it. A POST with ``do=move`` orders, any other tries."""
    definition = _definition(request, key)
    asked = request.POST if request.method == "POST" else request.GET
    source, target = _pair(definition, asked)
    context: dict[str, Any] = {
        "definition": definition, "versions": list(definition.versions.all()), "source": source, "target": target,
        "orders": moves.moves_of(definition), "most": moves.MOST_AT_ONCE,
    }  # fmt: skip
    if source is None or target is None or source == target or target.is_draft:
        return render(request, "workflow/move.html", context)
    nodes = queries.guess_nodes(source, target)
    if request.method == "POST":
        said = {
            name.removeprefix(MAPPED): str(value) for name, value in request.POST.items() if name.startswith(MAPPED)
        }
        nodes = {node: value for node, value in said.items() if value}
        if request.POST.get("do") == "move":
            return _order(request, definition, source, target, nodes)
    step, text = asked.get("step", ""), asked.get("text", "").strip()[:40]
    ids = list(moves.chosen_instances(source, step, text).values_list("pk", flat=True)[: moves.MOST_AT_ONCE + 1])
    context |= {
        "places": moves.places(source, target, nodes), "step": step, "text": text, "more": len(ids) > moves.MOST_AT_ONCE,
        "plan": services.plan_migration(source, target, nodes=nodes, instances=ids[: moves.MOST_AT_ONCE], by=request.user),
    }  # fmt: skip
    return render(request, "workflow/move.html", context)


def _order(
    request: HttpRequest,
    definition: ProcessDefinition,
    source: ProcessVersion,
    target: ProcessVersion,
    nodes: dict[str, str],
) -> HttpResponse:
    chosen = moves.ids_sent(request.POST.getlist("instance"))
    if not chosen:
        raise MoveRefused({"instance": _("Choose at least one ticket.")})
    order = services.migrate_instances(source, target, nodes=nodes, instances=chosen, by=request.user)
    messages.success(request, _("The tickets are being moved; this page shows how far it is."))
    return redirect("process-move", definition.key, order.pk)


@never_cache
@require_safe
def show_move(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """How far an order is, and what became of each ticket."""
    definition = _definition(request, key)
    order = moves.find_move(definition, pk)
    if order is None:
        raise Http404
    page = make_page(moves.moved_rows(order), COLUMNS, request.GET)
    figures = moves.move_figures(order)
    return render(
        request, "workflow/move_report.html",
        {"definition": definition, "order": order, "page": page, "figures": figures},
    )  # fmt: skip
