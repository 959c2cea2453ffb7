"""Where forms keep what is being typed into them: each person's own, read and written by nobody else."""

import json

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from onepoint.core import drafts

LARGEST_BODY = 2 * drafts.LARGEST


@never_cache
@require_http_methods(["GET", "POST", "DELETE"])
def draft(request: HttpRequest, place: str) -> HttpResponse:
    """GET the draft (204 when there is none), POST ``{"values": […]}`` instead of it, DELETE it."""
    if request.method == "GET":
        kept = drafts.draft_at(place, by=request.user)
        if kept is None:
            return HttpResponse(status=204)
        return JsonResponse({"values": kept.content.get("values", []), "at": kept.updated_at.isoformat()})
    if request.method == "DELETE":
        drafts.forget_draft(place, by=request.user)
        return HttpResponse(status=204)
    values = _values(request.body)
    if values is None:
        return HttpResponseBadRequest()
    drafts.save_draft(place, {"values": values}, by=request.user)
    return HttpResponse(status=204)


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
