"""Urging and supervising a ticket: the panel of its page, which is a page of its own too, and the list of supervised ones."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from onepoint.channels.states import Channel
from onepoint.core.errors import BusinessError, InvalidInput, require
from onepoint.core.tables import make_page
from onepoint.tickets import overview_columns, queries, services, supervisions, urging_rights
from onepoint.tickets.models import Ticket
from onepoint.tickets.supervision_forms import SuperviseForm, SupervisionFilterForm
from onepoint.tickets.views.detail import ticket_or_404
from onepoint.workflow import policies as workflow_policies
from onepoint.workflow.urging import queries as reminders

SHOWN = 8


def urging_context(ticket: Ticket, request: HttpRequest) -> dict[str, Any]:
    """What the panel shows, and what the reader may do there."""
    user = request.user
    tasks = queries.live_tasks(ticket)
    current = supervisions.current_of(ticket)
    rows = [
        {"reminder": reminder, "may_answer": workflow_policies.why_not_answer(reminder, tasks, user) is None}
        for reminder in reminders.reminders_of("ticket", ticket.pk, SHOWN)
    ]
    return {
        "ticket": ticket,
        "rows": rows,
        "why_not_remind": urging_rights.why_not_remind(ticket, user),
        "current": current,
        "reports": supervisions.reports_of(current, SHOWN) if current else [],
        "may_report": current is not None and urging_rights.why_not_report(current, tasks, user) is None,
        "may_end": current is not None and urging_rights.why_not_end_supervision(current, user) is None,
        "may_supervise": urging_rights.why_not_supervise(ticket, user, current) is None,
        "upwards": supervisions.path_upwards(ticket) if urging_rights.leads(ticket, user) else [],
        "channels": [
            (Channel.HOTLINE, Channel.HOTLINE.label),
            *(c for c in Channel.choices if c[0] != Channel.HOTLINE),
        ],
        "supervise_form": SuperviseForm(),
        "key": uuid4(),
    }


def _shown(request: HttpRequest, ticket: Ticket, status: int = 200, **more: Any) -> HttpResponse:
    template = "tickets/urging.html" if getattr(request, "htmx", False) else "tickets/urging_page.html"
    return render(request, template, urging_context(ticket, request) | more, status=status)


@require_safe
def show_urging(request: HttpRequest, number: str) -> HttpResponse:
    opened: dict[str, Any] = {"typed": {"action": "customer"}} if request.GET.get("urge") == "customer" else {}
    return _shown(request, ticket_or_404(request, number), **opened)


def _act(request: HttpRequest, number: str, action: str, done: str, run: Callable[[Ticket], Any]) -> HttpResponse:
    """One service; refused, the panel comes back with the reason and what was typed."""
    ticket = ticket_or_404(request, number)
    try:
        run(ticket)
    except BusinessError as refusal:
        typed = {"action": action, "text": request.POST.get("text", ""), "refusal": refusal}
        return _shown(request, ticket_or_404(request, number), refusal.status, typed=typed)
    if getattr(request, "htmx", False):
        answer = _shown(request, ticket_or_404(request, number))
        return trigger_client_event(answer, "toast", {"text": done, "level": "success"})
    messages.success(request, done)
    return redirect(ticket)


def _key(request: HttpRequest) -> str:
    key = request.POST.get("key", "")[:64]
    return f"page:{request.user.pk}:{key}" if key else ""


@require_POST
def remind_ticket(request: HttpRequest, number: str) -> HttpResponse:
    """By oneself, or for the customer who asks again."""
    text, channel = request.POST.get("text", ""), request.POST.get("channel", "")

    def run(ticket: Ticket) -> None:
        if channel:
            if channel not in Channel.values:
                raise InvalidInput({"channel": _("Please choose from the list.")})
            services.remind_for_customer(ticket, text=text, channel=channel, key=_key(request), by=request.user)
        else:
            services.remind_ticket(ticket, text=text, key=_key(request), by=request.user)

    return _act(request, number, "customer" if channel else "remind", _("Urged; an answer is owed."), run)


@require_POST
def answer_reminder(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    def run(ticket: Ticket) -> None:
        reminder = reminders.find_reminder("ticket", ticket.pk, pk)
        if reminder is None:
            raise Http404
        services.answer_reminder(reminder, text=request.POST.get("text", ""), by=request.user)

    return _act(request, number, f"answer-{pk}", _("Answered."), run)


@require_POST
def start_supervision(request: HttpRequest, number: str) -> HttpResponse:
    form = SuperviseForm(request.POST)

    def run(ticket: Ticket) -> None:
        if not form.is_valid():
            raise InvalidInput({name: " ".join(map(str, errors)) for name, errors in form.errors.items()})
        services.start_supervision(
            ticket, reason=form.cleaned_data["text"], interval_hours=form.cleaned_data["interval_hours"],
            receivers=[person.pk for person in form.cleaned_data["receivers"]], by=request.user,
        )  # fmt: skip

    return _act(request, number, "supervise", _("The ticket is under supervision."), run)


@require_POST
def report_progress(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    def run(ticket: Ticket) -> None:
        supervision = supervisions.find_supervision(ticket, pk)
        if supervision is None:
            raise Http404
        services.report_progress(supervision, text=request.POST.get("text", ""), by=request.user)

    return _act(request, number, "report", _("Reported."), run)


@require_POST
def end_supervision(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    def run(ticket: Ticket) -> None:
        supervision = supervisions.find_supervision(ticket, pk)
        if supervision is None:
            raise Http404
        services.end_supervision(supervision, conclusion=request.POST.get("text", ""), by=request.user)

    return _act(request, number, "end", _("The supervision has ended."), run)


@require_safe
def list_supervisions(request: HttpRequest) -> HttpResponse:
    require(urging_rights.why_not_list_supervisions(request.user))
    form = SupervisionFilterForm(request.GET)
    rows = supervisions.find_supervisions(form.chosen(), visible_to=request.user)
    page = make_page(rows, overview_columns.SUPERVISIONS, request.GET, default_sort="due")
    return render(request, "tickets/supervisions.html", {"page": page, "form": form})
