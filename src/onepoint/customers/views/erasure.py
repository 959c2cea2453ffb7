"""Erasing a customer: what stands against it, the request, the second person's word; the legal hold."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from onepoint.accounts.policies import why_not_permitted
from onepoint.core.errors import require
from onepoint.core.submitting import status_of, succeeds
from onepoint.core.tables import Column, make_page
from onepoint.customers import erasing, policies, queries, services
from onepoint.customers.models import Customer, Erasure
from onepoint.customers.services.erasure import MOST_WORDS
from onepoint.customers.views.records import customer_or_404

COLUMNS = [
    Column("customer", gettext_lazy("Customer"), (), "wide"),
    Column("state", gettext_lazy("State")),
    Column("reason", gettext_lazy("Reason"), (), "wide"),
    Column("asked", gettext_lazy("Asked for"), ("id",), "num"),
    Column("by", gettext_lazy("Asked for by")),
    Column("decided", gettext_lazy("Confirmed or refused by")),
]


@require_GET
def erasure_list(request: HttpRequest) -> HttpResponse:
    require(why_not_permitted("customer.confirm_erasure", request.user))
    page = make_page(queries.erasures(visible_to=request.user), COLUMNS, request.GET, default_sort="-asked")
    return render(request, "customers/erasures.html", {"page": page})


class ErasureForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Who asked for it and how"), max_length=MOST_WORDS)


class HoldForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Legal hold: why the data must be kept"), max_length=MOST_WORDS, required=False
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


def _page(request: HttpRequest, customer: Customer, form: forms.Form, hold: forms.Form, status: int) -> HttpResponse:
    found = queries.last_erasure(customer)
    context = {
        "customer": customer,
        "form": form,
        "hold": hold,
        "erasure": found,
        "obstacles": erasing.obstacles(policies.family_ids(customer)),
        "why_not_ask": policies.why_not_ask_for_erasure(customer, request.user),
        "why_not_hold": policies.why_not_hold(customer, request.user),
        "why_not_confirm": policies.why_not_confirm_erasure(found, request.user) if found else None,
        "why_not_refuse": policies.why_not_refuse_erasure(found, request.user) if found else None,
    }
    return render(request, "customers/erasure.html", context, status=status)


def _hold_form(customer: Customer) -> HoldForm:
    return HoldForm(initial={"reason": customer.legal_hold, "version": customer.version}, auto_id="hold-%s")


@require_http_methods(["GET", "POST"])
def customer_erasure(request: HttpRequest, number: str) -> HttpResponse:
    customer = customer_or_404(request, number)
    require(policies.why_not_open_erasure(customer, request.user))
    form = ErasureForm(request.POST or None)
    if request.method == "POST" and succeeds(
        form, lambda data: services.ask_for_erasure(customer, reason=data["reason"], by=request.user)
    ):
        messages.success(request, _("Asked for. A second person confirms it on this page."))
        return redirect("customer-erasure", customer.number)
    return _page(request, customer, form, _hold_form(customer), status_of(form))


def _waiting_or_404(request: HttpRequest, number: str) -> Erasure:
    customer = customer_or_404(request, number)
    require(policies.why_not_open_erasure(customer, request.user))
    found = queries.last_erasure(customer)
    if found is None:
        raise Http404
    return found


@require_POST
def erasure_confirm(request: HttpRequest, number: str) -> HttpResponse:
    services.confirm_erasure(_waiting_or_404(request, number), by=request.user)
    messages.success(request, _("Confirmed. The customer is being erased."))
    return redirect("customer-detail", number)


@require_POST
def erasure_refuse(request: HttpRequest, number: str) -> HttpResponse:
    services.refuse_erasure(_waiting_or_404(request, number), by=request.user)
    messages.success(request, _("The customer stays."))
    return redirect("customer-erasure", number)


@require_POST
def customer_hold(request: HttpRequest, number: str) -> HttpResponse:
    customer = customer_or_404(request, number)
    require(policies.why_not_hold(customer, request.user))
    hold = HoldForm(request.POST, auto_id="hold-%s")
    if succeeds(
        hold,
        lambda data: services.set_legal_hold(customer, reason=data["reason"], version=data["version"], by=request.user),
    ):
        messages.success(request, _("Saved."))
        return redirect("customer-erasure", customer.number)
    return _page(request, customer, ErasureForm(), hold, status_of(hold))
