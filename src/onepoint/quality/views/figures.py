"""Points and statistics of marks."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from onepoint.core.errors import require
from onepoint.quality import policies
from onepoint.quality.mark_forms import FigureForm
from onepoint.quality.queries.figures import MOST_LINES, mark_figures


@require_safe
def show_mark_figures(request: HttpRequest) -> HttpResponse:
    """By person, unit, code, direction or month; each figure leads to its marks."""
    require(policies.why_not_list(request.user))
    chosen = FigureForm(request.GET).chosen()
    initial = {"since": chosen.since, "until": chosen.until, "by": chosen.group}
    form = FigureForm(initial | request.GET.dict())
    english = (get_language() or "").startswith("en")
    lines = mark_figures(chosen, visible_to=request.user, english=english)
    context = {
        "form": form, "lines": lines, "group": chosen.group, "is_cut": len(lines) == MOST_LINES,
        "points": sum(line.points for line in lines), "made": sum(line.made for line in lines),
    }  # fmt: skip
    return render(request, "quality/mark_figures.html", context)
