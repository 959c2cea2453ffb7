"""The worker process: runs the jobs that ``core.jobs.defer`` queued, and the periodic ones."""

import os

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

    assert isinstance(app.connector, DjangoConnector)
    with app.replace_connector(app.connector.get_worker_connector()) as working:
        working.run_worker(
            name="worker",
            concurrency=environment.worker_concurrency,
            fetch_job_polling_interval=2,
            shutdown_graceful_timeout=GRACE_SECONDS,
        )


if __name__ == "__main__":
    work()
