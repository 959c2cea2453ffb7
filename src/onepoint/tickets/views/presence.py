"""Pages of a ticket say that they are open, and hear who else has it open and who changed it."""

from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from onepoint.core.audit import verb_label
from onepoint.core.text import whole_number
from onepoint.tickets import queries, related, services


@require_POST
def report_presence(request: HttpRequest, number: str) -> HttpResponse:
    """``state`` is ``looking``, ``editing`` or ``left``; answers with the others as a fragment."""
    ticket = related.bare_ticket(number, visible_to=request.user)
    if ticket is None:
        raise Http404
    state = request.POST.get("state", "looking")
    if state == "left":
        services.leave_ticket(ticket, by=request.user)
        return HttpResponse(status=204)
    others = services.report_presence(ticket, is_editing=state == "editing", by=request.user)
    return render(request, "tickets/presence.html", {"others": others})


@require_GET
def show_last_change(request: HttpRequest, number: str) -> HttpResponse:
    """Who changed the ticket last and how, as a fragment.

    Empty when that was not ``after`` (seconds since 1970), and when the page has ``seen`` it (the entry's number).
    """
    ticket = related.bare_ticket(number, visible_to=request.user)
    if ticket is None:
        raise Http404
    text = request.GET.get("after", "")
    after = datetime.fromtimestamp(int(text), UTC) if text.isdecimal() and len(text) < 12 else None
    entry = queries.last_change(ticket, after=after)
    if entry and entry.pk <= (whole_number(request.GET.get("seen", "")) or 0):
        entry = None
    verb = verb_label(entry.verb) if entry else ""
    return render(request, "tickets/changed.html", {"ticket": ticket, "entry": entry, "verb": verb})
