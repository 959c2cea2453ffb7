"""How many requests of a web process may wait at length for rows that somebody else holds.

The database has each of them wait for five seconds (``lock_timeout``). A row somebody holds for longer and many people want
would take every thread of the process that way, and whoever wants something else would stand behind them. So half of the
threads may wait like that. Who comes to a held row beside them is told the same after a second; once somebody was, almost
at once. A row that is free is had at once by everybody.
"""

import re
import threading
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from psycopg.errors import LockNotAvailable

#: A statement that may wait for a row. Calls of functions that lock say so in a comment.
LOCKING = re.compile(r"FOR (?:NO KEY )?UPDATE(?!.*(?:SKIP LOCKED|NOWAIT))", re.DOTALL)
BRIEFLY, HARDLY = "1s", "100ms"
REMEMBERED_SECONDS = 5.0  # as long as those with patience wait


class Waiters:
    """Counts the locking statements under way in this process; an ``execute_wrapper`` of Django's connections."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._count = 0
        self._counting = threading.Lock()
        self._refused_at = -REMEMBERED_SECONDS

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if not LOCKING.search(str(sql)):
            return execute(sql, params, many, context)
        with self._counting:
            self._count += 1
            is_crowded = self._count > self.most
        try:
            if not (is_crowded and connection.in_atomic_block):
                return execute(sql, params, many, context)
            is_refused_lately = time.monotonic() - self._refused_at < REMEMBERED_SECONDS
            _wait_at_most(f"'{HARDLY if is_refused_lately else BRIEFLY}'")
            answer = execute(sql, params, many, context)
            _wait_at_most("DEFAULT")
            return answer
        except OperationalError as refused:
            if isinstance(refused.__cause__, LockNotAvailable):
                self._refused_at = time.monotonic()
            raise
        finally:
            with self._counting:
                self._count -= 1


def _wait_at_most(patience: str) -> None:
    """Within this transaction only: behind a pool the next one may be somebody else's."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout TO {patience}")


waiters = Waiters(most=max(1, settings.WEB_THREADS // 2))


class PatienceMiddleware:
    """Stands around everything a request asks of the database; jobs wait as long as the database lets them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with connection.execute_wrapper(waiters):
            return self.get_response(request)
