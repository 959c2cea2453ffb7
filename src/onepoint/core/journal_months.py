"""The journal's months: each is a partition of its own, so that an old one can be taken out as a whole.

Before the first month stands "earlier", after the last "later": an entry of any moment finds its place, also where a clock is
wrong or an import tells of old times. There is no DEFAULT partition: beside one, no partition could be taken out without
stopping everybody.

A month is carved out of "later" (or, for an import, out of "earlier") while it is empty or nearly so. That takes a strong
lock for an instant; where the lock is not to be had at once, nobody is kept waiting and it is tried again the next time.
"""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import Max

from onepoint.core import clock
from onepoint.core.models import ArchivedMonth, AuditEntry
from onepoint.core.months import after, month_of, named, shown

log = logging.getLogger(__name__)

TABLE = "core_auditentry"
COLUMNS = ", ".join(str(field.column) for field in AuditEntry._meta.concrete_fields)
EARLIER, LATER = f"{TABLE}_earlier", f"{TABLE}_later"
#: How many months beside the present one are ready.
AHEAD = 3
#: So long at most everybody may have to wait for a change of borders.
PATIENCE = "200ms"
#: An edge that holds more is not taken apart: its entries would have to be moved while everybody waits.
MOST_MOVED = 20_000
LOCK = "hashtextextended('core.journal_months', 0)"
_BOUND = re.compile(r"FROM \((MINVALUE|'([^']+)')\) TO \((MAXVALUE|'([^']+)')\)")


@dataclass(frozen=True)
class Part:
    """One partition: entries from ``since`` (None: from the first on) to before ``until`` (None: to the last)."""

    name: str
    since: datetime | None
    until: datetime | None
    size: int = 0  # bytes, with indexes

    def __str__(self) -> str:
        return named(self.since, self.until)

    @property
    def label(self) -> str:
        return shown(self.since, self.until)


