"""Return visits as a file, with what the customers said; and the answers due."""

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.core.exporting import ExportColumn, ExportedList, in_language, label_of, named, register
from onepoint.core.masking import shown_words
from onepoint.core.tables import sort_order
from onepoint.follow_ups import policies, queries
from onepoint.follow_ups.columns import COLUMNS as SHOWN
from onepoint.follow_ups.columns import REPLIES, sort_of, tab_of
from onepoint.follow_ups.forms import RepliesFilterForm, VisitFilterForm
from onepoint.follow_ups.models import FollowUp
from onepoint.follow_ups.queries.replies import replies_due
from onepoint.follow_ups.states import VisitState, VisitWay
from onepoint.tickets.columns import customer_or_contact, holders_of_many, steps_of_many
from onepoint.tickets.models import Ticket
from onepoint.tickets.states import ReplyChannel, TicketKind


def rows(person: User, parameters: QueryDict) -> QuerySet[FollowUp]:
    which = tab_of(parameters.get("which", ""), may_visit=policies.why_not_visit(person) is None)
    found = queries.find_visits(VisitFilterForm(parameters).chosen(which), visible_to=person)
    return found.order_by(*sort_order(SHOWN, parameters.get("sort", ""), sort_of(which))[1])


def reply_rows(person: User, parameters: QueryDict) -> QuerySet[Ticket]:
    found = replies_due(visible_to=person, number=RepliesFilterForm(parameters).number())
    return found.order_by(*sort_order(REPLIES, parameters.get("sort", ""), "due")[1])


def _satisfied(value: bool | None) -> str:
    return {True: str(_("Satisfied")), False: str(_("Not satisfied"))}.get(value, "")  # type: ignore[arg-type]


COLUMNS = [
    ExportColumn("ticket", _("Ticket"), ("ticket__number",)),
    ExportColumn("title", _("Title"), ("ticket__title",), shown_words),
    ExportColumn(
        "customer", _("Customer"), (*named("ticket__customer__"), "ticket__contact_name"),
        customer_or_contact,
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
REPLY_COLUMNS = [
    ExportColumn("ticket", _("Ticket"), ("number",)),
    ExportColumn("title", _("Title"), ("title",), shown_words),
    ExportColumn("customer", _("Customer"), (*named("customer__"), "contact_name"), customer_or_contact),
    ExportColumn("kind", _("Kind of ticket"), ("kind",), label_of(TicketKind)),
    ExportColumn("way", _("Reply promised by"), ("promised_reply_channel",), label_of(ReplyChannel)),
    ExportColumn("promised", _("Reply promised for"), ("promised_reply_at",)),
    ExportColumn("due", _("Due"), ("due_at",)),
    ExportColumn("region", _("Region"), named("region__"), in_language),
    ExportColumn("step", _("Step"), of_many=steps_of_many),
    ExportColumn("who", _("In the hands of"), of_many=holders_of_many),
]
register(ExportedList("visits", _("Return visits"), COLUMNS, rows, policies.why_not_see, VisitFilterForm))
register(
    ExportedList(
        "replies", _("Answers due"), REPLY_COLUMNS, reply_rows, policies.why_not_see_replies, RepliesFilterForm
    )
)
