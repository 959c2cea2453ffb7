"""Jobs that were given up: they raised, or their worker was lost each time. They wait for a person: once more, or never."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.utils import IntegrityError

MOST_SHOWN = 50


@dataclass(frozen=True)
class FailedJob:
    """One of them; the worker's log tells what it raised."""

    pk: int
    task: str
    arguments: str
    attempts: int
    failed_at: datetime | None


_FAILED = """
SELECT job.id, job.task_name, left(job.args::text, 300), job.attempts,
    (SELECT max(event.at) FROM procrastinate_events event WHERE event.job_id = job.id AND event.type = 'failed')
FROM procrastinate_jobs job WHERE job.status = 'failed' AND %(pk)s IN (0, job.id)
ORDER BY job.id DESC LIMIT %(most)s
"""
# What ``procrastinate_retry_job`` does, but only for one that failed: a second click must not begin it twice.
_AGAIN = """
UPDATE procrastinate_jobs SET status = 'todo', attempts = attempts + 1, scheduled_at = NULL
WHERE id = %(pk)s AND status = 'failed'
"""
_NEVER = "UPDATE procrastinate_jobs SET status = 'cancelled' WHERE id = %(pk)s AND status = 'failed'"


def failed_jobs(pk: int = 0) -> list[FailedJob]:
    """The newest of them, or the one."""
    with connection.cursor() as cursor:
        cursor.execute(_FAILED, {"pk": pk, "most": MOST_SHOWN})
        return [FailedJob(*row) for row in cursor.fetchall()]


def begin_again(pk: int) -> bool:
    """Let a worker try it once more. False when it is not failed any more."""
    try:
        with transaction.atomic():
            return _move(_AGAIN, pk)
    except IntegrityError:  # by its queueing lock: the same work already waits, so this one is not needed
        return _move(_NEVER, pk)


def forget_failed_job(pk: int) -> bool:
    """Never do it. False when it is not failed any more."""
    return _move(_NEVER, pk)


def _move(statement: str, pk: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"pk": pk})
        return bool(cursor.rowcount == 1)
