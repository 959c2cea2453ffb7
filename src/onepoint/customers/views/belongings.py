"""What a customer owns, added and changed inside the customer page; the same URLs serve page and fragment."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from onepoint.core.errors import BusinessError, InvalidInput, SomebodyWasFaster, require
from onepoint.core.submitting import add_refusal
from onepoint.customers import policies, queries, services
from onepoint.customers.forms import AccountForm, AssetForm, ContactPersonForm
from onepoint.customers.models import Customer
from onepoint.customers.views.records import customer_or_404, detail_context


@dataclass(frozen=True)
class Part:
    """One kind of belonging: its place on the page, its form, and the three services that write it."""

    key: str
    form: Any  # a form class with ``initial_of``
    find: Callable[[Customer, int], Any]
    add: Callable[..., Any]
    change: Callable[..., Any]
    remove: Callable[..., None]
    why_not_change: Callable[..., BusinessError | None]
    removed: str | Promise


PARTS = {
    part.key: part
    for part in (
        Part(
            "accounts", AccountForm, queries.find_account, services.add_account, services.change_account,
            services.close_account, policies.why_not_change_account, gettext_lazy("The account is terminated."),
        ),
        Part(
            "assets", AssetForm, queries.find_asset, services.add_asset, services.change_asset,
            services.retire_asset, policies.why_not_change_belonging, gettext_lazy("Taken off the record."),
        ),
        Part(
            "contact-persons", ContactPersonForm, queries.find_contact_person, services.add_contact_person,
            services.change_contact_person, services.remove_contact_person, policies.why_not_change_belonging,
            gettext_lazy("Removed."),
        ),
    )
}  # fmt: skip


def _part_or_404(key: str) -> Part:
    if key not in PARTS:
        raise Http404
    return PARTS[key]


def _answer(request: HttpRequest, customer: Customer, part: Part, status: int = 200, **more: Any) -> HttpResponse:
    """The part alone for HTMX, the whole customer page otherwise."""
    context = {**detail_context(request, customer), "open_part": part.key, **more}
    template = f"customers/_{part.key.replace('-', '_')}.html" if request.htmx else "customers/detail.html"
    return render(request, template, context, status=status)


def _done(request: HttpRequest, customer: Customer, part: Part, sentence: str) -> HttpResponse:
    if request.htmx:
        return _answer(request, customer, part, open_part="")
    messages.success(request, sentence)
    return redirect("customer-detail", customer.number)


@require_http_methods(["GET", "POST"])
def belonging_add(request: HttpRequest, number: str, part_key: str) -> HttpResponse:
    customer, part = customer_or_404(request, number), _part_or_404(part_key)
    require(policies.why_not_add_to_customer(customer, request.user))
    form = part.form(request.POST or None)
    for name in ("version", "status"):  # of a row that exists
        form.fields.pop(name, None)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        try:
            part.add(customer, by=request.user, **values)
        except (InvalidInput, policies.AlreadyRegistered) as refusal:
            _show(form, refusal)
        else:
            return _done(request, customer, part, _("Added."))
    return _answer(request, customer, part, status=422 if request.method == "POST" else 200, form=form)


@require_http_methods(["GET", "POST"])
def belonging_edit(request: HttpRequest, number: str, part_key: str, row_id: int) -> HttpResponse:
    customer, part = customer_or_404(request, number), _part_or_404(part_key)
    row = _row_or_404(part, customer, row_id)
    require(part.why_not_change(row, request.user))
    form = part.form(request.POST or None, initial=part.form.initial_of(row))
    if request.method == "POST" and form.is_valid():
        values = {**form.cleaned_data, "version": form.cleaned_data["version"] or 0}
        try:
            part.change(row, by=request.user, **values)
        except SomebodyWasFaster as refusal:
            form = _over(form, part.find(customer, row_id))
            form.add_error(None, f"{refusal} {_('What you typed is still here; save again to keep it.')}")
        except (InvalidInput, policies.AlreadyRegistered) as refusal:
            _show(form, refusal)
        else:
            return _done(request, customer, part, _("Saved."))
    status = 422 if request.method == "POST" else 200
    return _answer(request, customer, part, status=status, form=form, open_row=row)


@require_POST
def belonging_remove(request: HttpRequest, number: str, part_key: str, row_id: int) -> HttpResponse:
    customer, part = customer_or_404(request, number), _part_or_404(part_key)
    row = _row_or_404(part, customer, row_id)
    part.remove(row, by=request.user, version=row.version)
    return _done(request, customer, part, str(part.removed))


def _row_or_404(part: Part, customer: Customer, row_id: int) -> Any:
    row = part.find(customer, row_id)
    if row is None:
        raise Http404
    return row


def _show(form: forms.Form, refusal: BusinessError) -> None:
    if isinstance(refusal, InvalidInput):
        add_refusal(form, refusal)
    else:
        form.add_error("value", str(refusal))


def _over(form: Any, present: Any) -> forms.Form:
    """The typed form again, now over the version another person has just saved."""
    posted: Any = form.data
    typed = posted.copy()
    typed["version"] = str(present.version)
    fresh: forms.Form = type(form)(typed, initial=form.initial_of(present))
    fresh.is_valid()
    return fresh
