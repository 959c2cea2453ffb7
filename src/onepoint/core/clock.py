"""The one source of "now", so that imports, demo history and replays can act at a recorded moment.

Machines' clocks differ and are set; the house's time is the database's. A process that follows it (``core.clock_following``)
goes on counting from what the database said; while the machine agrees, its own clock is read.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import MAXYEAR, MINYEAR, date, datetime, timedelta

from django.utils import timezone

#: A machine that is off by no more is right enough: two of them asked one after the other must not go backwards.
TOLERANCE = timedelta(seconds=2)

#: Days whose moments have a year everywhere on earth, with room for a year more.
FIRST_DAY, LAST_DAY = date(MINYEAR + 2, 1, 1), date(MAXYEAR - 2, 12, 31)

_pinned: ContextVar[datetime | None] = ContextVar("pinned_moment", default=None)
#: What the database said last, and when that was by a clock nobody sets.
_said: tuple[datetime, float] | None = None


def _steady() -> float:
    """Seconds that pass whatever the machine's clock is set to, also while it sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def now() -> datetime:
    """The present moment (aware, UTC), or the moment pinned by :func:`at`."""
    return _pinned.get() or _present()


def _present() -> datetime:
    by_machine = timezone.now()
    if _said is None:
        return by_machine
    moment, at_count = _said
    by_database = moment + timedelta(seconds=_steady() - at_count)
    return by_database if abs(by_machine - by_database) > TOLERANCE else by_machine


def set_by(moment: datetime) -> timedelta:
    """Go by ``moment``, which the database has just said; returns how far ahead of it this machine's clock is."""
    global _said
    _said = (moment, _steady())
    return timezone.now() - moment


def machine_time() -> datetime:
    """What this machine's own clock says, right or wrong."""
    return timezone.now()


def today() -> date:
    """The date of :func:`now` in the house's time zone."""
    return timezone.localtime(now()).date()


def day_within(day: date) -> date:
    """The day, or the nearest one from which months can be counted either way."""
    return min(max(day, FIRST_DAY), LAST_DAY)


def day_start(day: date) -> datetime:
    """The midnight it begins with in the house's time zone; a day out of reach counts as the first or last one."""
    return timezone.make_aware(datetime.combine(day_within(day), datetime.min.time()))


def day_end(day: date) -> datetime:
    """The midnight it ends with."""
    return day_start(min(day, LAST_DAY) + timedelta(days=1))


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let everything inside happen at ``moment`` (aware). Raises ValueError for a naive one."""
    if timezone.is_naive(moment):
        raise ValueError("the pinned moment needs a time zone")
    token = _pinned.set(moment)
    try:
        yield
    finally:
        _pinned.reset(token)
