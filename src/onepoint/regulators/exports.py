"""Cases of regulators as a file."""

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.core.exporting import ExportColumn, ExportedList, in_language, label_of, named, register
from onepoint.core.masking import shown_words
from onepoint.core.tables import sort_order
from onepoint.regulators import columns, policies, queries
from onepoint.regulators.forms import CaseFilterForm
from onepoint.regulators.models import RegulatorCase
from onepoint.regulators.states import CaseResult, CaseState


def rows(person: User, parameters: QueryDict) -> QuerySet[RegulatorCase]:
    found = queries.find_cases(CaseFilterForm(parameters).chosen(), visible_to=person)
    return found.order_by(*sort_order(columns.CASES, parameters.get("sort", ""), "due")[1])


COLUMNS = [
    ExportColumn("number", _("Number"), ("number",)),
    ExportColumn("regulator", _("Regulator"), named("regulator__"), in_language),
    ExportColumn("case_number", _("Number of the authority"), ("case_number",)),
    ExportColumn("subject", _("Subject"), ("subject",), shown_words),
    ExportColumn("state", _("State"), ("state",), label_of(CaseState)),
    ExportColumn("received", _("Received on"), ("received_at",)),
    ExportColumn("due", _("Answer due"), ("answer_due_at",)),
    ExportColumn("answered", _("Answered"), ("answered_at",)),
    ExportColumn("document", _("Document number of the answer"), ("document_number",)),
    ExportColumn("result", _("Result"), ("result",), label_of(CaseResult)),
    ExportColumn("closed", _("Closed"), ("closed_at",)),
    ExportColumn("customer", _("Customer"), named("customer__"), in_language),
    ExportColumn("ticket", _("Ticket"), ("ticket__number",)),
    ExportColumn("region", _("Region"), named("region__"), in_language),
    ExportColumn("registered_by", _("Registered by"), named("received_by__"), in_language),
    ExportColumn("answer", _("Answer"), ("answer",), shown_words, is_usual=False),
]
register(
    ExportedList("regulator_cases", _("Cases of regulators"), COLUMNS, rows, policies.why_not_list, CaseFilterForm)
)
