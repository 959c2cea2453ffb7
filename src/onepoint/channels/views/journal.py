"""Pages of the contact journal."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from onepoint.channels import policies, queries, services
from onepoint.channels.forms import ContactFilter
from onepoint.channels.models import Contact
from onepoint.core import audit
from onepoint.core.tables import Column, make_page
from onepoint.core.timeline import told
from onepoint.customers.queries import find_customer

COLUMNS = [
    Column("number", gettext_lazy("Number"), ("number",), "num"),
    Column("began", gettext_lazy("Began"), ("started_at",), "num"),
    Column("channel", gettext_lazy("Channel"), ("channel",)),
    Column("who", gettext_lazy("Customer")),
    Column("subject", gettext_lazy("Subject"), (), "wide"),
    Column("outcome", gettext_lazy("Outcome"), ("outcome",)),
    Column("agent", gettext_lazy("Agent"), ("agent__name_key",)),
    Column("region", gettext_lazy("Region"), ("region__path",)),
]
PANEL_LENGTH = 10


def _contact_or_404(request: HttpRequest, number: str) -> Contact:
    contact = queries.find_contact(number, visible_to=request.user)
    if contact is None:
        raise Http404
    return contact


@require_GET
def contact_list(request: HttpRequest) -> HttpResponse:
    form = ContactFilter(request.GET)
    found = queries.filtered_contacts(visible_to=request.user, **form.criteria())
    page = make_page(found, COLUMNS, request.GET, default_sort="-began", moment="started_at")
    return render(request, "channels/list.html", {"form": form, "page": page})


@require_GET
def contact_detail(request: HttpRequest, number: str) -> HttpResponse:
    contact = _contact_or_404(request, number)
    customer = find_customer(contact.customer.number, visible_to=request.user) if contact.customer else None
    context = {
        "contact": contact,
        "customer": customer,
        "why_not_settle": policies.why_not_settle_contact(contact, request.user),
        "events": told(audit.entries_of("contact", contact.pk)),
    }
    return render(request, "channels/detail.html", context)


@require_POST
def contact_solve(request: HttpRequest, number: str) -> HttpResponse:
    contact = _contact_or_404(request, number)
    services.solve_contact(contact, by=request.user)
    messages.success(request, _("Noted as solved."))
    return redirect("contact-detail", contact.number)


@require_GET
def contacts_of_customer(request: HttpRequest, number: str) -> HttpResponse:
    """Fragment for the customer page: the customer's latest contacts."""
    customer = find_customer(number, visible_to=request.user)
    if customer is None:
        raise Http404
    contacts = queries.contacts_of(customer, visible_to=request.user, limit=PANEL_LENGTH + 1)
    context = {"customer": customer, "contacts": contacts[:PANEL_LENGTH], "has_more": len(contacts) > PANEL_LENGTH}
    return render(request, "channels/_of_customer.html", context)
