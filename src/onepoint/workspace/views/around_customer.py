"""Everything about a customer in one screen, composed of panels that each capability renders itself (spec §3)."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from onepoint.accounts.services import privacy
from onepoint.channels import policies as channel_policies
from onepoint.channels import queries as channel_queries
from onepoint.channels import services as channel_services
from onepoint.channels.models import Contact
from onepoint.customers import queries as customer_queries
from onepoint.customers.models import Customer
from onepoint.customers.panels import panels_for
from onepoint.customers.queries import attention, likeness
from onepoint.tickets import intake_rights

#: What stands in the narrow column; everything else is read in the wide one.
ASIDE = {"customer-relations", "ticket-closed-of-customer"}
#: Shown above both columns, for it is to be read first.
ON_TOP = {"customer-hints", "ticket-repeats-of-customer"}


def _customer_or_404(request: HttpRequest, number: str) -> Customer:
    customer = customer_queries.find_customer(number, visible_to=request.user)
    if customer is None:
        raise Http404
    return customer


def _contact_of(request: HttpRequest) -> Contact | None:
    """The conversation that is going on, named in the address."""
    number = request.GET.get("contact", "")[:24]
    return channel_queries.find_contact(number, visible_to=request.user) if number else None


@require_GET
def customer_360(request: HttpRequest, number: str) -> HttpResponse:
    """The head at once, the panels as they come; ``?contact=`` names the conversation with the customer."""
    customer = _customer_or_404(request, number)
    if customer.merged_into_id and (successor := likeness.find_successor(customer, visible_to=request.user)):
        return redirect("customer-360", successor.number)
    privacy.note_reading("customer", customer.pk, by=request.user)
    contact = _contact_of(request)
    panels = panels_for(request.user)
    settles = contact is not None and channel_policies.why_not_settle_contact(contact, request.user) is None
    context: dict[str, Any] = {
        "customer": customer,
        "accounts": [account for account in customer_queries.accounts_of(customer) if account.is_open],
        "assets": [asset for asset in customer_queries.assets_of(customer) if asset.is_active],
        "attention": attention.attention_of(customer, visible_to=request.user),
        "contact": contact,
        "may_settle": settles,
        "may_name": contact is not None and channel_policies.why_not_name_customer(contact, request.user) is None,
        "may_take_in": intake_rights.why_not_take_in(request.user) is None,
        "top": [panel for panel in panels if panel.url_name in ON_TOP],
        "main": [panel for panel in panels if panel.url_name not in ON_TOP | ASIDE],
        "aside": [panel for panel in panels if panel.url_name in ASIDE],
    }
    return render(request, "workspace/customer_360.html", context)


@require_POST
def contact_name(request: HttpRequest, number: str) -> HttpResponse:
    """The conversation is with this customer."""
    customer = _customer_or_404(request, number)
    contact = channel_queries.find_contact(request.POST.get("contact", "")[:24], visible_to=request.user)
    if contact is None:
        raise Http404
    channel_services.name_customer(contact, customer, by=request.user)
    messages.success(request, _("The contact is with this customer now."))
    return redirect(f"{request.path.removesuffix('contact/')}?contact={contact.number}")
