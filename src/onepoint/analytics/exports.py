"""Measures and the events behind them as files."""

from collections.abc import Callable
from typing import Any

from django.db.models import CharField, F, Q, QuerySet, Sum, Value
from django.db.models.functions import Cast, Coalesce
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.analytics import columns, policies, queries
from onepoint.analytics.dimensions import DIMENSIONS
from onepoint.analytics.forms import MeasureForm, PartForm
from onepoint.analytics.measures import MEASURES, Measure
from onepoint.analytics.models import COUNTERS, Fact
from onepoint.channels.models import Contact
from onepoint.core.exporting import ExportColumn, ExportedList, in_language, named, register
from onepoint.core.masking import shown_words
from onepoint.core.tables import sort_order
from onepoint.tickets.models import Ticket


def measure_rows(person: User, parameters: QueryDict) -> QuerySet:
    """One row for every value of the dimension (of a tree: every node by itself) and step of the period."""
    choice = MeasureForm(parameters).chosen()
    dimension = DIMENSIONS[choice.rows]
    empty = Value("", output_field=CharField())
    is_row = dimension.model is not None
    rows = queries.rows_by_step(choice, visible_to=person).annotate(
        row_dimension=Value(dimension.key, output_field=CharField()),
        row_key=Coalesce(Cast(dimension.column, CharField()), empty),
        row_name=Coalesce(F(f"{dimension.key}__name"), empty) if is_row else empty,
        row_name_en=Coalesce(F(f"{dimension.key}__name_en"), empty) if is_row else empty,
    )
    grouped = rows.values("row_dimension", "row_key", "row_name", "row_name_en", "bucket")
    sums = {f"sum_{name}": Sum(name) for name in COUNTERS}
    return grouped.annotate(**sums).order_by("row_name", "row_key", "bucket")


def _label(dimension: str, key: str, name: str, name_en: str) -> str:
    choices = DIMENSIONS[dimension].choices
    if choices is not None:
        return str(choices(key).label) if key in choices.values else ""
    return in_language(name, name_en)


def _share(measure: Measure) -> Callable[..., Any]:
    if not measure.is_share:
        return lambda count: count
    return lambda count, base: round(100 * count / base, 2) if base else None


def _columns() -> list[ExportColumn]:
    found = [
        ExportColumn("line", _("Line"), ("row_dimension", "row_key", "row_name", "row_name_en"), _label),
        ExportColumn("from", _("From"), ("bucket",)),
    ]
    for measure in MEASURES.values():
        fields = tuple(f"sum_{name}" for name in measure.counters)
        found.append(ExportColumn(measure.code, measure.label, fields, _share(measure)))
        if measure.is_share:
            found.append(ExportColumn(f"{measure.code}_of", _("… counted"), fields[:1], is_usual=False))
            found.append(ExportColumn(f"{measure.code}_out_of", _("… of"), fields[1:], is_usual=False))
    return found


def event_rows(person: User, parameters: QueryDict) -> QuerySet[Fact]:
    """The events of a figure whose ticket or contact the person may see."""
    choice = MeasureForm(parameters).chosen()
    part = PartForm(parameters).chosen("counted")
    rows = queries.find_events(choice, part, visible_to=person)
    seen = Q(ticket__in=Ticket.objects.visible_to(person)) | Q(contact__in=Contact.objects.visible_to(person))
    return rows.filter(seen).order_by(*sort_order(columns.EVENTS, parameters.get("sort", ""), "-day")[1])


EVENT_COLUMNS = [
    ExportColumn("day", _("Day"), ("day",)),
    ExportColumn("ticket", _("Ticket"), ("ticket__number",)),
    ExportColumn("contact", _("Contact"), ("contact__number",)),
    ExportColumn(
        "title", _("What it is about"), ("ticket__title", "contact__subject"), lambda a, b: shown_words(a or b or "")
    ),
    ExportColumn("category", _("Category"), named("category__"), in_language),
    ExportColumn("unit", _("Unit whose work it was"), named("unit__"), in_language),
    ExportColumn("person", _("Person"), named("person__"), in_language),
    ExportColumn("region", _("Region"), named("region__"), in_language),
    ExportColumn("severity", _("Severity"), named("severity__"), in_language),
]
register(ExportedList("measures", _("Measures"), _columns(), measure_rows, policies.why_not_view))
register(ExportedList("measured_events", _("Events of a measure"), EVENT_COLUMNS, event_rows, policies.why_not_view))
