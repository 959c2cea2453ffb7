"""Inspections as a file."""

from decimal import Decimal

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.core.exporting import ExportColumn, ExportedList, in_language, label_of, named, register
from onepoint.core.masking import shown_words
from onepoint.core.tables import sort_order
from onepoint.quality import inspection_columns as columns
from onepoint.quality import inspection_rights as rights
from onepoint.quality.inspection_forms import InspectionFilterForm
from onepoint.quality.inspection_states import InspectionState
from onepoint.quality.models import Inspection
from onepoint.quality.queries.inspections import find_inspections


def inspection_rows(person: User, parameters: QueryDict) -> QuerySet[Inspection]:
    found = find_inspections(InspectionFilterForm(parameters).chosen(parameters.get("which", "all")), visible_to=person)
    return found.order_by(*sort_order(columns.INSPECTIONS, parameters.get("sort", ""), "-drawn")[1])


def _first(ticket: str | None, contact: str | None) -> str:
    return ticket or contact or ""


def _figure(score: Decimal | None) -> float | None:
    return None if score is None else float(score)


def _yes(flag: bool) -> str:
    return _now("yes") if flag else ""


COLUMNS = [
    ExportColumn("subject", _("Ticket or contact"), ("ticket__number", "contact__number"), _first),
    ExportColumn("state", _("State"), ("state",), label_of(InspectionState)),
    ExportColumn("score", _("Score"), ("score",), _figure),
    ExportColumn("fatal", _("Fatal"), ("is_fatal",), _yes),
    ExportColumn("person", _("Inspected"), named("person__"), in_language),
    ExportColumn("unit", _("Unit"), named("unit__"), in_language),
    ExportColumn("region", _("Region"), named("region__"), in_language),
    ExportColumn("category", _("Category"), named("category__"), in_language),
    ExportColumn("plan", _("Sampling plan"), named("plan__"), in_language),
    ExportColumn("period", _("Period"), ("draw__period",)),
    ExportColumn("drawn", _("Drawn"), ("drawn_at",)),
    ExportColumn("double", _("Scored twice"), ("is_double",), _yes),
    ExportColumn("result", _("Result since"), ("result_at",)),
    ExportColumn("acknowledged", _("Acknowledged at"), ("acknowledged_at",)),
    ExportColumn("appealed", _("Appealed at"), ("appealed_at",)),
    ExportColumn("words", _("Words of the result"), ("words",), shown_words),
]
register(ExportedList("inspections", _("Inspections"), COLUMNS, inspection_rows, rights.why_not_see_inspections))
