"""What every page reads and seldom changes, kept by each process until the database says that it changed.

Triggers on the tables concerned (``watch_tables`` in a migration) give their topic a new random stamp with every write, in
the writer's own transaction. A request reads the stamps together with its session, so a change counts from the next request
on, in every process. What was computed is kept only if the stamp is still the same afterwards: nothing read half way through
a change, and nothing of a transaction that is rolled back, is ever kept.

Without stamps (jobs, commands, requests that write) everything is computed as if this module did not exist.
"""

import json
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, TypeVar

from django.db import migrations

from onepoint.core import clock
from onepoint.core.prepared import Statement

T = TypeVar("T")
Stamps = Mapping[str, str]

#: Gives ``{topic: stamp}``; part of the statement that looks up a session. Writers at the same time use a row each.
STAMPS = (
    "SELECT jsonb_object_agg(topic, stamps) FROM"
    " (SELECT topic, string_agg(stamp::text, ' ' ORDER BY id) AS stamps FROM core_referencestamp GROUP BY topic) AS by_topic"
)
_now = Statement("stamps", STAMPS)
#: Past so many entries a process forgets all and begins anew.
MOST_KEPT = 20_000

#: The stamps of the request being answered, where it only reads; see the docstring.
current: ContextVar[Stamps | None] = ContextVar("stamps", default=None)
#: By topics and key: the stamp, from and until when it holds, and what was computed. Shared by all threads: never changed.
_kept: dict[tuple[str, Hashable], tuple[str, datetime, datetime | None, Any]] = {}


@contextmanager
def as_of(stamps: Stamps | None) -> Iterator[None]:
    """What is read inside may come from what was kept under these stamps."""
    token = current.set(stamps)
    try:
        yield
    finally:
        current.reset(token)


def stamps_now() -> Stamps:
    found = _now.row()
    return as_stamps(found[0] if found else None)


def as_stamps(found: str | None) -> Stamps:
    """What ``STAMPS`` gave."""
    stamps: Stamps = json.loads(found or "{}")
    return stamps


def _stamp_of(topics: str, stamps: Stamps | None) -> str | None:
    found = [stamps.get(topic) for topic in topics.split()] if stamps else [None]
    return None if None in found else " ".join(map(str, found))


def kept(
    topics: str,
    key: Hashable,
    compute: Callable[[], T],
    *,
    stamps: Stamps | None = None,
    until: Callable[[], datetime | None] | None = None,
) -> T:
    """What ``compute`` gives, computed once per stamp of the topics (words of ``topics``); nobody may change it afterwards.

    ``until`` says how long it holds at most where it depends on the time too.
    """
    stamp = _stamp_of(topics, current.get() if stamps is None else stamps)
    if stamp is None:
        return compute()
    found = _kept.get((topics, key))
    if found and found[0] == stamp and found[1] <= clock.now() and (found[2] is None or clock.now() < found[2]):
        value: T = found[3]
        return value
    since = clock.now()
    value = compute()
    end = until() if until else None
    if _stamp_of(topics, stamps_now()) == stamp:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[topics, key] = (stamp, since, end, value)
    return value


def kept_or_none(topics: str, key: Hashable, compute: Callable[[], T]) -> T | None:
    """The same, but None without stamps: for what is worth computing only to be kept."""
    return kept(topics, key, compute) if current.get() else None


def watch_tables(topic: str, *tables: str) -> migrations.RunSQL:
    """The operation of a migration that makes every write to the tables change the topic's stamp.

    ``"table(column, …)"`` takes only updates that name one of these columns for a change.
    """
    create, drop = [], []
    for table in tables:
        name, _bracket, columns = table.rstrip(")").partition("(")
        writes = f"UPDATE OF {columns}" if columns else "INSERT OR UPDATE OR DELETE OR TRUNCATE"
        create.append(
            f'CREATE TRIGGER note_change_of_{topic} AFTER {writes} ON "{name}"'
            f" FOR EACH STATEMENT EXECUTE FUNCTION core_note_reference_change('{topic}')"
        )
        drop.append(f'DROP TRIGGER note_change_of_{topic} ON "{name}"')
    create.append(f"INSERT INTO core_referencestamp (topic, stamp) VALUES ('{topic}', gen_random_uuid())")
    return migrations.RunSQL(tuple(create), tuple(drop))
