"""Grants and their audits as files."""

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.core.exporting import ExportColumn, ExportedList, in_language, label_of, named, register
from onepoint.core.masking import shown_words
from onepoint.core.spreadsheets import MOST_ROWS
from onepoint.core.tables import sort_order
from onepoint.grants import columns, policies, queries
from onepoint.grants.list_forms import AuditFilterForm, GrantFilterForm, PeriodForm
from onepoint.grants.models import AuditItem, Grant
from onepoint.grants.states import AuditState, GrantState, GrantUnit


def grant_rows(person: User, parameters: QueryDict) -> QuerySet[Grant]:
    found = queries.find_grants(GrantFilterForm(parameters).chosen(), visible_to=person)
    return found.order_by(*sort_order(columns.GRANTS, parameters.get("sort", ""), "-given")[1])


def audit_rows(person: User, parameters: QueryDict) -> QuerySet[AuditItem]:
    found = queries.find_audits(AuditFilterForm(parameters).chosen(), visible_to=person)
    return found.order_by(*sort_order(columns.AUDITS, parameters.get("sort", ""), "queued")[1])


def figure_lines(person: User, parameters: QueryDict) -> list[dict[str, Any]]:
    """Every line of the period, each with the days it is about."""
    group, since, until = PeriodForm(parameters).chosen()
    english = (get_language() or "").startswith("en")
    found = queries.audit_figures(group, since, until, visible_to=person, english=english, most=MOST_ROWS)
    return [vars(line) | {"since": since, "until": until, "share": line.share_objected} for line in found]


def _number(amount: Decimal) -> float:
    return float(amount)


GRANT_COLUMNS = [
    ExportColumn("number", _("Number"), ("number",)),
    ExportColumn("given", _("Given"), ("given_at",)),
    ExportColumn("kind", _("Kind"), named("kind__"), in_language),
    ExportColumn("amount", _("Amount"), ("amount",), _number),
    ExportColumn("counted_in", _("Counted in"), ("kind__unit",), label_of(GrantUnit)),
    ExportColumn("state", _("State"), ("state",), label_of(GrantState)),
    ExportColumn("customer_number", _("Customer number"), ("customer__number",)),
    ExportColumn("customer", _("Customer"), named("customer__"), in_language),
    ExportColumn("ticket", _("Ticket"), ("ticket__number",)),
    ExportColumn("contact", _("Contact"), ("contact__number",)),
    ExportColumn("granted_by", _("Granted by"), named("granted_by__"), in_language),
    ExportColumn("unit", _("Unit"), named("unit__"), in_language),
    ExportColumn("region", _("Region"), named("region__"), in_language),
    ExportColumn("decided_by", _("Decided by"), named("decided_by__"), in_language),
    ExportColumn("decided", _("Decided"), ("decided_at",)),
    ExportColumn("settled", _("Settled"), ("settled_at",)),
    ExportColumn("voucher", _("Voucher number"), ("voucher",)),
    ExportColumn("reason", _("Reason"), ("reason",), shown_words),
    ExportColumn("decision", _("Words of the decision"), ("decision",), shown_words, is_usual=False),
]
AUDIT_COLUMNS = [
    ExportColumn("number", _("Number"), ("grant__number",)),
    ExportColumn("queued", _("In the queue since"), ("queued_at",)),
    ExportColumn("state", _("State"), ("state",), label_of(AuditState)),
    ExportColumn("kind", _("Kind"), named("grant__kind__"), in_language),
    ExportColumn("amount", _("Amount"), ("grant__amount",), _number),
    ExportColumn("granted_by", _("Granted by"), named("grant__granted_by__"), in_language),
    ExportColumn("unit", _("Unit"), named("grant__unit__"), in_language),
    ExportColumn("auditor", _("Auditor"), named("auditor__"), in_language),
    ExportColumn("judged", _("Judged"), ("judged_at",)),
    ExportColumn("code", _("Objection"), named("code__"), in_language),
    ExportColumn("points", _("Points"), ("code__points",)),
    ExportColumn("words", _("What the auditor wrote"), ("words",), shown_words),
    ExportColumn("correction", _("Correction"), ("correction",), shown_words),
]
FIGURE_COLUMNS = [
    ExportColumn("line", _("Line"), ("label",)),
    ExportColumn("from", _("From"), ("since",)),
    ExportColumn("until", _("Until"), ("until",)),
    ExportColumn("grants", _("Grants"), ("grants",)),
    ExportColumn("amount", _("Amount"), ("amount",), _number),
    ExportColumn("refused", _("Refused"), ("refused",)),
    ExportColumn("audited", _("Audited"), ("audited",)),
    ExportColumn("objected", _("Objections"), ("objected",)),
    ExportColumn("share", _("Share of objections, %"), ("share",), lambda share: share and round(share, 2)),
    ExportColumn("points", _("Points"), ("points",)),
]
register(ExportedList("grants", _("Grants"), GRANT_COLUMNS, grant_rows, policies.why_not_list, GrantFilterForm))
register(
    ExportedList(
        "grant_audits", _("Audits of grants"), AUDIT_COLUMNS, audit_rows, policies.why_not_list_audits, AuditFilterForm
    )
)
register(
    ExportedList(
        "grant_figures", _("Grants and audits in figures"), FIGURE_COLUMNS, figure_lines, policies.why_not_list_audits,
        PeriodForm,
    )
)  # fmt: skip
