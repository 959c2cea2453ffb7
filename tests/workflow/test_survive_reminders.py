"""Workers are killed while reminders fall due and their gateway comes and goes; each arrives, once in effect."""

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
def test_reminders_survive_kill_minus_nine_of_workers_and_a_gateway_that_goes_away() -> None:
    """A small run of ``benchmarks/reminders.py``, which says what it checks."""
    environment = {
        **os.environ,
        "ONEPOINT_DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "onepoint.config.settings",
    }
    command = [sys.executable, str(ROOT / "benchmarks" / "reminders.py"), "--reminders", "100", "--seconds", "5"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=400, check=False)
    with connection.cursor() as cursor:  # what the killed workers left of the queue is nobody's concern
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_events, procrastinate_workers CASCADE")
    assert done.returncode == 0, done.stdout + done.stderr
    figures = dict(line.rsplit(maxsplit=1) for line in done.stdout.splitlines() if line.strip())
    assert int(figures["workers killed"]) > 3
