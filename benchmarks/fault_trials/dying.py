"""A process of our own that dies, or stands still, exactly between two of its statements to the database.

Nothing in the product helps with that: the child of a fork counts what it sends, a COMMIT included, and ends itself.
"""

import os
import signal
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

SURVIVED, FAILED = 0, 3


@dataclass
class Child:
    """A forked process doing something; ``at`` is the boundary it dies or stops at, 0 for none."""

    pid: int
    reading: int

    def await_end(self) -> int:
        """How it ended: SURVIVED, FAILED (with an error of its own), or minus the signal."""
        _pid, status = os.waitpid(self.pid, 0)
        return os.waitstatus_to_exitcode(status)

    def await_stop_or_end(self) -> bool:
        """Whether it stands still now; else it has ended."""
        _pid, status = os.waitpid(self.pid, os.WUNTRACED)
        return os.WIFSTOPPED(status)

    def count(self) -> int:
        """How many boundaries it passed; asked once, after it has survived."""
        told = os.read(self.reading, 64)
        os.close(self.reading)
        return int(told or b"0")

    def never_came_to(self, at: int) -> bool:
        """Whether it was done before that boundary. What is written once a minute is written by one run and not by the next."""
        return self.count() < at


def begin(act: Callable[[], Any], *, at: int = 0, how: int = signal.SIGKILL, settings: str = "") -> Child:
    """Do ``act`` in a child; at its ``at``-th boundary it sends itself the signal ``how``. ``settings``: SQL said first."""
    from django.db import connection, connections

    connections.close_all()
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return Child(pid, reading)
    ended = FAILED
    try:
        if settings:
            with connection.cursor() as cursor:
                cursor.execute(settings)
        count = _count_boundaries(at, how)
        act()
        os.write(writing, str(count()).encode())
        ended = SURVIVED
    except BaseException:
        if os.environ.get("FAULTS_TALK"):
            traceback.print_exc()
    finally:
        os._exit(ended)
    raise AssertionError("not reached")


def _count_boundaries(at: int, how: int) -> Callable[[], int]:
    from django.db import connection

    passed = 0

    def pass_boundary() -> None:
        nonlocal passed
        passed += 1
        if passed == at:
            os.kill(os.getpid(), how)

    def counting(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        pass_boundary()
        return execute(sql, params, many, context)

    connection.execute_wrappers.append(counting)
    commit = connection._commit

    def commit_between_boundaries() -> Any:
        pass_boundary()
        commit()
        pass_boundary()

    connection._commit = commit_between_boundaries
    return lambda: passed


def boundaries_of(act: Callable[[], Any]) -> int:
    """How many there are in ``act``, which is done once for that."""
    child = begin(act)
    if child.await_end() != SURVIVED:
        raise RuntimeError("it fails without any fault being done to it")
    return child.count()
