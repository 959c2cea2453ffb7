"""Inspections: the inspector's queue, one scoring with the work beside the card, results and what is said to them."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from onepoint.accounts.services import privacy
from onepoint.channels.queries import contacts_about
from onepoint.core import audit, drafts
from onepoint.core.errors import BusinessError, InvalidInput, require
from onepoint.core.tables import make_page
from onepoint.core.timeline import told
from onepoint.quality import inspection_columns as columns
from onepoint.quality import inspection_rights as rights
from onepoint.quality.inspection_forms import AppealForm, HandOverForm, InspectionFilterForm, ScoreForm
from onepoint.quality.inspection_states import ABOVE, ScoringState
from onepoint.quality.models import Inspection, Scoring
from onepoint.quality.queries import inspections as queries
from onepoint.quality.queries.standard import codes_for
from onepoint.quality.risks import label_of_risk
from onepoint.quality.scoring import items_of, weight_sum
from onepoint.quality.services import inspecting as services
from onepoint.quality.states import MarkDirection
from onepoint.tickets import queries as ticket_queries

QUEUE_TABS = [
    ("mine", gettext_lazy("Being scored by me")),
    ("open", gettext_lazy("To be taken")),
    ("done", gettext_lazy("Scored by me")),
]
LIST_TABS = [
    ("all", gettext_lazy("All")),
    ("waiting", gettext_lazy("To be scored")),
    ("disputed", gettext_lazy("To be arbitrated")),
    ("results", gettext_lazy("With a result")),
    ("appealed", gettext_lazy("Under appeal")),
    ("fatal", gettext_lazy("Fatal")),
]


def inspection_or_404(request: HttpRequest, pk: int) -> Inspection:
    """The inspection in the reader's scope, or about the reader's own work."""
    found = queries.find_inspection(pk, visible_to=request.user)
    if found is None:
        raise Http404
    return found


def _scoring_or_404(request: HttpRequest, pk: int) -> Scoring:
    found = queries.find_scoring(pk, visible_to=request.user)
    if found is None:
        raise Http404
    return found


@require_safe
def list_scorings(request: HttpRequest) -> HttpResponse:
    """The inspector's queue."""
    user = request.user
    require(rights.why_not_inspect(user))
    count = queries.count_in_hand(user)
    which = request.GET.get("which", "mine" if count else "open")
    which = which if which in dict(QUEUE_TABS) else "open"
    rows = {"mine": queries.scorings_in_hand, "open": queries.scorings_to_take, "done": queries.scorings_submitted}
    page = make_page(
        rows[which](user), columns.SCORINGS, request.GET, default_sort="-since" if which == "done" else "since"
    )
    tabs = [(name, label, count if name == "mine" else None) for name, label in QUEUE_TABS]
    return render(request, "quality/scorings.html", {"page": page, "tabs": tabs, "which": which})


@require_POST
def claim_next(request: HttpRequest) -> HttpResponse:
    found = services.claim_next(by=request.user)
    if found is None:
        messages.info(request, _("Nothing waits for you to be scored."))
        return redirect("scoring-list")
    return redirect("scoring-detail", found.pk)


@require_POST
def claim_scoring(request: HttpRequest, pk: int) -> HttpResponse:
    services.claim_scoring(_scoring_or_404(request, pk), by=request.user)
    return redirect("scoring-detail", pk)


@require_POST
def release_scoring(request: HttpRequest, pk: int) -> HttpResponse:
    services.release_scoring(_scoring_or_404(request, pk), by=request.user)
    messages.success(request, _("Given back."))
    return redirect("scoring-list")


@require_POST
def hand_over_scoring(request: HttpRequest, pk: int) -> HttpResponse:
    scoring = _scoring_or_404(request, pk)
    require(rights.why_not_hand_over(scoring, request.user))
    form = HandOverForm(request.POST)
    if not form.is_valid():
        return _show(request, scoring.inspection_id, 422, hand_over_form=form)
    try:
        services.hand_over_scoring(scoring, to=form.cleaned_data["person"], by=request.user)
    except BusinessError as refusal:
        form.add_error("person", str(refusal))
        return _show(request, scoring.inspection_id, refusal.status, hand_over_form=form)
    messages.success(request, _("Handed over."))
    return redirect("inspection-detail", scoring.inspection_id)


def work_of(request: HttpRequest, inspection: Inspection) -> dict[str, Any]:
    """The work inspected, as its page shows it: within the scope of the inspection, personal data by the reader's rights."""
    ticket, user = inspection.ticket, request.user
    if ticket is None:
        return {"contact": inspection.contact, "lines": queries.transcript_of(inspection)}
    return {
        "ticket": ticket,
        "opinions": ticket_queries.opinions_of(ticket),
        "contacts": contacts_about([ticket.number], visible_to=user, limit=10),
        "entries": told(ticket_queries.timeline_of(ticket, 40)),
        "opens_ticket": ticket_queries.may_see(user, ticket.pk),
    }


def _score_form(scoring: Scoring, user: Any, sent: Any = None) -> ScoreForm:
    has_ticket = services.ticket_of(scoring.inspection) is not None and scoring.inspection.person_id is not None
    codes = codes_for(MarkDirection.INSPECTION) if has_ticket and user.may("mark.inspect") else []
    return ScoreForm(items_of(scoring.inspection.version.items), codes, sent)


