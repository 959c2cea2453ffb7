"""In front of every page for customers: is the portal open, who is there, and nothing of it kept by caches."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache

from onepoint.core import staging
from onepoint.core.errors import InvalidInput
from onepoint.core.models import StagedFile
from onepoint.core.throttling import TooManyTries, network_of
from onepoint.portal import limits, policies, queries, services
from onepoint.portal.models import PortalSession
from onepoint.portal.services import Entered

View = Callable[..., HttpResponseBase]
COOKIE = "onepoint_portal"
PATH = "/portal/"


class Stranger:
    """Somebody without an account of the house, for what is kept of a form; the token alone says whose it is."""

    pk = 0

    def get_full_name(self) -> str:
        return ""


STRANGER = Stranger()


def network(request: HttpRequest) -> str:
    """Where a request comes from, as it is counted."""
    return network_of(request.META.get("REMOTE_ADDR"))


def session_of(request: HttpRequest) -> PortalSession | None:
    """The customer's session, looked up once a request."""
    if not hasattr(request, "portal_session"):
        secret = request.COOKIES.get(COOKIE, "")
        request.portal_session = queries.session_of(secret) if secret else None  # type: ignore[attr-defined]
        if request.portal_session is not None:  # type: ignore[attr-defined]
            services.note_activity(request.portal_session, by=request.portal_session)  # type: ignore[attr-defined]
    found: PortalSession | None = request.portal_session  # type: ignore[attr-defined]
    return found


def for_everybody(view: View) -> View:
    """A page anybody may open while the portal is open."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        rules = queries.rules()
        if (refusal := policies.why_not_open(rules)) is not None:
            return render(request, "portal/closed.html", {"refusal": refusal, "rules": rules}, status=refusal.status)
        return view(request, *args, **kwargs)

    return never_cache(guarded)


def for_customers(view: View) -> View:
    """A page for somebody who has proved a number; ``session`` is the view's second argument."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        session = session_of(request)
        if session is None:
            wanted = {"number": kwargs["number"]} if "number" in kwargs else {}
            return redirect(f"{reverse('portal-enter')}{f'?{urlencode(wanted)}' if wanted else ''}")
        return view(request, session, *args, **kwargs)

    return for_everybody(guarded)


def let_in(request: HttpRequest, response: HttpResponse, entered: Entered) -> HttpResponse:
    """Give the browser the session; one it had for another number ends."""
    if (earlier := session_of(request)) is not None:
        services.end_session(earlier, by=earlier)
    life = int(limits.SESSION_LIFE.total_seconds())
    response.set_cookie(
        COOKIE, entered.secret, max_age=life, path=PATH, httponly=True, samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip
    return response


def let_out(response: HttpResponse) -> HttpResponse:
    response.delete_cookie(COOKIE, path=PATH, samesite="Lax")
    return response


def kept_files(request: HttpRequest) -> list[StagedFile]:
    """Files of an earlier try of this form that are still ticked."""
    return staging.staged_files(request.POST.getlist("kept"), by=STRANGER)


def keep_files(request: HttpRequest, form: Any) -> list[StagedFile]:
    """The files of a refused form stay with it; one that no form would take is named beside the field."""
    kept: list[StagedFile] = []
    uploads: list[UploadedFile] = request.FILES.getlist("files")[: limits.MOST_FILES]
    if not uploads:
        return kept
    try:
        limits.count(limits.FILES_FROM_NETWORK, network(request))
    except TooManyTries:
        return kept
    for upload in uploads:
        try:
            services.check_files([upload])
            kept.append(staging.stage_file(upload, by=STRANGER))
        except InvalidInput as refusal:
            for sentence in refusal.errors.values():
                if str(sentence) not in form.errors.get("files", ()):
                    form.add_error("files", str(sentence))
    return kept


def forget_files(files: list[StagedFile]) -> None:
    staging.forget_staged(files, by=STRANGER)
