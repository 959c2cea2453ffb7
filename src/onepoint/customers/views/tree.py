"""Where a customer stands in its household or company."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from onepoint.core.errors import InvalidInput, SomebodyWasFaster, require
from onepoint.core.submitting import add_refusal
from onepoint.customers import policies, queries, services
from onepoint.customers.forms.merging import PlaceForm
from onepoint.customers.views.records import customer_or_404


@require_http_methods(["GET", "POST"])
def customer_place(request: HttpRequest, number: str) -> HttpResponse:
    customer = customer_or_404(request, number)
    require(policies.why_not_add_to_customer(customer, request.user))
    others = queries.customers_visible_to(request.user).active().exclude(pk=customer.pk)
    initial = {"parent": customer.parent_id, "member_kind": customer.member_kind, "version": customer.version}
    form = PlaceForm(request.POST or None, initial=initial, customers=others)
    if request.method == "POST" and form.is_valid():
        try:
            services.place_customer(customer, by=request.user, **form.cleaned_data)
        except InvalidInput as refusal:
            add_refusal(form, refusal)
        except (policies.StandsBelowItself, policies.SameCustomer, SomebodyWasFaster) as refusal:
            form.add_error("parent" if not isinstance(refusal, SomebodyWasFaster) else None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect("customer-detail", customer.number)
    context = {"customer": customer, "form": form}
    return render(request, "customers/place.html", context, status=422 if request.method == "POST" else 200)


@require_POST
def customer_take_out(request: HttpRequest, number: str) -> HttpResponse:
    customer = customer_or_404(request, number)
    services.take_out_customer(customer, by=request.user, version=customer.version)
    messages.success(request, _("It stands for itself now."))
    return redirect("customer-detail", customer.number)
