"""All data of one customer: asked for here, approved and fetched with the other exports."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from onepoint.core.errors import require
from onepoint.core.submitting import status_of, succeeds
from onepoint.customers import copying, policies, services
from onepoint.customers.services.copies import MOST_WORDS
from onepoint.customers.views.records import customer_or_404


class CopyForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Who asked for it and how"), max_length=MOST_WORDS)


@require_http_methods(["GET", "POST"])
def customer_copy(request: HttpRequest, number: str) -> HttpResponse:
    customer = customer_or_404(request, number)
    require(policies.why_not_copy(customer, request.user))
    form = CopyForm(request.POST or None)
    if request.method == "POST" and succeeds(
        form, lambda data: services.ask_for_copy(customer, reason=data["reason"], by=request.user)
    ):
        messages.success(request, _("The copy is being written. A second person then decides whether it goes out."))
        return redirect("export-list")
    context = {"customer": customer, "form": form, "sections": copying.sections()}
    return render(request, "customers/copy.html", context, status=status_of(form))
