"""The ticket list as a file."""

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.accounts.policies import why_not_permitted
from onepoint.core.errors import BusinessError
from onepoint.core.exporting import ExportedList, register
from onepoint.core.tables import sort_order
from onepoint.tickets import batch_exports, overview_exports, queries  # noqa: F401  (further lists register themselves)
from onepoint.tickets.columns import COLUMNS, EXPORT_COLUMNS
from onepoint.tickets.list_forms import TicketFilterForm
from onepoint.tickets.models import Ticket


def rows(person: User, parameters: QueryDict) -> QuerySet[Ticket]:
    """What the page shows for the same address, to this person."""
    found = queries.find_tickets(TicketFilterForm(parameters).chosen(), visible_to=person)
    return found.order_by(*sort_order(COLUMNS, parameters.get("sort", ""), "-opened")[1])


def _why_not_list(person: User) -> BusinessError | None:
    return why_not_permitted("ticket.view", person)


register(ExportedList("tickets", _("Tickets"), EXPORT_COLUMNS, rows, _why_not_list, TicketFilterForm))
