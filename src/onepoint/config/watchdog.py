"""Ends a process that stands still: others take up its work, and whoever watches over it begins it anew.

Two ways of standing still: one job that comes to no end, and a process in which no thread gets its turn any more (an
expression that runs for ever inside the interpreter's lock; a machine that was frozen longer than leases last). A process
without memory ends as well: what fails in it next may be a job that did nothing wrong.
"""

import faulthandler
import logging
import os
import threading
import time
from collections.abc import Callable
from typing import Any

log = logging.getLogger(__name__)

#: No thread had its turn for so long.
STUCK_SECONDS = 90.0
LOOK_SECONDS = 5.0


class Watchdog:
    """Knows what jobs run here since when; its thread ends the process when one runs longer than ``most_seconds``."""

    def __init__(self, most_seconds: float) -> None:
        self.most_seconds = most_seconds
        self.running: dict[int, tuple[str, float]] = {}

    def watch_job(self, call_next: Callable[[], Any], context: Any, worker: Any) -> Any:
        """Procrastinate's middleware around every (synchronous) job, in the job's thread."""
        self.running[context.job.id] = (context.job.task_name, time.monotonic())
        try:
            return call_next()
        except MemoryError:
            os.write(2, b"a job has no memory left; this worker ends\n")  # the log would ask for more
            os._exit(1)
        finally:
            self.running.pop(context.job.id, None)

    def start(self, stopped: threading.Event) -> None:
        self._set_alarm()  # the first job may be the one after which no thread has its turn any more
        threading.Thread(target=self._watch, args=[stopped], daemon=True, name="watchdog").start()

    def end_within(self, seconds: float) -> None:
        """The process ends by then, whatever still runs: as after a kill, others take it up."""
        threading.Thread(target=self._end_after, args=[seconds], daemon=True, name="last-moment").start()

    def _end_after(self, seconds: float) -> None:
        time.sleep(seconds)
        names = ", ".join(f"{number} ({name})" for number, (name, _began) in list(self.running.items()))
        log.error("%.0f s after it was asked to, this worker has not ended; jobs: %s", seconds, names or "-")
        faulthandler.dump_traceback(all_threads=True)
        os._exit(1)

    def _watch(self, stopped: threading.Event) -> None:
        while not stopped.wait(LOOK_SECONDS):
            self._set_alarm()
            self._end_if_endless()
        faulthandler.cancel_dump_traceback_later()

    def _set_alarm(self) -> None:
        """Works without the interpreter: that is the point."""
        faulthandler.dump_traceback_later(STUCK_SECONDS, exit=True)

    def _end_if_endless(self) -> None:
        now = time.monotonic()
        for number, (name, began) in list(self.running.items()):
            if now - began > self.most_seconds:
                log.error("job %s (%s) runs longer than %.0f s; this worker ends", number, name, self.most_seconds)
                faulthandler.dump_traceback(all_threads=True)
                os._exit(1)  # a thread cannot be ended from outside, and waiting for it is what we no longer do
