"""Marks: the panel on a ticket, the lists, one mark, taking it back."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from onepoint.core.errors import BusinessError, require
from onepoint.core.submitting import add_refusal
from onepoint.core.tables import make_page
from onepoint.core.timeline import told
from onepoint.quality import mark_columns, policies, services
from onepoint.quality.mark_forms import AppealForm, MarkFilterForm, MarkForm, OwnMarkFilterForm, ReasonForm
from onepoint.quality.models import Mark
from onepoint.quality.queries import marks as queries
from onepoint.quality.queries.standard import codes_for
from onepoint.quality.states import MarkDirection
from onepoint.tickets.models import Ticket
from onepoint.tickets.queries import find_ticket

#: The two ways one marks by hand on a ticket, whoever has the right.
BY_HAND = (MarkDirection.BACK_ON_FRONT, MarkDirection.FRONT_ON_BACK)


def _is_fragment(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False)) and not request.htmx.boosted


# --- on a ticket ------------------------------------------------------------------------------------------------


def _ticket_or_404(request: HttpRequest, number: str) -> Ticket:
    ticket = find_ticket(number, visible_to=request.user)
    if ticket is None:
        raise Http404
    return ticket


def _forms(request: HttpRequest, ticket: Ticket, sent: str = "") -> list[MarkForm]:
    """One form for each direction the reader may mark in and finds something to judge; ``sent`` is the one typed."""
    ways = [way for way in BY_HAND if policies.why_not_mark(ticket, way, request.user) is None]
    work = queries.work_on(ticket, but=request.user) if ways else []
    wanted = request.GET.get("task", "")
    forms = []
    for way in ways:
        # Whoever judges the record means the record first; whoever judges the answer means the last step first.
        parts = work if way == MarkDirection.BACK_ON_FRONT else [one for one in work if one.task]
        if not parts:
            continue
        first = next((one.value for one in parts if one.value == wanted), parts[0].value)
        data = request.POST if sent == way else None
        codes = codes_for(way)
        if codes:
            form = MarkForm(data, direction=way, work=parts, codes=codes, initial={"work": first})
            form.opens = form.is_bound or way == request.GET.get("way") or (bool(wanted) and first == wanted)
            forms.append(form)
    return forms


def _panel(request: HttpRequest, ticket: Ticket, forms: list[MarkForm], status: int = 200) -> HttpResponse:
    marks = queries.marks_of(ticket, request.user)
    if _is_fragment(request) and not marks and not forms:
        return HttpResponse("")
    context = {"ticket": ticket, "marks": marks, "forms": forms}
    template = "quality/marks_panel.html" if _is_fragment(request) else "quality/marks_page.html"
    return render(request, template, context, status=status)


@require_safe
def marks_of_ticket(request: HttpRequest, number: str) -> HttpResponse:
    """The panel of the ticket's page: its marks, and marking with one click."""
    ticket = _ticket_or_404(request, number)
    return _panel(request, ticket, _forms(request, ticket))


@require_POST
def mark_ticket(request: HttpRequest, number: str) -> HttpResponse:
    """Mark a part of the ticket; refused, the panel comes back with the reason and what was typed."""
    ticket = _ticket_or_404(request, number)
    way = request.POST.get("direction", "")
    if way not in BY_HAND:
        raise Http404
    require(policies.why_not_mark(ticket, way, request.user))
    forms = _forms(request, ticket, sent=way)
    form = next((one for one in forms if one.is_bound), None)
    if form is None:
        raise Http404
    if form.is_valid():
        work = form.chosen_work
        try:
            services.mark_unqualified(
                ticket, code=form.chosen_code, person=work.person, direction=way, task=work.task,
                words=form.cleaned_data["words"], key=str(form.cleaned_data["key"] or ""), by=request.user,
            )  # fmt: skip
        except BusinessError as refusal:
            add_refusal(form, refusal)
        else:
            return _marked(request, ticket)
    return _panel(request, ticket, forms, status=422)


def _marked(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    text = _("Marked; the person has been told.")
    if _is_fragment(request):
        answer = _panel(request, ticket, _forms(request, ticket))
        return trigger_client_event(answer, "toast", {"text": text, "level": "success"})
    messages.success(request, text)
    return redirect(ticket)


# --- lists ------------------------------------------------------------------------------------------------------


@require_safe
def list_marks(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_list(request.user))
    form = MarkFilterForm(request.GET)
    page = make_page(
        queries.find_marks(form.chosen(), visible_to=request.user),
        mark_columns.MARKS,
        request.GET,
        default_sort="-marked",
    )
    return render(request, "quality/marks.html", {"page": page, "form": form, "which": "all", "may_list": True})


@require_safe
def list_own_marks(request: HttpRequest) -> HttpResponse:
    """What others found wrong with the reader's own work; everybody has this list."""
    form = OwnMarkFilterForm(request.GET)
    rows = queries.marks_on(request.user, form.chosen())
    page = make_page(rows, mark_columns.MARKS, request.GET, default_sort="-marked")
    context = {
        "page": page,
        "form": form,
        "which": "own",
        "may_list": policies.why_not_list(request.user) is None,
        "points": queries.points_this_month(request.user),
    }
    return render(request, "quality/marks.html", context)


# --- one mark ---------------------------------------------------------------------------------------------------


def mark_or_404(request: HttpRequest, number: str) -> Mark:
    """The mark in the reader's sight; 404 hides whether it exists at all."""
    mark = queries.find_mark(number, visible_to=request.user)
    if mark is None:
        raise Http404
    return mark


def mark_page(request: HttpRequest, mark: Mark, status: int = 200, **more: Any) -> HttpResponse:
    """The page of one mark, with what the reader may do."""
    user = request.user
    appeal = getattr(mark, "appeal", None)
    context = {
        "mark": mark,
        "appeal": appeal,
        "opens_ticket": find_ticket(mark.ticket.number, visible_to=user) is not None,
        "opens_appeal": bool(appeal and appeal.ticket and find_ticket(appeal.ticket.number, visible_to=user)),
        "is_final": policies.is_final(mark),
        "may_withdraw": policies.why_not_withdraw(mark, user) is None,
        "why_not_appeal": policies.why_not_appeal(mark, user),
        "may_ask": policies.why_not_ask(user) is None,
        "rectifications": queries.rectifications_of(mark, visible_to=user),
        "timeline": told(queries.history_of(mark)),
        "appeal_form": AppealForm(),
        "reason_form": ReasonForm(),
        **more,
    }
    return render(request, "quality/mark.html", context, status=status)


@require_safe
def show_mark(request: HttpRequest, number: str) -> HttpResponse:
    return mark_page(request, mark_or_404(request, number))


@require_POST
def withdraw_mark(request: HttpRequest, number: str) -> HttpResponse:
    mark = mark_or_404(request, number)
    require(policies.why_not_withdraw(mark, request.user))
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return mark_page(request, mark, 422, reason_form=form)
    services.withdraw_mark(mark, reason=form.cleaned_data["reason"], by=request.user)
    messages.success(request, _("Withdrawn."))
    return redirect(mark)
