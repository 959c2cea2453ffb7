"""The filters of the ticket list people keep and share."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from onepoint.core.errors import InvalidInput, require
from onepoint.core.submitting import add_refusal
from onepoint.tickets import policies, queries, saved, services
from onepoint.tickets.columns import COLUMNS
from onepoint.tickets.list_forms import SavedFilterForm, TicketFilterForm
from onepoint.tickets.models import SavedFilter
from onepoint.tickets.views.lists import TABS, address_of


def _filter_or_404(request: HttpRequest, pk: int) -> SavedFilter:
    found = saved.find_filter(pk, usable_by=request.user)
    if found is None:
        raise Http404
    return found


def _form(request: HttpRequest, data: QueryDict | None = None, **initial: Any) -> SavedFilterForm:
    may_share = policies.why_not_save_filter(request.user, shared=True) is None
    return SavedFilterForm(data, may_share=may_share, initial=initial)


def _asked(query: QueryDict) -> dict[str, Any]:
    """What of a list's address is kept: valid fields, known columns, the order."""
    known = {column.key for column in COLUMNS}
    return {
        "query": TicketFilterForm(query).accepted(),
        "columns": [key for key in query.get("columns", "").split(",") if key in known],
        "sort": query.get("sort", ""),
    }


@require_safe
def list_filters(request: HttpRequest) -> HttpResponse:
    """One's own and those one was given, with whom they are shared."""
    require(policies.why_not_save_filter(request.user))
    filters = saved.with_sharing(list(saved.filters_of(request.user)))
    rows = [(one, address_of(one), policies.why_not_change_filter(one, request.user) is None) for one in filters]
    return render(request, "tickets/filters.html", {"rows": rows})


@require_safe
def filter_tabs(request: HttpRequest) -> HttpResponse:
    """The tabs once more, with the number of tickets each would show this reader; asked for after the page."""
    require(policies.why_not_save_filter(request.user))
    filters = list(saved.filters_of(request.user)[:TABS])
    offered = queries.filter_choices()
    for one in filters:
        chosen = TicketFilterForm.of_saved(one.query, offered=offered).chosen()
        one.figure = saved.figure_of(queries.find_tickets(chosen, visible_to=request.user, complete=False))
    context = {"filters": filters, "current_pk": request.GET.get("current", ""), "are_counted": True}
    return render(request, "tickets/filter_tabs.html", context)


@require_http_methods(["GET", "POST"])
def save_filter(request: HttpRequest) -> HttpResponse:
    """Give the list as it is narrowed now a name."""
    require(policies.why_not_save_filter(request.user))
    query = QueryDict((request.POST if request.method == "POST" else request.GET).get("query", "")[:4000])
    asked = _asked(query)
    form = _form(request, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.save_filter(form.items(), **asked, by=request.user)
        except InvalidInput as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The filter is saved."))
            return redirect(address_of(made))
    narrowed = TicketFilterForm.of_saved(asked["query"])
    narrowed.full_clean()
    context = {"form": form, "query": query.urlencode(), "narrowed": narrowed}
    return render(request, "tickets/filter.html", context, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "POST"])
def change_filter(request: HttpRequest, pk: int) -> HttpResponse:
    one = _filter_or_404(request, pk)
    require(policies.why_not_change_filter(one, request.user))
    shared = {name: [row.pk for row in getattr(one, name).all()] for name in ("units", "roles", "people")}
    form = _form(
        request,
        request.POST if request.method == "POST" else None,
        name=one.name,
        is_first=one.is_first,
        **shared,
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.change_filter(one, form.items(), by=request.user)
        except InvalidInput as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("filter-list")
    narrowed = TicketFilterForm.of_saved(one.query)
    narrowed.full_clean()
    context = {"form": form, "one": one, "narrowed": narrowed}
    return render(request, "tickets/filter.html", context, status=422 if request.method == "POST" else 200)


@require_POST
def replace_filter(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what the list shows now under the filter's name."""
    one = _filter_or_404(request, pk)
    services.replace_query(one, **_asked(QueryDict(request.POST.get("query", "")[:4000])), by=request.user)
    messages.success(request, _("The filter is saved."))
    return redirect(address_of(one))


@require_POST
def delete_filter(request: HttpRequest, pk: int) -> HttpResponse:
    services.delete_filter(_filter_or_404(request, pk), by=request.user)
    messages.success(request, _("The filter is deleted."))
    return redirect("filter-list")


@require_POST
def put_filter_first(request: HttpRequest, pk: int) -> HttpResponse:
    """Open one's ticket list with this filter, or no longer."""
    one = _filter_or_404(request, pk)
    services.put_filter_first(None if one.is_first else one, by=request.user)
    return redirect("filter-list")
