"""The worker process: runs the jobs that ``core.jobs.defer`` queued, the periodic ones, and the ticks."""

import os
import threading

import django

from onepoint.config.with_parent import end_with_parent

GRACE_SECONDS = 25  # for running jobs after SIGTERM; the supervisor waits a little longer


def work() -> None:
    """Run jobs until SIGTERM or Ctrl-C, then finish those that are running."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onepoint.config.settings")
    end_with_parent()
    django.setup()
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.django_connector import DjangoConnector

    from onepoint.config.environment import environment
    from onepoint.config.watchdog import Watchdog
    from onepoint.core.clock_following import follow_database
    from onepoint.core.ticks import start_ticking

    assert isinstance(app.connector, DjangoConnector)
    follow_database()
    stopped = threading.Event()
    ticking = start_ticking(stopped)
    watchdog = Watchdog(environment.job_seconds)
    watchdog.start(stopped)
    try:
        with app.replace_connector(app.connector.get_worker_connector()) as working:
            working.run_worker(
                name="worker",
                concurrency=environment.worker_concurrency,
                fetch_job_polling_interval=2,
                shutdown_graceful_timeout=GRACE_SECONDS,
                task_middleware=[watchdog.watch_job],
            )
    finally:
        stopped.set()
        ticking.join(GRACE_SECONDS)


if __name__ == "__main__":
    work()
