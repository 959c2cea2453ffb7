"""Who may come in, and in which language the house speaks to them."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import translation

GetResponse = Callable[[HttpRequest], HttpResponse]

#: URL prefixes that need no login; the architecture tests hold every other URL to it.
PUBLIC_PREFIXES = ("/accounts/login/", "/accounts/logout/", "/static/", "/healthz", "/readyz", "/language/", "/favicon")


class LoginRequiredMiddleware:
    """Every URL needs a login unless it stands in ``PUBLIC_PREFIXES``; the API answers 401 instead of redirecting."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated or request.path.startswith(PUBLIC_PREFIXES):
            return self.get_response(request)
        if request.path.startswith("/api/"):
            return JsonResponse(
                {"title": "Unauthorized", "status": 401}, status=401, content_type="application/problem+json"
            )
        if getattr(request, "htmx", False):
            return HttpResponse(status=401, headers={"HX-Redirect": settings.LOGIN_REDIRECT_URL})
        return redirect_to_login(request.get_full_path())


class PersonLanguageMiddleware:
    """A logged-in person's own language wins over cookie and browser."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and request.user.language != translation.get_language():
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)
