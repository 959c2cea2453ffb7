"""The queue of return visits, and one visit with its script."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from onepoint.accounts.services import privacy
from onepoint.core.errors import BusinessError, InvalidInput, require
from onepoint.core.submitting import add_refusal
from onepoint.core.tables import make_page
from onepoint.customers.queries import find_customer
from onepoint.follow_ups import policies, queries, services
from onepoint.follow_ups.columns import COLUMNS, TABS, sort_of, tab_of
from onepoint.follow_ups.forms import AnswerForm, AttemptForm, HandOverForm, VisitFilterForm
from onepoint.follow_ups.models import FollowUp
from onepoint.follow_ups.questions import sheet_of
from onepoint.tickets import queries as ticket_queries

PANEL_LENGTH = 8


def visit_or_404(request: HttpRequest, pk: int) -> FollowUp:
    """The visit in the reader's scope."""
    follow_up = queries.find_visit(pk, visible_to=request.user)
    if follow_up is None:
        raise Http404
    return follow_up


@require_safe
def list_visits(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_see(request.user))
    may_visit = policies.why_not_visit(request.user) is None
    which = tab_of(request.GET.get("which", ""), may_visit=may_visit)
    form = VisitFilterForm(request.GET)
    rows = queries.find_visits(form.chosen(which), visible_to=request.user)
    page = make_page(rows, COLUMNS, request.GET, default_sort=sort_of(which))
    counts = queries.counts_of(request.user)
    tabs = [(name, label, counts.get(name)) for name, label in TABS if may_visit or name != "mine"]
    context = {"page": page, "form": form, "tabs": tabs, "which": which, "may_visit": may_visit}
    return render(request, "follow_ups/list.html", context)


def visit_context(request: HttpRequest, follow_up: FollowUp) -> dict[str, Any]:
    """What the page of one visit shows."""
    ticket, user = follow_up.ticket, request.user
    sheet = sheet_of(follow_up.questionnaire.schema) if follow_up.questionnaire else None
    merged = queries.merged_into(follow_up)
    opinions = ticket_queries.opinions_of(ticket)
    seen = find_customer(ticket.customer.number, visible_to=user) if ticket.customer else None
    answered = [
        (question.label, question.answer_label(follow_up.answers[question.key]))
        for question in (sheet.questions if sheet else [])
        if question.key in follow_up.answers
    ]
    return {
        "visit": follow_up,
        "ticket": ticket,
        "sheet": sheet,
        "merged": merged,
        "answered": answered,
        "opinions": opinions[-3:],
        "customer": seen,
        "opens_ticket": ticket_queries.may_see(user, ticket.pk),
        "attempts": queries.attempts_of(follow_up),
        "earlier": queries.earlier_visits(follow_up),
        "why_not_claim": policies.why_not_claim(follow_up, user),
        "makes": follow_up.assignee_id == user.pk and policies.why_not_make(follow_up, user) is None,
        "may_visit": policies.why_not_visit(user) is None,
        "hands_over": policies.why_not_hand_over(follow_up, user) is None,
        "answer_form": AnswerForm(sheet, merged, is_asked=True) if sheet else None,
        "attempt_form": AttemptForm(initial={"key": uuid4().hex}),
        "hand_over_form": HandOverForm(),
    }


@require_safe
def show_visit(request: HttpRequest, pk: int) -> HttpResponse:
    require(policies.why_not_see(request.user))
    follow_up = visit_or_404(request, pk)
    privacy.note_reading("ticket", follow_up.ticket_id, by=request.user)
    return render(request, "follow_ups/detail.html", visit_context(request, follow_up))


def _refused(request: HttpRequest, pk: int, refusal: BusinessError, **more: Any) -> HttpResponse:
    """The page again with the reason and what was typed."""
    context = visit_context(request, visit_or_404(request, pk)) | {"refusal": refusal} | more
    return render(request, "follow_ups/detail.html", context, status=refusal.status)


@require_POST
def claim_next(request: HttpRequest) -> HttpResponse:
    follow_up = services.claim_next(by=request.user)
    if follow_up is None:
        waits = queries.has_visits_to_claim(request.user)
        messages.info(request, policies.QuietHours.message if waits else _("No return visit is due."))
        return redirect("visit-list")
    return redirect(follow_up)


@require_POST
def claim_visit(request: HttpRequest, pk: int) -> HttpResponse:
    return redirect(services.claim_visit(visit_or_404(request, pk), by=request.user))


@require_POST
def release_visit(request: HttpRequest, pk: int) -> HttpResponse:
    services.release_visit(visit_or_404(request, pk), by=request.user)
    messages.success(request, _("Given back."))
    return redirect("visit-list")


@require_POST
def hand_over_visit(request: HttpRequest, pk: int) -> HttpResponse:
    follow_up = visit_or_404(request, pk)
    form = HandOverForm(request.POST)
    if not form.is_valid():
        require(policies.why_not_hand_over(follow_up, request.user))
        return _refused(request, pk, InvalidInput(), hand_over_form=form)
    try:
        services.hand_over_visit(follow_up, to=form.cleaned_data["person"], by=request.user)
    except policies.CannotVisit as refusal:
        return _refused(request, pk, refusal, hand_over_form=form)
    messages.success(request, _("Handed over."))
    return redirect("visit-list")


@require_POST
def note_attempt(request: HttpRequest, pk: int) -> HttpResponse:
    follow_up = visit_or_404(request, pk)
    form = AttemptForm(request.POST)
    require(policies.why_not_visit(request.user))
    if not form.is_valid():
        return _refused(request, pk, InvalidInput(), attempt_form=form)
    try:
        services.note_attempt(follow_up, **form.cleaned_data, by=request.user)
    except InvalidInput as refusal:
        add_refusal(form, refusal)
        return _refused(request, pk, refusal, attempt_form=form)
    messages.success(request, _("Noted."))
    return redirect("visit-list")


@require_POST
def answer_visit(request: HttpRequest, pk: int) -> HttpResponse:
    follow_up = visit_or_404(request, pk)
    require(policies.why_not_make(follow_up, request.user))
    sheet = sheet_of(follow_up.questionnaire.schema if follow_up.questionnaire else {})
    form = AnswerForm(sheet, queries.merged_into(follow_up), request.POST, is_asked=True)
    if not form.is_valid():
        return _refused(request, pk, InvalidInput(), answer_form=form)
    services.record_answers(
        follow_up, form.given, words=form.words, also_unsettled=form.also_unsettled, by=request.user
    )
    messages.success(request, _("Thank you. The answers are kept."))
    return redirect("visit-detail", pk)


@require_safe
def visits_of_ticket(request: HttpRequest, number: str) -> HttpResponse:
    """The panel of a ticket's page, which is a page of its own too."""
    ticket = ticket_queries.find_ticket(number, visible_to=request.user)
    if ticket is None:
        raise Http404
    sees = policies.why_not_see(request.user) is None
    context = {"ticket": ticket, "rows": queries.visits_of_ticket(ticket) if sees else [], "opens": sees}
    template = "follow_ups/of_ticket.html" if getattr(request, "htmx", False) else "follow_ups/of_ticket_page.html"
    return render(request, template, context)


@require_safe
def visits_of_customer(request: HttpRequest, number: str) -> HttpResponse:
    """Fragment for the customer page: the customer's return visits."""
    customer = find_customer(number, visible_to=request.user)
    if customer is None:
        raise Http404
    rows = queries.visits_of_customer(customer, visible_to=request.user, limit=PANEL_LENGTH)
    return render(request, "follow_ups/of_customer.html", {"customer": customer, "rows": rows})