def parts() -> list[Part]:
    """Every partition, the earliest first; not one that is just being taken out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT child.relname, pg_get_expr(child.relpartbound, child.oid), pg_total_relation_size(child.oid)"
            " FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid"
            " WHERE inhparent = %s::regclass AND NOT inhdetachpending",
            [TABLE],
        )
        found = [_part(*row) for row in cursor.fetchall()]
    return sorted(found, key=lambda part: (part.since is not None, part.since))


def _part(name: str, bound: str, size: int) -> Part:
    told = _BOUND.search(bound)
    if told is None:
        raise ValueError(f"{name} has a border of another kind: {bound}")
    since, until = (datetime.fromisoformat(text) if text else None for text in told.group(2, 4))
    return Part(name, since, until, size)


# -- borders ------------------------------------------------------------------------------------------------------


def prepare_months(*, since: datetime | None = None, ahead: int = AHEAD) -> int:
    """See to it that the months to come have their partitions, and those from ``since`` on; gives how many were made.

    Without ``since``, months that were archived join "earlier". Any number may call it at once; where the journal is too busy for
    a change of borders, it is left to the next call.
    """
    now = month_of(clock.now())
    made = _try(lambda: _carve(LATER, None, after(now, ahead + 1)))
    if since is None:
        _try(_join_empty)
    elif month_of(since) < now:
        made += _try(lambda: _carve(EARLIER, month_of(since), None))
    return made


def _try(change: Callable[[], int]) -> int:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SELECT pg_try_advisory_xact_lock({LOCK})")
            if not cursor.fetchone()[0]:
                return 0  # another process is at it, or a month is being archived
            cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
            return change()
    except OperationalError as busy:
        log.warning("the journal's months are left as they are until the next time: %s", busy)
        return 0


def _carve(edge: str, since: datetime | None, until: datetime | None) -> int:
    """Make months out of the end of an edge that is next to the others: before ``until``, or from ``since`` on."""
    part = next(part for part in parts() if part.name == edge)
    first, last = part.since or since, part.until or until
    if first is None or last is None or first >= last:
        return 0
    if holds_more(edge, MOST_MOVED):
        return _close(part, last) if edge == LATER else 0
    borders = _borders(first, last)
    edges = (None, first) if edge == EARLIER else (last, None)
    months = [Part(f"{TABLE}_{month_of(one):%Y_%m}", one, following) for one, following in pairwise(borders)]
    _rearrange([part], [*months, Part(edge, *edges)])
    return len(months)


def _borders(first: datetime, last: datetime) -> list[datetime]:
    borders = [first]
    while borders[-1] < last:
        borders.append(min(after(month_of(borders[-1])), last))
    return borders


def _join_empty() -> int:
    """The first months after "earlier" become part of it, as far as they were archived and are empty since."""
    edge, *months = [part for part in parts() if part.until is not None]
    upto = ArchivedMonth.objects.filter(restored_at=None).aggregate(upto=Max("until"))["upto"]
    joined: list[Part] = []
    for month in months:
        if upto is None or month.until > upto or month.since != (joined or [edge])[-1].until or holds_more(month.name):
            break
        joined.append(month)
    if not joined or holds_more(edge.name, MOST_MOVED):
        return 0
    _rearrange([edge, *joined], [Part(edge.name, None, joined[-1].until)])
    return len(joined)


@transaction.atomic
def _rearrange(taken: list[Part], wanted: list[Part]) -> None:
    """Other partitions in the place of these, with the entries of these; nobody waits longer than for the exchange."""
    with connection.cursor() as cursor:
        for part in wanted:
            _make(cursor, f"{part.name}_new")
        # In the order in which everybody else comes to them: the whole first.
        cursor.execute(f"LOCK TABLE {TABLE} IN ACCESS EXCLUSIVE MODE")
        for part in taken:
            cursor.execute(f'ALTER TABLE {TABLE} DETACH PARTITION "{part.name}"')
            cursor.execute(f'ALTER TABLE "{part.name}" RENAME TO "{part.name}_old"')
        for part in wanted:
            cursor.execute(f'ALTER TABLE "{part.name}_new" RENAME TO "{part.name}"')
            _attach(cursor, part)
        for part in taken:
            cursor.execute(f'INSERT INTO {TABLE} ({COLUMNS}) SELECT {COLUMNS} FROM "{part.name}_old"')
            cursor.execute(f'DROP TABLE "{part.name}_old"')


@transaction.atomic
def _close(later: Part, until: datetime) -> int:
    """So much stands in "later" that it stays where it is, as one part of several months, and a new "later" begins."""
    assert later.since is not None  # it is the edge with a beginning
    closed = Part(f"{TABLE}_{month_of(later.since):%Y_%m}", later.since, until)
    with connection.cursor() as cursor:
        _make(cursor, f"{LATER}_new")
        cursor.execute(f"LOCK TABLE {TABLE} IN ACCESS EXCLUSIVE MODE")
        cursor.execute(f"ALTER TABLE {TABLE} DETACH PARTITION {LATER}")
        cursor.execute(f'ALTER TABLE {LATER} RENAME TO "{closed.name}"')
        cursor.execute(f"ALTER TABLE {LATER}_new RENAME TO {LATER}")
        _attach(cursor, Part(LATER, until, None))
        cursor.execute(f'INSERT INTO {TABLE} ({COLUMNS}) SELECT {COLUMNS} FROM "{closed.name}" WHERE at >= %s', [until])
        # What guards the journal against this went with the table's place in it, and comes back with it.
        cursor.execute(f'DELETE FROM "{closed.name}" WHERE at >= %s', [until])
        _attach(cursor, closed)
    return 1


def _make(cursor: Any, name: str) -> None:
    """An empty table with all a partition needs, so that attaching it is quick."""
    cursor.execute(f'CREATE TABLE "{name}" (LIKE {TABLE} INCLUDING DEFAULTS INCLUDING INDEXES)')


def _attach(cursor: Any, part: Part) -> None:
    lower = f"'{part.since.isoformat()}'" if part.since else "MINVALUE"
    upper = f"'{part.until.isoformat()}'" if part.until else "MAXVALUE"
    cursor.execute(f'ALTER TABLE {TABLE} ATTACH PARTITION "{part.name}" FOR VALUES FROM ({lower}) TO ({upper})')


def fill_gap(part: Part) -> None:
    """An empty partition in the place of one that was taken out; nobody waits for it."""
    with transaction.atomic(), connection.cursor() as cursor:
        _make(cursor, part.name)
        _attach(cursor, part)


def holds_more(name: str, count: int = 0) -> bool:
    """Whether a partition holds more entries than so many."""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT 1 FROM "{name}" OFFSET %s LIMIT 1', [count])
        return cursor.fetchone() is not None
