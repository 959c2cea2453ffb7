"""Short messages of a ticket: what was written to and fro, and writing one."""

from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from onepoint.channels import queries as channel_queries
from onepoint.channels.canned import fill
from onepoint.channels.models import CannedText
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, require
from onepoint.core.submitting import add_refusal
from onepoint.tickets import policies, services
from onepoint.tickets.models import Ticket
from onepoint.tickets.reaching import reach_of
from onepoint.tickets.states import ReplyChannel
from onepoint.tickets.text_forms import TextForm
from onepoint.tickets.views.detail import ticket_or_404


@require_GET
def show_texts(request: HttpRequest, number: str) -> HttpResponse:
    """The panel of the ticket's page; without HTMX a page of its own."""
    ticket = ticket_or_404(request, number)
    context = {
        "ticket": ticket,
        "lines": channel_queries.lines_of_ticket(ticket.number, ticket.pk),
        "why_not_write": policies.why_not_write_mail(ticket, request.user),
    }
    is_fragment = getattr(request, "htmx", False)
    return render(request, "tickets/texts.html" if is_fragment else "tickets/texts_page.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def write_text(request: HttpRequest, number: str) -> HttpResponse:
    """The composer; ``?canned=code`` begins with a canned text."""
    ticket = ticket_or_404(request, number)
    require(policies.why_not_write_mail(ticket, request.user))
    canned = channel_queries.canned_texts("sms", visible_to=request.user)
    mobile = reach_of(ticket).mobile
    form = TextForm(request.POST or None, initial={"key": uuid4(), "text": _beginning(request, ticket, canned)})
    if request.method == "POST" and form.is_valid():
        try:
            sent = services.tell_customer(ticket, way=ReplyChannel.SMS, by=request.user, **form.values())
        except InvalidInput as refusal:
            add_refusal(form, refusal)
        else:
            if sent is not None:
                messages.success(request, _("The short message is in the outbox and will be sent."))
                return redirect(ticket)
            form.add_error(None, _("The customer cannot be reached by SMS."))
    context = {
        "ticket": ticket, "form": form, "canned": canned, "mobile": mobile,
        "lines": channel_queries.lines_of_ticket(ticket.number, ticket.pk),
    }  # fmt: skip
    return render(request, "tickets/text_write.html", context, status=422 if form.errors else 200)


def _beginning(request: HttpRequest, ticket: Ticket, canned: list[CannedText]) -> str:
    """The chosen canned text, filled in."""
    chosen = next((one for one in canned if one.code == request.GET.get("canned")), None)
    if chosen is None:
        return ""
    facts = {
        "customer": ticket.contact_name, "agent": request.user.label, "ticket": ticket.number, "title": ticket.title,
        "unit": request.user.unit.label if request.user.unit else "", "status": ticket.get_status_display(),
        "date": f"{clock.today():%Y-%m-%d}",
    }  # fmt: skip
    return fill(chosen.text_in(ticket.customer.language if ticket.customer else "zh-hans"), facts)
