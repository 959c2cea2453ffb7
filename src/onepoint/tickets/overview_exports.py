"""What is supervised, what is late and mass incidents as files."""

from collections.abc import Callable, Mapping, Sequence

from django.db.models import Count, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from onepoint.accounts.models import User
from onepoint.accounts.policies import why_not_permitted
from onepoint.core.errors import BusinessError
from onepoint.core.exporting import ExportColumn, ExportedList, in_language, label_of, named, register
from onepoint.core.masking import shown_words
from onepoint.core.spreadsheets import Cell
from onepoint.core.tables import sort_order
from onepoint.tickets import late, mass_incidents, overview_columns, policies, supervisions, urging_rights
from onepoint.tickets.batch_states import AnswerState, AttachmentState, IncidentState
from onepoint.tickets.columns import customer_or_contact, holders_of_many, steps_of_many
from onepoint.tickets.list_forms import LateForm
from onepoint.tickets.mass_incident_forms import AttachedFilterForm, IncidentFilterForm
from onepoint.tickets.models import AttachedTicket, MassIncident, Supervision, Ticket
from onepoint.tickets.states import TicketStatus
from onepoint.tickets.supervision_forms import SupervisionFilterForm
from onepoint.workflow.models import UserTask


def supervision_rows(person: User, parameters: QueryDict) -> QuerySet[Supervision]:
    found = supervisions.find_supervisions(SupervisionFilterForm(parameters).chosen(), visible_to=person)
    return found.order_by(*sort_order(overview_columns.SUPERVISIONS, parameters.get("sort", ""), "due")[1])


def late_ticket_rows(person: User, parameters: QueryDict) -> QuerySet[Ticket]:
    found = late.late_tickets(LateForm.of(parameters).chosen(), visible_to=person)
    return found.order_by(*sort_order(overview_columns.LATE, parameters.get("sort", ""), "due")[1])


def late_step_rows(person: User, parameters: QueryDict) -> QuerySet[UserTask]:
    found = late.late_steps(LateForm.of(parameters).chosen(), visible_to=person)
    return found.order_by(*sort_order(overview_columns.LATE, parameters.get("sort", ""), "due")[1])


def incident_rows(person: User, parameters: QueryDict) -> QuerySet[MassIncident]:
    found = mass_incidents.incidents(visible_to=person, **IncidentFilterForm(parameters).criteria())
    return found.order_by(*sort_order(overview_columns.INCIDENTS, parameters.get("sort", ""), "-declared")[1])


def attached_rows(person: User, parameters: QueryDict) -> QuerySet[AttachedTicket]:
    """The tickets of one mass incident (``incident``) as its page shows them to this person."""
    incident = mass_incidents.find_incident(parameters.get("incident", ""), visible_to=person)
    if incident is None:
        return AttachedTicket.objects.none()
    found = mass_incidents.tickets_of(incident, visible_to=person, **AttachedFilterForm(parameters).criteria())
    return found.order_by(*sort_order(overview_columns.ATTACHED, parameters.get("sort", ""), "-since")[1])


def _attached_of_many(*states: AttachmentState) -> Callable[[Sequence[int]], Mapping[int, Cell]]:
    def count(ids: Sequence[int]) -> dict[int, Cell]:
        rows = AttachedTicket.objects.filter(incident__in=ids).order_by().values_list("incident")
        return dict(rows.annotate(count=Count("pk", filter=Q(state__in=states))))

    return count


def _of_ticket(fields: tuple[str, ...], show: Callable[..., str]) -> Callable[[Sequence[int]], Mapping[int, Cell]]:
    """What stands on the tickets of steps, which a step names by a number only."""

    def find(ids: Sequence[int]) -> dict[int, Cell]:
        tickets = dict(UserTask.objects.filter(pk__in=ids, subject_type="ticket").values_list("pk", "subject_id"))
        rows = Ticket.objects.filter(pk__in=set(tickets.values())).values_list("pk", *fields)
        found = {pk: show(*values) for pk, *values in rows}
        return {pk: found.get(ticket, "") for pk, ticket in tickets.items()}

    return find


def _why_not_see_incidents(person: User) -> BusinessError | None:
    return why_not_permitted("ticket.view", person)


