"""Lists of tickets."""

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from onepoint.accounts.models import User
from onepoint.accounts.policies import why_not_permitted
from onepoint.core import masking
from onepoint.core.errors import require
from onepoint.core.exporting import why_not_export
from onepoint.core.tables import Column, Page, choose_columns, chosen_keys, make_page, named_columns
from onepoint.customers import queries as customer_queries
from onepoint.customers.queries.tree import ids_of_tree
from onepoint.tickets import batch_rights, mass_incident_rights, policies, queries, related, saved
from onepoint.tickets.batch_forms import offered_verbs
from onepoint.tickets.columns import COLUMNS, NEEDS, TICK, TicketRow
from onepoint.tickets.list_forms import TicketFilterForm
from onepoint.tickets.models import SavedFilter, Ticket

LIST = "tickets"
DEFAULT_SORT = "-opened"
#: Filters that stand as tabs; the others are in the menu behind them.
TABS = 5
#: Parameters that say how the list is shown, not what it holds.
NOT_A_FILTER = {"filter", "sort", "size", "page"}


def _code_of(current: SavedFilter | None) -> str:
    return f"{LIST}:{current.pk}" if current else LIST


def _columns(current: SavedFilter | None, user: User) -> list[Column]:
    """Chosen in this filter, else as it was saved, else chosen for the list, else the usual ones."""
    chosen = chosen_keys(LIST, _code_of(current), actor_id=user.pk)
    keys = chosen.get(_code_of(current)) or (current.columns if current else []) or chosen.get(LIST, [])
    return [column for column in named_columns(COLUMNS, keys) if masking.shows_field(f"ticket.{column.key}")]


def address_of(one: SavedFilter) -> str:
    """The list as a saved filter shows it: everything stands in the address, so it can be changed from there."""
    query = {**one.query, **({"sort": one.sort} if one.sort else {}), "filter": one.pk}
    return f"{reverse('ticket-list')}?{urlencode(query)}"


def _way_to_saved(parameters: QueryDict, filters: list[SavedFilter]) -> str:
    """Where to go when only a filter is named, or nothing at all while one of them is to be opened first."""
    if set(parameters) - {"filter"}:
        return ""
    if not parameters:
        wanted = next((one for one in filters if one.is_first), None)
    else:
        wanted = next((one for one in filters if str(one.pk) == parameters["filter"]), None)
        if parameters["filter"] and wanted is None:
            raise Http404
    return address_of(wanted) if wanted and (wanted.query or wanted.sort or not parameters) else ""


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
    filters = saved.filters_to_show(request.user)
    if way := _way_to_saved(request.GET, filters):
        return redirect(way)
    current = next((one for one in filters if str(one.pk) == request.GET.get("filter")), None)
    form = TicketFilterForm(request.GET if set(request.GET) - NOT_A_FILTER else None)
    columns = _columns(current, request.user)
    acts_on_many = batch_rights.why_not_batch(request.user) is None
    found = queries.find_tickets(form.chosen(), visible_to=request.user, complete=False)
    if needed := [NEEDS[column.key] for column in columns if column.key in NEEDS]:
        found = found.select_related(*needed)
    default_sort = (current and current.sort) or DEFAULT_SORT
    drawn = [TICK, *columns] if acts_on_many else columns
    page = make_page(found, drawn, request.GET, default_sort=default_sort, moment="opened_at")
    shown = [column.key for column in columns]
    context = {
        "page": page,
        "form": form,
        "rows": _rows(page),
        "filters": filters[:TABS],
        "more_filters": filters[TABS:],
        "current": current,
        "is_changed": current is not None and form.accepted() != current.query,
        "is_narrowed": form.is_bound,
        "is_own": current is not None and policies.why_not_change_filter(current, request.user) is None,
        "choosable": [*columns, *(column for column in COLUMNS if column.key not in shown)],
        "shown": shown,
        "may_export": why_not_export(LIST, request.user) is None,
        "bar": _selection_bar(request) if acts_on_many else "",
    }
    return render(request, "tickets/list.html", context)


@require_POST
def choose_ticket_columns(request: HttpRequest) -> HttpResponse:
    """Keep the columns of the list, or of the saved filter it is shown by."""
    require(why_not_permitted("ticket.view", request.user))
    known = {column.key for column in COLUMNS}
    keys = [key for key in request.POST.getlist("columns") if key in known]
    number = request.POST.get("filter", "")
    current = (
        saved.find_filter(int(number), usable_by=request.user) if number.isdecimal() and len(number) < 18 else None
    )
    choose_columns(_code_of(current), [] if "usual" in request.POST else keys, actor_id=request.user.pk)
    query = QueryDict(request.POST.get("query", "")[:4000]).urlencode()
    return redirect(f"{reverse('ticket-list')}?{query or 'filter='}")


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
