"""Measures: the overview, the table, the very events, the definitions, and views people keep."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from onepoint.analytics import columns, policies, presenting, queries, services
from onepoint.analytics.dimensions import DIMENSIONS
from onepoint.analytics.forms import MeasureForm, PartForm, ViewForm
from onepoint.analytics.measures import MEASURES, OVERVIEW
from onepoint.analytics.periods import Period, Step
from onepoint.analytics.queries import Choice, usual_period
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, require
from onepoint.core.tables import make_page
from onepoint.core.text import whole_number


@require_safe
def show_overview(request: HttpRequest) -> HttpResponse:
    """The nine figures of what one may count, each with its trend."""
    require(policies.why_not_view(request.user))
    wanted = whole_number(request.GET.get("days", "")) or 0
    days = wanted if wanted in presenting.SPANS else 30
    today = clock.today()
    period = presenting.last_days(days, Period(today, today))
    step = presenting.SPANS[days]
    measures = [MEASURES[code] for code in OVERVIEW]
    steps, total, before = queries.find_trend(measures, period, step, visible_to=request.user)
    context = {
        "tiles": presenting.tiles(period, step, steps, total, before),
        "period": period,
        "spans": [(_("%(days)s days") % {"days": span}, f"?days={span}", span == days) for span in presenting.SPANS],
        "progress": queries.progress(),
        "has_any": any(total.values()) or any(before.values()),
    }
    return render(request, "analytics/overview.html", context)


@require_safe
def show_table(request: HttpRequest) -> HttpResponse:
    """Chosen measures by a dimension and over time, with charts, each figure a way to its events."""
    require(policies.why_not_view(request.user))
    form = MeasureForm(request.GET)
    choice = form.chosen()
    table = queries.find_table(choice, visible_to=request.user)
    is_whole = choice.step == Step.WHOLE
    context = {
        "form": form,
        "table": table,
        "choice": choice,
        "dimension": DIMENSIONS[choice.rows],
        "narrowed": _narrowed(choice),
        "views": [(view, f"{reverse('measure-table')}?{view.parameters}") for view in queries.views_of(request.user)],
        "view_form": ViewForm(initial={"parameters": choice.address()}),
        "progress": queries.progress(),
    }
    if is_whole:
        context["lines"], context["all"] = presenting.whole_lines(table)
        context["bars"] = presenting.bars_of(table, choice.chosen_measures[0])
    else:
        context["blocks"] = [presenting.block_of(table, measure) for measure in choice.chosen_measures]
    return render(request, "analytics/table.html", context)


def _narrowed(choice: Choice) -> list[tuple[str, str, str]]:
    """What the table is narrowed to: dimension, value, and the address without it."""
    labels = queries.filter_labels(choice.filters)
    return [
        (
            str(DIMENSIONS[key].label),
            label,
            f"?{choice.address(filters={name: value for name, value in choice.filters.items() if name != key})}",
        )
        for key, label in labels.items()
    ]


@require_safe
def list_events(request: HttpRequest) -> HttpResponse:
    """The tickets or contacts a figure counts, what it is a share of, or what it leaves out."""
    require(policies.why_not_view(request.user))
    choice = MeasureForm(request.GET).chosen()
    measure = choice.chosen_measures[0]
    part = PartForm(request.GET).chosen("counted")
    if part == "rest" and not measure.has_rest:
        raise Http404
    rows = queries.find_events(choice, part, visible_to=request.user)
    page = make_page(
        rows.select_related("unit", "person", "category"), columns.EVENTS, request.GET, default_sort="-day"
    )
    queries.with_subjects(page.rows, visible_to=request.user)
    back = choice.address(measures=(measure.code,))
    context = {
        "page": page, "choice": choice, "measure": measure, "tabs": _parts(choice, part), "part": part,
        "narrowed": _narrowed(choice), "table_url": f"{reverse('measure-table')}?{back}",
    }  # fmt: skip
    return render(request, "analytics/events.html", context)


def _parts(choice: Choice, current: str) -> list[tuple[str, str, bool]]:
    measure = choice.chosen_measures[0]
    if not measure.is_share:
        return []
    labels = {"counted": _("Counted"), "rest": _("Not counted"), "all": _("All it is a share of")}
    return [
        (label, f"?{choice.address()}&part={part}", part == current)
        for part, label in labels.items()
        if part != "rest" or measure.has_rest
    ]


@require_safe
def show_definitions(request: HttpRequest) -> HttpResponse:
    """What every measure counts, in words."""
    require(policies.why_not_view(request.user))
    period = usual_period(clock.today())
    rows = [
        (measure, f"{reverse('measure-table')}?{Choice((measure.code,), 'unit', Step.WHOLE, period).address()}")
        for measure in MEASURES.values()
    ]
    return render(request, "analytics/definitions.html", {"rows": rows})


@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_view(request.user))
    form = ViewForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Please give a name."))
        return redirect("measure-table")
    said = form.cleaned_data
    try:
        view = services.save_view(said["name"], said["parameters"], by=request.user)
    except InvalidInput as refusal:
        messages.error(request, " ".join(map(str, refusal.errors.values())))
        return redirect(f"{reverse('measure-table')}?{said['parameters']}")
    messages.success(request, _("Kept as “%(name)s”.") % {"name": view.name})
    return redirect(f"{reverse('measure-table')}?{view.parameters}")


@require_POST
def remove_view(request: HttpRequest, pk: int) -> HttpResponse:
    view = queries.find_view(pk, owner=request.user)
    if view is None:
        raise Http404
    services.remove_view(view, by=request.user)
    messages.success(request, _("Removed."))
    return redirect("measure-table")
