"""Who may come in, for how long, and in which language the house speaks to them."""

from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.contrib.auth import get_user, logout
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from onepoint.accounts import open_addresses, queries, services, sessions
from onepoint.accounts.models import User
from onepoint.core import clock, stamped

GetResponse = Callable[[HttpRequest], HttpResponse]

#: A page sends this with what it asks by itself: nobody need be there, so it doesn't keep a session alive.
UNATTENDED = "X-Onepoint-Unattended"


def _problem(status: int, code: str, title: str) -> JsonResponse:
    body = {"type": f"urn:onepoint:problem:{code}", "title": title, "status": status, "code": code}
    return JsonResponse(body, status=status, content_type="application/problem+json")


class PersonMiddleware(AuthenticationMiddleware):
    """Django's, except that session, person and the stamps of what is kept are one query."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(partial(_person_of, request))  # type: ignore[assignment]  # as Django does


def _person_of(request: HttpRequest) -> User | AnonymousUser:
    with sessions.beside(request.session):
        return get_user(request)


class StampsMiddleware:
    """Lets requests that only read use what the process keeps (see ``core.stamped``)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        only_reads = request.method in ("GET", "HEAD") and request.user.is_authenticated
        with stamped.as_of(request.user.stamps if only_reads else None):
            return self.get_response(request)


class SessionLimitsMiddleware:
    """Ends a session that was idle too long or is older than ``SESSION_COOKIE_AGE``.

    The marks are set at login (``receivers.begin_session``) and live in the session itself, which every request
    loads anyway; the login policy is only asked when the mark is older than a minute.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and "seen_at" in request.session:
            self._look_at_clock(request)
        return self.get_response(request)

    def _look_at_clock(self, request: HttpRequest) -> None:
        if queries.idle_seconds(request.session) < queries.ACTIVITY_SECONDS:
            return
        if queries.is_session_over(request.session):
            logout(request)
            return
        if UNATTENDED in request.headers:
            return
        request.session["seen_at"] = clock.now().timestamp()
        address = request.META.get("REMOTE_ADDR")
        services.note_activity(request.session.session_key or "", address=address, by=request.user)


class LoginRequiredMiddleware:
    """Every URL needs a login unless it is listed in ``open_addresses``; the API answers 401 instead of redirecting."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if open_addresses.is_open(request.path):
            return self.get_response(request)
        if not request.user.is_authenticated:
            return self._ask_to_log_in(request)
        by_password = not hasattr(request, "api_key")
        if by_password and request.user.must_change_password and request.path != reverse("password-change"):
            return self._ask_for_new_password(request)
        if by_password and sessions.SECOND_FACTOR_DUE in request.session and request.path not in self._of_the_way():
            return self._ask_for_second_factor(request)
        return self.get_response(request)

    def _ask_to_log_in(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/api/"):
            return _problem(401, "login_required", _("Please log in."))
        if UNATTENDED in request.headers:
            return HttpResponse(status=401)  # what somebody may have typed on the page stays there
        if getattr(request, "htmx", False):
            return HttpResponse(status=401, headers={"HX-Redirect": settings.LOGIN_REDIRECT_URL})
        return redirect_to_login(request.get_full_path())

    def _of_the_way(self) -> tuple[str, ...]:
        return reverse("second-factor-set-up"), reverse("password-change")

    def _ask_for_second_factor(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/api/"):
            return _problem(403, "second_factor_due", _("A second factor must be set up first."))
        if getattr(request, "htmx", False):
            return HttpResponse(status=403, headers={"HX-Redirect": reverse("second-factor-set-up")})
        return redirect("second-factor-set-up")

    def _ask_for_new_password(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/api/"):
            return _problem(403, "password_must_change", _("The password must be changed first."))
        if getattr(request, "htmx", False):
            return HttpResponse(status=403, headers={"HX-Redirect": reverse("password-change")})
        return redirect("password-change")


class PersonLanguageMiddleware:
    """A logged-in person's own language wins over cookie and browser."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and request.user.language != translation.get_language():
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)
