"""People at work and workers are killed at random moments; afterwards nothing is lost, doubled or left over."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from database_url import database_url

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_tickets_survive_kill_minus_nine_of_people_and_workers() -> None:
    """A small run of ``benchmarks/crash.py``, which says what it checks."""
    environment = {
        **os.environ,
        "ONEPOINT_DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "onepoint.config.settings",
    }
    command = [sys.executable, str(ROOT / "benchmarks" / "crash.py"), "--tickets", "12", "--seconds", "6"]
    done = subprocess.run(
        [*command, "--clients", "2", "--workers", "1"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    with connection.cursor() as cursor:  # what the killed workers left of the queue is nobody's concern
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_events, procrastinate_workers CASCADE")
    assert done.returncode == 0, done.stdout + done.stderr
    figures = dict(line.rsplit(maxsplit=1) for line in done.stdout.splitlines() if line.strip())
    assert int(figures["people killed"]) + int(figures["workers killed"]) > 5
