"""List, page and forms of customers."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from onepoint.accounts.services import privacy
from onepoint.core import masking
from onepoint.core.errors import InvalidInput, SomebodyWasFaster, require
from onepoint.core.submitting import add_refusal
from onepoint.core.tables import Column, make_page
from onepoint.core.withheld import WORDS
from onepoint.customers import history, policies, queries, services
from onepoint.customers.forms import (
    CustomerChangeForm,
    CustomerCreateForm,
    CustomerFilter,
    CustomerForm,
    DuplicatesQuery,
    OptionsQuery,
)
from onepoint.customers.forms.merging import HistoryQuery
from onepoint.customers.forms.records import PERSONAL
from onepoint.customers.models import Customer
from onepoint.customers.panels import panels_for
from onepoint.customers.queries import attention, likeness, tree

COLUMNS = [
    Column("number", gettext_lazy("Number"), ("number",), "num"),
    Column("name", gettext_lazy("Name"), ("name_key",), "wide"),
    # Few kinds, levels and regions, and a million customers: one filters by these.
    Column("kind", gettext_lazy("Kind")),
    Column("level", gettext_lazy("Level")),
    Column("phones", gettext_lazy("Numbers and accounts")),
    Column("id_number", gettext_lazy("ID number")),
    Column("region", gettext_lazy("Region")),
    Column("registered", gettext_lazy("Registered"), ("created_at",), "num"),
]


def customer_or_404(request: HttpRequest, number: str) -> Customer:
    """The customer if it lies within the person's scope; nobody learns that others exist."""
    customer = queries.find_customer(number, visible_to=request.user)
    if customer is None:
        raise Http404
    return customer


@require_GET
def customer_list(request: HttpRequest) -> HttpResponse:
    form = CustomerFilter(request.GET)
    found = queries.filtered_customers(visible_to=request.user, **form.criteria())
    page = make_page(found, COLUMNS, request.GET, default_sort="-registered")
    context = {"form": form, "page": page, "may_create": policies.why_not_create_customer(request.user) is None}
    return render(request, "customers/list.html", context)


def detail_context(request: HttpRequest, customer: Customer) -> dict[str, Any]:
    """What the customer page shows."""
    return {
        "customer": customer,
        "accounts": queries.accounts_of(customer),
        "assets": queries.assets_of(customer),
        "contact_persons": queries.contact_persons_of(customer),
        "panels": panels_for(request.user),
        "why_not_edit": policies.why_not_add_to_customer(customer, request.user),
        "why_not_use": policies.why_not_change_customer(customer, request.user),
        "why_not_reactivate": policies.why_not_reactivate(customer, request.user),
        "why_not_merge": policies.why_not_merge_customer(customer, request.user),
        "why_not_copy": policies.why_not_copy(customer, request.user),
        "why_not_erase": policies.why_not_open_erasure(customer, request.user),
        "why_not_attend": policies.why_not_put_on_attention_list(customer, request.user),
        "attention": attention.attention_of(customer, visible_to=request.user),
    }


@require_GET
def customer_detail(request: HttpRequest, number: str) -> HttpResponse:
    customer = customer_or_404(request, number)
    if customer.merged_into_id and (successor := likeness.find_successor(customer, visible_to=request.user)):
        text = _("%(merged)s was merged into this record.")
        messages.info(request, text % {"merged": customer.number})
        return redirect("customer-detail", successor.number)
    privacy.note_reading("customer", customer.pk, by=request.user)
    return render(request, "customers/detail.html", detail_context(request, customer))


@require_http_methods(["GET", "POST"])
def customer_create(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_create_customer(request.user))
    form = CustomerCreateForm(
        request.POST or None, initial={**CustomerCreateForm.initial_for(request.user), **request.GET.dict()}
    )
    duplicates: list[Customer] = []
    if request.method == "POST" and form.is_valid():
        try:
            customer = services.create_customer(by=request.user, **form.values())
        except policies.PossibleDuplicate as refusal:
            duplicates = refusal.customers
        except InvalidInput as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Customer %(number)s is registered.") % {"number": customer.number})
            return redirect("customer-detail", customer.number)
    status = 422 if request.method == "POST" else 200
    return render(request, "customers/create.html", {"form": form, "duplicates": duplicates}, status=status)


@require_GET
def customer_duplicates(request: HttpRequest) -> HttpResponse:
    """Fragment: who already has one of the numbers typed so far."""
    form = DuplicatesQuery(request.GET)
    region = request.user.unit.region if request.user.unit else None
    found = queries.possible_duplicates(
        visible_to=request.user, area_code=region.area_code if region else "", **form.criteria()
    )
    return render(request, "customers/_duplicates.html", {"duplicates": found})


