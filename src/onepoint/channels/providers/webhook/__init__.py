"""Webhooks after the Standard Webhooks rules: signed, the same id each time, any redirect is a failure.

https://www.standardwebhooks.com describes them; a receiver checks ``webhook-signature`` over
``{webhook-id}.{webhook-timestamp}.{body}`` and that the timestamp is of the last minutes.
"""

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onepoint.channels.providers.interface import (
    EndpointGone,
    FailedForNow,
    Letter,
    PeerDown,
    Provider,
    Refused,
    Setting,
    Taken,
    because,
)
from onepoint.core import outgoing_http

LONGEST_WAIT = 3600.0  # seconds a receiver may ask us to leave it alone


def sign(secret: str, number: str, timestamp: int, body: bytes) -> str:
    """``v1,`` and the HMAC-SHA256; a secret that begins with ``whsec_`` is Base64, any other is taken as it is."""
    key = base64.b64decode(secret[6:]) if secret.startswith("whsec_") else secret.encode()
    digest = hmac.new(key, f"{number}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def wait_asked(headers: Mapping[str, str]) -> float | None:
    """Seconds of ``Retry-After``, if it is a plain number."""
    text = headers.get("retry-after", "")
    return min(float(text), LONGEST_WAIT) if text.isdecimal() and len(text) < 8 else None


def judge(answer: outgoing_http.Answer) -> None:
    """Nothing for a success; else raise what it means."""
    if 200 <= answer.status < 300:
        return
    reason = f"HTTP {answer.status}"
    if answer.status == 410:
        raise EndpointGone(reason)
    if 300 <= answer.status < 400:
        reason = because(_("Redirects are not followed."), reason)
    # The circuit is this endpoint's own, so whatever it refuses only it waits.
    raise FailedForNow(reason, is_ill=True, wait=wait_asked(answer.headers))


class WebhookSession:
    """Each message goes to its own address by a connection of its own."""

    def __init__(self, settings: Mapping[str, Any], secrets: Mapping[str, str]) -> None:
        self.allows_private = bool(settings.get("allows_private"))
        self.secret = secrets.get("signing_secret", "")

    def send(self, letter: Letter) -> Taken:
        body = letter.text.encode()
        timestamp = int(time.time())  # the receiver compares it with its own clock
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Onepoint-Webhook/1",
            "webhook-id": letter.id,
            "webhook-timestamp": str(timestamp),
            "Idempotency-Key": letter.id,
        }
        if self.secret:
            headers["webhook-signature"] = sign(self.secret, letter.id, timestamp, body)
        try:
            answer = outgoing_http.post(letter.address, body, headers, allows_private=self.allows_private)
        except outgoing_http.AddressForbidden as problem:
            raise Refused(because(_("Messages are not sent to that address."), problem)) from problem
        except outgoing_http.NoAnswer as problem:
            if problem.is_sent:
                raise FailedForNow(str(problem), is_uncertain=True, is_ill=True) from problem
            raise PeerDown(str(problem)) from problem
        judge(answer)
        return Taken(letter.id)

    def idle(self, seconds: float) -> None:
        """Nothing is kept open."""

    def close(self) -> None:
        """Nothing is kept open."""


def complain(settings: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with the settings, by field."""
    secret = settings.get("signing_secret") or ""
    try:
        if secret.startswith("whsec_") and len(base64.b64decode(secret[6:], validate=True)) < 16:
            raise ValueError
    except ValueError:
        return {"signing_secret": _("After whsec_ comes Base64 of at least 16 bytes.")}
    return {"signing_secret": _("Please use at least 16 characters.")} if 0 < len(secret) < 16 else {}


PROVIDER = Provider(
    code="webhook",
    label=gettext_lazy("Webhooks"),
    medium="webhook",
    settings=(
        Setting(
            "signing_secret", gettext_lazy("Signing secret"), "secret",
            help=gettext_lazy("The receiver checks signatures with it. Empty: messages are not signed."),
        ),
        Setting(
            "allows_private", gettext_lazy("May call addresses of the own network"), "bool", False,
            help=gettext_lazy("Off: an address inside the own network is refused, whatever name it hides behind."),
        ),
    ),
    open=lambda settings, secrets, report: WebhookSession(settings, secrets),
    complain=complain,
    has_many_peers=True,
)  # fmt: skip
