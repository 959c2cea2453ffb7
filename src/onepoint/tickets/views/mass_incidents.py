"""Mass incidents: the list, one of them with its tickets and answers, declaring, and what is done to all."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from onepoint.accounts.policies import why_not_permitted
from onepoint.core import clock, masking
from onepoint.core.errors import BusinessError, InvalidInput, require
from onepoint.core.submitting import add_refusal
from onepoint.core.tables import make_page
from onepoint.core.timeline import told
from onepoint.tickets import batches, mass_incidents, overview_columns, queries, services
from onepoint.tickets import mass_incident_rights as rights
from onepoint.tickets.batch_states import AnswerState, AttachmentState
from onepoint.tickets.batches import Chosen
from onepoint.tickets.mass_incident_forms import (
    AnswerForm,
    AttachedFilterForm,
    IncidentFilterForm,
    IncidentForm,
    WordsForm,
)
from onepoint.tickets.models import MassIncident, Ticket
from onepoint.tickets.services.answering import LONGEST
from onepoint.tickets.views.batches import chosen_of

TIMELINE_SHOWN = 30


def incident_or_404(request: HttpRequest, number: str) -> MassIncident:
    """The mass incident in the reader's places."""
    incident = mass_incidents.find_incident(number, visible_to=request.user)
    if incident is None:
        raise Http404
    return incident


@require_safe
def list_incidents(request: HttpRequest) -> HttpResponse:
    require(why_not_permitted("ticket.view", request.user))
    form = IncidentFilterForm(request.GET)
    rows = mass_incidents.incidents(visible_to=request.user, **form.criteria())
    page = make_page(rows, overview_columns.INCIDENTS, request.GET, default_sort="-declared")
    counts = mass_incidents.counts_of(page.rows)
    context = {
        "page": page,
        "form": form,
        "rows": [(incident, counts[incident.pk]) for incident in page.rows],
        "may_declare": rights.why_not_declare(request.user) is None,
    }
    return render(request, "tickets/mass_incidents.html", context)


@require_safe
def show_incident(request: HttpRequest, number: str) -> HttpResponse:
    incident = incident_or_404(request, number)
    user = request.user
    form = AttachedFilterForm(request.GET)
    rows = mass_incidents.tickets_of(incident, visible_to=user, **form.criteria())
    counts = mass_incidents.counts_of([incident])[incident.pk]
    answers = mass_incidents.answers_of(incident)
    may_change = rights.why_not_change(incident, user) is None
    waiting = mass_incidents.to_call(incident, visible_to=user)[:50] if may_change and answers["to_call"] else []
    context = {
        "incident": incident,
        "regions": incident.regions.all(),
        "form": form,
        "page": make_page(rows, overview_columns.ATTACHED, request.GET, default_sort="-since"),
        "figures": _figures(counts, answers),
        "ways": [(_way_label(way), count) for way, count in sorted(mass_incidents.ways_of(incident).items())],
        "waiting": waiting,
        "may_change": may_change,
        "why_not_close": rights.why_not_close(incident, user) if may_change else None,
        "batches": batches.batches_of_incident(incident),
        "lead": _seen_lead(incident, user),
        "timeline": told(mass_incidents.timeline_of(incident, TIMELINE_SHOWN)),
        "suggested_count": counts[AttachmentState.SUGGESTED],
        "attached_count": counts[AttachmentState.ATTACHED],
    }
    return render(request, "tickets/mass_incident.html", context)


def _figures(counts: Any, answers: Any) -> list[tuple[Any, int, str, str]]:
    """Label, count, tone and the query that narrows the table to it."""
    rows = [
        (AttachmentState.ATTACHED.label, counts[AttachmentState.ATTACHED], "", "state=attached"),
        (AttachmentState.SUGGESTED.label, counts[AttachmentState.SUGGESTED], "", "state=suggested"),
        (AnswerState.TO_CALL.label, answers[AnswerState.TO_CALL], "warn", "state=attached&answer=to_call"),
        (AttachmentState.SETTLED.label, counts[AttachmentState.SETTLED], "good", "state=settled"),
        (AttachmentState.DETACHED.label, counts[AttachmentState.DETACHED], "muted", "state=detached"),
    ]
    return [row for row in rows if row[1] or row[3] == "state=attached"]


def _way_label(way: str) -> str:
    known = {"sms": _("SMS"), "email": _("E-mail"), "phone": _("Telephone"), "none": _("wants no answer")}
    return known.get(way, _("to be called"))


def _seen_lead(incident: MassIncident, user: Any) -> Ticket | None:
    """The lead ticket with its steps, if the reader sees it."""
    return queries.find_ticket(incident.lead_ticket.number, visible_to=user) if incident.lead_ticket else None


