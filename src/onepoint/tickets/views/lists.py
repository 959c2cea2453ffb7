"""Lists of tickets."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from onepoint.accounts.policies import why_not_permitted
from onepoint.core.errors import require
from onepoint.core.tables import Column, make_page
from onepoint.customers import queries as customer_queries
from onepoint.tickets import queries
from onepoint.tickets.forms import TicketFilterForm

COLUMNS = [
    Column("number", _("Number"), ("number",)),
    Column("title", _("Title"), css="wide"),
    Column("category", _("Category")),
    Column("customer", _("Customer")),
    Column("severity", _("Severity")),
    Column("status", _("Status and step")),
    Column("region", _("Region")),
    Column("opened", _("Opened"), ("opened_at",)),
    Column("due", _("Due"), ("due_at",)),
]


@require_safe
def list_tickets(request: HttpRequest) -> HttpResponse:
    require(why_not_permitted("ticket.view", request.user))
    form = TicketFilterForm(request.GET or None)
    found = queries.find_tickets(form.chosen(), visible_to=request.user)
    page = make_page(found, COLUMNS, request.GET, default_sort="-opened")
    steps = queries.present_steps(page.rows)
    rows = [(ticket, steps.get(ticket.pk, [])) for ticket in page.rows]
    return render(request, "tickets/list.html", {"page": page, "form": form, "rows": rows})


def _of_customer(request: HttpRequest, number: str, *, alive: bool) -> HttpResponse:
    require(why_not_permitted("ticket.view", request.user))
    customer = customer_queries.find_customer(number, visible_to=request.user)
    if customer is None:
        raise Http404
    tickets = queries.tickets_of_customer(customer.pk, alive=alive, visible_to=request.user)
    steps = queries.present_steps(tickets) if alive else {}
    rows = [(ticket, steps.get(ticket.pk, [])) for ticket in tickets]
    return render(request, "tickets/of_customer.html", {"rows": rows, "alive": alive, "customer": customer})


@require_safe
def open_of_customer(request: HttpRequest, number: str) -> HttpResponse:
    return _of_customer(request, number, alive=True)


@require_safe
def closed_of_customer(request: HttpRequest, number: str) -> HttpResponse:
    return _of_customer(request, number, alive=False)
