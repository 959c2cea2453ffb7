"""Contacts and tickets meet: the conversations of a ticket, and the tickets a conversation was about."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from onepoint.channels import policies as channel_policies
from onepoint.channels import queries as channel_queries
from onepoint.channels import services as channel_services
from onepoint.channels.models import Contact
from onepoint.core.errors import InvalidInput
from onepoint.tickets import queries, related, services
from onepoint.tickets.views.detail import ticket_or_404

SHOWN = 30
OFFERED = 8


def _contact_or_404(request: HttpRequest, number: str) -> Contact:
    contact = channel_queries.find_contact(number, visible_to=request.user)
    if contact is None:
        raise Http404
    return contact


@require_safe
def contacts_of_ticket(request: HttpRequest, number: str) -> HttpResponse:
    """The panel of the ticket page: its conversations, and those of the tickets merged into it; a page of its own otherwise."""
    ticket = ticket_or_404(request, number)
    contacts = channel_queries.contacts_about(related.family_numbers(ticket), visible_to=request.user, limit=SHOWN)
    template = "tickets/contacts.html" if request.htmx else "tickets/contacts_page.html"
    return render(request, template, {"ticket": ticket, "contacts": contacts})


@require_safe
def contact_matter(request: HttpRequest, number: str) -> HttpResponse:
    """The panel of a contact's page: what it was about and the tickets it led to; a page of its own otherwise."""
    return _matter(request, _contact_or_404(request, number))


def _matter(request: HttpRequest, contact: Contact, *, refusal: str = "", status: int = 200) -> HttpResponse:
    seen = related.find_tickets_by_numbers(contact.ticket_numbers, visible_to=request.user)
    category = queries.category_by_code(contact.category_code) if contact.category_code else None
    may_relate = channel_policies.why_not_relate_contact(contact, request.user) is None
    offered = []
    if may_relate and contact.customer_id:
        alive = queries.tickets_of_customer(contact.customer_id, alive=True, visible_to=request.user, limit=OFFERED)
        offered = [ticket for ticket in alive if ticket.number not in contact.ticket_numbers]
    context: dict[str, Any] = {
        "contact": contact,
        "tickets": [(number, seen.get(number)) for number in contact.ticket_numbers],
        "offered": offered,
        "path": queries.category_path(category) if category else [],
        "category": category,
        "may_relate": may_relate,
        "may_correct": channel_policies.why_not_correct_contact(contact, request.user) is None,
        "refusal": refusal,
    }
    template = "tickets/contact_matter.html" if request.htmx else "tickets/contact_matter_page.html"
    return render(request, template, context, status=status)


def _answer(request: HttpRequest, contact: Contact, text: str) -> HttpResponse:
    """The panel as it stands now; back to the contact's page without HTMX."""
    if request.htmx:
        return _matter(request, contact)
    messages.success(request, text)
    return redirect("contact-detail", contact.number)


@require_POST
def contact_ticket_add(request: HttpRequest, number: str) -> HttpResponse:
    contact = _contact_or_404(request, number)
    wanted = request.POST.get("ticket", "").strip().upper()[:24]
    ticket = queries.find_ticket(wanted, visible_to=request.user) if wanted else None
    if ticket is None:
        return _matter(request, contact, refusal=_("No ticket with this number."), status=422)
    try:
        contact = services.link_contact(ticket, contact, by=request.user)
    except InvalidInput as refusal:
        return _matter(request, contact, refusal=" ".join(map(str, refusal.errors.values())), status=422)
    return _answer(request, contact, _("Linked."))


@require_POST
def contact_ticket_remove(request: HttpRequest, number: str, ticket_number: str) -> HttpResponse:
    contact = _contact_or_404(request, number)
    ticket = queries.find_ticket(ticket_number, visible_to=request.user)
    if ticket is None:
        raise Http404
    return _answer(request, services.unlink_contact(ticket, contact, by=request.user), _("Taken off."))


@require_POST
def contact_correct(request: HttpRequest, number: str) -> HttpResponse:
    """File the contact under another category."""
    contact = _contact_or_404(request, number)
    text = request.POST.get("category", "")
    category = queries.category_by_id(int(text)) if text.isascii() and text.isdigit() and len(text) < 18 else None
    if category is None:
        return _matter(request, contact, refusal=_("Please choose a category."), status=422)
    contact = channel_services.correct_contact(contact, category_code=category.code, by=request.user)
    return _answer(request, contact, _("Saved."))
