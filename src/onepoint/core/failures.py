"""What a person or a program is told when the house itself fails: where it is the database, that trying again will help."""

import errno
import sys
from typing import Any

from django.db import InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import loader
from django.utils.translation import gettext_lazy as _
from django.views import defaults
from psycopg import errors

RETRY_SECONDS = 5
_FULL = (errors.DiskFull, errors.OutOfMemory)
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_RESTARTING = (
    errors.AdminShutdown,
    errors.CrashShutdown,
    errors.CannotConnectNow,
    errors.TooManyConnections,
    # This process stood still for so long that the server gave its transaction up.
    errors.IdleInTransactionSessionTimeout,
)

READ_ONLY = (
    _("The system can only be read at the moment"),
    _("Its disk is full. Nothing of what you sent was saved; please keep it and send it again later."),
)
UNREACHABLE = (
    _("One moment, please"),
    _("The system is being restarted. Nothing of what you sent was saved; please send it again in a few seconds."),
)
BUSY = (
    _("Somebody else is working on this"),
    _("Both of you changed the same things at once. Nothing of what you sent was saved; please send it again."),
)


def show_failure(request: HttpRequest) -> HttpResponse:
    """The handler of unexpected errors: 507 on a full disk, 503 with ``Retry-After`` where trying again helps, else 500."""
    error = sys.exc_info()[1]
    cause = getattr(error, "__cause__", None)
    if isinstance(cause, _FULL) or (isinstance(error, OSError) and error.errno in _NO_ROOM):
        return _answer(request, 507, "read_only", READ_ONLY)
    if isinstance(cause, errors.DeadlockDetected):
        return _answer(request, 503, "busy", BUSY)
    if isinstance(error, OperationalError | InterfaceError | InternalError) and _is_away(cause):
        return _answer(request, 503, "unreachable", UNREACHABLE)
    return defaults.server_error(request)


def _is_away(cause: BaseException | None) -> bool:
    """Whether the connection was refused or broke, as against a statement that failed."""
    state = getattr(cause, "sqlstate", None)
    return isinstance(cause, _RESTARTING) or state is None or state.startswith("08")


def _answer(request: HttpRequest, status: int, code: str, words: tuple[Any, Any]) -> HttpResponse:
    heading, sentence = words
    if request.path.startswith("/api/") or request.headers.get("Accept") == "application/json":
        body = {"type": f"urn:onepoint:problem:{code}", "title": str(heading), "status": status, "code": code}
        answer: HttpResponse = JsonResponse(body, status=status, content_type="application/problem+json")
    else:
        page = loader.render_to_string(
            "core/ui/plain_failure.html", {"heading": heading, "sentence": sentence, "code": str(status)}
        )
        answer = HttpResponse(page, status=status)
    answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer
