"""The worklist of tickets that are probably one matter."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from onepoint.core.errors import require
from onepoint.core.tables import Column, make_page
from onepoint.tickets import duplicates, policies, services
from onepoint.tickets.likeness import REASONS
from onepoint.tickets.likeness_models import LikelyDuplicate

COLUMNS = [
    Column("found", gettext_lazy("Found"), ("found_at",), "num"),
    Column("first", gettext_lazy("Earlier ticket"), (), "wide wrap"),
    Column("second", gettext_lazy("Later ticket"), (), "wide wrap"),
    Column("score", gettext_lazy("Likelihood"), ("score",), "num"),
    Column("act", "", (), "actions"),
]


def _pair_or_404(request: HttpRequest, pk: int) -> LikelyDuplicate:
    require(policies.why_not_coordinate(request.user))
    pair = duplicates.find_pair(pk, visible_to=request.user)
    if pair is None:
        raise Http404
    return pair


@require_safe
def list_duplicates(request: HttpRequest) -> HttpResponse:
    require(policies.why_not_coordinate(request.user))
    found = duplicates.likely_duplicates(visible_to=request.user)
    page = make_page(found, COLUMNS, request.GET, default_sort="-found")
    rows = [
        {
            "pair": pair,
            "reasons": [REASONS[reason] for reason in pair.reasons if reason in REASONS],
            "mixes": policies.why_not_mix_customers([pair.first, pair.second]) is not None,
        }
        for pair in page.rows
    ]
    return render(request, "tickets/duplicates.html", {"page": page, "rows": rows})


@require_POST
def merge_pair(request: HttpRequest, pk: int) -> HttpResponse:
    """One click; with a text the customers of both are told."""
    pair = _pair_or_404(request, pk)
    survivor = services.merge_duplicates(
        pair, reply=request.POST.get("reply", "")[:2000], despite_customers=request.POST.get("mixes") == "1",
        by=request.user,
    )  # fmt: skip
    messages.success(request, _("Merged. %(number)s goes on.") % {"number": survivor.number})
    return redirect("ticket-duplicate-list")


@require_POST
def tell_pair_apart(request: HttpRequest, pk: int) -> HttpResponse:
    services.tell_tickets_apart(_pair_or_404(request, pk), by=request.user)
    messages.success(request, _("Noted: two matters."))
    return redirect("ticket-duplicate-list")
