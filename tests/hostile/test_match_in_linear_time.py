"""No regular expression of the house can be made slow by what somebody writes (reliability X10)."""

import json
import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).with_name("patterns.py")
LENGTH = 5_000
#: A pattern whose time grows with the square of the length needs tenths of a second for such a text, the others a millisecond.
MOST_SECONDS = 0.1


def test_every_pattern_ends_soon_whatever_the_text() -> None:
    run = subprocess.run(
        [sys.executable, str(PROGRAM), str(LENGTH)], capture_output=True, text=True, timeout=300, check=False
    )
    assert run.returncode == 0, run.stdout.splitlines()[-1] + run.stderr[-500:]
    lines = [line.split(" ", 1) for line in run.stdout.splitlines()]
    assert len(lines) > 100
    assert [(place, figure) for place, figure in lines if json.loads(figure)[0] > MOST_SECONDS] == []
