"""The one source of "now", so that imports, demo history and replays can act at a recorded moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime

from django.utils import timezone

_pinned: ContextVar[datetime | None] = ContextVar("pinned_moment", default=None)


def now() -> datetime:
    """The present moment (aware, UTC), or the moment pinned by :func:`at`."""
    return _pinned.get() or timezone.now()


def today() -> date:
    """The date of :func:`now` in the house's time zone."""
    return timezone.localtime(now()).date()


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
