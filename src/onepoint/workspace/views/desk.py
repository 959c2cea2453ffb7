"""Where a person lands: the to-do by kind; and the search over everything."""

import json
from dataclasses import replace
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from onepoint.core import navigation
from onepoint.core.errors import require
from onepoint.core.tables import Column, make_page
from onepoint.workspace import policies, queries
from onepoint.workspace.queries import KINDS

LONGEST_SEARCH = 200

_HEAD = [
    Column("title", gettext_lazy("Title"), (), "wide"),
    Column("category", gettext_lazy("Category")),
    Column("customer", gettext_lazy("Customer")),
    Column("severity", gettext_lazy("Severity")),
]
TASK_COLUMNS = [
    Column("number", gettext_lazy("Number"), ("subject_number",), "num"),
    *_HEAD,
    Column("step", gettext_lazy("Step"), ("name",)),
    Column("since", gettext_lazy("Since"), ("created_at",), "num"),
    Column("due", gettext_lazy("Due"), ("nearest_due",), "num"),
    Column("act", "", (), "actions"),
]
DONE_COLUMNS = [
    TASK_COLUMNS[0],
    *_HEAD,
    Column("step", gettext_lazy("Step"), ("name",)),
    Column("done", gettext_lazy("Done"), ("completed_at",), "num"),
    Column("due", gettext_lazy("Due")),
]
TICKET_COLUMNS = [
    Column("number", gettext_lazy("Number"), ("number",), "num"),
    *_HEAD,
    Column("step", gettext_lazy("Step")),
    Column("since", gettext_lazy("Opened"), ("opened_at",), "num"),
    Column("due", gettext_lazy("Due"), ("due_at",)),
]
OWNED_COLUMNS = [
    *TICKET_COLUMNS[:-3],
    Column("status", gettext_lazy("Status"), ("status",)),
    Column("step", gettext_lazy("Step")),
    Column("holder", gettext_lazy("Who has it now")),
    *TICKET_COLUMNS[-2:],
]


@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """The to-do; whoever has no desk begins at the first of his own pages."""
    refused = policies.why_not_use_desk(request.user)
    if refused and (home := navigation.home_of(request.user)) not in ("", request.path):
        return redirect(home)
    require(refused)
    tabs = queries.desk_tabs(request.user)
    kind = KINDS.get(request.GET.get("kind", "")) or _most_pressing(tabs)
    if kind.key == "done":
        columns, default_sort = DONE_COLUMNS, "-done"
    else:
        whole = OWNED_COLUMNS if kind.key == "owned" else TICKET_COLUMNS
        columns, default_sort = (TASK_COLUMNS, "since") if kind.of_tasks else (whole, "-since")
    parameters = request.GET.copy()
    parameters["kind"] = kind.key  # stays the same while one sorts and pages, whatever becomes more pressing
    counted = {tab.kind.key: tab.count for tab in tabs}
    work: Any = SimpleLazyObject(lambda: queries.desk_work(kind, request.user))  # seldom asked for
    page = make_page(
        work,
        columns,
        parameters,
        default_sort=default_sort,
        read=partial(queries.read_steps, kind, request.user),
        known_total=counted[kind.key] if kind.key in queries.COUNTED else None,
    )
    rows = queries.desk_rows(kind, page.rows, request.user)
    tabs = [replace(tab, is_current=tab.kind is kind) for tab in tabs]
    current = next(tab for tab in tabs if tab.is_current)
    context = {
        "tabs": tabs,
        "badges": queries.desk_badges(request.user),
        "kind": kind,
        "current": current,
        "figures": json.dumps(_as_figures(tabs)),
        "page": page,
        "rows": rows,
    }
    return render(request, "workspace/desk.html", context)


@require_GET
def desk_figures(request: HttpRequest) -> JsonResponse:
    """What an open desk asks after every change, by kind."""
    require(policies.why_not_use_desk(request.user))
    figures = _as_figures(queries.desk_tabs(request.user))
    figures |= {one.key: {"count": one.shown_count, "tone": one.tone} for one in queries.desk_badges(request.user)}
    return JsonResponse(figures)


def _as_figures(tabs: list[queries.DeskTab]) -> dict[str, dict[str, object]]:
    """What an open desk compares: ``total`` and ``newest`` tell new work from work that went, ``stamp`` changed rows."""
    return {
        tab.kind.key: {
            "count": tab.shown_count,
            "tone": tab.tone,
            "stamp": tab.stamp,
            "total": tab.figure.count,
            "newest": tab.figure.newest,
        }
        for tab in tabs
        if tab.figure is not None
    }


def _most_pressing(tabs: list[queries.DeskTab]) -> queries.DeskKind:
    """What is shown first: what one has in hand, else what waits to be claimed."""
    counts = {tab.kind.key: tab.count for tab in tabs}
    return KINDS["mine"] if counts["mine"] or not counts["pool"] else KINDS["pool"]


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_use_desk(request.user))
    text = request.GET.get("q", "")[:LONGEST_SEARCH].strip()
    found = queries.search_everything(text, visible_to=request.user)
    for hit in found.tickets:
        if hit.ticket.number == text.upper():
            return redirect(hit.ticket)
    return render(request, "workspace/search.html", {"search_text": text, "found": found})
