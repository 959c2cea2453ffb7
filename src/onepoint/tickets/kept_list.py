"""The list of tickets, of which people choose the columns and keep filters."""

from django.utils.translation import gettext_lazy as _

from onepoint.accounts import kept_lists
from onepoint.tickets import queries
from onepoint.tickets.columns import COLUMNS
from onepoint.tickets.list_forms import TicketFilterForm

LIST = kept_lists.register(
    kept_lists.KeptList(
        code="tickets",
        noun="ticket",
        permission="ticket.view",
        url_name="ticket-list",
        label=_("Tickets"),
        all_label=_("All tickets"),
        form=TicketFilterForm,
        columns=COLUMNS,
        found=lambda form, user: queries.find_tickets(form.chosen(), visible_to=user, complete=False),
        moment="opened_at",
        default_sort="-opened",
    )
)
