"""What is known of customers and goes when one is erased: every capability registers its rows.

The work is done batch by batch; each batch is one transaction with how far it came, so a kill costs one batch at most and
doing one again changes nothing. Afterwards all of it is gone through once more, and nothing may be found.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, models
from django.db.models import QuerySet
from django.utils.functional import Promise

from onepoint.core import audit
from onepoint.core.attachments import erase_files
from onepoint.customers.known_values import KnownValues, marked

BATCH = 200


@dataclass(frozen=True)
class Erased:
    """Who is erased: the record with those merged into it, and the addresses by which messages reached it."""

    ids: Sequence[int]
    addresses: Sequence[str] = ()


@dataclass(frozen=True)
class Holding:
    """One kind of row. In ``texts`` known values are marked out; ``cleared`` says what a column becomes.

    A value of ``cleared`` that can be called gets the row. ``removed`` rows are deleted, ``files`` is the subject type of
    the attachments that go with a row, ``subject`` that of the journal's entries about it, ``touched`` hears the ids of a finished batch.
    """

    order: int
    code: str
    model: type[models.Model]
    rows: Callable[[Erased], QuerySet]
    texts: Sequence[str] = ()
    cleared: Mapping[str, Any] = field(default_factory=dict)
    removed: bool = False
    files: str = ""
    subject: str = ""
    touched: Callable[[list[int]], None] | None = None


#: Says why a customer (and the records merged into it) cannot be erased yet.
Obstacle = Callable[[Sequence[int]], Iterable[str | Promise]]

#: Gives further values these records are known by: who called, whom a ticket names.
Values = Callable[[Sequence[int]], KnownValues]

_holdings: dict[str, Holding] = {}
_obstacles: list[Obstacle] = []
_values: list[Values] = []


def register_holding(holding: Holding) -> None:
    """Let rows be erased with their customer; the later of one code is kept."""
    _holdings[holding.code] = holding


def holdings() -> list[Holding]:
    """All of them in the order in which they go: the record itself last."""
    return sorted(_holdings.values(), key=lambda holding: (holding.order, holding.code))


def register_obstacle(obstacle: Obstacle) -> None:
    _obstacles.append(obstacle)


def register_values(values: Values) -> None:
    _values.append(values)


def further_values(ids: Sequence[int]) -> KnownValues:
    known = KnownValues()
    for values in _values:
        known.add(values(ids))
    return known


def obstacles(ids: Sequence[int]) -> list[str]:
    """Everything that stands against erasing, in words."""
    return [str(reason) for obstacle in _obstacles for reason in obstacle(ids)]


@dataclass
class Batch:
    looked_at: int = 0
    changed: int = 0
    last_id: int = 0
    is_last: bool = False


def erase_batch(holding: Holding, erased: Erased, pattern: re.Pattern[str] | None, after: int) -> Batch:
    """The next rows after id ``after``; part of the caller's transaction."""
    with connection.cursor() as cursor:  # lets append-only texts be marked, in this transaction only
        cursor.execute("SELECT set_config('onepoint.erases_personal_data', 'yes', true)")
    rows = list(holding.rows(erased).filter(pk__gt=after).order_by("pk")[:BATCH])
    batch = Batch(len(rows), 0, rows[-1].pk if rows else after, len(rows) < BATCH)
    ids = [row.pk for row in rows]
    if holding.files and ids:
        batch.changed += erase_files(holding.files, ids)
    if holding.removed:
        batch.changed += holding.model._base_manager.filter(pk__in=ids).delete()[0] if ids else 0
    else:
        batch.changed += sum(_erase_row(holding, row, pattern) for row in rows)
    if ids and holding.subject:
        audit.withhold(holding.subject, ids)
    if ids and holding.touched:
        holding.touched(ids)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('onepoint.erases_personal_data', '', true)")
    return batch


def _erase_row(holding: Holding, row: Any, pattern: re.Pattern[str] | None) -> bool:
    values = left_in(holding, row, pattern)
    if values:
        holding.model._base_manager.filter(pk=row.pk).update(**values)
    return bool(values)


def left_in(holding: Holding, row: Any, pattern: re.Pattern[str] | None) -> dict[str, Any]:
    """Column → what it must become, for whatever of the customer still stands in a row."""
    wanted = {name: value(row) if callable(value) else value for name, value in holding.cleared.items()}
    if pattern is not None:
        wanted |= {name: marked(getattr(row, name), pattern) for name in holding.texts}
    return {name: value for name, value in wanted.items() if getattr(row, name) != value}
