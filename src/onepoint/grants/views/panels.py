"""What stands on the pages of tickets and contacts: what was granted, and "grant on the spot" with what one may."""

from typing import Any
from uuid import uuid4

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from onepoint.channels.models import Contact
from onepoint.channels.queries import find_contact
from onepoint.core.errors import BusinessError
from onepoint.customers.queries import find_customer
from onepoint.grants import policies, queries, services
from onepoint.grants.forms import GrantForm
from onepoint.grants.limits import Place
from onepoint.grants.models import Grant
from onepoint.grants.services import NewGrant
from onepoint.grants.views.submitting import say
from onepoint.tickets.models import Ticket
from onepoint.tickets.queries import category_by_id, find_ticket

About = tuple[Ticket | None, Contact | None]


def _ticket(request: HttpRequest, number: str) -> Ticket:
    ticket = find_ticket(number, visible_to=request.user)
    if ticket is None:
        raise Http404
    return ticket


def _contact(request: HttpRequest, number: str) -> Contact:
    contact = find_contact(number, visible_to=request.user)
    if contact is None:
        raise Http404
    return contact


def _place(request: HttpRequest, about: About) -> Place | None:
    ticket, contact = about
    source = ticket or contact
    assert source is not None
    return queries.place_of(source.customer, ticket, contact, by=request.user) if source.customer else None


def _grants(request: HttpRequest, about: About) -> list[Grant]:
    ticket, contact = about
    if ticket is not None:
        return queries.grants_of_ticket(ticket, visible_to=request.user)
    return queries.grants_of_contact(contact, visible_to=request.user) if contact else []


def _panel(request: HttpRequest, about: About, status: int = 200, **more: Any) -> HttpResponse:
    ticket, contact = about
    source = ticket or contact
    assert source is not None
    place = _place(request, about)
    may_give = policies.why_not_give(request.user) is None and place is not None
    context = {
        "source": source,
        "source_url": reverse("ticket-detail" if ticket else "contact-detail", args=[source.number]),
        "give_url": reverse("ticket-grant-give" if ticket else "contact-grant-give", args=[source.number]),
        "grants": _grants(request, about),
        "may_give": may_give,
        "allowances": queries.allowances(place, by=request.user) if place and may_give else [],
        "form": GrantForm(),
        **more,
    }
    template = "grants/panel.html" if getattr(request, "htmx", False) else "grants/panel_page.html"
    return render(request, template, context, status=status)


@require_safe
def ticket_grants(request: HttpRequest, number: str) -> HttpResponse:
    return _panel(request, (_ticket(request, number), None))


@require_safe
def contact_grants(request: HttpRequest, number: str) -> HttpResponse:
    return _panel(request, (None, _contact(request, number)))


@require_POST
def give_on_ticket(request: HttpRequest, number: str) -> HttpResponse:
    return _give(request, (_ticket(request, number), None))


@require_POST
def give_on_contact(request: HttpRequest, number: str) -> HttpResponse:
    return _give(request, (None, _contact(request, number)))


def _give(request: HttpRequest, about: About) -> HttpResponse:
    """Grant, or ask for it; refused, the panel comes back with the reason and what was typed."""
    ticket, contact = about
    source = ticket or contact
    assert source is not None
    refusal = policies.why_not_give(request.user)
    form = GrantForm(request.POST)
    if refusal is None and form.is_valid():
        values = form.cleaned_data
        new = NewGrant(
            key=values["key"] or uuid4(), kind=values["kind"], amount=values["amount"], reason=values["reason"],
            customer=source.customer, ticket=ticket, contact=contact,
        )  # fmt: skip
        try:
            grant = services.give_grant(new, by=request.user)
        except BusinessError as problem:
            refusal = problem
        else:
            return _given(request, about, grant)
    status = refusal.status if refusal else 422
    return _panel(request, about, status, form=form, refusal=refusal, is_open=True)


def _given(request: HttpRequest, about: About, grant: Grant) -> HttpResponse:
    waits = _("This is above your authority: it waits for approval.")
    text = waits if grant.needs_approval else _("Granted: %(amount)s") % {"amount": grant.spoken_amount}
    if getattr(request, "htmx", False):
        return trigger_client_event(_panel(request, about), "toast", {"text": text, "level": "success"})
    say(request, text)
    return redirect(about[0] or grant)


@require_safe
def show_allowance(request: HttpRequest) -> HttpResponse:
    """Fragment for the intake: what the reader may grant the chosen customer on the spot."""
    number = request.GET.get("customer", "")[:24]
    customer = find_customer(number, visible_to=request.user) if number else None
    if policies.why_not_give(request.user) or customer is None:
        return HttpResponse("")
    text = request.GET.get("category", "")
    category = category_by_id(int(text)) if text.isdecimal() and len(text) < 18 else None
    place = Place(category, customer, customer.region, request.user.unit)
    rows = queries.allowances(place, by=request.user)
    return render(request, "grants/allowance.html", {"allowances": rows})
