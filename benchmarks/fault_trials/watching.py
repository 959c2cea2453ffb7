"""Looks at the database all the time while something is done to the house."""

import threading
from collections.abc import Callable
from contextlib import ExitStack

import psycopg

from fault_trials.house import House

#: Who waits for something within a transaction; in which nobody else gets what it holds.
IDLE_TRANSACTION = (
    "SELECT coalesce(max(extract(epoch FROM clock_timestamp() - state_change)), 0)"
    " FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"
)
#: Who waits for a row or a table. Building an index concurrently waits for transactions older than itself and holds nobody up.
LOCK = (
    "SELECT coalesce(max(extract(epoch FROM clock_timestamp() - waitstart)), 0) FROM pg_locks"
    " WHERE NOT granted AND locktype NOT IN ('advisory', 'virtualxid')"
)


def watch_longest(house: House, stack: ExitStack, question: str) -> Callable[[], float]:
    """Until the stack is left; gives the longest seconds that ``question`` found so far."""
    stop, seen = threading.Event(), [0.0]

    def look() -> None:
        with psycopg.connect(house.url, autocommit=True) as connection:
            while not stop.wait(0.1):
                row = connection.execute(question).fetchone()
                assert row is not None
                seen[0] = max(seen[0], float(row[0]))

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    stack.callback(thread.join, 5)
    stack.callback(stop.set)
    return lambda: seen[0]
