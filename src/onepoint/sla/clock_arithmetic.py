"""What a clock has counted and when it is due: plain arithmetic over its entries, no database.

An entry says how things stand from its moment on: whether the clock runs, under which limit, in whose time. Nothing else
is kept of a clock, so whatever was paused, re-targeted or moved to another calendar counts exactly once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from onepoint.sla.working_time import WorkingTime

NOTHING = timedelta()


@dataclass(frozen=True, slots=True)
class Entry:
    """From ``at`` on (aware) the clock runs or stands, may count up to ``limit``, and counts in ``time``.

    ``carried`` sets what has been counted by then: nothing when a clock begins anew, what an earlier clock had counted
    when the work came back. None keeps counting on.
    """

    at: datetime
    runs: bool
    limit: timedelta
    time: WorkingTime
    carried: timedelta | None = None


def in_order(entries: Sequence[Entry]) -> list[Entry]:
    """Entries by their moment; those of one moment in the order they were written."""
    return sorted(entries, key=lambda entry: entry.at)


def _counted(entries: Sequence[Entry], until: datetime | None) -> Iterator[tuple[Entry, timedelta, datetime | None]]:
    """Each entry with what had been counted when it began, and where it ends; the last one ends at ``until``."""
    total = NOTHING
    ordered = in_order(entries)
    for entry, following in [*pairwise(ordered), (ordered[-1], None)] if ordered else []:
        total = total if entry.carried is None else entry.carried
        end = following.at if following else until
        if until is not None and (end is None or end > until):
            end = until
        yield entry, total, end
        if entry.runs and end is not None and end > entry.at:
            total += entry.time.between(entry.at, end)


def elapsed(entries: Sequence[Entry], at: datetime) -> timedelta:
    """The time counted up to ``at``: running time in the calendars that held, minus all pauses."""
    total = NOTHING
    for entry, before, end in _counted([entry for entry in entries if entry.at <= at], at):
        total = before
        if entry.runs and end is not None and end > entry.at:
            total = before + entry.time.between(entry.at, end)
    return total


def reached(entries: Sequence[Entry], span: timedelta) -> datetime | None:
    """When the clock has counted ``span`` since it last began anew; None while it stands and has not."""
    found: datetime | None = None
    for entry, before, end in _counted(entries, None):
        if entry.carried is not None:
            found = None
        if found is not None:
            continue
        if before >= span:
            found = entry.at
        elif entry.runs and (end is None or before + entry.time.between(entry.at, end) >= span):
            moment = entry.time.later(entry.at, span - before)
            found = moment if end is None else min(moment, end)
    return found


def due(entries: Sequence[Entry]) -> datetime | None:
    """When the limit is reached, which may be past; None while the clock stands."""
    ordered = in_order(entries)
    return reached(ordered, ordered[-1].limit) if ordered and ordered[-1].runs else None


def left(entries: Sequence[Entry], at: datetime) -> timedelta:
    """What may still be counted at ``at``; negative when the limit is exceeded."""
    known = [entry for entry in in_order(entries) if entry.at <= at]
    return known[-1].limit - elapsed(known, at) if known else NOTHING
