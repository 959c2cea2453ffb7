"""Hidden risks as a file."""

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.core.exporting import ExportColumn, ExportedList, in_language, label_of, named, register
from onepoint.core.masking import shown_words
from onepoint.core.tables import sort_order
from onepoint.quality import hidden_risk_columns, hidden_risk_rights
from onepoint.quality.hidden_risk_forms import RiskFilterForm
from onepoint.quality.hidden_risk_states import RiskState
from onepoint.quality.models import HiddenRisk
from onepoint.quality.queries import hidden_risks as queries


def rows(person: User, parameters: QueryDict) -> QuerySet[HiddenRisk]:
    found = queries.find_risks(RiskFilterForm(parameters).chosen(), visible_to=person)
    return found.order_by(*sort_order(hidden_risk_columns.RISKS, parameters.get("sort", ""), "-raised")[1])


COLUMNS = [
    ExportColumn("number", _("Number"), ("number",)),
    ExportColumn("title", _("In one line"), ("title",), shown_words),
    ExportColumn("kind", _("Kind"), named("kind__"), in_language),
    ExportColumn("state", _("State"), ("state",), label_of(RiskState)),
    ExportColumn("words", _("What was found"), ("words",), shown_words),
    ExportColumn("place", _("Place"), ("place",), shown_words),
    ExportColumn("product", _("Product or equipment"), ("product",)),
    ExportColumn("region", _("Region"), named("region__"), in_language),
    ExportColumn("unit", _("Unit concerned"), named("unit__"), in_language),
    ExportColumn("ticket", _("Found at ticket"), ("ticket__number",)),
    ExportColumn("raised", _("Raised"), ("raised_at",)),
    ExportColumn("raised_by", _("Raised by"), named("raised_by__"), in_language),
    ExportColumn("owner_unit", _("Removed by unit"), named("owner_unit__"), in_language),
    ExportColumn("owner", _("Responsible person"), named("owner__"), in_language),
    ExportColumn("due", _("Due"), ("due_at",)),
    ExportColumn("removed", _("Removed"), ("removed_at",)),
    ExportColumn("removal", _("How it was removed"), ("removal",), shown_words),
    ExportColumn("closed", _("Closed"), ("closed_at",)),
    ExportColumn("verdict", _("Last word"), ("verdict",), shown_words),
]
register(
    ExportedList("hidden_risks", _("Hidden risks"), COLUMNS, rows, hidden_risk_rights.why_not_list, RiskFilterForm)
)
