"""Tell open pages that something happened: by ids only, to those who answer to one of the given keys."""

import json
from collections.abc import Iterable

from django.db import connection, transaction

CHANNEL = "onepoint_live"
LARGEST_PAYLOAD = 7500  # bytes; PostgreSQL refuses 8000


def publish(channel_keys: Iterable[str], event: str, **ids: int) -> None:
    """Announce ``event`` (such as ``"todo"``) to every session that has one of ``channel_keys``, once this commits.

    Keys are candidate keys (``P12`` a person, ``U34`` a unit, …). Nothing is told of a transaction that rolls back. Pages
    fetch the facts themselves, each with its own scope.
    """
    keys = sorted(set(channel_keys))
    if keys:
        # Not inside the transaction: PostgreSQL lets transactions that notify commit one after the other, disk flush
        # included. A hint that a crash swallows is made good by the page's "resync".
        transaction.on_commit(lambda: _notify(keys, event, ids), robust=True)


def _notify(keys: list[str], event: str, ids: dict[str, int]) -> None:
    with connection.cursor() as cursor:
        for payload in _payloads(keys, event, ids):
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, payload])


def _payloads(keys: list[str], event: str, ids: dict[str, int]) -> Iterable[str]:
    """As many messages as the size limit asks for; a receiver of two parts sees the event twice, which does no harm."""
    payload = json.dumps([event, ids, keys], separators=(",", ":"), ensure_ascii=False)
    if len(payload.encode()) <= LARGEST_PAYLOAD or len(keys) == 1:
        yield payload
        return
    middle = len(keys) // 2
    yield from _payloads(keys[:middle], event, ids)
    yield from _payloads(keys[middle:], event, ids)
