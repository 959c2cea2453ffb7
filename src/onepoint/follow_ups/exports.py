"""Return visits as a file, with what the customers said."""

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.core.exporting import ExportColumn, ExportedList, in_language, label_of, named, register
from onepoint.core.masking import shown_words
from onepoint.core.tables import sort_order
from onepoint.follow_ups import policies, queries
from onepoint.follow_ups.columns import COLUMNS as SHOWN
from onepoint.follow_ups.columns import sort_of, tab_of
from onepoint.follow_ups.forms import VisitFilterForm
from onepoint.follow_ups.models import FollowUp
from onepoint.follow_ups.states import VisitState, VisitWay


def rows(person: User, parameters: QueryDict) -> QuerySet[FollowUp]:
    which = tab_of(parameters.get("which", ""), may_visit=policies.why_not_visit(person) is None)
    found = queries.find_visits(VisitFilterForm(parameters).chosen(which), visible_to=person)
    return found.order_by(*sort_order(SHOWN, parameters.get("sort", ""), sort_of(which))[1])


def _satisfied(value: bool | None) -> str:
    return {True: str(_("Satisfied")), False: str(_("Not satisfied"))}.get(value, "")  # type: ignore[arg-type]


COLUMNS = [
    ExportColumn("ticket", _("Ticket"), ("ticket__number",)),
    ExportColumn("title", _("Title"), ("ticket__title",), shown_words),
    ExportColumn(
        "customer", _("Customer"), (*named("ticket__customer__"), "ticket__contact_name"),
        lambda name, name_en, contact: in_language(name, name_en) or contact,
    ),
    ExportColumn("state", _("State"), ("state",), label_of(VisitState)),
    ExportColumn("satisfied", _("Satisfied"), ("is_satisfied",), _satisfied),
    ExportColumn("stars", _("Stars"), ("stars",)),
    ExportColumn("words", _("The customer's words"), ("words",), shown_words),
    ExportColumn("way", _("By"), ("answered_way", "way"), lambda answered, way: str(VisitWay(answered or way).label)),
    ExportColumn("due", _("Due from"), ("due_at",)),
    ExportColumn("answered", _("Answered at"), ("answered_at",)),
    ExportColumn("closed", _("Closed on"), ("closed_on",)),
    ExportColumn("category", _("Category"), named("ticket__category__"), in_language),
    ExportColumn("region", _("Region"), named("region__"), in_language),
    ExportColumn("unit", _("Unit"), named("unit__"), in_language),
    ExportColumn("assignee", _("Visited by"), named("assignee__"), in_language),
]  # fmt: skip
register(ExportedList("visits", _("Return visits"), COLUMNS, rows, policies.why_not_see, VisitFilterForm))
