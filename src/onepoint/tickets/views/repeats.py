"""The panel of repeated complaints on the page of a customer."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from onepoint.accounts.policies import why_not_permitted
from onepoint.core.errors import require
from onepoint.customers import queries as customer_queries
from onepoint.tickets.repeats import repeated_complaints


@require_safe
def repeats_of_customer(request: HttpRequest, number: str) -> HttpResponse:
    """Fragment: what the customer complained about again and again; nothing to see where there is nothing."""
    require(why_not_permitted("ticket.view", request.user))
    customer = customer_queries.find_customer(number, visible_to=request.user)
    if customer is None:
        raise Http404
    context = {"customer": customer, "repeats": repeated_complaints([customer.pk], visible_to=request.user)}
    return render(request, "tickets/repeats.html", context)
