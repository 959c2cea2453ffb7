"""The fault suite in small: each trial of ``benchmarks/faults.py`` holds, and afterwards everything is in order."""

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
TRIALS = ["F1", "F2", "F3", "F4", "F5", "F8", "F12", "F14", "F18"]


@pytest.fixture(scope="session")
def outcomes(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: Any
) -> dict[str, Any]:
    """Of every trial that is asked for; one house serves them all, and its tables are those of the tests' database."""
    wanted = {item.callspec.params.get("trial") for item in request.session.items if hasattr(item, "callspec")}
    told = tmp_path_factory.mktemp("faults") / "outcomes.json"
    with django_db_blocker.unblock():
        tables = database_url()
    command = [sys.executable, str(ROOT / "benchmarks" / "faults.py"), "--copy-of", tables, "--json", str(told)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ONEPOINT_DATA")}
    done = subprocess.run(
        [*command, *(code for code in TRIALS if code in wanted)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    return json.loads(told.read_text()) if told.exists() else {"said": done.stdout + done.stderr}


@pytest.mark.slow
@pytest.mark.parametrize("trial", TRIALS)
def test_nothing_is_lost_doubled_or_left_over(trial: str, outcomes: dict[str, Any]) -> None:
    assert trial in outcomes, outcomes.get("said")
    assert outcomes[trial]["faults"] == []
