"""E-mails of a ticket: the panel of its page, originals, writing one; filing those nobody could file."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from onepoint.channels import mail_pages
from onepoint.channels import queries as channel_queries
from onepoint.channels.canned import fill
from onepoint.channels.mail.reading import without_answer_marks
from onepoint.channels.models import IncomingMail
from onepoint.channels.policies.mail import why_not_read_original
from onepoint.channels.queries import mail as mail_queries
from onepoint.channels.services import mails as mail_services
from onepoint.core import clock, masking
from onepoint.core.errors import InvalidInput, require
from onepoint.core.submitting import add_refusal
from onepoint.tickets import policies, queries, services
from onepoint.tickets.mail_forms import MailForm
from onepoint.tickets.models import Ticket
from onepoint.tickets.reaching import reach_of
from onepoint.tickets.views.detail import ticket_or_404


@require_safe
def show_mails(request: HttpRequest, number: str) -> HttpResponse:
    """What was written to and fro by e-mail, the newest first."""
    ticket = ticket_or_404(request, number)
    came = mail_queries.mails_of_ticket(ticket.number)
    went = mail_queries.letters_about("ticket", ticket.pk)
    rows: list[dict[str, Any]] = [{"mail": mail, "at": mail.received_at} for mail in came]
    rows += [{"letter": letter, "at": letter.created_at} for letter in went]
    context = {
        "ticket": ticket,
        "rows": sorted(rows, key=lambda row: row["at"], reverse=True),
        "may_download": why_not_read_original(request.user) is None,
        "may_write": policies.why_not_write_mail(ticket, request.user) is None,
    }
    is_fragment = getattr(request, "htmx", False)
    return render(request, "tickets/mails.html" if is_fragment else "tickets/mails_page.html", context)


def _mail_or_404(request: HttpRequest, number: str, pk: int) -> IncomingMail:
    """A mail filed to a ticket the reader sees."""
    mail = mail_queries.mail_of_ticket(ticket_or_404(request, number).number, pk)
    if mail is None:
        raise Http404
    return mail


@require_GET
def show_original(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    mail = _mail_or_404(request, number, pk)
    return mail_pages.shown_response(
        mail, lambda part: f"{reverse('ticket-mail-part', args=[number, pk, part])}?inline=1"
    )


@require_GET
def read_original(request: HttpRequest, number: str, pk: int) -> FileResponse:
    mail = _mail_or_404(request, number, pk)
    mail_services.note_download(mail, by=request.user)
    return mail_pages.original_response(mail)


@require_GET
def read_part(request: HttpRequest, number: str, pk: int, part: int) -> FileResponse:
    return mail_pages.file_of_mail(_mail_or_404(request, number, pk), part, inline=request.GET.get("inline") == "1")


@require_http_methods(["GET", "HEAD", "POST"])
def write_mail(request: HttpRequest, number: str) -> HttpResponse:
    """The composer; ``?canned=code`` begins with a canned text."""
    ticket = ticket_or_404(request, number)
    require(policies.why_not_write_mail(ticket, request.user))
    canned = channel_queries.canned_texts("email", visible_to=request.user)
    files = queries.files_of(ticket)
    form = MailForm(request.POST or None, files=files, initial=_beginning(request, ticket, canned))
    if request.method == "POST" and form.is_valid():
        try:
            services.write_mail(ticket, services.Answer(**_unmasked(form.values, ticket)), by=request.user)
        except InvalidInput as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("The e-mail is in the outbox and will be sent."))
            return redirect(ticket)
    last = next(iter(mail_queries.mails_of_ticket(ticket.number, limit=1)), None)
    context = {"ticket": ticket, "form": form, "canned": canned, "last": last}
    return render(request, "tickets/mail_write.html", context, status=422 if form.errors else 200)


def _address_of(ticket: Ticket) -> str:
    last = next(iter(mail_queries.mails_of_ticket(ticket.number, limit=1)), None)
    return last.answer_address if last else reach_of(ticket).email


def _unmasked(values: dict[str, Any], ticket: Ticket) -> dict[str, Any]:
    """An address or a subject that came back masked, as it was shown, is the one we know."""
    subject = _subject_of(ticket)
    return values | {
        "to": masking.unchanged_if_masked(_address_of(ticket), values["to"], "phone"),
        "subject": masking.unchanged_if_masked(subject, values["subject"], "words"),
    }


def _subject_of(ticket: Ticket) -> str:
    last = next(iter(mail_queries.mails_of_ticket(ticket.number, limit=1)), None)
    subject = without_answer_marks(last.subject) if last else ""
    return services.subject_for(ticket, f"Re: {subject}" if subject else "")


def _beginning(request: HttpRequest, ticket: Ticket, canned: list[Any]) -> dict[str, Any]:
    """To whom, about what, and the chosen canned text filled in."""
    chosen = next((one for one in canned if one.code == request.GET.get("canned")), None)
    language = ticket.customer.language if ticket.customer else "zh-hans"
    facts = {
        "customer": ticket.contact_name, "agent": request.user.label, "ticket": ticket.number, "title": masking.shown_words(ticket.title),
        "unit": request.user.unit.label if request.user.unit else "", "status": ticket.get_status_display(),
        "date": f"{clock.today():%Y-%m-%d}",
    }  # fmt: skip
    text = fill(chosen.text_in(language), facts) if chosen else ""
    return {
        "to": masking.shown(_address_of(ticket), "phone"),
        "subject": masking.shown_words(_subject_of(ticket)),
        "text": text,
        "key": uuid4(),
    }


@require_POST
def file_mail(request: HttpRequest, pk: int) -> HttpResponse:
    """By hand: to the ticket with this number, or as a ticket of its own."""
    mail = mail_queries.find_mail(pk, visible_to=request.user)
    if mail is None:
        raise Http404
    ticket = None
    if not request.POST.get("new"):
        typed = request.POST.get("ticket", "").strip().upper()[:24]
        ticket = queries.find_ticket(typed, visible_to=request.user)
        if ticket is None:
            raise InvalidInput({"ticket": _("There is no ticket of this number, or you may not see it.")})
    filed = services.file_mail(mail, ticket=ticket, by=request.user)
    messages.success(request, _("The mail is filed."))
    return redirect(filed) if filed else redirect("mail-detail", mail.pk)
