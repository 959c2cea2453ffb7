"""A job that lost its database is done once more when the database is back: of what it had done nothing was kept.

Else a server that begins anew would leave every job that ran at that moment behind as failed, for a person to decide about.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

import psycopg
from django.db import InterfaceError, InternalError, OperationalError, connection

from onepoint.core import ending

log = logging.getLogger(__name__)

#: Seconds a job leaves the database alone after each time; a job that itself is too much for the server fails in the end.
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0)
PATIENCE = 60.0  # seconds more for the database to come back
_LOOK_SECONDS = 0.5
#: Ended by somebody, by a crash, starting up, stood still within a transaction for too long.
_LOST = {"57P01", "57P02", "57P03", "25P03", "08000", "08003", "08006"}


def do_once_more(call_next: Callable[[], Any], context: Any, worker: Any) -> Any:
    """Procrastinate's middleware around every (synchronous) job, in the job's thread."""
    for pause in PAUSES:
        try:
            return call_next()
        except (OperationalError, InterfaceError, InternalError) as problem:
            if not is_loss(problem.__cause__) or not _comes_back(pause):
                raise
            log.warning("job %s (%s) lost the database and is done once more", context.job.id, context.job.task_name)
    return call_next()


def is_loss(problem: BaseException | None) -> bool:
    """Whether it was the connection that failed, and not what was asked of the database; of psycopg's errors."""
    state = getattr(problem, "sqlstate", None)
    return state in _LOST if state else isinstance(problem, psycopg.OperationalError | psycopg.InterfaceError)


def _comes_back(pause: float) -> bool:
    """Wait for the database; False when it does not come in time, or this process is to end."""
    began = time.monotonic()
    while (waited := time.monotonic() - began) < pause + PATIENCE and not ending.is_ending():
        if waited >= pause:
            connection.close()
            try:
                connection.ensure_connection()
            except OperationalError:
                pass
            else:
                return True
        time.sleep(min(_LOOK_SECONDS, max(pause - waited, 0.05)))
    return False
