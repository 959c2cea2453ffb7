"""The filters people keep of a list, and share; one set of pages for every list of ``accounts.kept_lists``."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from onepoint.accounts import policies, queries, services
from onepoint.accounts.kept_lists import TABS, KeptList, figure_of, find_list, with_addresses
from onepoint.accounts.models import SavedFilter
from onepoint.accounts.saved_filter_forms import SavedFilterForm
from onepoint.core.errors import InvalidInput, require
from onepoint.core.submitting import add_refusal
from onepoint.core.tables import choose_columns


def _list_or_404(code: str) -> KeptList:
    found = find_list(code)
    if found is None:
        raise Http404
    return found


def _filter_or_404(request: HttpRequest, pk: int) -> tuple[SavedFilter, KeptList]:
    found = queries.find_filter(pk, usable_by=request.user)
    if found is None:
        raise Http404
    return found, _list_or_404(found.list_code)


def _form(request: HttpRequest, kept: KeptList, data: QueryDict | None = None, **initial: Any) -> SavedFilterForm:
    may_share = policies.why_not_save_filter(kept.permission, request.user, shared=True) is None
    return SavedFilterForm(data, may_share=may_share, initial=initial)


def _asked(request: HttpRequest) -> QueryDict:
    given = request.POST if request.method == "POST" else request.GET
    return QueryDict(given.get("query", "")[:4000])


@require_safe
def list_filters(request: HttpRequest, code: str) -> HttpResponse:
    """One's own and those one was given, with whom they are shared."""
    kept = _list_or_404(code)
    require(policies.why_not_save_filter(kept.permission, request.user))
    filters = queries.with_sharing(list(queries.filters_of(request.user, code)))
    rows = [(one, kept.address_of(one), one.owner_id == request.user.pk) for one in filters]
    return render(request, "accounts/filters.html", {"rows": rows, "kept": kept})


@require_safe
def filter_tabs(request: HttpRequest, code: str) -> HttpResponse:
    """The tabs once more, with the number of rows each would show this reader; asked for after the page."""
    kept = _list_or_404(code)
    require(policies.why_not_save_filter(kept.permission, request.user))
    filters = list(queries.filters_of(request.user, code)[:TABS])
    for one in filters:
        one.figure = figure_of(kept, one, request.user)
    context = {
        "kept": kept,
        "filters": with_addresses(kept, filters),
        "current_pk": request.GET.get("current", ""),
        "are_counted": True,
    }
    return render(request, "accounts/filter_tabs.html", context)


@require_http_methods(["GET", "POST"])
def save_filter(request: HttpRequest, code: str) -> HttpResponse:
    """Give the list as it is narrowed now a name."""
    kept = _list_or_404(code)
    require(policies.why_not_save_filter(kept.permission, request.user))
    query = _asked(request)
    asked = kept.asked(query)
    form = _form(request, kept, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.save_filter(form.items(), list_code=code, **asked, by=request.user)
        except InvalidInput as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The filter is saved."))
            return redirect(kept.address_of(made))
    narrowed = kept.form.of_saved(asked["query"])
    narrowed.full_clean()
    context = {"form": form, "query": query.urlencode(), "narrowed": narrowed, "kept": kept}
    return render(request, "accounts/filter.html", context, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "POST"])
def change_filter(request: HttpRequest, pk: int) -> HttpResponse:
    one, kept = _filter_or_404(request, pk)
    require(policies.why_not_change_filter(one, kept.permission, request.user))
    shared = {name: [row.pk for row in getattr(one, name).all()] for name in ("units", "roles", "people")}
    form = _form(
        request,
        kept,
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
            return redirect("filter-list", kept.code)
    narrowed = kept.form_of(one)
    narrowed.full_clean()
    context = {"form": form, "one": one, "narrowed": narrowed, "kept": kept}
    return render(request, "accounts/filter.html", context, status=422 if request.method == "POST" else 200)


@require_POST
def replace_filter(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what the list shows now under the filter's name."""
    one, kept = _filter_or_404(request, pk)
    services.replace_query(one, **kept.asked(_asked(request)), by=request.user)
    messages.success(request, _("The filter is saved."))
    return redirect(kept.address_of(one))


@require_POST
def delete_filter(request: HttpRequest, pk: int) -> HttpResponse:
    one, kept = _filter_or_404(request, pk)
    services.delete_filter(one, by=request.user)
    messages.success(request, _("The filter is deleted."))
    return redirect("filter-list", kept.code)


@require_POST
def put_filter_first(request: HttpRequest, pk: int) -> HttpResponse:
    """Open one's list with this filter, or no longer."""
    one, kept = _filter_or_404(request, pk)
    services.put_filter_first(kept.code, None if one.is_first else one, by=request.user)
    return redirect("filter-list", kept.code)


@require_POST
def choose_list_columns(request: HttpRequest, code: str) -> HttpResponse:
    """Keep the columns of a list, or of the saved filter it is shown by."""
    kept = _list_or_404(code)
    require(policies.why_not_permitted(kept.permission, request.user))
    known = {column.key for column in kept.columns}
    keys = [key for key in request.POST.getlist("columns") if key in known]
    number = request.POST.get("filter", "")
    current = queries.find_filter(int(number), usable_by=request.user) if _is_number(number) else None
    if current and current.list_code != code:
        current = None
    choose_columns(kept.columns_code(current), [] if "usual" in request.POST else keys, actor_id=request.user.pk)
    return redirect(f"{kept.address}?{_asked(request).urlencode() or 'filter='}")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 18
