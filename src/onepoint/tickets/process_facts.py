"""What processes may ask about a ticket, for the process designer: the variables with their values in words."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from onepoint.accounts import queries as people
from onepoint.accounts.models import User
from onepoint.accounts.queries import business_lines
from onepoint.channels.states import Channel
from onepoint.customers import queries as customers
from onepoint.tickets import queries
from onepoint.tickets.services.creation import process_variables
from onepoint.tickets.states import TicketKind, TicketStatus, Urgency
from onepoint.workflow.registry import Fact, Labelled, SubjectKind


def _severities() -> list[Labelled]:
    return [(severity.code, severity.label) for severity in queries.severities()]


def _levels() -> list[Labelled]:
    return [(level.code, level.label) for level in customers.levels()]


def _business_lines() -> list[tuple[str, str]]:
    return [(str(line.pk), line.label) for line in business_lines()]


def _regions() -> list[Labelled]:
    return [(str(region.pk), region.label) for region in people.region_tree()]


def _find_facts(reader: User, number: str) -> dict[str, Any] | None:
    ticket = queries.find_ticket(number, visible_to=reader)
    return process_variables(ticket) if ticket else None


#: The variables of ``process_variables``, in the order people ask for them.
TICKET = SubjectKind(
    label=_("Ticket"),
    facts=(
        Fact("kind", _("Kind"), "choice", lambda: TicketKind.choices),
        Fact("category", _("Category (code)")),
        Fact("severity", _("Severity"), "choice", _severities),
        Fact("severity_rank", _("Order of gravity (1 is the gravest)"), "number"),
        Fact("urgency", _("Urgency"), "choice", lambda: Urgency.choices),
        Fact("channel", _("Channel"), "choice", lambda: Channel.choices),
        Fact("customer_level", _("Customer level"), "choice", _levels),
        Fact("reopen_count", _("Times reopened"), "number"),
        Fact("region", _("Region"), "number", _regions),
        Fact("unit", _("Unit"), "number"),
        Fact("business_line", _("Business line"), "number", _business_lines),
        Fact("ticket_number", _("Ticket number")),
    ),
    statuses=[
        (status.value, status.label)
        for status in (TicketStatus.OPEN, TicketStatus.HANDLING, TicketStatus.REPLYING, TicketStatus.VISITING)
    ],
    outcomes=[(status.value, status.label) for status in (TicketStatus.CLOSED, TicketStatus.ABORTED)],
    find_facts=_find_facts,
)
