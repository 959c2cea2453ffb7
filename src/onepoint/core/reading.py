"""Reports and exports may be read from a replica, so that they cost the primary nothing."""

import logging
import time
from typing import TypeVar

from django.conf import settings
from django.db import DatabaseError, connections
from django.db.models import Model, QuerySet

log = logging.getLogger(__name__)
M = TypeVar("M", bound=Model)

REPLICA = "replica"
#: So long a replica found fit, or unfit, is believed to be so.
BELIEVED_SECONDS = 5.0
#: Nothing left to apply is as good as no lag: on a quiet primary the last transaction is simply long ago.
_LAG = """
SELECT CASE WHEN NOT pg_is_in_recovery() OR pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
            ELSE EXTRACT(EPOCH FROM clock_timestamp() - pg_last_xact_replay_timestamp()) END
"""

_fit = False
_asked_at = float("-inf")


def for_report(rows: "QuerySet[M]") -> "QuerySet[M]":
    """The same rows, from the replica where there is one that keeps up. What was written just now may be missing there."""
    return rows.using(REPLICA) if keeps_up() else rows


def keeps_up() -> bool:
    """Whether there is a replica that answers and is not further behind than the house allows."""
    global _fit, _asked_at
    if REPLICA not in settings.DATABASES:
        return False
    now = time.monotonic()
    if now - _asked_at > BELIEVED_SECONDS:
        _fit, _asked_at = _is_fit(), now
    return _fit


def _is_fit() -> bool:
    try:
        with connections[REPLICA].cursor() as cursor:
            cursor.execute(_LAG)
            (lag,) = cursor.fetchone()
    except DatabaseError as problem:
        log.warning("the replica does not answer, reports read the primary: %s", problem)
        connections[REPLICA].close()
        return False
    if lag is None or lag > settings.REPLICA_MOST_LAG:
        log.warning("the replica is %s seconds behind, reports read the primary", lag)
        return False
    return True