@require_http_methods(["GET", "HEAD", "POST"])
def declare_incident(request: HttpRequest) -> HttpResponse:
    """From one ticket (``lead``), from tickets ticked in the list, or from nothing."""
    require(rights.why_not_declare(request.user))
    given = request.POST if request.method == "POST" else request.GET
    lead = None
    if given.get("lead"):
        lead = queries.find_ticket(given["lead"], visible_to=request.user)
        if lead is None:
            raise Http404
    chosen = chosen_of(given) if given.get("ticket") or given.get("everything") else None
    form = IncidentForm(request.POST) if request.method == "POST" else IncidentForm(initial=_guess(lead, request.user))
    if request.method == "POST" and form.is_valid():
        try:
            incident = services.declare_incident(form.items(), lead=lead, tickets=chosen, by=request.user)
        except BusinessError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Declared as %(number)s.") % {"number": incident.number})
            return redirect(incident)
    context = {
        "form": form,
        "lead": lead,
        "count": batches.count_chosen(chosen, visible_to=request.user) if chosen else None,
        "hidden": [
            (name, value) for name in ("lead", "ticket", "everything", "query") for value in given.getlist(name)
        ],
    }
    return render(request, "tickets/mass_incident_form.html", context, status=422 if request.method == "POST" else 200)


def _guess(lead: Ticket | None, user: Any) -> dict[str, Any]:
    """What a ticket says about its cause, to be corrected."""
    guessed: dict[str, Any] = {"since": clock.now(), "clocks_stand_still": True}
    if lead is not None:
        guessed |= {"title": masking.shown_words(lead.title), "category": lead.category, "since": lead.opened_at}
    region = (lead.region if lead else None) or (user.unit.region if user.unit else None)
    return guessed | {"regions": [region.pk] if region else []}


