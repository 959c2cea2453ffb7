"""Score cards: the list, one with its draft and versions, publishing."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from onepoint.core import audit
from onepoint.core.errors import InvalidInput, require
from onepoint.core.tables import Column, make_page
from onepoint.core.timeline import told
from onepoint.quality import inspection_rights as rights
from onepoint.quality.inspection_forms import LockForm, ScorecardForm, ScoreForm, item_rows, items_of_rows
from onepoint.quality.models import Scorecard
from onepoint.quality.queries import scorecards as queries
from onepoint.quality.scoring import items_of, weight_sum
from onepoint.quality.services import scorecards as services

COLUMNS = [
    Column("name", gettext_lazy("Name"), ("name",), "wide"),
    Column("code", gettext_lazy("Code"), ("code",)),
    Column("about", gettext_lazy("Judges"), ("about",)),
    Column("items", gettext_lazy("Items judged"), css="right"),
    Column("weight", gettext_lazy("Sum of weights"), css="right"),
    Column("version", gettext_lazy("Version"), css="right"),
    Column("state", gettext_lazy("State")),
]


def _card_or_404(request: HttpRequest, code: str) -> Scorecard:
    require(rights.why_not_plan(request.user))
    found = queries.find_scorecard(code)
    if found is None:
        raise Http404
    return found


@require_safe
def list_scorecards(request: HttpRequest) -> HttpResponse:
    require(rights.why_not_plan(request.user))
    page = make_page(queries.scorecards(), COLUMNS, request.GET, default_sort="name")
    rows = [(card, items_of(card.newest_items or [])) for card in page.rows]  # type: ignore[attr-defined]
    context = {"page": page, "rows": [(card, len(items), weight_sum(items)) for card, items in rows]}
    return render(request, "quality/scorecards.html", context)


def _add_refusal(form: Any, refusal: InvalidInput) -> None:
    for name, text in refusal.errors.items():
        form.add_error(name if name in form.fields else None, str(text))


@require_http_methods(["GET", "HEAD", "POST"])
def create_scorecard(request: HttpRequest) -> HttpResponse:
    require(rights.why_not_plan(request.user))
    sent = request.POST if request.method == "POST" else None
    form, rows = ScorecardForm(sent), item_rows([], sent)
    if sent is not None and form.is_valid() and rows.is_valid():
        try:
            made = services.create_scorecard(**form.cleaned_data, items=items_of_rows(rows), by=request.user)
            messages.success(request, _("Saved as a draft. Look at it once more, then publish it."))
            return redirect("scorecard-detail", made.code)
        except InvalidInput as refusal:
            _add_refusal(form, refusal)
    status = 422 if form.is_bound else 200
    return render(request, "quality/scorecard.html", {"form": form, "lock": form, "rows": rows}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def change_scorecard(request: HttpRequest, code: str) -> HttpResponse:
    """What a card asks; saving writes the draft, and what is in force stays until that is published."""
    card = _card_or_404(request, code)
    newest = queries.newest_of(card)
    sent = request.POST if request.method == "POST" else None
    lock = LockForm(sent, initial={"lock_version": newest.lock_version if newest.is_draft else 0})
    rows = item_rows(newest.items, sent)
    if sent is not None and lock.is_valid() and rows.is_valid():
        try:
            version = lock.cleaned_data["lock_version"] or 0
            services.write_draft(card, items=items_of_rows(rows), lock_version=version, by=request.user)
            messages.success(request, _("Saved as a draft. Look at it once more, then publish it."))
            return redirect("scorecard-detail", code)
        except InvalidInput as refusal:
            _add_refusal(lock, refusal)
    context = {
        "card": card,
        "version": newest,
        "lock": lock,
        "rows": rows,
        "weight": weight_sum(items_of(newest.items)),
        "history": told(audit.entries_of("scorecard", card.pk).order_by("-id")[:50]),
    }
    return render(request, "quality/scorecard.html", context, status=422 if lock.is_bound else 200)


@require_safe
def preview_scorecard(request: HttpRequest, code: str) -> HttpResponse:
    """The card as an inspector sees it; nothing is kept."""
    card = _card_or_404(request, code)
    version = queries.newest_of(card)
    items = items_of(version.items)
    context = {"card": card, "version": version, "form": ScoreForm(items, []), "weight": weight_sum(items)}
    return render(request, "quality/scorecard_preview.html", context)


@require_POST
def publish_scorecard(request: HttpRequest, code: str) -> HttpResponse:
    services.publish_scorecard(_card_or_404(request, code), by=request.user)
    messages.success(request, _("Published. What is drawn from now on is scored by it."))
    return redirect("scorecard-detail", code)


@require_POST
def switch_scorecard(request: HttpRequest, code: str) -> HttpResponse:
    services.switch_scorecard(_card_or_404(request, code), is_active="on" in request.POST, by=request.user)
    return redirect("scorecard-detail", code)
