"""Jobs whose worker was lost: another one does them; those that keep losing theirs are given up.

A tick of every worker, not a job: a job would wait behind whatever else waits, and nobody would rescue the rescuer.
"""

import logging
import time

from django.db import connection, transaction
from django.db.utils import IntegrityError

log = logging.getLogger(__name__)

STALLED_AFTER_SECONDS = 60  # without a heartbeat of its worker, which sends one every ten
LOOK_SECONDS = 5.0
MOST_ATTEMPTS = 3  # a job that kills its worker this often is given up
SUSPECTS = "core.rescued"  # their lock: one at a time, so that what kills workers takes no innocent job along twice

_looked_at = float("-inf")

# Two workers that look at once share them.
_LOST = """
SELECT job.id, job.task_name, job.attempts FROM procrastinate_jobs job
LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
WHERE job.status = 'doing'
    AND (worker.id IS NULL OR worker.last_heartbeat < now() - make_interval(secs => %(seconds)s))
ORDER BY job.id FOR UPDATE OF job SKIP LOCKED
"""
# Whoever lost a second worker comes behind those that may only have been beside it.
_AGAIN = """
UPDATE procrastinate_jobs SET status = 'todo', attempts = attempts + 1, scheduled_at = NULL,
    priority = priority - attempts, lock = coalesce(lock, %(suspects)s)
WHERE id = %(pk)s
"""
_GIVE_UP = "UPDATE procrastinate_jobs SET status = 'failed', attempts = attempts + 1 WHERE id = %(pk)s"
_FORGET = "DELETE FROM procrastinate_jobs WHERE id = %(pk)s"


def look_for_lost_workers() -> None:
    """One tick of a worker."""
    global _looked_at
    if time.monotonic() - _looked_at >= LOOK_SECONDS:
        _looked_at = time.monotonic()
        rescue_stalled_jobs()


@transaction.atomic
def rescue_stalled_jobs() -> None:
    """Give the jobs of a worker that was killed to another one; give up those that keep killing theirs."""
    with connection.cursor() as cursor:
        cursor.execute(_LOST, {"seconds": STALLED_AFTER_SECONDS})
        for pk, name, attempts in cursor.fetchall():
            if attempts + 1 >= MOST_ATTEMPTS:  # counted when one ends, which this one never did
                log.error("job %s (%s) was lost %s times and is given up", pk, name, attempts + 1)
                cursor.execute(_GIVE_UP, {"pk": pk})
                continue
            log.warning("job %s (%s) lost its worker and is started again", pk, name)
            try:
                with transaction.atomic():
                    cursor.execute(_AGAIN, {"pk": pk, "suspects": SUSPECTS})
            except IntegrityError:  # by its queueing lock: the same work already waits a second time
                cursor.execute(_FORGET, {"pk": pk})
