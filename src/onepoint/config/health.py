"""Whether the house is well, for load balancers and watchers; no login, nothing confidential."""

from typing import Any

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

DEAD_AFTER_SECONDS = 45  # a worker writes its heartbeat every ten
COUNT_UP_TO = 10_000  # a longer queue is reported as this many

WORKERS = "SELECT EXTRACT(EPOCH FROM now() - max(last_heartbeat)) FROM procrastinate_workers"
WAITING = "FROM procrastinate_jobs WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())"
QUEUE_LENGTH = f"SELECT count(*) FROM (SELECT 1 {WAITING} LIMIT {COUNT_UP_TO}) AS waiting"
OLDEST_WAITING = f"""
    SELECT EXTRACT(EPOCH FROM now() - COALESCE(scheduled_at, (
        SELECT min(at) FROM procrastinate_events WHERE job_id = oldest.id AND type = 'deferred')))
    FROM (SELECT id, scheduled_at {WAITING} ORDER BY id LIMIT 1) AS oldest"""


def _seconds(query: str) -> float | None:
    with connection.cursor() as cursor:
        cursor.execute(query)
        row = cursor.fetchone()
    return None if not row or row[0] is None else round(float(row[0]), 1)


def database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return True
    except DatabaseError:
        return False


def state_of_house() -> dict[str, Any]:
    """Facts about database, worker and queue; ages in seconds, None where there is nothing to measure."""
    if not database_answers():
        return {"ok": False, "database": "unreachable"}
    heartbeat = _seconds(WORKERS)
    worker_lives = heartbeat is not None and heartbeat < DEAD_AFTER_SECONDS
    return {
        "ok": worker_lives,
        "database": "ok",
        "worker": {"ok": worker_lives, "heartbeat_age": heartbeat},
        "queue": {"length": int(_seconds(QUEUE_LENGTH) or 0), "oldest_age": _seconds(OLDEST_WAITING)},
    }


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The whole house: 503 when the database does not answer or no worker has shown itself lately."""
    state = state_of_house()
    return JsonResponse(state, status=200 if state["ok"] else 503)


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """This web process: 200 when it can serve pages, so that a load balancer sends it visitors."""
    ready = database_answers()
    return JsonResponse({"ok": ready}, status=200 if ready else 503)
