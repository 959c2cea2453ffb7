"""Points and statistics of marks."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from onepoint.core import clock
from onepoint.core.errors import require
from onepoint.quality import policies
from onepoint.quality.mark_forms import FigureForm
from onepoint.quality.queries.figures import GROUPINGS, MOST_LINES, mark_figures


def _first_of_month() -> date:
    return clock.today().replace(day=1)


@require_safe
def show_mark_figures(request: HttpRequest) -> HttpResponse:
    """By person, unit, code, direction or month; each figure leads to its marks."""
    require(policies.why_not_list(request.user))
    initial = {"since": _first_of_month(), "until": clock.today(), "by": "unit"}
    form = FigureForm(initial | request.GET.dict())
    form.is_valid()
    chosen = form.cleaned_data
    since, until = chosen.get("since") or _first_of_month(), chosen.get("until") or clock.today()
    wanted = str(chosen.get("by") or "")
    group = wanted if wanted in GROUPINGS else "unit"
    english = (get_language() or "").startswith("en")
    lines = mark_figures(group, since, until, visible_to=request.user, unit=chosen.get("unit"), english=english)
    context = {
        "form": form, "lines": lines, "group": group, "since": since, "until": until, "unit": chosen.get("unit"),
        "is_cut": len(lines) == MOST_LINES, "points": sum(line.points for line in lines),
        "made": sum(line.made for line in lines),
    }  # fmt: skip
    return render(request, "quality/mark_figures.html", context)
