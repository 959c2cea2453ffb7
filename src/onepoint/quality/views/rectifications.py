"""Rectifications: the lists, asking for one, one of them and what is done with it."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from onepoint.core import attachments, clock
from onepoint.core.errors import InvalidInput, require
from onepoint.core.submitting import add_refusal, status_of, succeeds
from onepoint.core.tables import make_page
from onepoint.core.timeline import told
from onepoint.quality import mark_columns, policies, services
from onepoint.quality.models import Mark, Rectification
from onepoint.quality.queries import marks as mark_queries
from onepoint.quality.queries import rectifications as queries
from onepoint.quality.queries.standard import usual_due_at
from onepoint.quality.rectification_forms import DecisionForm, ProofForm, RectificationFilterForm, RectificationForm
from onepoint.quality.services.rectifications import NewRectification


@require_safe
def list_rectifications(request: HttpRequest) -> HttpResponse:
    """What the reader owes, asked for, or may see."""
    which = request.GET.get("which", "mine")
    which = which if which in ("mine", "asked", "all") else "mine"
    form = RectificationFilterForm(request.GET)
    rows = queries.find_rectifications(form.chosen(which), visible_to=request.user)
    page = make_page(rows, mark_columns.RECTIFICATIONS, request.GET, default_sort="due")
    owed, to_judge = queries.rectifications_to_do(request.user)
    context = {
        "page": page, "form": form, "which": "rectifications", "mine": which, "owed": owed, "to_judge": to_judge,
        "may_list": policies.why_not_list(request.user) is None, "may_ask": policies.why_not_ask(request.user) is None,
    }  # fmt: skip
    return render(request, "quality/rectifications.html", context)


@require_safe
def waiting_rectifications(request: HttpRequest) -> HttpResponse:
    """What the desk says of rectifications; nothing at all where nothing waits."""
    owed, to_judge = queries.rectifications_to_do(request.user)
    if not (owed or to_judge):
        return HttpResponse("")
    return render(request, "quality/rectifications_waiting.html", {"owed": owed, "to_judge": to_judge})


def _named_mark(request: HttpRequest) -> Mark | None:
    number = request.GET.get("mark", "")[:20]
    mark = mark_queries.find_mark(number, visible_to=request.user) if number else None
    if number and mark is None:
        raise Http404
    return mark


@require_http_methods(["GET", "HEAD", "POST"])
def ask_rectification(request: HttpRequest) -> HttpResponse:
    """From a mark, with others of its kind in the unit, or on its own."""
    require(policies.why_not_ask(request.user))
    mark = _named_mark(request)
    offered = [mark, *queries.marks_like(mark, visible_to=request.user)] if mark else []
    initial: dict[str, Any] = {"due_at": usual_due_at(mark.unit if mark else request.user.unit)}
    if mark:
        initial |= {"owner": mark.person_id, "title": mark.code.label, "marks": [str(mark.pk)]}
    form = RectificationForm(request.POST if request.method == "POST" else None, marks=offered, initial=initial)
    made: list[Rectification] = []

    def write(values: dict[str, Any]) -> None:
        new = NewRectification(
            title=values["title"], owner=values["owner"], due_at=values["due_at"], words=values["words"],
            marks=form.chosen_marks, key=values["key"] or uuid4(),
        )  # fmt: skip
        made.append(services.ask_rectification(new, by=request.user))

    if request.method == "POST" and succeeds(form, write):
        messages.success(request, _("Asked for; the person has been told."))
        return redirect(made[0])
    return render(request, "quality/rectification_ask.html", {"form": form, "mark": mark}, status=status_of(form))


def _row_or_404(request: HttpRequest, number: str) -> Rectification:
    row = queries.find_rectification(number, visible_to=request.user)
    if row is None:
        raise Http404
    return row


def _page(request: HttpRequest, row: Rectification, status: int = 200, **more: Any) -> HttpResponse:
    user = request.user
    context = {
        "row": row,
        "marks": queries.marks_behind(row),
        "files": queries.files_of(row),
        "may_hand_in": policies.why_not_hand_in(row, user) is None,
        "may_decide": policies.why_not_decide(row, user) is None,
        "may_cancel": policies.why_not_decide(row, user, "cancel") is None,
        "timeline": told(queries.history_of(row)),
        "proof_form": ProofForm(),
        "decision_form": DecisionForm(initial={"due_at": usual_due_at(row.unit)}),
        **more,
    }
    return render(request, "quality/rectification.html", context, status=status)


@require_safe
def show_rectification(request: HttpRequest, number: str) -> HttpResponse:
    return _page(request, _row_or_404(request, number))


@require_POST
def hand_in_rectification(request: HttpRequest, number: str) -> HttpResponse:
    row = _row_or_404(request, number)
    require(policies.why_not_hand_in(row, request.user))
    form = ProofForm(request.POST, request.FILES)

    def write(values: dict[str, Any]) -> None:
        services.hand_in_rectification(row, proof=values["proof"], files=values["attachments"], by=request.user)

    if succeeds(form, write):
        messages.success(request, _("Handed in."))
        return redirect(row)
    return _page(request, row, status_of(form), proof_form=form)


@require_POST
def decide_rectification(request: HttpRequest, number: str) -> HttpResponse:
    """``verb``: accept, reject or cancel."""
    row = _row_or_404(request, number)
    verb = request.POST.get("verb", "")
    if verb not in ("accept", "reject", "cancel"):
        raise Http404
    require(policies.why_not_decide(row, request.user, verb))
    form = DecisionForm(request.POST)
    if form.is_valid():
        words, due_at = form.cleaned_data["words"], form.cleaned_data["due_at"] or clock.now()
        try:
            if verb == "accept":
                services.accept_rectification(row, words=words, by=request.user)
            elif verb == "reject":
                services.reject_rectification(row, words=words, due_at=due_at, by=request.user)
            else:
                services.cancel_rectification(row, words=words, by=request.user)
        except InvalidInput as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Decided."))
            return redirect(row)
    return _page(request, row, 422, decision_form=form, refused=verb)


@require_safe
def read_file(request: HttpRequest, number: str, pk: int) -> FileResponse:
    """A file of the proof; ``?inline=1`` lets the browser show pictures and PDF itself."""
    found = queries.find_file(_row_or_404(request, number), pk)
    if found is None:
        raise Http404
    try:
        return attachments.file_response(found, inline=request.GET.get("inline") == "1")
    except FileNotFoundError as missing:
        raise Http404 from missing
