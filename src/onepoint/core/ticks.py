"""What the worker looks after every second: due timers, waiting messages. Registered in ``AppConfig.ready``.

A tick claims its work in the database (SKIP LOCKED), so that any number of workers may tick at once.
"""

import logging
import threading
import time
from collections.abc import Callable

from django.db import close_old_connections, connection

log = logging.getLogger(__name__)

PAUSE_SECONDS = 1.0
_ticks: dict[str, Callable[[], object]] = {}
_ends: dict[str, Callable[[], object]] = {}


def register_tick(name: str, function: Callable[[], object], *, at_end: Callable[[], object] | None = None) -> None:
    """Let the worker call ``function()`` about once a second, in a thread of its own; ``at_end()`` when it stops."""
    _ticks[name] = function
    if at_end is not None:
        _ends[name] = at_end


def run_ticks() -> None:
    """Every registered function once; one that fails is logged and does not keep the others from running."""
    for name, function in list(_ticks.items()):
        try:
            function()
        except Exception:  # the next tick tries again
            log.exception("the tick %s failed", name)
            if not connection.in_atomic_block:
                close_old_connections()


def start_ticking(stopped: threading.Event) -> threading.Thread:
    """Run the ticks until ``stopped`` is set; the thread ends after the tick it is at."""
    thread = threading.Thread(target=_tick_until, args=[stopped], daemon=True, name="ticks")
    thread.start()
    return thread


def _tick_until(stopped: threading.Event) -> None:
    while not stopped.is_set():
        began = time.monotonic()
        run_ticks()
        close_old_connections()
        stopped.wait(max(PAUSE_SECONDS - (time.monotonic() - began), 0.0))
    for name, function in list(_ends.items()):
        try:
            function()
        except Exception:  # the others are to end properly too
            log.exception("ending %s failed", name)
    connection.close()