@require_http_methods(["GET", "HEAD", "POST"])
def change_incident(request: HttpRequest, number: str) -> HttpResponse:
    incident = incident_or_404(request, number)
    require(rights.why_not_change(incident, request.user))
    form = IncidentForm(request.POST) if request.method == "POST" else IncidentForm.of(incident)
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["version"] or 0
        try:
            services.change_incident(incident, form.items(), version=version, by=request.user)
        except BusinessError as refusal:
            add_refusal(form, refusal)
        else:
            return redirect(incident)
    context = {"form": form, "incident": incident}
    return render(request, "tickets/mass_incident_form.html", context, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def attach_matching(request: HttpRequest, number: str) -> HttpResponse:
    """How many tickets match, and some of them; then the batch."""
    incident = incident_or_404(request, number)
    require(rights.why_not_change(incident, request.user))
    if request.method == "POST":
        return redirect(services.attach_matching(incident, by=request.user))
    matching = Chosen(others=mass_incidents.matching_tickets(incident, visible_to=request.user))
    context = {
        "incident": incident,
        "count": batches.count_chosen(matching, visible_to=request.user),
        "most": batches.MOST,
        "sample": batches.sample_of(matching, visible_to=request.user, most=20),
    }
    return render(request, "tickets/mass_incident_attach.html", context)


def _say(
    request: HttpRequest, number: str, form_class: type[WordsForm], is_answer: bool, begin: Callable[..., Any]
) -> HttpResponse:
    incident = incident_or_404(request, number)
    require(
        rights.why_not_move(incident, "close", request.user)
        if is_answer
        else rights.why_not_change(incident, request.user)
    )
    initial: dict[str, Any] = {"request_key": uuid4()}
    if not is_answer:
        initial |= {"text": incident.public_words, "text_en": incident.public_words_en}
    form = form_class(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        try:
            return redirect(begin(incident, key=given.pop("request_key"), by=request.user, **given))
        except BusinessError as refusal:
            add_refusal(form, refusal)
    counts = mass_incidents.counts_of([incident])[incident.pk]
    context = {
        "incident": incident,
        "form": form,
        "is_answer": is_answer,
        "count": counts[AttachmentState.ATTACHED],
        "longest": LONGEST,
    }
    return render(request, "tickets/mass_incident_say.html", context, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def tell_customers(request: HttpRequest, number: str) -> HttpResponse:
    """How it stands, to every customer."""
    return _say(request, number, WordsForm, False, services.tell_attached)


@require_http_methods(["GET", "HEAD", "POST"])
def answer_customers(request: HttpRequest, number: str) -> HttpResponse:
    """The final answer, to every customer."""
    return _say(request, number, AnswerForm, True, services.answer_attached)


@require_POST
def move_incident(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """Resolve it without its lead ticket, take it up again, close it."""
    incident = incident_or_404(request, number)
    reason = request.POST.get("reason", "")
    if verb == "resolve":
        services.resolve_incident(incident, conclusion=reason, by=request.user)
    elif verb == "again":
        services.take_up_again(incident, reason=reason, by=request.user)
    elif verb == "close":
        services.close_incident(incident, by=request.user)
    else:
        raise Http404
    return redirect(incident)


@require_POST
def choose_lead(request: HttpRequest, number: str) -> HttpResponse:
    """The ticket it is handled through."""
    incident = incident_or_404(request, number)
    ticket = queries.find_ticket(request.POST.get("ticket", "").strip().upper(), visible_to=request.user)
    if ticket is None:
        raise InvalidInput({"ticket": _("There is no such ticket in your sight.")})
    services.lead_incident(incident, ticket, by=request.user)
    return redirect(incident)


@require_POST
def note_call(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """A customer whom no message reaches was called."""
    incident = incident_or_404(request, number)
    row = mass_incidents.tickets_of(incident, visible_to=request.user).filter(pk=pk).first()
    if row is None:
        raise Http404
    count = services.note_call(row, words=request.POST.get("words", ""), by=request.user)
    messages.success(request, _("Noted; tickets settled: %(count)s.") % {"count": count})
    return redirect(incident)


@require_safe
def offer_incidents(request: HttpRequest) -> HttpResponse:
    """What an intake may be about, with the words to say: ``?category=…&region=…&text=…`` (ids)."""
    require(why_not_permitted("ticket.view", request.user))

    def number(name: str) -> int:
        text = request.GET.get(name, "")
        return int(text) if text.isdecimal() and len(text) < 18 else 0

    category = queries.category_by_id(number("category"))
    offered = mass_incidents.open_incidents_for(
        category, mass_incidents.region_by_id(number("region")), request.GET.get("text", "")[:2000]
    )
    return render(request, "tickets/mass_incident_offer.html", {"offered": offered})


# --- on the page of a ticket --------------------------------------------------------------------------------------


def _shown(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    rows = mass_incidents.attachments_of(ticket)
    user = request.user
    led = mass_incidents.incident_led_by(ticket.pk)
    text = f"{ticket.title}\n{ticket.description}"
    known = {row.incident_id for row in rows} | ({led.pk} if led else set())
    attached = next((row for row in rows if row.state == AttachmentState.ATTACHED), None)
    offered = [] if attached or led or ticket.is_finished else mass_incidents.open_incidents_for(
        ticket.category, ticket.region, text
    )  # fmt: skip
    suggested = [row.incident for row in rows if row.state == AttachmentState.SUGGESTED and row.incident.is_open]
    context = {
        "ticket": ticket,
        "attached": attached,
        "settled": [row for row in rows if row.state == AttachmentState.SETTLED],
        "led": led,
        "offered": [] if attached else [*suggested, *(one for one in offered if one.pk not in known)],
        "may_attach": user.may("ticket.edit") or user.may(rights.DECLARE),
        "may_detach": rights.why_not_detach(attached, user) is None,
        "may_declare": rights.why_not_declare(user) is None and not attached and not led and not ticket.is_finished,
    }
    is_fragment = bool(getattr(request, "htmx", False))
    template = "tickets/ticket_incidents.html" if is_fragment else "tickets/ticket_incidents_page.html"
    return render(request, template, context)


def _ticket_or_404(request: HttpRequest, number: str) -> Ticket:
    ticket = queries.find_ticket(number, visible_to=request.user)
    if ticket is None:
        raise Http404
    return ticket


@require_safe
def incidents_of_ticket(request: HttpRequest, number: str) -> HttpResponse:
    """What a ticket is to mass incidents, and which it may belong to."""
    return _shown(request, _ticket_or_404(request, number))


@require_POST
def attach_ticket(request: HttpRequest, number: str) -> HttpResponse:
    ticket = _ticket_or_404(request, number)
    incident = mass_incidents.find_incident(request.POST.get("incident", ""), visible_to=request.user)
    if incident is None:
        raise Http404
    services.attach_ticket(incident, ticket, by=request.user)
    messages.success(
        request, _("Attached to %(number)s; tell the customer what is said there.") % {"number": incident.number}
    )
    return redirect(ticket)


@require_POST
def reject_ticket(request: HttpRequest, number: str) -> HttpResponse:
    """The suggestion was wrong; it is not made again."""
    ticket = _ticket_or_404(request, number)
    incident = mass_incidents.find_incident(request.POST.get("incident", ""), visible_to=request.user)
    if incident is None:
        raise Http404
    services.reject_suggestion(incident, ticket, by=request.user)
    messages.success(request, _("Noted: this ticket is no part of %(number)s.") % {"number": incident.number})
    return redirect(ticket)


@require_POST
def detach_ticket(request: HttpRequest, number: str) -> HttpResponse:
    ticket = _ticket_or_404(request, number)
    services.detach_ticket(ticket, by=request.user)
    return redirect(ticket)