@require_http_methods(["GET", "POST"])
def customer_edit(request: HttpRequest, number: str) -> HttpResponse:
    customer = customer_or_404(request, number)
    require(policies.why_not_add_to_customer(customer, request.user))
    form = CustomerChangeForm(request.POST or None, initial=CustomerChangeForm.initial_of(customer))
    conflicts: list[tuple[str, Any]] = []
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            services.change_customer(customer, by=request.user, **form.cleaned_data)
        except InvalidInput as refusal:
            add_refusal(form, refusal)
        except SomebodyWasFaster as refusal:
            status = refusal.status
            form, conflicts = _with_the_other_version(form, customer_or_404(request, number))
        else:
            messages.success(request, _("Saved."))
            return redirect("customer-detail", customer.number)
    context = {"form": form, "customer": customer, "conflicts": conflicts}
    return render(request, "customers/edit.html", context, status=status)


def _with_the_other_version(
    form: CustomerChangeForm, present: Customer
) -> tuple[CustomerChangeForm, list[tuple[str, Any]]]:
    """The typed form, to be saved over the other person's version on purpose, and what that person wrote."""
    posted: Any = form.data
    typed = posted.copy()
    typed["version"] = str(present.version)
    conflicts: list[tuple[str, Any]] = []
    for name in CustomerForm.base_fields:
        if getattr(present, name) != form.cleaned_data[name]:
            display = getattr(present, f"get_{name}_display", None)
            value = display() if display else getattr(present, name)
            conflicts.append((str(form.fields[name].label or ""), _as_shown(name, value)))
    return CustomerChangeForm(typed, initial=CustomerChangeForm.initial_of(present)), conflicts


def _as_shown(name: str, value: Any) -> Any:
    group = PERSONAL.get(name)
    if group is None:
        return value
    return masking.shown_words(value) if group == WORDS else masking.shown(value, group)


@require_POST
def customer_deactivate(request: HttpRequest, number: str) -> HttpResponse:
    customer = customer_or_404(request, number)
    services.deactivate_customer(customer, by=request.user, version=customer.version)
    messages.success(request, _("The record is out of use now."))
    return redirect("customer-detail", customer.number)


@require_POST
def customer_reactivate(request: HttpRequest, number: str) -> HttpResponse:
    customer = customer_or_404(request, number)
    services.reactivate_customer(customer, by=request.user, version=customer.version)
    messages.success(request, _("The record is in use again."))
    return redirect("customer-detail", customer.number)


@require_GET
def customer_history(request: HttpRequest, number: str) -> HttpResponse:
    """Fragment: the timeline of the customer, newest first, page by page; of one kind if asked for."""
    customer = customer_or_404(request, number)
    form = HistoryQuery(request.GET)
    kind = form.kind_wanted()
    positions = {name: str(value)[:80] for name, value in request.GET.items() if name != "kind"}
    ids = [customer.pk, *(pk for pk, _number in likeness.merged_ones(customer))]
    page = history.read_history(customer, ids, visible_to=request.user, kind=kind, positions=positions)
    kinds = [("", _("All"), not kind), *((key, label, key == kind) for key, label in history.kinds_for(request.user))]
    context = {
        "page": page,
        "kinds": kinds,
        "history_url": reverse("customer-history", args=[customer.number]),
        "more": bool(positions),
        "more_query": urlencode({"kind": kind, **page.positions}) if page.positions else "",
    }
    return render(request, "customers/_history.html", context)


@require_GET
def customer_relations(request: HttpRequest, number: str) -> HttpResponse:
    """Fragment: the household or company, records that look alike, and what was merged into this one."""
    customer = customer_or_404(request, number)
    may_merge = policies.why_not_merge_customer(customer, request.user) is None
    pairs = likeness.open_pairs_of(customer, visible_to=request.user) if may_merge else []
    merges = likeness.merges_of(customer) if may_merge else []
    context = {
        "customer": customer,
        "tree": tree.tree_of(customer, visible_to=request.user),
        "why_not_edit": policies.why_not_add_to_customer(customer, request.user),
        "proposed": [(pair, pair.second if pair.first_id == customer.pk else pair.first) for pair in pairs],
        "merges": [(merge, policies.why_not_undo_merge(merge, request.user)) for merge in merges],
    }
    return render(request, "customers/_relations.html", context)


@require_GET
def customer_options(request: HttpRequest) -> JsonResponse:
    """For pickers: the customers some letters or digits may mean."""
    form = OptionsQuery(request.GET)
    text = form.cleaned_data["q"] if form.is_valid() else ""
    found = queries.find_customers(text, visible_to=request.user)
    results = [
        {
            "value": customer.pk,
            "label": customer.label,
            "note": " · ".join(
                [
                    customer.number,
                    *(masking.shown(account.value, "phone") for account in getattr(customer, "shown_accounts", [])[:2]),
                ]
            ),
        }
        for customer in found
    ]
    return JsonResponse({"results": results})
