"""Whether the house is well: database, workers, queue, disk, clock. Few cheap reads, nothing confidential."""

import shutil
import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.db import DatabaseError, connection

from onepoint.core import clock, journal_archive, journal_months, metrics
from onepoint.core.models import ArchivedMonth, AuditEntry, AuditSeal, SlowStatement

DEAD_AFTER_SECONDS = 45  # a worker writes its heartbeat every ten
COUNT_UP_TO = 10_000  # a longer queue is reported as this many

WORKERS = "SELECT EXTRACT(EPOCH FROM now() - max(last_heartbeat)) FROM procrastinate_workers"
WAITING = "FROM procrastinate_jobs WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())"
QUEUE_LENGTH = f"SELECT count(*) FROM (SELECT 1 {WAITING} LIMIT {COUNT_UP_TO}) AS waiting"
OLDEST_WAITING = f"""
    SELECT EXTRACT(EPOCH FROM now() - COALESCE(scheduled_at, (
        SELECT min(at) FROM procrastinate_events WHERE job_id = oldest.id AND type = 'deferred')))
    FROM (SELECT id, scheduled_at {WAITING} ORDER BY id LIMIT 1) AS oldest"""


def _number(query: str) -> float | None:
    with connection.cursor() as cursor:
        cursor.execute(query)
        row = cursor.fetchone()
    return None if not row or row[0] is None else round(float(row[0]), 1)


def database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return True
    except DatabaseError:
        return False


def state_of_house() -> dict[str, Any]:
    """Facts about database, worker and queue; ages in seconds, None where there is nothing to measure."""
    if not database_answers():
        return {"ok": False, "database": "unreachable"}
    heartbeat = _number(WORKERS)
    worker_lives = heartbeat is not None and heartbeat < DEAD_AFTER_SECONDS
    return {
        "ok": worker_lives,
        "database": "ok",
        "worker": {"ok": worker_lives, "heartbeat_age": heartbeat},
        "queue": {"length": int(_number(QUEUE_LENGTH) or 0), "oldest_age": _number(OLDEST_WAITING)},
    }


# -- for the operator's page --------------------------------------------------------------------------------------

SCARCE_DISK = 0.1  # of the whole; less is a warning
SHOWN_MONTHS = 36  # of the journal, the latest
SKEW_SECONDS = 5.0  # between this machine's clock and the database's


@dataclass(frozen=True)
class Worker:
    """A worker process and when it last showed itself, in seconds ago."""

    pk: int
    heartbeat_age: float

    @property
    def is_alive(self) -> bool:
        return self.heartbeat_age < DEAD_AFTER_SECONDS


@dataclass(frozen=True)
class Condition:
    """The house as its operator sees it at this moment; sizes in bytes, ages in seconds."""

    versions: dict[str, str]
    database_size: int
    connections: int
    most_connections: int
    oldest_transaction_age: float
    skew: float
    workers: list[Worker]
    disk_free: int
    disk_total: int
    sealed_at: datetime | None
    unsealed: int
    months: list[journal_months.Part]
    archived: list[ArchivedMonth]
    gauges: list[tuple[metrics.Gauge, dict[str, float]]]

    @property
    def disk_is_scarce(self) -> bool:
        return self.disk_free < self.disk_total * SCARCE_DISK

    @property
    def clock_is_wrong(self) -> bool:
        return abs(self.skew) > SKEW_SECONDS

    @property
    def no_worker_lives(self) -> bool:
        return not any(worker.is_alive for worker in self.workers)


_DATABASE = """
SELECT pg_database_size(current_database()), (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()),
    current_setting('max_connections')::int,
    (SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0) FROM pg_stat_activity
        WHERE datname = current_database() AND state LIKE 'idle in transaction%%'),
    clock_timestamp(), current_setting('server_version')
"""
_ALL_WORKERS = """
SELECT id, extract(epoch FROM now() - last_heartbeat) FROM procrastinate_workers ORDER BY last_heartbeat DESC LIMIT 50
"""


def condition() -> Condition:
    """How the house stands now; a handful of queries, none of them proportional to history."""
    with connection.cursor() as cursor:
        cursor.execute(_DATABASE)
        size, used, most, oldest, its_time, server = cursor.fetchone()
        skew = (clock.machine_time() - its_time).total_seconds()
        cursor.execute(_ALL_WORKERS)
        workers = [Worker(pk, float(age)) for pk, age in cursor.fetchall()]
    disk = shutil.disk_usage(settings.DATA_DIR)
    seal = AuditSeal.objects.order_by("-number").only("sealed_at", "last_entry_id").first()
    return Condition(
        versions={"Onepoint": _version(), "Django": django.get_version(), "PostgreSQL": server},
        database_size=size,
        connections=used,
        most_connections=most,
        oldest_transaction_age=float(oldest),
        skew=skew,
        workers=workers,
        disk_free=disk.free,
        disk_total=disk.total,
        sealed_at=seal.sealed_at if seal else None,
        unsealed=_count_unsealed(seal.last_entry_id if seal else 0),
        months=journal_months.parts()[::-1][:SHOWN_MONTHS],
        archived=[month for month in journal_archive.archived_months() if month.restored_at is None][:SHOWN_MONTHS],
        gauges=[(gauge, dict(values)) for gauge, values in metrics.read_gauges()],
    )


def _version() -> str:
    """As ``pyproject.toml`` says; the house runs from its checkout."""
    told = tomllib.loads((Path(settings.PROJECT_ROOT) / "pyproject.toml").read_text(encoding="utf-8"))
    return str(told["project"]["version"])


def _count_unsealed(after: int) -> int:
    return AuditEntry.objects.filter(pk__gt=after).order_by("pk")[:COUNT_UP_TO].count()


def forget_slow_statements() -> int:
    """Begin anew; gives how many there were."""
    return SlowStatement.objects.all().delete()[0]


# -- figures of the house for Prometheus --------------------------------------------------------------------------


def _jobs() -> dict[str, float]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT status::text, count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing', 'failed') GROUP BY 1"
        )
        found = dict(cursor.fetchall())
    return {status: float(found.get(status, 0)) for status in ("todo", "doing", "failed")}


def _skew() -> dict[str, float]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return {"": (clock.machine_time() - cursor.fetchone()[0]).total_seconds()}


def _heartbeat() -> dict[str, float]:
    age = _number(WORKERS)
    return {} if age is None else {"": age}


def register() -> None:
    """What every house has."""
    metrics.register_gauge("onepoint_jobs", "Jobs that wait, are done now, or failed for good", _jobs, label="state")
    metrics.register_gauge("onepoint_clock_skew_seconds", "This machine's clock ahead of the database's", _skew)
    metrics.register_gauge("onepoint_worker_heartbeat_age_seconds", "Since a worker last showed itself", _heartbeat)
