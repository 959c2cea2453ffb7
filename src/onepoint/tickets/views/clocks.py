"""The clocks of a ticket: the panel, every deadline explained, promises to the customer."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from onepoint.core.errors import BusinessError, InvalidInput
from onepoint.sla.queries.clocks import find_clock
from onepoint.tickets import clocks, policies, services
from onepoint.tickets.models import Ticket
from onepoint.tickets.views.detail import ticket_or_404


class PromiseForm(forms.Form):
    """What the customer was promised, and by when."""

    what = forms.CharField(label=gettext_lazy("What was promised"), max_length=80)
    at = forms.DateTimeField(label=gettext_lazy("By when"))


def _page(request: HttpRequest, ticket: Ticket, form: PromiseForm | None = None) -> HttpResponse:
    context = {
        "ticket": ticket,
        "explanations": clocks.explained_clocks_of(ticket),
        "form": form or PromiseForm(),
        "why_not_promise": policies.why_not_promise(ticket, request.user),
        "may_see_rules": request.user.may("clock_policy.view"),
    }
    return render(request, "tickets/clocks_page.html", context, status=422 if form and form.errors else 200)


@require_safe
def show_clocks(request: HttpRequest, number: str) -> HttpResponse:
    """The panel of the ticket page; on its own page every deadline is explained."""
    ticket = ticket_or_404(request, number)
    if not getattr(request, "htmx", False) or request.htmx.boosted:
        return _page(request, ticket)
    context = {
        "ticket": ticket,
        "clocks": clocks.clocks_of(ticket),
        "may_promise": policies.why_not_promise(ticket, request.user) is None,
    }
    return render(request, "tickets/clocks.html", context)


@require_POST
def promise_ticket(request: HttpRequest, number: str) -> HttpResponse:
    ticket = ticket_or_404(request, number)
    form = PromiseForm(request.POST)
    if not form.is_valid():
        return _page(request, ticket, form)
    try:
        services.promise_ticket(ticket, what=form.cleaned_data["what"], at=form.cleaned_data["at"], by=request.user)
    except InvalidInput as refusal:
        for name, text in refusal.errors.items():
            form.add_error(name, str(text))
        return _page(request, ticket, form)
    messages.success(request, _("The promise is noted; its clock runs."))
    return redirect("ticket-clocks", ticket.number)


@require_POST
def keep_promise(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    ticket = ticket_or_404(request, number)
    one = find_clock(pk, "ticket", ticket.pk)
    if one is None:
        raise Http404
    try:
        services.keep_promise(ticket, one, by=request.user)
    except BusinessError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The promise is done."))
    return redirect("ticket-clocks", ticket.number)
