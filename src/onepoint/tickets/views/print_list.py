"""Several tickets on paper, a line or two each."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from onepoint.accounts.policies import why_not_permitted
from onepoint.core import clock
from onepoint.core.errors import require
from onepoint.tickets import batches, queries
from onepoint.tickets.columns import TicketRow
from onepoint.tickets.views.batches import chosen_of

#: More lines than anybody reads on paper; the whole list is exported instead.
MOST_PRINTED = 500


@require_safe
def print_tickets(request: HttpRequest) -> HttpResponse:
    """The tickets ticked in the list, or all its filter finds, for paper."""
    require(why_not_permitted("ticket.view", request.user))
    tickets = batches.sample_of(chosen_of(request.GET), visible_to=request.user, most=MOST_PRINTED + 1)
    steps = queries.present_steps(tickets)
    rows = [TicketRow(ticket, steps.get(ticket.pk, [])) for ticket in tickets[:MOST_PRINTED]]
    context = {"rows": rows, "is_cut": len(tickets) > MOST_PRINTED, "most": MOST_PRINTED, "printed_at": clock.now()}
    return render(request, "tickets/print_list.html", context)
