"""The worker process: runs the jobs that ``core.jobs.defer`` queued, the periodic ones, and the ticks."""

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Callable
from typing import Any

import django
import psycopg
from procrastinate.exceptions import ConnectorException

from onepoint.config.with_parent import end_with_parent

log = logging.getLogger(__name__)

PAUSE_SECONDS = 1.0  # between two tries of the queue to find its database
GRACE_SECONDS = 25  # for running jobs after SIGTERM; the supervisor waits a little longer
#: A job in a thread cannot be ended from outside, and the queue would wait for it as long as it runs.
LAST_SECONDS = GRACE_SECONDS + 3


def work() -> None:
    """Run jobs until SIGTERM or Ctrl-C, then finish those that are running."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onepoint.config.settings")
    end_with_parent()
    django.setup()
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.utils import connector_params

    from onepoint.config.environment import environment
    from onepoint.config.queue_connection import LastingConnector
    from onepoint.config.watchdog import Watchdog
    from onepoint.core import ending
    from onepoint.core.clock_following import follow_database
    from onepoint.core.lost_database import do_once_more
    from onepoint.core.ticks import start_ticking

    follow_database()
    stopped, ended = threading.Event(), threading.Event()
    ticking = start_ticking(stopped)
    watchdog = Watchdog(environment.job_seconds)
    watchdog.start(ended)

    def begin_to_end() -> None:
        """Long jobs leave after the piece they are at; what ticks started ends meanwhile, not after them."""
        ending.begin_to_end()
        stopped.set()
        watchdog.end_within(LAST_SECONDS)

    try:
        with app.replace_connector(LastingConnector(kwargs=connector_params())) as working:
            asyncio.run(
                _run_jobs(
                    working,
                    begin_to_end,
                    name="worker",
                    concurrency=environment.worker_concurrency,
                    fetch_job_polling_interval=2,
                    shutdown_graceful_timeout=GRACE_SECONDS,
                    task_middleware=[watchdog.watch_job, do_once_more],
                )
            )
    finally:
        begin_to_end()
        ticking.join(GRACE_SECONDS)
        ended.set()


async def _run_jobs(working: Any, begin_to_end: Callable[[], None], **settings: Any) -> None:
    """Procrastinate's worker with signals of our own: its own tell nobody else that the end has begun."""
    # Not before Django is set up.
    from onepoint.core import ending

    running = asyncio.current_task()
    assert running is not None
    loop = asyncio.get_running_loop()

    def end() -> None:
        for one in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(one)  # whoever asks a second time means at once
        begin_to_end()
        running.cancel()

    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, end)
    try:
        while not ending.is_ending():
            await _run_until_lost(working, settings)
            await asyncio.sleep(PAUSE_SECONDS)
    except asyncio.CancelledError:
        pass  # asked to end; the jobs that ran have ended by now


async def _run_until_lost(working: Any, settings: dict[str, Any]) -> None:
    """Procrastinate gives up where it is lost in the midst of taking a job: then it is begun anew."""
    try:
        async with working.open_async():
            await working.run_worker_async(install_signal_handlers=False, **settings)
    except (psycopg.OperationalError, ConnectorException) as problem:
        log.warning("the queue has no database: %s", problem.__cause__ or problem)
    else:
        log.warning("the queue has lost its database")


if __name__ == "__main__":
    work()
