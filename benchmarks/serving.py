"""What the benchmarks of a served house share: real web and worker processes, logins, and what CPU they and the server used."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))
TICKS = os.sysconf("SC_CLK_TCK")
CSRF = "b" * 32  # the cookie and the field have to agree, no more


def setup(address: str) -> Path:
    """Django in this process on that database, and a folder for files; both are inherited by what is started."""
    folder = Path(tempfile.mkdtemp(prefix="onepoint-served-"))
    os.environ |= {"ONEPOINT_DATABASE_URL": address, "ONEPOINT_DATA_DIR": str(folder), "ONEPOINT_LOG_LEVEL": "ERROR"}
    os.environ.setdefault("ONEPOINT_SECRET_KEY", "benchmark")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onepoint.config.settings")
    os.environ["PYTHONPATH"] = str(ROOT / "src")
    tidy_up_when_told_to_end()
    import django

    django.setup()
    from django.conf import settings

    settings.ALLOWED_HOSTS = ["testserver"]
    return folder


def tidy_up_when_told_to_end() -> None:
    """SIGTERM ends this process as an error does: what it began is ended, what it wrote removed."""
    signal.signal(signal.SIGTERM, lambda *_ignored: sys.exit("told to end"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(*command: str, answers_at: int = 0) -> Iterator[int]:
    """A part of the product as a process of its own; gives its pid once it answers at that port."""
    process = subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 60
        while answers_at and not _answers(answers_at):
            if process.poll() is not None or time.monotonic() > until:
                sys.exit(f"{command[0]} did not start")
            time.sleep(0.2)
        yield process.pid
    finally:
        process.terminate()
        process.wait(40)


def _answers(port: int) -> bool:
    try:
        return ask(HTTPConnection("127.0.0.1", port, timeout=5), "/accounts/login/").status == 200
    except (OSError, HTTPException):
        return False


@contextmanager
def sessions_of(usernames: tuple[str, ...]) -> Iterator[list[tuple[str, Any]]]:
    """The cookie of a login of each of these people who exists, and the person; they end afterwards."""
    from allauth.usersessions.models import UserSession
    from django.contrib.sessions.models import Session
    from django.test import Client

    from onepoint.accounts.models import User

    readers = []
    for user in User.objects.select_related("unit__region").filter(username__in=usernames).order_by("username"):
        client = Client()
        client.force_login(user)
        key = client.session.session_key
        UserSession.objects.create(user=user, session_key=key, ip="127.0.0.1")
        readers.append((key, user))
    if not readers:
        sys.exit("this house does not hold the demo's people")
    try:
        yield readers
    finally:
        keys = [key for key, _user in readers]
        UserSession.objects.filter(session_key__in=keys).delete()
        Session.objects.filter(session_key__in=keys).delete()


def ask(
    connection: HTTPConnection, address: str, session: str = "", form: dict[str, Any] | None = None
) -> HTTPResponse:
    """One request as a browser with that login sends it; the answer has been read whole."""
    headers = {"Cookie": f"sessionid={session}; csrftoken={CSRF}; onepoint_language=zh-hans"}
    body = None
    if form is not None:
        body = urlencode({**form, "csrfmiddlewaretoken": CSRF}, doseq=True)
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection.request("GET" if form is None else "POST", address, body, headers)
    answer = connection.getresponse()
    answer.read()
    return answer


# -- CPU ----------------------------------------------------------------------------------------------------------


def _fields_of(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def tree_cpu(pid: int) -> float:
    """Seconds of CPU a process used, with its children living and dead."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _fields_of(int(entry.name))):
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    todo, total = [pid], 0.0
    while todo:
        one = todo.pop()
        fields = _fields_of(one)
        total += sum(map(int, fields[11:15])) / TICKS if fields else 0.0
        todo += parents.get(one, [])
    return total


def postmaster() -> int:
    """The pid of the server's first process, if it runs on this machine."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        fields = _fields_of(int(cursor.fetchone()[0]))
    return int(fields[1]) if fields else 0


def percentile(values: list[float], share: int) -> float:
    """In milliseconds, of seconds."""
    ordered = sorted(values)
    return 1000 * ordered[min(len(ordered) - 1, len(ordered) * share // 100)] if ordered else 0.0


def machine() -> str:
    """How busy the machine is, said beside every result."""
    return f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}"
