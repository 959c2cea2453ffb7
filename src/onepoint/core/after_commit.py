"""What is done once a transaction stands, and once only, however often it was asked for meanwhile."""

from collections.abc import Callable
from typing import Any

from django.db import connection, transaction


class _Waiting:
    """A callback with a name: Django reports the failure of a robust one by its ``__qualname__``."""

    def __init__(self, name: str, act: Callable[[], object]) -> None:
        self.__qualname__ = name
        self._act = act

    def __call__(self) -> None:
        self._act()


def once_committed(name: str, act: Callable[[], object]) -> None:
    """Call ``act`` after the commit; what waits already under the same name is enough.

    What it raises is logged and goes no further, and a crash swallows it: it must be made good by a periodic job.
    """
    here = set(connection.savepoint_ids)
    pending: list[Any] = list(connection.run_on_commit)
    for savepoints, waiting, _robust in pending:
        # One of an inner block does not count: it may still be rolled back.
        if isinstance(waiting, _Waiting) and waiting.__qualname__ == name and savepoints <= here:
            return
    transaction.on_commit(_Waiting(name, act), robust=True)
