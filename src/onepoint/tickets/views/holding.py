"""On hold, on again, resolved: what people say about a ticket beside its steps."""

from datetime import datetime

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from onepoint.core.errors import BusinessError, InvalidInput
from onepoint.tickets import services
from onepoint.tickets.views.detail import refused, ticket_or_404
from onepoint.tickets.views.task_panels import Typed


def _moment(text: str) -> datetime | None:
    try:
        return forms.DateTimeField(required=False).clean(text)
    except forms.ValidationError as wrong:
        raise InvalidInput({"until": wrong.messages[0]}) from wrong


@require_POST
def hold_ticket(request: HttpRequest, number: str) -> HttpResponse:
    ticket = ticket_or_404(request, number)
    reason = request.POST.get("reason", "")
    try:
        until = _moment(request.POST.get("until", ""))
        waits = bool(request.POST.get("waits_for_customer"))
        services.put_on_hold(ticket, reason=reason, until=until, waits_for_customer=waits, by=request.user)
    except BusinessError as refusal:
        return refused(request, number, refusal, Typed(0, "hold", opinion=reason))
    messages.success(request, _("The ticket is on hold."))
    return redirect(ticket)


@require_POST
def resume_ticket(request: HttpRequest, number: str) -> HttpResponse:
    ticket = ticket_or_404(request, number)
    try:
        services.resume_ticket(ticket, by=request.user)
    except BusinessError as refusal:
        return refused(request, number, refusal, Typed(0, "resume"))
    messages.success(request, _("The ticket goes on."))
    return redirect(ticket)


@require_POST
def resolve_ticket(request: HttpRequest, number: str) -> HttpResponse:
    ticket = ticket_or_404(request, number)
    reason = request.POST.get("reason", "")
    try:
        services.resolve_ticket(ticket, reason=reason, by=request.user)
    except BusinessError as refusal:
        return refused(request, number, refusal, Typed(0, "resolve", opinion=reason))
    messages.success(request, _("The ticket is resolved; its remaining steps go on."))
    return redirect(ticket)
