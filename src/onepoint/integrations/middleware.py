"""The door of the REST API: who calls, how often, and that a repeated request happens once."""

import hashlib
import json
import time
from collections.abc import Callable
from http import HTTPStatus

from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from onepoint.integrations import queries, services
from onepoint.integrations.models import ApiKey

GetResponse = Callable[[HttpRequest], HttpResponse]

ROOT = "/api/v1/"
#: Readable by anybody logged in too: what the API offers, not what it holds.
DESCRIPTIONS = (f"{ROOT}docs", f"{ROOT}openapi.json")
_KEPT_HEADERS = ("ETag", "Location", "Content-Type")
_LONGEST_KEY = 200


def _problem(status: int, code: str, title: str) -> HttpResponse:
    body = {"type": f"urn:onepoint:problem:{code}", "title": title, "status": status, "code": code}
    return HttpResponse(json.dumps(body), status=status, content_type="application/problem+json")


class ApiMiddleware:
    """Lets callers with a key in; a browser's session opens nothing here, so no foreign page can misuse it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        by_session = request.path in DESCRIPTIONS and "Authorization" not in request.headers
        if by_session or not request.path.startswith(ROOT):
            return self.get_response(request)
        scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
        key = queries.usable_key(secret.strip()) if scheme.lower() == "bearer" and secret else None
        if key is None:
            answer = _problem(401, "key_required", _("A valid API key is needed."))
            answer["WWW-Authenticate"] = 'Bearer realm="Onepoint"'
            return answer
        if (wait := _seconds_to_wait(key)) > 0:
            answer = _problem(429, "too_many_requests", _("Too many requests; please wait a moment."))
            answer["Retry-After"] = str(wait)
            return answer
        request.user = key.person
        request.api_key, request.api_scopes = key, frozenset(key.scopes)  # type: ignore[attr-defined]
        services.note_use(key, by=key.person)
        return self._as_problem(self._once(request, key))

    def _once(self, request: HttpRequest, key: ApiKey) -> HttpResponse:
        """Run a write that carries an idempotency key once, in one transaction with the memory of its answer."""
        name = request.headers.get("Idempotency-Key", "")
        if not name or request.method in ("GET", "HEAD", "OPTIONS"):
            return self.get_response(request)
        if len(name) > _LONGEST_KEY or not name.isprintable():
            return _problem(422, "invalid_input", _("An idempotency key has at most 200 printable characters."))
        with transaction.atomic():
            if not services.hold_request(key, name, by=key.person):
                return _problem(409, "request_in_flight", _("The same request is being carried out."))
            fingerprint = _fingerprint(request)
            if earlier := queries.answer_to(key, name):
                if earlier.fingerprint != fingerprint:
                    return _problem(422, "key_used_before", _("This idempotency key belongs to another request."))
                answer = HttpResponse(earlier.body, status=earlier.status, headers=earlier.headers)
                answer["Idempotency-Replayed"] = "true"
                return answer
            answer = self.get_response(request)
            if answer.status_code >= HTTPStatus.BAD_REQUEST or answer.streaming:
                # What was refused changed nothing and may be tried again with the same key.
                transaction.set_rollback(True)
                return answer
            headers = {header: answer[header] for header in _KEPT_HEADERS if header in answer}
            services.remember_answer(
                key, name, fingerprint=fingerprint, status=answer.status_code, headers=headers,
                body=answer.content.decode(), by=key.person,
            )  # fmt: skip
            return answer

    def _as_problem(self, answer: HttpResponse) -> HttpResponse:
        """Give refusals the framework words itself (wrong method, unknown address) the shape of all others."""
        kind = answer.headers.get("Content-Type", "")
        if answer.status_code < HTTPStatus.BAD_REQUEST or kind.startswith("application/problem+json"):
            return answer
        status = HTTPStatus(answer.status_code)
        plain = _problem(status.value, status.name.lower(), status.phrase)
        for header in ("Allow", "Retry-After"):
            if header in answer:
                plain[header] = answer[header]
        return plain


def _fingerprint(request: HttpRequest) -> str:
    described = f"{request.method}\n{request.get_full_path()}\n".encode()
    return hashlib.sha256(described + request.body).hexdigest()


def _seconds_to_wait(key: ApiKey) -> int:
    """0 while the key has requests left in this minute. Counted per web process, so the limit is a lower bound."""
    now = time.time()
    name = f"api-calls:{key.pk}:{int(now // 60)}"
    cache.add(name, 0, timeout=120)
    return 0 if cache.incr(name) <= key.requests_per_minute else 60 - int(now % 60)
