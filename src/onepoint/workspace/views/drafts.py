"""Where forms keep what is being typed into them: each person's own, read and written by nobody else."""

import json
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from onepoint.channels.queries import already_journaled
from onepoint.core import drafts
from onepoint.tickets.queries import already_made

LARGEST_BODY = 2 * drafts.LARGEST


@never_cache
@require_http_methods(["GET", "POST", "DELETE"])
def draft(request: HttpRequest, place: str) -> HttpResponse:
    """GET the draft (204 when there is none), POST ``{"values": […]}`` instead of it, DELETE it."""
    if request.method == "GET":
        kept = drafts.draft_at(place, by=request.user)
        values = kept.content.get("values", []) if kept else []
        if kept and _has_arrived(values):
            drafts.forget_draft(place, by=request.user)
            kept = None
        if kept is None:
            return HttpResponse(status=204)
        return JsonResponse({"values": values, "at": kept.updated_at.isoformat()})
    if request.method == "DELETE":
        drafts.forget_draft(place, by=request.user)
        return HttpResponse(status=204)
    values = _values(request.body)
    if values is None:
        return HttpResponseBadRequest()
    drafts.save_draft(place, {"values": values}, by=request.user)
    return HttpResponse(status=204)


def _has_arrived(values: list[list[str]]) -> bool:
    """Whether the form was sent after all. What was typed last may be kept a moment after that: it travels on its own,
    and would come back as unfinished on another machine."""
    key = next((value for name, value, _label in values if name == "request_key"), "")
    try:
        sent = UUID(key)
    except ValueError:
        return False
    return already_journaled(sent) is not None or already_made(sent, "", "") is not None


def _values(body: bytes) -> list[list[str]] | None:
    """The fields of the form as sent: [name, value, label] each. None for anything else."""
    try:
        values = json.loads(body)["values"] if len(body) <= LARGEST_BODY else None
    except (ValueError, TypeError, KeyError, RecursionError):
        values = None
    is_right = isinstance(values, list) and all(
        isinstance(one, list) and len(one) == 3 and all(isinstance(part, str) for part in one) for one in values
    )
    return values if is_right else None
