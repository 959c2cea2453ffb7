"""The agent's state in the shell of every page, and what rings."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from onepoint.assignment import policies, queries, services
from onepoint.assignment.models import QueueEntry
from onepoint.assignment.states import HOUSE_REASONS, AgentState, PauseReason
from onepoint.assignment.subjects import subject_of
from onepoint.core import clock, masking
from onepoint.core.errors import require
from onepoint.core.ways_back import redirect_back


@require_GET
@never_cache
def agent_bar(request: HttpRequest) -> HttpResponse:
    """Fragment: one's state, and what rings at oneself."""
    require(policies.why_not_work_in_queues(request.user))
    return _bar(request)


def _bar(request: HttpRequest) -> HttpResponse:
    now = clock.now()
    context: dict[str, Any] = {
        "agent": queries.agent_of(request.user),
        "reasons": [one for one in PauseReason if one not in HOUSE_REASONS],
        "offers": [_as_offer(entry, now) for entry in queries.ringing_at(request.user)],
        "states": AgentState,
    }
    return render(request, "assignment/_agent_bar.html", context)


def _as_offer(entry: QueueEntry, now: Any) -> dict[str, Any]:
    subject = subject_of(entry)
    ringing = subject.describe(entry) if subject else None
    return {
        "entry": entry,
        "label": subject.label if subject else "",
        "who": ringing.who if ringing else "",
        "about": masking.shown_words(ringing.about) if ringing else "",
        "seconds": max(0, round((entry.offer_ends_at - now).total_seconds())) if entry.offer_ends_at else 0,
    }


@require_POST
def agent_state(request: HttpRequest) -> HttpResponse:
    """Ready, paused for a reason, or gone."""
    wanted = request.POST.get("state", "")
    if wanted == AgentState.READY:
        services.take_up_work(request.user, by=request.user)
    elif wanted == AgentState.PAUSED:
        services.pause_work(request.user, reason=request.POST.get("reason", ""), by=request.user)
    elif wanted == AgentState.OFFLINE:
        services.end_work(request.user, by=request.user)
    else:
        raise Http404
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    if getattr(request, "htmx", False):
        return _bar(request)
    return redirect_back(request, request.META.get("HTTP_REFERER", ""), "/")


@require_POST
def offer_accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Take what rings, and go to its page."""
    require(policies.why_not_work_in_queues(request.user))
    entry = _own_or_over(request, pk)
    services.accept_entry(entry, by=request.user)
    subject = subject_of(entry)
    return redirect(subject.address(entry) if subject else "/")


@require_POST
def offer_decline(request: HttpRequest, pk: int) -> HttpResponse:
    require(policies.why_not_work_in_queues(request.user))
    services.decline_entry(_own_or_over(request, pk), by=request.user)
    return _back(request)


def _own_or_over(request: HttpRequest, pk: int) -> QueueEntry:
    """What rings at this person; what did so a moment ago is over, what never did is not there."""
    entry = queries.find_own_entry(pk, request.user)
    if entry is None:
        if queries.was_offered(pk, request.user):
            raise policies.OfferIsOver
        raise Http404
    return entry
