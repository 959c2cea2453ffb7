"""Customers who arrive at an agent: the desk hears of it, opens the customer, or lets the agent choose."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from onepoint.core import masking
from onepoint.core.errors import require
from onepoint.customers import queries as customer_queries
from onepoint.workspace import arrivals, policies, services
from onepoint.workspace.models import Arrival


def _arrival_or_404(request: HttpRequest, pk: int) -> Arrival:
    arrival = arrivals.find_arrival(pk, visible_to=request.user)
    if arrival is None:
        raise Http404
    return arrival


@never_cache
@require_GET
def arrival_latest(request: HttpRequest) -> HttpResponse:
    """What an open page asks when it hears of an arrival: who is there and where to go; 204 when nobody is."""
    require(policies.why_not_use_desk(request.user))
    arrival = arrivals.newest_arrival(request.user)
    if arrival is None:
        return HttpResponse(status=204)
    customer = arrivals.customer_of(arrival)
    who = customer.label if customer else masking.shown(arrivals.number_of(arrival), "phone")
    channel = arrival.contact.get_channel_display() if arrival.contact else ""
    return JsonResponse(
        {
            "id": arrival.pk,
            "text": " · ".join(part for part in (channel, who or _("somebody")) if part),
            "open": reverse("arrival-open", args=[arrival.pk]),
        }
    )


@never_cache
@require_http_methods(["GET", "POST"])
def arrival_open(request: HttpRequest, pk: int) -> HttpResponse:
    """The way to the customer. GET goes there; POST tells an open tab where, and whether it is the first to go."""
    arrival = _arrival_or_404(request, pk)
    candidates = [] if arrivals.customer_of(arrival) else arrivals.possible_customers(arrival, visible_to=request.user)
    address = arrivals.address_of(arrival, candidates, visible_to=request.user)
    is_first = services.open_arrival(arrival, by=request.user)
    if request.method == "GET":
        return HttpResponseRedirect(address)
    return JsonResponse({"first": is_first, "url": address})


@require_GET
def arrival_choose(request: HttpRequest, pk: int) -> HttpResponse:
    """Several customers have this number: which of them is it?"""
    arrival = _arrival_or_404(request, pk)
    context = {
        "arrival": arrival,
        "number": arrivals.number_of(arrival),
        "candidates": arrivals.possible_customers(arrival, visible_to=request.user),
    }
    return render(request, "workspace/arrival_choose.html", context)


@require_POST
def arrival_recognise(request: HttpRequest, pk: int, number: str) -> HttpResponse:
    """It is this customer: the contact gets its customer, the desk goes to the record."""
    arrival = _arrival_or_404(request, pk)
    customer = customer_queries.find_customer(number, visible_to=request.user)
    if customer is None:
        raise Http404
    services.recognise_customer(arrival, customer, by=request.user)
    query = f"?contact={arrival.contact.number}" if arrival.contact else ""
    return HttpResponseRedirect(reverse("customer-360", args=[customer.number]) + query)
