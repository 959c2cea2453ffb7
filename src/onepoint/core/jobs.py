"""Work for the worker: deferred by name, in the transaction that decided it."""

from datetime import datetime
from typing import Any

from procrastinate.contrib.django import app


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
    app.configure_task(name, allow_unknown=True, queueing_lock=queueing_lock, lock=lock, schedule_at=at).defer(
        **arguments
    )
