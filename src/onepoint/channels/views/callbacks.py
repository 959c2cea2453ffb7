"""Addresses that peers post to: no login, but each gateway's own unguessable address, and a signature where they can."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from onepoint.channels import services
from onepoint.channels.providers.interface import CallRefused, IncomingCall
from onepoint.core import clock


@csrf_exempt  # the caller is no browser
@require_POST
def text_receive(request: HttpRequest, gateway: int, token: str) -> HttpResponse:
    """An SMS provider brings a message; it hears that we have it once it is committed."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    call = IncomingCall(headers, request.body, request.content_type or "", clock.now())
    try:
        answer = services.take_in_call(gateway, token, call, by=None)
    except CallRefused as refusal:
        response = HttpResponse(str(refusal), status=refusal.status, content_type="text/plain")
        response._has_been_logged = True  # type: ignore[attr-defined]  # Django would write the secret address into the log
        return response
    kind = "application/json" if answer.startswith(("{", "[")) else "text/plain; charset=utf-8"
    return HttpResponse(answer, content_type=kind)
