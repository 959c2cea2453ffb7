"""Tell open pages that something happened: by ids only, to those who answer to one of the given keys."""

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from itertools import count

from django.db import connection, transaction

from onepoint.core.prepared import Statement, Value

CHANNEL = "onepoint_live"
LARGEST_PAYLOAD = 7500  # bytes; PostgreSQL refuses 8000
LOOKED_BACK = 20  # things to do after the commit, so that a transaction that has thousands stays fast
KEYS_IN_PAYLOAD = 300  # of those found in the database; a person's key has at most 20 letters
FOUND_AT_ONCE = 8  # look-ups in one statement
_numbers = count(1)


@dataclass(frozen=True)
class Found:
    """Keys that are looked up in the statement that tells: SQL of one column ``key``, and its parameters.

    Each ``%s`` says its type (``%s::bigint``): the server plans the statement once, before it sees values.
    """

    sql: str
    parameters: tuple[Value, ...]


def publish(channel_keys: Iterable[str], event: str, *, found: tuple[Found, ...] = (), **ids: int) -> None:
    """Announce ``event`` (such as ``"todo"``) to every session that has one of ``channel_keys``, once this commits.

    Keys are candidate keys (``P12`` a person, ``U34`` a unit, …); those ``found`` are looked up after the commit, at the
    price of no statement more. Nothing is told of a transaction that rolls back. Pages fetch the facts themselves, each
    with its own scope.
    """
    keys = set(channel_keys)
    if keys or found:
        news = _news_of_transaction()
        news.add(keys, event, ids, found)
        if not news.waits and news is not _gathering.get():
            # Not inside the transaction: PostgreSQL lets transactions that notify commit one after the other, disk flush
            # included. A hint that a crash swallows is made good by the page's "resync".
            news.waits = True
            transaction.on_commit(news.tell, robust=True)


_gathering: ContextVar["_News | None"] = ContextVar("live_gathering", default=None)


@contextmanager
def gathered() -> Iterator[None]:
    """Tell what is published inside by one statement after the commit, whatever savepoints lie between.

    What a savepoint takes back is told too: pages then look again for nothing. Use it inside a transaction; inside
    another one of these it changes nothing.
    """
    if _gathering.get() is not None:
        yield
        return
    news = _News()
    token = _gathering.set(news)
    try:
        yield
    finally:
        _gathering.reset(token)
    if news.told or news.found:
        transaction.on_commit(news.tell, robust=True)


class _News:
    """What one transaction, or one savepoint of it, has to tell: a single statement after the commit."""

    def __init__(self) -> None:
        self.told: dict[tuple[str, tuple[tuple[str, int], ...]], set[str]] = {}
        self.found: dict[tuple[str, tuple[tuple[str, int], ...], Found], None] = {}
        self.waits = False

    def add(self, keys: set[str], event: str, ids: dict[str, int], found: tuple[Found, ...]) -> None:
        if keys:
            self.told.setdefault((event, tuple(ids.items())), set()).update(keys)
        self.found.update(dict.fromkeys((event, tuple(ids.items()), one) for one in found))

    def tell(self) -> None:
        payloads = [
            part for (event, ids), keys in self.told.items() for part in _payloads(sorted(keys), event, dict(ids))
        ]
        looked_up = sorted(self.found, key=lambda found: found[-1].sql)  # few orders, few statements
        while payloads or looked_up:
            now, looked_up = looked_up[:FOUND_AT_ONCE], looked_up[FOUND_AT_ONCE:]
            values: list[Value] = [CHANNEL, payloads]
            for event, ids, one in now:
                values += [event, json.dumps(dict(ids)), *one.parameters]
            _statement(*(one.sql for _event, _ids, one in now)).rows(*values)
            payloads = []


@lru_cache(maxsize=100)
def _statement(*looked_up: str) -> Statement:
    parts = "".join(_LOOKED_UP.format(sql) for sql in looked_up)
    sql = f"SELECT pg_notify(%s::text, payload) FROM (SELECT unnest(%s::text[]) AS payload{parts}) AS news"
    places = count(1)
    return Statement(f"tell_{next(_numbers)}", re.sub("%s", lambda _found: f"${next(places)}", sql))


_LOOKED_UP = f"""
UNION ALL SELECT json_build_array(%s::text, %s::json, json_agg(key))::text
FROM (SELECT key, row_number() OVER () AS place FROM ({{}}) AS found) AS counted GROUP BY (place - 1) / {KEYS_IN_PAYLOAD}"""


def _news_of_transaction() -> _News:
    """Those already waiting for the commit, if the same savepoints decide about them; else fresh ones."""
    if gathering := _gathering.get():
        return gathering
    here = _savepoints(connection.savepoint_ids)
    for hook in connection.run_on_commit[: -LOOKED_BACK - 1 : -1]:
        waiting = getattr(hook[1], "__self__", None)
        if isinstance(waiting, _News) and _savepoints(hook[0]) == here:
            return waiting
    return _News()


def _savepoints(ids: Iterable[str | None]) -> set[str | None]:
    """Those that can be taken back by themselves; None stands for a block that only goes with the one around it."""
    return set(ids) - {None}


def _payloads(keys: list[str], event: str, ids: dict[str, int]) -> Iterable[str]:
    """As many messages as the size limit asks for; a receiver of two parts sees the event twice, which does no harm."""
    payload = json.dumps([event, ids, keys], separators=(",", ":"), ensure_ascii=False)
    if len(payload.encode()) <= LARGEST_PAYLOAD or len(keys) == 1:
        yield payload
        return
    middle = len(keys) // 2
    yield from _payloads(keys[:middle], event, ids)
    yield from _payloads(keys[middle:], event, ids)
