"""Pages of a ticket say that they are open, and hear who else has it open."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from onepoint.tickets import related, services


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