SUPERVISIONS = [
    ExportColumn("ticket", _("Ticket"), ("ticket__number",)),
    ExportColumn("title", _("Title"), ("ticket__title",), shown_words),
    ExportColumn("reason", _("Why"), ("reason",), shown_words),
    ExportColumn("status", _("Status"), ("ticket__status",), label_of(TicketStatus)),
    ExportColumn("severity", _("Severity"), named("ticket__severity__"), in_language),
    ExportColumn("region", _("Region"), named("ticket__region__"), in_language),
    ExportColumn("unit", _("Unit"), named("ticket__unit__"), in_language),
    ExportColumn(
        "customer", _("Customer"), (*named("ticket__customer__"), "ticket__contact_name"), customer_or_contact
    ),
    ExportColumn("by", _("Supervised by"), named("started_by__"), in_language),
    ExportColumn("since", _("Since"), ("started_at",)),
    ExportColumn("reported", _("Last report"), ("reported_at",)),
    ExportColumn("due", _("Next report"), ("report_due_at",)),
    ExportColumn("ended", _("Ended"), ("ended_at",)),
    ExportColumn("conclusion", _("Conclusion"), ("conclusion",), shown_words),
]
LATE_TICKETS = [
    ExportColumn("number", _("Number"), ("number",)),
    ExportColumn("title", _("Title"), ("title",), shown_words),
    ExportColumn("severity", _("Severity"), named("severity__"), in_language),
    ExportColumn("step", _("Step"), of_many=steps_of_many),
    ExportColumn("unit", _("Unit"), named("unit__"), in_language),
    ExportColumn("who", _("In the hands of"), of_many=holders_of_many),
    ExportColumn("due", _("Due"), ("due_at",)),
]
LATE_STEPS = [
    ExportColumn("number", _("Number"), of_many=_of_ticket(("number",), str)),
    ExportColumn("title", _("Title"), of_many=_of_ticket(("title",), shown_words)),
    ExportColumn("severity", _("Severity"), of_many=_of_ticket(named("severity__"), in_language)),
    ExportColumn("step", _("Step"), named(""), in_language),
    ExportColumn("unit", _("Unit"), named("unit__"), in_language),
    ExportColumn("who", _("In the hands of"), named("assignee__"), in_language),
    ExportColumn("due", _("Due"), ("due_at",)),
]
INCIDENTS = [
    ExportColumn("number", _("Number"), ("number",)),
    ExportColumn("title", _("Title"), ("title",), shown_words),
    ExportColumn("state", _("State"), ("state",), label_of(IncidentState)),
    ExportColumn(
        "attached", _("Attached tickets"),
        of_many=_attached_of_many(AttachmentState.ATTACHED, AttachmentState.SETTLED),
    ),
    ExportColumn("suggested", _("Suggested"), of_many=_attached_of_many(AttachmentState.SUGGESTED)),
    ExportColumn("category", _("Category and below"), named("category__"), in_language),
    ExportColumn("since", _("Since"), ("since",)),
    ExportColumn("end", _("Expected to end"), ("expected_end",)),
    ExportColumn("lead", _("Lead ticket"), ("lead_ticket__number",)),
    ExportColumn("declared", _("Declared"), ("declared_at",)),
    ExportColumn("declared_by", _("Declared by"), named("declared_by__"), in_language),
    ExportColumn("cause", _("What is known about it"), ("cause",), shown_words),
    ExportColumn("conclusion", _("Result"), ("conclusion",), shown_words),
]  # fmt: skip
ATTACHED = [
    ExportColumn("ticket", _("Ticket"), ("ticket__number",)),
    ExportColumn("title", _("Title"), ("ticket__title",), shown_words),
    ExportColumn(
        "customer", _("Customer"), (*named("ticket__customer__"), "ticket__contact_name"), customer_or_contact
    ),
    ExportColumn("region", _("Region"), named("ticket__region__"), in_language),
    ExportColumn("status", _("Status"), ("ticket__status",), label_of(TicketStatus)),
    ExportColumn("state", _("State"), ("state",), label_of(AttachmentState)),
    ExportColumn("answer", _("Answer"), ("answer",), label_of(AnswerState)),
    ExportColumn("answered", pgettext_lazy("mass incident", "Told on"), ("answered_at",)),
    ExportColumn("since", _("Since"), ("since",)),
]
register(
    ExportedList(
        "supervisions", _("Supervised tickets"), SUPERVISIONS, supervision_rows,
        urging_rights.why_not_list_supervisions, SupervisionFilterForm,
    )
)  # fmt: skip
register(
    ExportedList(
        "late_tickets", _("Tickets late soon"), LATE_TICKETS, late_ticket_rows, policies.why_not_see_late, LateForm.of
    )
)
register(
    ExportedList("late_steps", _("Steps late soon"), LATE_STEPS, late_step_rows, policies.why_not_see_late, LateForm.of)
)
register(
    ExportedList(
        "mass_incidents", _("Mass incidents"), INCIDENTS, incident_rows, _why_not_see_incidents, IncidentFilterForm
    )
)
register(
    ExportedList("attached_tickets", _("Tickets of a mass incident"), ATTACHED, attached_rows, _why_not_see_incidents)
)