@require_http_methods(["GET", "HEAD", "POST"])
def score(request: HttpRequest, pk: int) -> HttpResponse:
    """The work on the left, the card on the right; posting gives the scores."""
    scoring = _scoring_or_404(request, pk)
    if scoring.inspector_id != request.user.pk or scoring.state == ScoringState.SUBMITTED:
        if request.method == "POST":
            require(rights.why_not_submit(scoring, request.user))
        if scoring.state == ScoringState.OPEN and rights.why_not_take(scoring, request.user) is None:
            return _score_page(request, scoring, None)
        return redirect("inspection-detail", scoring.inspection_id)
    form = _score_form(scoring, request.user, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            services.submit_scoring(scoring, **form.given(), by=request.user)
            drafts.forget_draft(f"scoring:{pk}", by=request.user)
            messages.success(request, _("Submitted."))
            return redirect("inspection-detail", scoring.inspection_id)
        except InvalidInput as refusal:
            for name, text in refusal.errors.items():
                form.add_error(name if name in form.fields else None, str(text))
    return _score_page(request, scoring, form, 422 if form.is_bound else 200)


def _score_page(request: HttpRequest, scoring: Scoring, form: ScoreForm | None, status: int = 200) -> HttpResponse:
    inspection = queries.find_inspection(scoring.inspection_id, visible_to=request.user) or scoring.inspection
    if inspection.ticket is not None:
        privacy.note_reading("ticket", inspection.ticket.pk, by=request.user)
    sees_earlier = scoring.part in ABOVE and form is not None
    context = {
        "scoring": scoring,
        "inspection": inspection,
        "form": form,
        "weight": weight_sum(items_of(inspection.version.items)),
        "draft_place": f"scoring:{scoring.pk}",
        "earlier": _told_scorings(inspection, queries.scorings_of(inspection)) if sees_earlier else [],
        "risks": [label_of_risk(code) for code in inspection.risks],
        **work_of(request, inspection),
    }
    return render(request, "quality/score.html", context, status=status)


def _told_scorings(inspection: Inspection, scorings: list[Scoring]) -> list[tuple[Scoring, list[tuple[str, str, str]]]]:
    """Each submitted scoring with its answers in words."""
    items = items_of(inspection.version.items)
    return [
        (
            one,
            [(item.label, item.answer_label(one.answers.get(item.key)), one.notes.get(item.key, "")) for item in items],
        )
        for one in scorings
        if one.state == ScoringState.SUBMITTED
    ]


@require_safe
def list_inspections(request: HttpRequest) -> HttpResponse:
    require(rights.why_not_see_inspections(request.user))
    which = request.GET.get("which", "all")
    which = which if which in dict(LIST_TABS) else "all"
    form = InspectionFilterForm(request.GET)
    rows = queries.find_inspections(form.chosen(which), visible_to=request.user)
    page = make_page(rows, columns.INSPECTIONS, request.GET, default_sort="-drawn", moment="drawn_at")
    context = {"page": page, "form": form, "tabs": LIST_TABS, "which": which}
    return render(request, "quality/inspections.html", context)


@require_safe
def list_results(request: HttpRequest) -> HttpResponse:
    """What was found about the reader's own work."""
    page = make_page(queries.results_of(request.user), columns.RESULTS, request.GET, default_sort="-result")
    return render(request, "quality/results.html", {"page": page})


def _show(request: HttpRequest, pk: int, status: int = 200, **more: Any) -> HttpResponse:
    inspection = inspection_or_404(request, pk)
    user = request.user
    everything = queries.scorings_of(inspection)
    # Whoever is inspected reads what was found, not by whom; and before the result nobody reads anything of it.
    is_about_reader = inspection.person_id == user.pk
    sees_people = not is_about_reader and rights.why_not_see_inspections(user) is None
    context = {
        "inspection": inspection,
        "scorings": [(one, rights.why_not_take(one, user)) for one in everything],
        "told": _told_scorings(inspection, queries.seen_scorings(inspection, user)),
        "marks": queries.marks_of(inspection) if inspection.has_result else [],
        "risks": [label_of_risk(code) for code in inspection.risks],
        "sees_people": sees_people,
        "is_about_reader": is_about_reader,
        "why_not_acknowledge": rights.why_not_acknowledge(inspection, user),
        "why_not_appeal": rights.why_not_appeal_result(inspection, user),
        "hands_over": rights.why_not_plan(user) is None,
        "makes_cases": user.may("coaching.manage") and inspection.has_result,
        "appeal_form": AppealForm(),
        "hand_over_form": HandOverForm(),
        "history": told(audit.entries_of("inspection", inspection.pk).order_by("-id")[:30]) if sees_people else [],
        "opens_ticket": inspection.ticket is not None and ticket_queries.may_see(user, inspection.ticket.pk),
    }
    return render(request, "quality/inspection.html", context | more, status=status)


@require_safe
def show_inspection(request: HttpRequest, pk: int) -> HttpResponse:
    return _show(request, pk)


@require_POST
def acknowledge_result(request: HttpRequest, pk: int) -> HttpResponse:
    services.acknowledge_result(inspection_or_404(request, pk), by=request.user)
    messages.success(request, _("Noted that you have read it."))
    return redirect("inspection-detail", pk)


@require_POST
def appeal_result(request: HttpRequest, pk: int) -> HttpResponse:
    inspection = inspection_or_404(request, pk)
    form = AppealForm(request.POST)
    require(rights.why_not_appeal_result(inspection, request.user))
    if not form.is_valid():
        return _show(request, pk, 422, appeal_form=form)
    services.appeal_result(inspection, words=form.cleaned_data["words"], by=request.user)
    messages.success(request, _("Somebody else will score it again."))
    return redirect("inspection-detail", pk)
