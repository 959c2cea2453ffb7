"""One's own requests: how each stands, and what one may do with it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from onepoint.channels.chat_identity import address_for
from onepoint.channels.queries.chats import chat_queues
from onepoint.core import staging
from onepoint.core.attachments import file_response
from onepoint.core.errors import BusinessError
from onepoint.core.submitting import add_refusal
from onepoint.portal import queries, services, standing
from onepoint.portal.forms import AddForm, RateForm, RemindForm, ReopenForm, WithdrawForm
from onepoint.portal.models import PortalSession
from onepoint.portal.views.guard import for_customers, forget_files, keep_files, kept_files
from onepoint.tickets.models import Ticket

FORMS: dict[str, type[forms.Form]] = {
    "add": AddForm, "remind": RemindForm, "withdraw": WithdrawForm, "rate": RateForm, "reopen": ReopenForm,
}  # fmt: skip


def _own(session: PortalSession, number: str) -> Ticket:
    ticket = queries.find_ticket(session, number)
    if ticket is None:
        raise Http404
    return ticket


@for_customers
@require_http_methods(["GET", "HEAD"])
def show_request(request: HttpRequest, session: PortalSession, number: str) -> HttpResponse:
    return _page(request, session, _own(session, number))


def _page(
    request: HttpRequest, session: PortalSession, ticket: Ticket, *, refused: str = "", form: Any = None, **more: Any
) -> HttpResponse:
    context = {
        "session": session,
        "ticket": ticket,
        **standing.page_of(session, ticket),
        **{f"{name}_form": kind() for name, kind in FORMS.items()},
        **({f"{refused}_form": form} if refused else {}),
        "refused": refused,
        "has_chat": bool(chat_queues()),
        **more,
    }
    return render(request, "portal/request.html", context, status=422 if refused else 200)


def _act(
    request: HttpRequest, session: PortalSession, number: str, name: str, act: Callable[[Ticket, dict[str, Any]], object],
    thanks: str,
) -> HttpResponse:  # fmt: skip
    """One of the forms of the page: done, or shown again with what was typed and why not."""
    ticket = _own(session, number)
    form = FORMS[name](request.POST, request.FILES or None)
    if form.is_valid():
        try:
            act(ticket, form.cleaned_data)
        except BusinessError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, thanks)
            return redirect("portal-request", number)
    kept = kept_files(request) + keep_files(request, form) if name == "add" else []
    return _page(request, session, _own(session, number), refused=name, form=form, kept=kept)


@for_customers
@require_POST
def add_words(request: HttpRequest, session: PortalSession, number: str) -> HttpResponse:
    kept = kept_files(request)

    def add(ticket: Ticket, given: dict[str, Any]) -> None:
        files = [*(staging.as_upload(file) for file in kept), *given["files"]]
        services.add_words(ticket, text=given["text"], files=files, key=given["key"], by=session)
        forget_files(kept)

    return _act(request, session, number, "add", add, _("Thank you. The people in charge have it now."))


@for_customers
@require_http_methods(["GET", "HEAD"])
def chat(request: HttpRequest, session: PortalSession) -> HttpResponse:
    """To the chat, where whoever is proved here is known; ``?about=`` names one of his requests."""
    ticket = queries.find_ticket(session, request.GET.get("about", "")[:20])
    address = address_for(session.customer) if session.customer else reverse("chat-begin")
    about = urlencode({"about": ticket.number}) if ticket else ""
    return redirect("".join([address, "&" if "?" in address else "?" if about else "", about]).rstrip("&"))


@for_customers
@require_POST
def remind(request: HttpRequest, session: PortalSession, number: str) -> HttpResponse:
    def urge(ticket: Ticket, given: dict[str, Any]) -> None:
        services.remind_house(ticket, text=given["text"], key=given["key"], by=session)

    return _act(request, session, number, "remind", urge, _("We have told the people in charge that you are waiting."))


@for_customers
@require_POST
def withdraw(request: HttpRequest, session: PortalSession, number: str) -> HttpResponse:
    def end(ticket: Ticket, given: dict[str, Any]) -> None:
        services.withdraw_request(ticket, reason=given["reason"], key=given["key"], by=session)

    return _act(request, session, number, "withdraw", end, _("You have withdrawn this request."))


@for_customers
@require_POST
def rate(request: HttpRequest, session: PortalSession, number: str) -> HttpResponse:
    def judge(ticket: Ticket, given: dict[str, Any]) -> None:
        services.rate_ticket(ticket, stars=given["stars"], words=given["text"], key=given["key"], by=session)

    return _act(request, session, number, "rate", judge, _("Thank you for telling us."))


@for_customers
@require_POST
def reopen(request: HttpRequest, session: PortalSession, number: str) -> HttpResponse:
    def take_up(ticket: Ticket, given: dict[str, Any]) -> None:
        services.take_up_again(ticket, reason=given["text"], key=given["key"], by=session)

    return _act(request, session, number, "reopen", take_up, _("We are taking it up again."))


@for_customers
@require_http_methods(["GET", "HEAD"])
def download(request: HttpRequest, session: PortalSession, number: str, pk: int) -> FileResponse:
    """A file one added oneself."""
    file = queries.find_file(_own(session, number), pk)
    if file is None:
        raise Http404
    return file_response(file, inline="inline" in request.GET)
