"""Late in the next hour: what the duty manager looks at."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from onepoint.core.errors import require
from onepoint.core.tables import make_page
from onepoint.tickets import late, overview_columns, policies, queries
from onepoint.tickets.list_forms import LATE_TABS, LateForm


def _rows(page_rows: list[Any], what: str, request: HttpRequest) -> list[dict[str, Any]]:
    """Both lists as the same rows: a ticket with a step, or with all its steps; one statement more."""
    if what == "tickets":
        steps = queries.present_steps(page_rows)
        return [
            {"ticket": ticket, "steps": steps.get(ticket.pk, []), "unit": ticket.unit, "due_at": ticket.due_at}
            for ticket in page_rows
        ]
    tickets = queries.tickets_by_id((task.subject_id for task in page_rows), visible_to=request.user)
    return [
        {"ticket": tickets[task.subject_id], "steps": [task], "unit": task.unit, "due_at": task.due_at}
        for task in page_rows
        if task.subject_id in tickets
    ]


@require_safe
def list_late(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_see_late(request.user))
    form = LateForm.of(request.GET)
    chosen, what = form.chosen(), form.tab()
    found = late.late_tickets if what == "tickets" else late.late_steps
    work = found(chosen, visible_to=request.user)
    page = make_page(work, overview_columns.LATE, request.GET, default_sort="due")
    context = {
        "page": page,
        "form": form,
        "tabs": [(label, f"?what={name}", name == what) for name, label in LATE_TABS.items()],
        "list_code": f"late_{what}",
        "rows": _rows(list(page.rows), what, request),
        "units": late.counts_by_unit(work),
    }
    return render(request, "tickets/late.html", context)
