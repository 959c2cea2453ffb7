"""Who is asking and what, as the house can read it, and refusals turned into answers."""

import re
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import render
from django_structlog.middlewares import RequestMiddleware
from psycopg import errors as postgres_errors

from onepoint.core import masking
from onepoint.core.audit import current_address
from onepoint.core.errors import BusinessError, InvalidInput
from onepoint.core.ways_back import is_of_house

GetResponse = Callable[[HttpRequest], HttpResponse]
_SECRET_ADDRESS = re.compile(r"(?<=/)[0-9A-Za-z_-]{32,}(?=/|$)")


class QueryMiddleware:
    """Reads what an address asks for without NUL characters: no text of the database holds one, and nobody types one."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "%00" in request.META.get("QUERY_STRING", ""):
            query = QueryDict(mutable=True)
            for name, values in request.GET.lists():
                query.setlist(name.replace("\x00", ""), [value.replace("\x00", "") for value in values])
            request.GET = QueryDict(query.urlencode())
        return self.get_response(request)


class ActorMiddleware:
    """Notes the network address for the audit journal."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = current_address.set(request.META.get("REMOTE_ADDR") or None)
        try:
            return self.get_response(request)
        finally:
            current_address.reset(token)


class ReaderMiddleware:
    """Notes who reads, so that personal data is masked for those who may not see it (see ``core.masking``)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        with masking.read_by(user if user.is_authenticated else None):
            return self.get_response(request)


class RequestLogMiddleware(RequestMiddleware):
    """Logs requests without what was asked: a search for somebody's telephone number does not belong into a log.

    Nor do addresses that are secret in themselves: whoever read the log could use them.
    """

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {masking.mask_words(_SECRET_ADDRESS.sub('…', request.path))}"


def problem(error: BusinessError) -> JsonResponse:
    """The refusal as ``application/problem+json`` (RFC 9457)."""
    body: dict[str, Any] = {
        "type": f"urn:onepoint:problem:{error.code}",
        "title": str(error),
        "status": error.status,
        "code": error.code,
    }
    if isinstance(error, InvalidInput):
        body["errors"] = {name: str(text) for name, text in error.errors.items()}
    if error.details:
        body["details"] = {name: fact if isinstance(fact, int) else str(fact) for name, fact in error.details.items()}
    return JsonResponse(body, status=error.status, content_type="application/problem+json")


class BusinessErrorMiddleware:
    """Turns :class:`BusinessError` into problem+json (API, islands), a toast (HTMX) or a message on the page one came from."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(getattr(error, "__cause__", None), postgres_errors.LockNotAvailable):
            answer = render(request, "core/busy.html", status=503)
            answer.headers["Retry-After"] = "2"  # seconds
            return answer
        if not isinstance(error, BusinessError):
            return None
        if request.path.startswith("/api/") or request.headers.get("Accept") == "application/json":
            return problem(error)
        if getattr(request, "htmx", False):
            return render(request, "core/refusal.html", {"refusal": error}, status=error.status)
        came_from = request.META.get("HTTP_REFERER", "")
        if request.method == "POST" and is_of_house(request, came_from):
            messages.error(request, str(error))
            return HttpResponseRedirect(came_from)
        return render(request, "core/refused_page.html", {"refusal": error}, status=error.status)
