"""``./onepoint test`` and ``./onepoint check``: a throw-away PostgreSQL, then the tools."""

import fcntl
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from onepoint.config import data_folder
from onepoint.config.build import build_all, compile_messages, fetch_test_peers
from onepoint.config.data_folder import PROJECT_ROOT
from onepoint.config.embedded_postgres import FAST_AND_LOSABLE, EmbeddedPostgres
from onepoint.config.progress import say

MOST_PROCESSES = 4


@contextmanager
def environment_for_tests(*, own_database: bool = True) -> Iterator[dict[str, str]]:
    """The environment for a test run: a data folder for tests, and the name of a database nobody else's run uses.

    Without ``own_database`` the (empty) database that exists anyway will do.
    """
    folder = Path(os.environ.get("ONEPOINT_TEST_DIR") or PROJECT_ROOT / "var" / "test")
    data_folder.prepare(folder)
    env = {**os.environ, "ONEPOINT_DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "onepoint.config.settings"}
    if not data_folder.uses_embedded_server():
        yield env
        return
    server = EmbeddedPostgres(folder / "postgres", FAST_AND_LOSABLE)
    with server as url, _free_slot(folder / "run") as number:
        yield {**env, "ONEPOINT_DATABASE_URL": server.url(f"onepoint_{number}") if own_database else url}


@contextmanager
def _free_slot(folder: Path) -> Iterator[int]:
    """The lowest number no other running test run holds; it names the databases, so leftovers are reused."""
    number = 0
    while True:
        number += 1
        with (folder / f"slot-{number}.lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield number
            return


def run_tests(arguments: list[str]) -> int:
    """Run pytest; without a path, in as many processes as the machine has processors (up to four)."""
    build_all()
    fetch_test_peers()
    names_paths = any((PROJECT_ROOT / argument.split("::")[0]).exists() for argument in arguments)
    chooses_processes = any(argument.startswith(("-n", "--numprocesses", "--pdb")) for argument in arguments)
    if not names_paths and not chooses_processes:
        arguments = ["-n", str(min(MOST_PROCESSES, os.cpu_count() or 1)), "--dist", "worksteal", *arguments]
    with environment_for_tests() as env:
        return subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=PROJECT_ROOT, env=env).returncode


def checks() -> list[tuple[str, list[str]]]:
    python = sys.executable
    tools = Path(python).parent
    manage = [python, "-m", "onepoint.config.manage"]
    return [
        ("formatting", [python, "-m", "ruff", "format", "--check", "."]),
        ("lint", [python, "-m", "ruff", "check", "."]),
        ("types", [python, "-m", "mypy"]),
        ("templates", [str(tools / "djlint"), "src", "--lint", "--quiet"]),
        ("architecture contracts", [str(tools / "lint-imports"), "--no-cache"]),
        ("sizes", [python, "-m", "pytest", "-q", "tests/architecture/test_limit_sizes.py", "-p", "no:cacheprovider"]),
        ("licences", [python, "-m", "onepoint.config.cli", "audit", "--offline"]),
        ("missing migrations", [*manage, "makemigrations", "--check", "--dry-run"]),
        ("translations", [*manage, "messages", "--check"]),
        # As a deployment stands: behind TLS, with a key of its own.
        (
            "deployment",
            ["env", "ONEPOINT_BEHIND_TLS=true", f"ONEPOINT_SECRET_KEY={secrets.token_urlsafe(48)}"]
            + [*manage, "check", "--deploy", "--fail-level", "WARNING"],
        ),
    ]


def run_checks() -> int:
    """Run every check, two at a time, and say which failed and why; 1 when any did."""
    compile_messages()
    failed = []
    with environment_for_tests(own_database=False) as env, ThreadPoolExecutor(2) as pool:

        def one(title: str, command: list[str]) -> bool:
            started = time.monotonic()
            result = subprocess.run(
                command, cwd=PROJECT_ROOT, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            )
            passed = time.monotonic() - started
            if result.returncode:
                say(f"failed  {title} ({passed:.1f} s)\n{result.stdout.rstrip()}\n")
                failed.append(title)
            else:
                say(f"ok      {title} ({passed:.1f} s)")
            return not result.returncode

        list(pool.map(lambda check: one(*check), checks()))
    say(f"\n{'failed: ' + ', '.join(failed) if failed else 'everything is in order'}")
    return 1 if failed else 0
