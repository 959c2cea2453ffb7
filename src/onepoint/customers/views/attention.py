"""The attention list: its page, and entries added and changed from a customer."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from onepoint.accounts.policies import why_not_permitted
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, SomebodyWasFaster, require
from onepoint.core.submitting import add_refusal
from onepoint.core.tables import Column, make_page
from onepoint.customers import policies, services
from onepoint.customers.forms.merging import AttentionChangeForm, AttentionFilter, AttentionForm
from onepoint.customers.models import AttentionEntry
from onepoint.customers.queries import attention as queries
from onepoint.customers.views.records import customer_or_404

COLUMNS = [
    Column("customer", gettext_lazy("Customer"), ("customer__name_key",), "wide"),
    Column("kind", gettext_lazy("Kind"), ("kind",)),
    Column("reason", gettext_lazy("Reason"), (), "wide"),
    Column("from", gettext_lazy("From date"), ("starts_on",), "num"),
    Column("to", gettext_lazy("To date"), ("ends_on",), "num"),
    Column("entered", gettext_lazy("Entered"), ("created_at",), "num"),
    Column("by", gettext_lazy("Entered by")),
    Column("actions", "", (), "actions"),
]


@require_GET
def attention_list(request: HttpRequest) -> HttpResponse:
    require(why_not_permitted("attention.view", request.user))
    form = AttentionFilter(request.GET)
    found = queries.filtered_attention(visible_to=request.user, **form.criteria())
    page = make_page(found, COLUMNS, request.GET, default_sort="-entered")
    for entry in page.rows:
        entry.why_not_change = policies.why_not_change_attention(entry, request.user)  # type: ignore[attr-defined]
    return render(request, "customers/attention.html", {"form": form, "page": page})


def _entry_or_404(request: HttpRequest, entry_id: int) -> AttentionEntry:
    entry = queries.find_attention(entry_id, visible_to=request.user)
    if entry is None:
        raise Http404
    return entry


@require_http_methods(["GET", "POST"])
def attention_add(request: HttpRequest, number: str) -> HttpResponse:
    customer = customer_or_404(request, number)
    require(policies.why_not_put_on_attention_list(customer, request.user))
    form = AttentionForm(request.POST or None, initial={"starts_on": clock.today()})
    if request.method == "POST" and form.is_valid():
        try:
            services.put_on_attention_list(customer, by=request.user, **form.cleaned_data)
        except InvalidInput as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The customer is on the attention list."))
            return redirect("customer-detail", customer.number)
    context = {"customer": customer, "form": form}
    return render(request, "customers/attention_form.html", context, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "POST"])
def attention_edit(request: HttpRequest, entry_id: int) -> HttpResponse:
    entry = _entry_or_404(request, entry_id)
    require(policies.why_not_change_attention(entry, request.user))
    form = AttentionChangeForm(request.POST or None, initial=AttentionChangeForm.initial_of(entry))
    if request.method == "POST" and form.is_valid():
        try:
            services.change_attention(entry, by=request.user, **form.cleaned_data)
        except InvalidInput as refusal:
            add_refusal(form, refusal)
        except SomebodyWasFaster as refusal:
            form = _over(form, _entry_or_404(request, entry_id), str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect("attention-list")
    context = {"customer": entry.customer, "entry": entry, "form": form}
    return render(request, "customers/attention_form.html", context, status=422 if request.method == "POST" else 200)


def _over(form: AttentionChangeForm, present: AttentionEntry, sentence: str) -> AttentionChangeForm:
    """The typed form again, now over the version another person has just saved."""
    typed = form.data.copy()  # type: ignore[attr-defined]
    typed["version"] = str(present.version)
    fresh = AttentionChangeForm(typed)
    fresh.is_valid()
    fresh.add_error(None, f"{sentence} {_('What you typed is still here; save again to keep it.')}")
    return fresh


@require_POST
def attention_remove(request: HttpRequest, entry_id: int) -> HttpResponse:
    entry = _entry_or_404(request, entry_id)
    services.take_off_attention_list(entry, by=request.user, version=entry.version)
    messages.success(request, _("Taken off the attention list."))
    return redirect("attention-list")
