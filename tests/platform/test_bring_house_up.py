"""``./onepoint up`` as a person uses it: start, stop, start again, kill anything, start again."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from onepoint.config.embedded_postgres import EmbeddedPostgres

pytestmark = pytest.mark.slow
PATIENCE_SECONDS = 400  # how long a loaded machine may take before the test gives up; nothing is timed


class RunningHouse:
    """One ``up`` in its own process, watched through its port."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        env = {name: value for name, value in os.environ.items() if not name.startswith("ONEPOINT_")}
        command = [sys.executable, "-m", "onepoint.config.cli", "up", "--no-demo", "--port", str(port)]
        self.process = subprocess.Popen(
            [*command, "--data", str(folder)], env=env, stderr=subprocess.PIPE, text=True, start_new_session=True
        )

    def get(self, path: str) -> tuple[int, dict[str, object]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException):
            return 0, {}
        finally:
            connection.close()

    def post_login(self) -> int:
        """The status a wrong login through the form gets."""
        token = "a" * 32
        body = f"csrfmiddlewaretoken={token}&login=nobody&password=wrong"
        headers = {"Cookie": f"csrftoken={token}", "Content-Type": "application/x-www-form-urlencoded"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("POST", "/accounts/login/", body, headers)
            return connection.getresponse().status
        finally:
            connection.close()

    def wait_until(self, happened: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not happened():
            if self.process.poll() is not None:
                pytest.fail(f"up ended while waiting until {what}:\n{self.process.stderr.read()}")
            assert time.monotonic() < deadline, f"never: {what}"
            time.sleep(0.1)

    def wait_until_well(self) -> None:
        self.wait_until(lambda: self.get("/healthz")[0] == 200, "web, worker and database are well")

    def stop(self) -> str:
        """Ctrl-C; returns what it said."""
        self.process.send_signal(signal.SIGINT)
        return self.process.communicate(timeout=PATIENCE_SECONDS)[1]

    def log(self, part: str) -> str:
        return (self.folder / "log" / f"{part}.log").read_text()

    def manage(self, code: str) -> str:
        env = {name: value for name, value in os.environ.items() if not name.startswith("ONEPOINT_")}
        result = subprocess.run(
            [sys.executable, "-m", "onepoint.config.cli", "manage", "shell", "--no-imports", "-c", code],
            env={**env, "ONEPOINT_DATA_DIR": str(self.folder)},
            capture_output=True,
            text=True,
        )
        assert result.returncode == 0, result.stderr
        return result.stdout.strip()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Callable[[], RunningHouse]]:
    """A function that starts the house of this test; whatever still runs at the end is ended."""
    folder = tmp_path / "var"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    started: list[RunningHouse] = []

    def start() -> RunningHouse:
        started.append(RunningHouse(folder, port))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            each.stop()
    postgres = folder / "postgres"
    EmbeddedPostgres(postgres).stop()
    shutil.rmtree(postgres.resolve())


def children_of(pid: int) -> dict[str, int]:
    """The parts a supervisor started, by the last word of their module."""
    found = {}
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        words = Path(f"/proc/{child}/cmdline").read_text().split("\0")
        found |= {word.rpartition(".")[2]: int(child) for word in words if word.startswith("onepoint.config.")}
    return found


ADD_ROW = "from onepoint.core.audit import record; record('test.noted', by=None, subject_type='test', subject_id=1)"
COUNT_ROWS = "from onepoint.core.models import AuditEntry; print(AuditEntry.objects.filter(verb='test.noted').count())"


def test_stopping_and_starting_keeps_the_data_and_leaves_nothing_running(house: Callable[[], RunningHouse]) -> None:
    first = house()
    first.wait_until_well()
    assert first.get("/readyz") == (200, {"ok": True})
    assert first.post_login() == 200  # the form again, with what is wrong: the body was read
    first.manage(ADD_ROW)
    said = first.stop()
    assert first.process.returncode == 0
    assert f"http://127.0.0.1:{first.port}/" in said
    assert said.index("Stopping web") < said.index("Stopping worker") < said.index("Stopping PostgreSQL")
    assert not EmbeddedPostgres(first.folder / "postgres").answers()
    second = house()
    second.wait_until_well()
    assert second.manage(COUNT_ROWS) == "1"


OPEN_SESSION = """
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from onepoint.accounts.models import OrgUnit, Region, User
region = Region.objects.create(code="east", name="东市", kind="city")
unit = OrgUnit.objects.create(code="east", name="东市", kind="city", region=region)
person = User(username="agent", name="安坐席", unit=unit)
person.set_unusable_password()
person.save()
session = SessionStore()
session[SESSION_KEY] = str(person.pk)
session[BACKEND_SESSION_KEY] = "onepoint.accounts.login.PersonBackend"
session[HASH_SESSION_KEY] = person.get_session_auth_hash()
session.create()
print(session.session_key)
"""


def test_an_open_page_hears_news_and_does_not_hold_up_the_end(house: Callable[[], RunningHouse]) -> None:
    running = house()
    running.wait_until_well()
    key = running.manage(OPEN_SESSION).splitlines()[-1]
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=PATIENCE_SECONDS)
    connection.request("GET", "/events", headers={"Cookie": f"sessionid={key}"})
    stream = connection.getresponse()
    assert (stream.status, stream.readline()) == (200, b": open\n")
    publish = "from onepoint.core import live; from onepoint.accounts.models import User\n"
    publish += "live.publish([f'P{User.objects.get().pk}'], 'todo', task=5)"
    deadline = time.monotonic() + PATIENCE_SECONDS
    heard = b""
    while b'data: {"task":5}' not in heard:  # the first news may come before the process listens
        assert time.monotonic() < deadline
        running.manage(publish)
        heard += stream.readline() + stream.readline()
    running.stop()
    assert "Killing worker" not in running.log("web")


def test_the_house_recovers_when_any_part_is_killed(house: Callable[[], RunningHouse]) -> None:
    running = house()
    running.wait_until_well()
    running.manage(ADD_ROW)
    for part in ("web", "worker"):
        pid = children_of(running.process.pid)[part]
        os.kill(pid, signal.SIGKILL)
        running.wait_until(
            lambda part=part, pid=pid: children_of(running.process.pid).get(part, pid) != pid, f"{part} is replaced"
        )
        running.wait_until_well()
    postgres = EmbeddedPostgres(running.folder / "postgres")
    os.kill(postgres.postmaster_pid(), signal.SIGKILL)
    running.wait_until(postgres.answers, "PostgreSQL is back")
    running.wait_until_well()
    running.process.kill()
    running.process.communicate()
    again = house()
    again.wait_until_well()
    assert again.manage(COUNT_ROWS) == "1"


def test_a_taken_port_and_a_second_start_are_explained(house: Callable[[], RunningHouse], tmp_path: Path) -> None:
    running = house()
    running.wait_until_well()
    second = RunningHouse(running.folder, running.port + 1)
    assert "already running" in second.process.communicate(timeout=PATIENCE_SECONDS)[1]
    other = RunningHouse(tmp_path / "other", running.port)
    said = other.process.communicate(timeout=PATIENCE_SECONDS)[1]
    assert f"port {running.port}" in said
    assert "--port" in said
    assert {second.process.returncode, other.process.returncode} == {1}
