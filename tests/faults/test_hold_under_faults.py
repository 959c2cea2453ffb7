"""The fault suite in small: each trial of ``benchmarks/faults.py`` holds, and afterwards everything is in order."""

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pytest_django.plugin import DjangoDbBlocker

from database_url import database_url

ROOT = Path(__file__).resolve().parents[2]
#: Those that take a few seconds; the others are for a person (``docs/how-to/try_faults.md``).
TRIALS = ["F1", "F2", "F3", "F4", "F5", "F8", "F12", "F13", "F14", "F18", "I10"]
MOST_SECONDS = 600


@pytest.fixture(scope="session")
def outcomes(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: Any
) -> dict[str, Any]:
    """Of every trial that is asked for; one house serves them all, and its tables are those of the tests' database.

    Tests in several processes share one run: the first that comes carries it out, the others wait and read what it found.
    """
    wanted = {item.callspec.params.get("trial") for item in request.session.items if hasattr(item, "callspec")}
    with django_db_blocker.unblock():
        tables = database_url()
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:  # then it is this process's own, in that of the whole run
        folder = folder.parent
    told = folder / "faults.json"
    with (folder / "faults.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            told.write_text(json.dumps(tried([code for code in TRIALS if code in wanted], tables, folder)))
    outcomes: dict[str, Any] = json.loads(told.read_text())
    return outcomes


def tried(codes: list[str], tables: str, folder: Path) -> dict[str, Any]:
    """What each of these trials found, and under ``said`` why one of them is missing."""
    finished = folder / "faults-finished.json"
    command = [sys.executable, str(ROOT / "benchmarks" / "faults.py"), "--copy-of", tables, "--json", str(finished)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ONEPOINT_DATA")}
    running = subprocess.Popen(
        [*command, *codes], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        said, _nothing = running.communicate(timeout=MOST_SECONDS)
    except subprocess.TimeoutExpired:
        running.terminate()  # it stops its PostgreSQL and clears up
        said = f"not done within {MOST_SECONDS} s: {running.communicate()[0]}"
    return {"said": said, **(json.loads(finished.read_text()) if finished.exists() else {})}


@pytest.mark.slow
@pytest.mark.django_db  # else no database is set up where these are the only tests
@pytest.mark.parametrize("trial", TRIALS)
def test_nothing_is_lost_doubled_or_left_over(trial: str, outcomes: dict[str, Any]) -> None:
    assert trial in outcomes, outcomes["said"]
    assert outcomes[trial]["faults"] == []
