"""A worker whose database lets nobody in for a while stays, and takes up its work by itself."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from database_url import database_url
from onepoint.core import jobs

pytestmark = pytest.mark.django_db(transaction=True)
SOURCE = Path(__file__).resolve().parents[2] / "src"
LOST = "the queue waits for its database"
LIMIT_SECONDS = 120  # only how long the test waits for a fault


def ask(statement: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def let_others_in(is_so: bool) -> None:
    """From another database, as its own cannot be closed while one is in it."""
    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    with psycopg.connect(database_url(), dbname="postgres", autocommit=True) as outside:
        outside.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {str(is_so).lower()}")


@pytest.fixture
def worker(tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    with (tmp_path / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "onepoint.config.worker"],
            env={**os.environ, "ONEPOINT_DATABASE_URL": database_url(), "PYTHONPATH": str(SOURCE)},
            stdout=log, stderr=log,
        )  # fmt: skip
        yield process
        let_others_in(True)
        process.terminate()
        try:
            process.wait(60)
        finally:
            process.kill()
    ask("DELETE FROM procrastinate_jobs")
    ask("DELETE FROM procrastinate_workers")


def wait_until(is_so: Callable[[], object], worker: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + LIMIT_SECONDS
    while not is_so():
        assert worker.poll() is None, "the worker has ended"
        assert time.monotonic() < end
        time.sleep(0.1)


def is_done(name: str) -> bool:
    return bool(ask(f"SELECT 1 FROM procrastinate_jobs WHERE task_name = '{name}' AND status = 'succeeded'"))


def test_a_worker_stays_while_the_database_lets_nobody_in(worker: "subprocess.Popen[bytes]", tmp_path: Path) -> None:
    jobs.defer("core.remove_expired_exports", timestamp=0)
    wait_until(lambda: is_done("core.remove_expired_exports"), worker)
    let_others_in(False)
    ask(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    wait_until(lambda: LOST in (tmp_path / "worker.log").read_text(), worker)
    jobs.defer("core.forget_the_gone", timestamp=0)
    let_others_in(True)
    wait_until(lambda: is_done("core.forget_the_gone"), worker)
