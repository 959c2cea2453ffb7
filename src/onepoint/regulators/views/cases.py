"""Cases of regulators: the list, taking one in, one case and what is done with it."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from onepoint.channels.models import Contact
from onepoint.channels.queries import find_contact
from onepoint.core import attachments, clock, drafts, staging
from onepoint.core.errors import InvalidInput, require
from onepoint.core.models import StagedFile
from onepoint.core.tables import make_page
from onepoint.core.timeline import told
from onepoint.customers.models import Customer
from onepoint.customers.queries import customers_visible_to, find_customer
from onepoint.regulators import columns, handed_on, policies, queries, services
from onepoint.regulators.forms import AnswerForm, CaseFilterForm, CaseForm, ClosingForm
from onepoint.regulators.models import RegulatorCase
from onepoint.regulators.services import NewCase
from onepoint.regulators.views.submitting import case_or_404, status_of, succeeds
from onepoint.tickets.models import Ticket
from onepoint.tickets.queries import find_ticket


@require_safe
def list_cases(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_list(request.user))
    form = CaseFilterForm(request.GET)
    rows = queries.find_cases(form.chosen(), visible_to=request.user)
    page = make_page(rows, columns.CASES, request.GET, default_sort="due")
    context = {"page": page, "form": form, "may_register": policies.why_not_register(request.user) is None}
    return render(request, "regulators/list.html", context)


def _named_ticket(request: HttpRequest, number: str) -> Ticket | None:
    """The ticket somebody typed; one out of his sight does not exist."""
    if not number.strip():
        return None
    ticket = find_ticket(number.strip().upper(), visible_to=request.user)
    if ticket is None:
        raise InvalidInput({"ticket_number": _("There is no such ticket.")})
    return ticket


def _initial(request: HttpRequest) -> dict[str, Any]:
    ticket = find_ticket(request.GET.get("ticket", "")[:20].upper(), visible_to=request.user)
    number = ticket.customer.number if ticket and ticket.customer else request.GET.get("customer", "")[:24]
    unit = request.user.unit
    typed = handed_on.what_was_typed(request.user) if request.GET.get("handed_on") else {}
    return {
        "received_at": clock.now(), "ticket_number": ticket.number if ticket else "", "customer": number,
        "subject": ticket.title if ticket else "", "region": unit.region if unit else None,
        **{name: typed[name] for name in CaseForm.base_fields if typed.get(name)},
    }  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def register_case(request: HttpRequest) -> HttpResponse:
    """The intake of what an authority hands over."""
    require(policies.why_not_register(request.user))
    is_sent = request.method == "POST"
    form = CaseForm(
        request.POST if is_sent else None, request.FILES if is_sent else None, initial={} if is_sent else _initial(request),
        customers=customers_visible_to(request.user),
    )  # fmt: skip
    kept = _kept_files(request)
    made: list[RegulatorCase] = []

    def write(values: dict[str, Any]) -> None:
        ticket = _named_ticket(request, values.pop("ticket_number"))
        key = values.pop("request_key") or uuid4()
        values["files"] = [*(staging.as_upload(file) for file in kept), *values.pop("attachments")]
        contact = _contact_handed_on(request, values.pop("contact"))
        new = NewCase(request_key=key, ticket=ticket, **values | {"category": None if ticket else values["category"]})
        made.append(services.register_case(new, contact=contact, by=request.user))

    if is_sent and succeeds(form, write):
        staging.forget_staged(kept, by=request.user)
        drafts.forget_draft(handed_on.PLACE, by=request.user)
        messages.success(request, _("Registered as %(number)s.") % {"number": made[0].number})
        return redirect(made[0])
    refusal = getattr(form, "refusal", None)
    customer = _customer_of(request, form)
    context = {
        "form": form,
        "kept": kept,
        "duplicate": refusal if isinstance(refusal, policies.RegisteredAlready) else None,
        "open_tickets": queries.open_tickets_of(customer, visible_to=request.user) if customer else [],
    }
    return render(request, "regulators/register.html", context, status=status_of(form))


def _kept_files(request: HttpRequest) -> list[StagedFile]:
    """Files chosen earlier: at the intake, or on this form before it was refused."""
    if request.method != "POST":
        typed = handed_on.what_was_typed(request.user) if request.GET.get("handed_on") else {}
        return handed_on.files_handed_on(typed, request.user)
    return staging.staged_files(request.POST.getlist("kept"), by=request.user)


def _contact_handed_on(request: HttpRequest, number: str) -> Contact | None:
    """The open contact the intake had begun with, as far as the reader may see it."""
    return find_contact(number, visible_to=request.user) if number else None


def _customer_of(request: HttpRequest, form: CaseForm) -> Customer | None:
    """Whoever is chosen in the form, as far as the reader may see him."""
    number = str(form["customer"].value() or "")[:24]
    return find_customer(number, visible_to=request.user) if number else None


def _page(request: HttpRequest, case: RegulatorCase, status: int = 200, **more: Any) -> HttpResponse:
    user = request.user
    context = {
        "case": case,
        "files": queries.files_of(case),
        "timeline": told(queries.timeline_of(case)),
        "may_take_up": policies.why_not_take_up(case, user) is None,
        "may_answer": policies.why_not_answer(case, user) is None,
        "may_close": policies.why_not_close(case, user) is None,
        "open_tickets": queries.open_tickets_of(case.customer, visible_to=user)
        if case.customer and not case.ticket
        else [],
        "opens_ticket": case.ticket is not None and find_ticket(case.ticket.number, visible_to=user) is not None,
        "answer_form": AnswerForm(),
        "closing_form": ClosingForm(),
        **more,
    }
    return render(request, "regulators/detail.html", context, status=status)


@require_safe
def show_case(request: HttpRequest, number: str) -> HttpResponse:
    return _page(request, case_or_404(request, number))


@require_POST
def take_up_case(request: HttpRequest, number: str) -> HttpResponse:
    case = case_or_404(request, number)
    require(policies.why_not_take_up(case, request.user))
    try:
        ticket = _named_ticket(request, request.POST.get("ticket_number", "")[:20])
        if ticket is None:
            raise InvalidInput({"ticket_number": _("Please give the number of the ticket.")})
        services.take_up_case(case, ticket, by=request.user)
    except InvalidInput as refusal:
        return _page(request, case, refusal.status, refusal=refusal, typed_ticket=request.POST.get("ticket_number", ""))
    messages.success(request, _("Ticket %(number)s works on it.") % {"number": ticket.number})
    return redirect(case)


@require_POST
def answer_case(request: HttpRequest, number: str) -> HttpResponse:
    case = case_or_404(request, number)
    require(policies.why_not_answer(case, request.user))
    form = AnswerForm(request.POST, request.FILES)

    def write(values: dict[str, Any]) -> None:
        services.answer_case(
            case, document_number=values["document_number"], text=values["text"], files=values["attachments"],
            by=request.user,
        )  # fmt: skip

    if succeeds(form, write):
        messages.success(request, _("The answer is recorded; its clock has ended."))
        return redirect(case)
    return _page(request, case, status_of(form), answer_form=form)


@require_POST
def close_case(request: HttpRequest, number: str) -> HttpResponse:
    case = case_or_404(request, number)
    require(policies.why_not_close(case, request.user))
    form = ClosingForm(request.POST)
    if succeeds(form, lambda values: services.close_case(case, by=request.user, **values)):
        messages.success(request, _("Closed."))
        return redirect(case)
    return _page(request, case, status_of(form), closing_form=form)


@require_safe
def read_file(request: HttpRequest, number: str, pk: int) -> FileResponse:
    """A file of the case; ``?inline=1`` lets the browser show pictures and PDF itself."""
    found = queries.find_file(case_or_404(request, number), pk)
    if found is None:
        raise Http404
    try:
        return attachments.file_response(found, inline=request.GET.get("inline") == "1")
    except FileNotFoundError as missing:
        raise Http404 from missing


@require_safe
def cases_of_ticket(request: HttpRequest, number: str) -> HttpResponse:
    """The panel of the ticket's page; nothing at all where no authority asks about the ticket."""
    ticket = find_ticket(number, visible_to=request.user)
    if ticket is None:
        raise Http404
    cases = queries.cases_of_ticket(ticket)
    may_register = policies.why_not_register(request.user) is None and not ticket.is_finished
    context = {
        "ticket": ticket,
        "cases": cases,
        "opens": request.user.may("regulator.view"),
        "may_register": may_register,
    }
    if getattr(request, "htmx", False) and not request.htmx.boosted:
        return render(request, "regulators/panel.html", context) if cases else HttpResponse("")
    return render(request, "regulators/panel_page.html", context)
