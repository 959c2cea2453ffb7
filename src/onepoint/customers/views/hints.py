"""The panel of what presses about a customer."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from onepoint.customers.hints import hints_about
from onepoint.customers.views.records import customer_or_404


@require_GET
def customer_hints(request: HttpRequest, number: str) -> HttpResponse:
    """Fragment: the hints of every capability, the most pressing first; nothing to see where there are none."""
    customer = customer_or_404(request, number)
    context = {"customer": customer, "hints": hints_about(customer, visible_to=request.user)}
    return render(request, "customers/_hints.html", context)
