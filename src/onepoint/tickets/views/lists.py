"""Lists of tickets."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from onepoint.accounts import kept_lists
from onepoint.accounts.policies import why_not_permitted
from onepoint.core.errors import require
from onepoint.core.tables import Page, make_page
from onepoint.customers import queries as customer_queries
from onepoint.customers.queries.tree import ids_of_tree
from onepoint.tickets import batch_rights, mass_incident_rights, queries, related
from onepoint.tickets.batch_forms import offered_verbs
from onepoint.tickets.columns import NEEDS, READ, TICK, TicketRow
from onepoint.tickets.kept_list import LIST
from onepoint.tickets.models import Ticket


def _rows(page: Page[Ticket]) -> list[TicketRow]:
    steps = queries.present_steps(page.rows)
    tags = {}
    if any(column.key == "tags" for column in page.columns):
        tags = {tag.code: tag for tag in related.shown_tags({code for row in page.rows for code in row.tags})}
    return [TicketRow(ticket, steps.get(ticket.pk, []), tags) for ticket in page.rows]


def _selection_bar(request: HttpRequest) -> str:
    """What can be done with the tickets ticked."""
    offered = {
        "verbs": offered_verbs(request.user),
        "may_declare": mass_incident_rights.why_not_declare(request.user) is None,
    }
    return render_to_string("tickets/selection_bar.html", offered, request)


@require_safe
def list_tickets(request: HttpRequest) -> HttpResponse:
    require(why_not_permitted("ticket.view", request.user))
    opened = kept_lists.open_list(LIST, request.user, request.GET)
    if opened.way:
        return redirect(opened.way)
    acts_on_many = batch_rights.why_not_batch(request.user) is None
    found = LIST.found(opened.form, request.user).only(*READ)
    needed = tuple(NEEDS[column.key] for column in opened.columns if column.key in NEEDS)
    if needed:
        found = found.select_related(*needed)
    drawn = [TICK, *opened.columns] if acts_on_many else opened.columns
    page = make_page(
        found, drawn, request.GET, default_sort=opened.default_sort, moment=LIST.moment,
        by_keys=lambda ids: queries.rows_of_list(ids, READ, needed),
    )  # fmt: skip
    context = {
        **opened.context(request.user),
        "page": page,
        "rows": _rows(page),
        "bar": _selection_bar(request) if acts_on_many else "",
    }
    return render(request, "tickets/list.html", context)


def _of_customer(request: HttpRequest, number: str, *, alive: bool) -> HttpResponse:
    require(why_not_permitted("ticket.view", request.user))
    customer = customer_queries.find_customer(number, visible_to=request.user)
    if customer is None:
        raise Http404
    relatives = ids_of_tree(customer) if alive else []
    tickets = queries.tickets_of_customer(customer.pk, alive=alive, visible_to=request.user, relatives=relatives)
    steps = queries.present_steps(tickets) if alive else {}
    rows = [(ticket, steps.get(ticket.pk, [])) for ticket in tickets]
    return render(request, "tickets/of_customer.html", {"rows": rows, "alive": alive, "customer": customer})


@require_safe
def open_of_customer(request: HttpRequest, number: str) -> HttpResponse:
    return _of_customer(request, number, alive=True)


@require_safe
def closed_of_customer(request: HttpRequest, number: str) -> HttpResponse:
    return _of_customer(request, number, alive=False)
