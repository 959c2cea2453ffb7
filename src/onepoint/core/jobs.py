"""Work for the worker: deferred by name, in the transaction that decided it."""

from datetime import datetime
from typing import Any

from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import JobDeferrer
from procrastinate.manager import JobManager

from onepoint.core.after_commit import once_committed
from onepoint.core.prepared import Statement

_by_this_thread = JobManager(DjangoConnector())


def defer(
    name: str,
    *,
    queueing_lock: str | None = None,
    lock: str | None = None,
    at: datetime | None = None,
    **arguments: Any,
) -> None:
    """Queue job ``name`` (``"tickets.import_rows"``) with JSON-able arguments; gone if the transaction rolls back.

    ``lock`` makes jobs with the same value run one after another; ``queueing_lock`` lets only one wait (raises
    ``procrastinate.exceptions.AlreadyEnqueued`` for the second); ``at`` (aware) is the earliest start.
    """
    _deferrer(name, queueing_lock=queueing_lock, lock=lock, schedule_at=at).defer(**arguments)


def _deferrer(name: str, **options: Any) -> JobDeferrer:
    """By Django's connection of this thread, in the worker as well.

    There the queue's own connections belong to its event loop: a thread (a job, a mailbox) that waits for one of them may
    wait for ever, and what it queues would not be part of its transaction.
    """
    deferrer = app.configure_task(name, allow_unknown=True, **options)
    deferrer.job_manager = _by_this_thread
    return deferrer


def defer_after_commit(name: str) -> None:
    """Queue job ``name``, which looks itself for what is to be done, once this commits; one that waits is enough.

    Not inside the transaction: two that queue the same lock would wait for each other. A start that a crash swallows must
    be made good by a periodic job.
    """
    once_committed(f"onepoint.job/{name}", lambda: _defer_once(name))


_WAITING = Statement(
    "waiting_job", "SELECT 1 FROM procrastinate_jobs WHERE queueing_lock = $1::text AND status = 'todo'"
)


def _defer_once(name: str) -> None:
    if _WAITING.row(name):
        return
    try:
        _deferrer(name, queueing_lock=name).defer()
    except AlreadyEnqueued:
        pass
