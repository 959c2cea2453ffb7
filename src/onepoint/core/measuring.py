"""What each request costs: time and statements, for the log, for Prometheus, and for the page of slow statements."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django_structlog.signals import bind_extra_request_finished_metadata

from onepoint.core import clock, metrics

GetResponse = Callable[[HttpRequest], HttpResponse]
LONGEST_STATEMENT = 4000  # characters kept; no values are among them
MOST_A_REQUEST = 10

_NOTE = """
INSERT INTO core_slowstatement AS kept
    (fingerprint, page, statement, times, total_seconds, longest_seconds, first_at, last_at)
VALUES (%s, %s, %s, 1, %s, %s, %s, %s)
ON CONFLICT (fingerprint, page) DO UPDATE SET times = kept.times + 1,
    total_seconds = kept.total_seconds + excluded.total_seconds,
    longest_seconds = greatest(kept.longest_seconds, excluded.longest_seconds), last_at = excluded.last_at
"""


@dataclass
class Meter:
    """Counts the statements of one request; an ``execute_wrapper`` of Django's connection."""

    count: int = 0
    seconds: float = 0.0
    slow: list[tuple[str, float]] = field(default_factory=list)

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            taken = time.perf_counter() - began
            self.count += 1
            self.seconds += taken
            if taken >= settings.SLOW_STATEMENT_SECONDS and len(self.slow) < MOST_A_REQUEST:
                self.slow.append((str(sql), taken))


def page_of(request: HttpRequest) -> str:
    """The name of the route that answered; never the address, which may hold numbers of customers."""
    match = request.resolver_match
    return match.view_name or "unnamed" if match else "unknown"


class MeasureMiddleware:
    """Stands before all others, so that their statements count too."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        meter, began = Meter(), time.perf_counter()
        request.meter, request.began = meter, began  # type: ignore[attr-defined]
        with connection.execute_wrapper(meter):
            response = self.get_response(request)
        page = page_of(request)
        metrics.note_request(
            page, request.method or "", response.status_code, time.perf_counter() - began, meter.count, meter.seconds
        )
        if meter.slow:
            note_slow_statements(page, meter.slow)
        return response


def note_slow_statements(page: str, slow: list[tuple[str, float]]) -> None:
    """Keep what took long, added up per statement and page; the request it slowed does not fail for it."""
    now = clock.now()
    with suppress(DatabaseError), connection.cursor() as cursor:
        for statement, taken in slow:
            text = " ".join(statement.split())[:LONGEST_STATEMENT]
            fingerprint = sha256(text.encode()).hexdigest()[:32]
            cursor.execute(_NOTE, [fingerprint, page, text, taken, taken, now, now])


@receiver(bind_extra_request_finished_metadata)
def tell_what_it_cost(request: HttpRequest, log_kwargs: dict[str, Any], **_more: Any) -> None:
    """The last line of a request in the log says what it was about and what it took."""
    meter = getattr(request, "meter", None)
    if meter is None:
        return
    log_kwargs["page"] = page_of(request)
    log_kwargs["ms"] = round((time.perf_counter() - request.began) * 1000, 1)  # type: ignore[attr-defined]
    log_kwargs["statements"] = meter.count
    log_kwargs["database_ms"] = round(meter.seconds * 1000, 1)
    match = request.resolver_match
    if match and "number" in match.kwargs:
        log_kwargs["number"] = match.kwargs["number"]


def bind_job(name: str, job_id: int | None) -> None:
    """Every line a job logs names the job."""
    structlog.contextvars.bind_contextvars(job=name, job_id=job_id)
