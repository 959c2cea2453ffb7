"""``./onepoint up``: starts every part of the house, restarts what dies, and stops it all in the right order."""

import fcntl
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO

from onepoint.config import data_folder
from onepoint.config.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError
from onepoint.config.progress import say, step
from onepoint.config.with_parent import SUPERVISED

LONGEST_PAUSE = 30.0  # seconds between restarts of a part that keeps dying
STEADY_SECONDS = 60.0  # a part that lived this long starts again without a pause
FIRST_ANSWER_SECONDS = 60.0
LOG_LIMIT = 20 * 1024 * 1024  # bytes; a larger log is moved to the ".1" beside it


class CannotStart(Exception):
    """The house cannot be started; the text says why and what to do."""


class Part:
    """One child process, kept alive."""

    def __init__(self, name: str, command: list[str], log: Path, grace_seconds: float) -> None:
        self.name = name
        self.command = command
        self.log = log
        self.grace_seconds = grace_seconds
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0
        self.pause = 0.0
        self.start_again_at = 0.0

    def start(self) -> None:
        with self.log.open("ab") as stream:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                env={**os.environ, SUPERVISED: "1"},
                start_new_session=True,  # Ctrl-C reaches the supervisor alone, which stops the parts in order
            )
        self.started_at = time.monotonic()

    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def keep_alive(self) -> None:
        """Start again when dead, after a pause that doubles while it keeps dying."""
        now = time.monotonic()
        if self.runs():
            return
        if self.process is not None:
            steady = now - self.started_at > STEADY_SECONDS
            self.pause = 0.0 if steady else min(LONGEST_PAUSE, self.pause * 2 or 0.5)
            self.start_again_at = now + self.pause
            say(f"  ! {self.name} ended with {self.process.returncode}; starting it again (see {self.log})")
            self.process = None
        if now >= self.start_again_at:
            self.start()

    def limit_log(self) -> None:
        """Keep one old log. The part goes on appending to the same, now empty, file."""
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            shutil.copyfile(self.log, self.log.with_name(f"{self.log.name}.1"))
            os.truncate(self.log, 0)

    def stop(self) -> None:
        """Ask it to finish; after its grace insist, on the whole process group."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(self.grace_seconds)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def end_of_log(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-20:]) if self.log.exists() else ""


class House:
    """Everything ``up`` runs for one data folder."""

    def __init__(self, folder: Path, host: str, port: int, *, with_demo: bool) -> None:
        self.folder = folder
        self.host = host
        self.port = port
        self.with_demo = with_demo
        self.postgres: EmbeddedPostgres | None = None
        python = sys.executable
        logs = folder / "log"
        self.web = Part("web", [python, "-m", "onepoint.config.web", host, str(port)], logs / "web.log", 12)
        self.worker = Part("worker", [python, "-m", "onepoint.config.worker"], logs / "worker.log", 30)
        self.stopping = threading.Event()
        self.lock: IO[str] | None = None

    # -- the life of the house ------------------------------------------------------------------------------------

    def run(self) -> None:
        """Start, watch until asked to stop, stop."""
        for number in (signal.SIGINT, signal.SIGTERM, *((signal.SIGHUP,) if hasattr(signal, "SIGHUP") else ())):
            signal.signal(number, self.ask_to_stop)
        data_folder.prepare(self.folder)
        self.claim_folder()
        try:
            self.claim_port()
            self.start()
            if not self.stopping.is_set():
                self.watch()
        finally:
            self.stop()

    def ask_to_stop(self, *_: object) -> None:
        if self.stopping.is_set():
            say("  (still stopping; each part has a time limit)")
        self.stopping.set()

    def start(self) -> None:
        if data_folder.uses_embedded_server():
            self.postgres = data_folder.embedded_server(self.folder)
            with step("Starting PostgreSQL"):
                data_folder.note_database(self.folder, self.postgres.acquire())
        report = self.prepare_database()
        if self.stopping.is_set():
            return
        with step("Starting web and worker"):
            self.web.start()
            self.worker.start()
            self.wait_for_first_answer()
        if not self.stopping.is_set():
            self.announce(report)

    def watch(self) -> None:
        last_look = time.monotonic()
        while not self.stopping.wait(0.25):
            for part in (self.web, self.worker):
                part.keep_alive()
                part.limit_log()
            if self.postgres and time.monotonic() - last_look > 1:
                last_look = time.monotonic()
                if not self.postgres.looks_alive():
                    self.restart_postgres()

    def stop(self) -> None:
        """Web first (no new work), then the worker (finishes its jobs), then the database."""
        for part in (self.web, self.worker):
            if part.runs():
                with step(f"Stopping {part.name}"):
                    part.stop()
        if self.postgres:
            with step("Stopping PostgreSQL"):
                self.postgres.release()
        (self.folder / "run" / "up.json").unlink(missing_ok=True)

    # -- steps ----------------------------------------------------------------------------------------------------

    def claim_folder(self) -> None:
        """One ``up`` per data folder; the lock ends with the process, however it ends."""
        self.lock = (self.folder / "run" / "up.lock").open("a")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            noted = self.folder / "run" / "up.json"
            facts = json.loads(noted.read_text()) if noted.exists() else {}
            raise CannotStart(
                f"already running with the data in {self.folder}: {facts.get('address', 'it is just starting')} "
                f"(process {facts.get('pid', 'unknown')}). Stop that one first, or choose another folder with --data."
            ) from None

    def claim_port(self) -> None:
        """Fail before any work when the port is taken; wait for the parts of a killed predecessor to end."""
        was_killed = (self.folder / "run" / "up.json").exists()
        deadline = time.monotonic() + (15 if was_killed else 0)
        while True:
            with socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((self.host, self.port))
                    break
                except OSError as error:
                    if time.monotonic() > deadline:
                        raise CannotStart(
                            f"cannot listen on {self.host} port {self.port}: {error.strerror}. "
                            f"Choose another port: ./onepoint up --port {self.port + 1}"
                        ) from error
            time.sleep(0.25)
        (self.folder / "run" / "up.json").write_text(json.dumps({"pid": os.getpid(), "address": self.address()}))

    def prepare_database(self) -> dict[str, object]:
        report = self.folder / "run" / "prepared.json"
        report.unlink(missing_ok=True)
        command = [sys.executable, "-m", "onepoint.config.prepare", "--report", str(report)]
        process = subprocess.Popen([*command, *([] if self.with_demo else ["--no-demo"])], start_new_session=True)
        while process.poll() is None:
            if self.stopping.wait(0.05):
                process.terminate()
                process.wait()
                return {}
        if process.returncode:
            raise CannotStart("the database could not be prepared; the lines above say why")
        answer: dict[str, object] = json.loads(report.read_text())
        return answer

    def wait_for_first_answer(self) -> None:
        deadline = time.monotonic() + FIRST_ANSWER_SECONDS
        while not self.stopping.wait(0.05):
            if self.answers():
                return
            if not self.web.runs() or time.monotonic() > deadline:
                raise CannotStart(f"the web process does not answer:\n{self.web.end_of_log()}")

    def answers(self) -> bool:
        connection = http.client.HTTPConnection(self.reachable_host(), self.port, timeout=5)
        try:
            connection.request("GET", "/readyz", headers={"Host": "localhost"})
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def restart_postgres(self) -> None:
        assert self.postgres
        say("  ! PostgreSQL is gone; starting it again")
        try:
            data_folder.note_database(self.folder, self.postgres.acquire())
        except EmbeddedPostgresError as error:
            say(f"  ! {error}")

    # -- what the person sees -------------------------------------------------------------------------------------

    def reachable_host(self) -> str:
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)

    def address(self) -> str:
        host = self.reachable_host()
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}/"

    def announce(self, report: dict[str, object]) -> None:
        say(f"\n  一点通 Onepoint  {self.address()}\n")
        logins = report.get("logins")
        if isinstance(logins, list) and logins:
            say("  Demo logins (user, password, role):")
            widths = [max(display_width(row[column]) for row in logins) for column in range(2)]
            for name, password, role in logins:
                say(f"    {pad(name, widths[0])}  {pad(password, widths[1])}  {role}")
        elif not report.get("has_people"):
            say("  Nobody can log in yet. Make the first administrator:")
            say("    ./onepoint manage create_administrator NUMBER --name NAME")
        say(f"\n  Data: {self.folder}    Ctrl-C stops everything; the data stays.\n")


def display_width(text: str) -> int:
    """Columns on a terminal, where a Chinese character takes two."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)


def pad(text: str, width: int) -> str:
    return text + " " * (width - display_width(text))
