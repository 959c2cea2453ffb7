"""Keeps this process's "now" with the database's clock, which is the house's (reliability F5).

Looked up with every new connection, and by workers every few seconds.
"""

import logging
import time
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.backends.signals import connection_created

from onepoint.core import clock

log = logging.getLogger(__name__)

EVERY_SECONDS = 10.0
#: A machine that is off by more is worth an alarm: its logs, and what it tells others, are wrong.
ALARM_SECONDS = 5.0
_ALARM_EVERY = 300.0
_QUESTION = "SELECT clock_timestamp()"
_follows = False
_looked_at = _alarmed_at = float("-inf")


def follow_database() -> None:
    """From now on; called by the processes of the house, not by tests or commands."""
    global _follows
    _follows = True
    connection_created.connect(_on_connection, dispatch_uid="core.clock_following")


def _on_connection(sender: Any, connection: Any, **_more: Any) -> None:
    # Past Django: it is about the connection itself, not a statement of whoever opened it.
    _go_by(connection.connection.execute(_QUESTION).fetchone()[0])


def look_again() -> None:
    """One tick of a worker."""
    if _follows and time.monotonic() - _looked_at >= EVERY_SECONDS:
        with connection.cursor() as cursor:
            cursor.execute(_QUESTION)
            _go_by(cursor.fetchone()[0])


def _go_by(moment: datetime) -> None:
    global _looked_at, _alarmed_at
    _looked_at = time.monotonic()
    ahead = clock.set_by(moment).total_seconds()
    if abs(ahead) > ALARM_SECONDS and _looked_at - _alarmed_at > _ALARM_EVERY:
        _alarmed_at = _looked_at
        log.error("this machine's clock is %+.1f s off the database's, which is gone by", ahead)
