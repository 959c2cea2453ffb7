"""Marks and the standard as files."""

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.core.errors import BusinessError
from onepoint.core.exporting import ExportColumn, ExportedList, in_language, label_of, named, register
from onepoint.core.masking import shown_words
from onepoint.core.tables import sort_order
from onepoint.quality import mark_columns, policies
from onepoint.quality.mark_forms import MarkFilterForm
from onepoint.quality.models import Mark, Rectification, UnqualifiedCode
from onepoint.quality.queries.marks import find_marks
from onepoint.quality.queries.rectifications import find_rectifications
from onepoint.quality.rectification_forms import RectificationFilterForm
from onepoint.quality.states import CodeDirection, MarkDirection, MarkState, RectificationState, StandardState


def mark_rows(person: User, parameters: QueryDict) -> QuerySet[Mark]:
    found = find_marks(MarkFilterForm(parameters).chosen(), visible_to=person)
    return found.order_by(*sort_order(mark_columns.MARKS, parameters.get("sort", ""), "-marked")[1])


def code_rows(person: User, parameters: QueryDict) -> QuerySet[UnqualifiedCode]:
    """The codes in force."""
    return UnqualifiedCode.objects.filter(standard__state=StandardState.IN_FORCE)


def rectification_rows(person: User, parameters: QueryDict) -> QuerySet[Rectification]:
    chosen = RectificationFilterForm(parameters).chosen(parameters.get("which", "mine"))
    found = find_rectifications(chosen, visible_to=person)
    return found.order_by(*sort_order(mark_columns.RECTIFICATIONS, parameters.get("sort", ""), "due")[1])


def _published_to_all(person: User) -> BusinessError | None:
    return None


MARK_COLUMNS = [
    ExportColumn("number", _("Number"), ("number",)),
    ExportColumn("marked", _("Marked"), ("marked_at",)),
    ExportColumn("ticket", _("Ticket"), ("ticket__number",)),
    ExportColumn("category", _("Category"), named("category__"), in_language),
    ExportColumn("direction", _("Direction"), ("direction",), label_of(MarkDirection)),
    ExportColumn("code", _("Code"), ("code__code",)),
    ExportColumn("name", _("Name"), named("code__"), in_language),
    ExportColumn("points", _("Points"), ("points",)),
    ExportColumn("state", _("State"), ("state",), label_of(MarkState)),
    ExportColumn("person", _("Whose work it is"), named("person__"), in_language),
    ExportColumn("unit", _("Unit"), named("unit__"), in_language),
    ExportColumn("region", _("Region"), named("region__"), in_language),
    ExportColumn("step", _("Step"), ("task__name", "task__name_en"), in_language),
    ExportColumn("marked_by", _("Marked by"), named("marked_by__"), in_language),
    ExportColumn("words", _("What is wrong"), ("words",), shown_words),
    ExportColumn("appeal_until", _("Appeal until"), ("appeal_due_at",)),
    ExportColumn("settled", _("Settled"), ("settled_at",)),
]
CODE_COLUMNS = [
    ExportColumn("code", _("Code"), ("code",)),
    ExportColumn("name", _("Name"), ("name", "name_en"), in_language),
    ExportColumn("direction", _("About"), ("direction",), label_of(CodeDirection)),
    ExportColumn("points", _("Points"), ("points",)),
    ExportColumn("fatal", _("Fatal"), ("is_fatal",)),
    ExportColumn("examples", _("Examples"), ("examples", "examples_en"), in_language),
]
RECTIFICATION_COLUMNS = [
    ExportColumn("number", _("Number"), ("number",)),
    ExportColumn("title", _("What is to be put right"), ("title",), shown_words),
    ExportColumn("state", _("State"), ("state",), label_of(RectificationState)),
    ExportColumn("owner", _("Responsible person"), named("owner__"), in_language),
    ExportColumn("unit", _("Unit"), named("unit__"), in_language),
    ExportColumn("asked_by", _("Demanded by"), named("asked_by__"), in_language),
    ExportColumn("asked", _("Demanded"), ("asked_at",)),
    ExportColumn("due", _("Due"), ("due_at",)),
    ExportColumn("submitted", _("Handed in"), ("submitted_at",)),
    ExportColumn("proof", _("Proof"), ("proof",), shown_words),
    ExportColumn("rejected", _("Times not accepted"), ("rejected_count",)),
]
register(ExportedList("marks", _("Marks"), MARK_COLUMNS, mark_rows, policies.why_not_list, MarkFilterForm))
register(ExportedList("unqualified_codes", _("Codes of unqualified work"), CODE_COLUMNS, code_rows, _published_to_all))
register(
    ExportedList("rectifications", _("Rectifications"), RECTIFICATION_COLUMNS, rectification_rows, _published_to_all)
)
