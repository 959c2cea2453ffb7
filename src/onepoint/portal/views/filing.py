"""Filing a request: on the portal, and in a frame on somebody's web site."""

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from onepoint.core import staging
from onepoint.core.errors import BusinessError
from onepoint.core.models import StagedFile
from onepoint.core.submitting import add_refusal
from onepoint.portal import policies, queries, services
from onepoint.portal.forms import CodeForm, FilingForm
from onepoint.portal.models import OneTimeCode, PortalSession
from onepoint.portal.views.entering import code_context
from onepoint.portal.views.guard import (
    for_customers,
    for_everybody,
    forget_files,
    keep_files,
    kept_files,
    network,
    session_of,
)

Page = Callable[..., HttpResponse]


@sensitive_post_parameters("address", "name", "text")
@for_everybody
@require_http_methods(["GET", "HEAD", "POST"])
def file_request(request: HttpRequest) -> HttpResponse:
    """The form. With a session it is sent off at once, without one after the code."""
    session = session_of(request)
    return _take_form(request, session, "portal/file.html", lambda code: redirect("portal-code", code.token))


def _take_form(
    request: HttpRequest, session: PortalSession | None, template: str, ask: Callable[[OneTimeCode], HttpResponse]
) -> HttpResponse:
    form = FilingForm(request.POST or None, request.FILES or None, session=session, initial=_chosen_before(request))
    if request.method != "POST":
        return render(request, template, {"form": form, "session": session, "rules": queries.rules()})
    kept = kept_files(request)
    if form.is_valid():
        try:
            sent = _send_off(request, form, session, kept)
        except BusinessError as refusal:
            add_refusal(form, refusal)
        else:
            forget_files(kept)
            return ask(sent.code) if sent.code else redirect("portal-filed", sent.ticket.number if sent.ticket else "")
    kept += keep_files(request, form)
    context = {"form": form, "session": session, "kept": kept, "rules": queries.rules()}
    return render(request, template, context, status=422)


def _send_off(
    request: HttpRequest, form: FilingForm, session: PortalSession | None, kept: list[StagedFile]
) -> services.SentOff:
    new = form.filing([staging.as_upload(file) for file in kept])
    return services.send_off(new, network=network(request), by=session)


def _chosen_before(request: HttpRequest) -> dict[str, str]:
    """The kind a link on the first page names."""
    kind = request.GET.get("kind", "")
    return {"kind": kind} if kind else {}


@for_customers
@require_http_methods(["GET", "HEAD"])
def show_filed(request: HttpRequest, session: PortalSession, number: str) -> HttpResponse:
    """It has arrived: the number, and what happens next."""
    ticket = queries.find_ticket(session, number)
    if ticket is None:
        return redirect("portal")
    return render(request, "portal/filed.html", {"session": session, "ticket": ticket})


# --- in a frame --------------------------------------------------------------------------------------------------


def framed(view: Page) -> Page:
    """A page that the listed web sites may show in a frame.

    No cookie is read or set for it: it acts for nobody, so there is nothing a foreign page could misuse, and browsers keep
    cookies from frames anyway. The language stands in the address.
    """

    @csrf_exempt
    @xframe_options_exempt
    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        rules, wanted = queries.rules(), request.GET.get("language", "")
        language = wanted if wanted in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            if (refusal := policies.why_not_open(rules)) is not None:
                context = {"refusal": refusal, "rules": rules}
                answer = render(request, "portal/embed_closed.html", context, status=refusal.status)
            else:
                answer = view(request, *args, **kwargs)
        origins = [origin.origin for origin in queries.framing_origins(active=True)]
        answer._csp_replace = {"frame-ancestors": ["'self'", *origins]}  # type: ignore[attr-defined]
        return answer

    return guarded


@sensitive_post_parameters("address", "name", "text")
@framed
@require_http_methods(["GET", "HEAD", "POST"])
def embed(request: HttpRequest) -> HttpResponse:
    """The form in a frame; a code is always needed."""
    return _take_form(request, None, "portal/embed.html", lambda code: redirect(_framed_code_url(request, code.token)))


def _framed_code_url(request: HttpRequest, token: UUID) -> str:
    return f"{reverse('portal-embed-code', args=[token])}?language={request.LANGUAGE_CODE}"


@sensitive_post_parameters("digits")
@framed
@require_http_methods(["GET", "HEAD", "POST"])
def embed_code(request: HttpRequest, token: UUID) -> HttpResponse:
    """The code of a request filed in a frame. It opens no session: that is for the portal itself."""
    code = queries.find_code(token)
    if code is None or code.filing is None:
        return render(request, "portal/embed_over.html", status=410)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            ticket = services.prove_filing(code, digits=form.cleaned_data["digits"], network=network(request))
        except BusinessError as refusal:
            add_refusal(form, refusal)
        else:
            return render(request, "portal/embed_filed.html", {"ticket": ticket})
    return render(request, "portal/embed_code.html", code_context(code, form), status=422 if form.errors else 200)
