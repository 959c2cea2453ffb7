"""What ``./onepoint verify`` looks at: every capability registers checks that prove from the tables that all is well.

A check only reads; all of them read one snapshot, so that people may go on working meanwhile.
"""

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction


@dataclass(frozen=True)
class Fault:
    """One thing that is not as it must be, in the words of those who mend it."""

    subject: str
    text: str


@dataclass
class Report:
    """What one check has looked at and found.

    ``is_deep``: also what takes long (the content of every file). ``is_at_rest``: no worker has run for a while, so what
    is overdue is no fault.
    """

    check: str
    is_deep: bool = False
    is_at_rest: bool = False
    looked_at: int = 0
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def look(self, count: int = 1) -> None:
        self.looked_at += count

    def fault(self, subject: str, text: str) -> None:
        self.faults.append(Fault(subject, text))

    def note(self, text: str) -> None:
        """Something worth knowing that is no fault."""
        self.notes.append(text)


@dataclass(frozen=True)
class Check:
    """One promise and the function that proves it; ``unit`` is what it counts."""

    name: str
    promise: str
    unit: str
    run: Callable[[Report], None]


_checks: dict[str, Check] = {}


def register_check(
    name: str, promise: str, unit: str
) -> Callable[[Callable[[Report], None]], Callable[[Report], None]]:
    """Decorate the function that proves ``promise``; the later of one name is kept."""

    def register(run: Callable[[Report], None]) -> Callable[[Report], None]:
        _checks[name] = Check(name, promise, unit, run)
        return run

    return register


def checks() -> list[Check]:
    """Every registered check, by name."""
    return [check for _name, check in sorted(_checks.items())]


@contextmanager
def _one_snapshot() -> Iterator[None]:
    with transaction.atomic():
        if not connection.savepoint_ids:  # not inside somebody else's transaction
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def run_checks(names: Collection[str] = (), *, is_deep: bool = False, is_at_rest: bool = False) -> Iterator[Report]:
    """Run the checks named (all of them without), each report as it is ready. Raises KeyError for an unknown name."""
    chosen = [_checks[name] for name in sorted(names)] if names else checks()
    with _one_snapshot():
        for check in chosen:
            report = Report(check.name, is_deep, is_at_rest)
            began = time.monotonic()
            check.run(report)
            report.seconds = time.monotonic() - began
            yield report


def find_rows(report: Report, sql: str, parameters: dict[str, Any], text: str) -> None:
    """A fault for every row: the first column names the subject, all fill ``text`` in order."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        while rows := cursor.fetchmany(1000):
            for row in rows:
                report.fault(str(row[0]), text.format(*row))


def find_overdue(report: Report, sql: str, parameters: dict[str, Any]) -> None:
    """As :func:`find_rows` for what workers ought to have done by now: a note where none has run."""
    if not report.is_at_rest:
        find_rows(report, sql, parameters, "{1}")
    elif count := count_rows(f"SELECT count(*) FROM ({sql}) overdue", parameters):
        report.note(f"{count:,} are overdue; a worker will see to them")


def count_rows(sql: str, parameters: dict[str, Any] | None = None) -> int:
    """The number one query gives."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or {})
        return int(cursor.fetchone()[0])
