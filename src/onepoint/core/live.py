"""Tell open pages that something happened: by ids only, to those who answer to one of the given keys."""

import json
from collections.abc import Iterable

from django.db import connection, transaction

CHANNEL = "onepoint_live"
LARGEST_PAYLOAD = 7500  # bytes; PostgreSQL refuses 8000
LOOKED_BACK = 20  # things to do after the commit, so that a transaction that has thousands stays fast


def publish(channel_keys: Iterable[str], event: str, **ids: int) -> None:
    """Announce ``event`` (such as ``"todo"``) to every session that has one of ``channel_keys``, once this commits.

    Keys are candidate keys (``P12`` a person, ``U34`` a unit, …). Nothing is told of a transaction that rolls back. Pages
    fetch the facts themselves, each with its own scope.
    """
    keys = set(channel_keys)
    if keys:
        news = _news_of_transaction()
        news.add(keys, event, ids)
        if not news.waits:
            # Not inside the transaction: PostgreSQL lets transactions that notify commit one after the other, disk flush
            # included. A hint that a crash swallows is made good by the page's "resync".
            news.waits = True
            transaction.on_commit(news.tell, robust=True)


class _News:
    """What one transaction, or one savepoint of it, has to tell: a single statement after the commit."""

    def __init__(self) -> None:
        self.told: dict[tuple[str, tuple[tuple[str, int], ...]], set[str]] = {}
        self.waits = False

    def add(self, keys: set[str], event: str, ids: dict[str, int]) -> None:
        self.told.setdefault((event, tuple(ids.items())), set()).update(keys)

    def tell(self) -> None:
        payloads = [
            part for (event, ids), keys in self.told.items() for part in _payloads(sorted(keys), event, dict(ids))
        ]
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, payload) FROM unnest(%s::text[]) AS payload", [CHANNEL, payloads])


def _news_of_transaction() -> _News:
    """Those already waiting for the commit, if the same savepoints decide about them; else fresh ones."""
    here = set(connection.savepoint_ids)
    for hook in connection.run_on_commit[: -LOOKED_BACK - 1 : -1]:
        waiting = getattr(hook[1], "__self__", None)
        if isinstance(waiting, _News) and hook[0] == here:
            return waiting
    return _News()


def _payloads(keys: list[str], event: str, ids: dict[str, int]) -> Iterable[str]:
    """As many messages as the size limit asks for; a receiver of two parts sees the event twice, which does no harm."""
    payload = json.dumps([event, ids, keys], separators=(",", ":"), ensure_ascii=False)
    if len(payload.encode()) <= LARGEST_PAYLOAD or len(keys) == 1:
        yield payload
        return
    middle = len(keys) // 2
    yield from _payloads(keys[:middle], event, ids)
    yield from _payloads(keys[middle:], event, ids)
