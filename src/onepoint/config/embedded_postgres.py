"""A real PostgreSQL inside the data folder: found, created, started or adopted, and stopped by us.

Layout of the folder: ``cluster/`` (PostgreSQL's own), ``server-<version>/`` (a copy of the binaries, so that neither an
upgrade of the packages nor a folder other users may not enter breaks a running server), ``socket/``, ``log/``,
``passwords.json``. Whoever uses the server holds a shared lock on ``users.lock``; the last one to leave stops it.
"""

import fcntl
import json
import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from onepoint.config import postgres_binaries
from onepoint.config.postgres_binaries import Binaries, EmbeddedPostgresError
from onepoint.config.postgres_memory import memory_settings, usable_memory
from onepoint.config.service_account import Account, owner_or_service_account, reachable_folder

DATABASE = "onepoint"
ROLE = "onepoint"
LONGEST_SOCKET_PATH = 107  # bytes, a limit of the operating system
SOCKET_NAME = ".s.PGSQL.5432"
START_SECONDS = 120  # crash recovery of a busy server takes its time
STOP_SECONDS = 30

SETTINGS: dict[str, str] = {
    "max_connections": "100",
    "jit": "off",
    # History is written once and read by index, from disks without moving heads.
    "random_page_cost": "1.1",
    # A checkpoint writes every page that changed since the last one; the less often, the more changes share a page.
    "max_wal_size": "2GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "on",
    "log_filename": "postgresql-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    "password_encryption": "scram-sha-256",
    "unix_socket_permissions": "0700",
}
#: Only for databases that may be lost, such as the one the tests use.
FAST_AND_LOSABLE: dict[str, str] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    # It would find what a test has not committed to be nothing, and let the planner believe that; tests/conftest.py cleans.
    "autovacuum": "off",
}


class EmbeddedPostgres:
    """The server of one folder. Use it as a context manager, or ``acquire`` and ``release`` it."""

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self.account: Account | None = owner_or_service_account(folder / "cluster")
        self.folder = reachable_folder(folder, self.account)
        self.cluster = self.folder / "cluster"
        self.socket_folder = self.folder / "socket"
        self.settings = {**memory_settings(usable_memory()), **SETTINGS, **(settings or {})}
        self.users: IO[str] | None = None

    # -- use ------------------------------------------------------------------------------------------------------

    def __enter__(self) -> str:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()

    def acquire(self) -> str:
        """Start the server or adopt the running one; return the URL of the database."""
        with self._one_at_a_time():
            if self.users is None:
                self.users = (self.folder / "users.lock").open("a")
                fcntl.flock(self.users, fcntl.LOCK_SH)
            self._start_or_adopt()
        return self.url()

    def release(self) -> None:
        """Let go; stops the server when nobody else uses it."""
        if self.users is None:
            return
        with self._one_at_a_time():
            try:
                fcntl.flock(self.users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass
            else:
                self.stop()
            self.users.close()
            self.users = None

    def url(self, database: str = DATABASE) -> str:
        return self._conninfo(ROLE, database, url=True)

    def answers(self) -> bool:
        """Whether the server accepts our password right now."""
        try:
            with psycopg.connect(self._conninfo("postgres", "postgres"), connect_timeout=3):
                return True
        except psycopg.OperationalError:
            return False

    def looks_alive(self) -> bool:
        """A cheap look at the process; ``answers`` is the truth."""
        pid = self.postmaster_pid()
        return pid is not None and process_runs(pid)

    # -- start and stop -------------------------------------------------------------------------------------------

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            lock = (self.folder / "start.lock").open("a")
        except PermissionError as error:
            raise EmbeddedPostgresError(
                f"{self.folder} belongs to another user; run as that user or choose another folder with --data"
            ) from error
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _start_or_adopt(self) -> None:
        binaries = postgres_binaries.for_folder(self.folder, self.cluster)
        if not self.cluster.exists():
            self._initialise(binaries)
        if not self.answers():
            self._start(binaries)
        self._create_database()

    def _initialise(self, binaries: Binaries) -> None:
        """Make the cluster under another name first, so that an interrupted start leaves nothing half done."""
        unfinished = self.folder / "cluster.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        self._own_folder(unfinished)
        passwords = {"postgres": secrets.token_urlsafe(24), ROLE: secrets.token_urlsafe(24)}
        write_private(self.folder / "passwords.json", json.dumps(passwords))
        password_file = unfinished.with_name("password")
        write_private(password_file, passwords["postgres"], self.account)
        locale = ["--locale=C", "--encoding=UTF8"]
        if binaries.major >= 17:  # the same characters on every operating system
            locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command: list[str | Path] = [binaries / "initdb", "-D", unfinished, "-U", "postgres", "--auth=scram-sha-256"]
        try:
            self._run([*command, f"--pwfile={password_file}", *locale, "--no-instructions"])
        finally:
            password_file.unlink()
        unfinished.rename(self.cluster)

    def _start(self, binaries: Binaries) -> None:
        self._write_configuration()
        self._own_folder(self.socket_folder)
        self._own_folder(self.folder / "log")
        deadline = time.monotonic() + START_SECONDS
        while True:
            self._clear_stale_locks()
            result = self._run(
                [binaries / "pg_ctl", "-D", self.cluster, "-l", self.folder / "log" / "start.log",
                 "-w", "-t", str(START_SECONDS), "start"],
                check=False,
            )  # fmt: skip
            if self.answers():
                return
            if time.monotonic() > deadline:
                raise EmbeddedPostgresError(f"PostgreSQL did not start:\n{result}\n{self._end_of_log()}")
            # After a hard kill the old backends hold the shared memory for a moment.
            time.sleep(0.3)

    def stop(self) -> None:
        """Stop the server, politely first."""
        if not self.looks_alive():
            return
        binaries = postgres_binaries.for_folder(self.folder, self.cluster)
        for mode in ("fast", "immediate"):
            self._run(
                [binaries / "pg_ctl", "-D", self.cluster, "-m", mode, "-w", "-t", str(STOP_SECONDS), "stop"],
                check=False,
            )
            if not self.looks_alive():
                return

    def _write_configuration(self) -> None:
        settings = dict(self.settings)
        if self._uses_socket():
            settings |= {"listen_addresses": "", "port": "5432", "unix_socket_directories": f'"{self.socket_folder}"'}
        else:
            port = str(free_port(preferred=self._noted_port()))
            (self.folder / "port").write_text(port)
            settings |= {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": ""}
        settings["log_directory"] = str(self.folder / "log")
        lines = "".join("{} = '{}'\n".format(name, value.replace("'", "''")) for name, value in settings.items())
        write_private(self.cluster / "onepoint.conf", lines, self.account)
        main = self.cluster / "postgresql.conf"
        if "include = 'onepoint.conf'" not in main.read_text():
            with main.open("a") as stream:
                stream.write("\ninclude = 'onepoint.conf'\n")

    def _create_database(self) -> None:
        password = self._passwords()[ROLE]
        with psycopg.connect(self._conninfo("postgres", "postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
                statement = sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}")
                connection.execute(statement.format(sql.Identifier(ROLE), sql.Literal(password)))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                statement = sql.SQL("CREATE DATABASE {} OWNER {}")
                connection.execute(statement.format(sql.Identifier(DATABASE), sql.Identifier(ROLE)))

    # -- small facts ----------------------------------------------------------------------------------------------

    def _uses_socket(self) -> bool:
        path = self.socket_folder / SOCKET_NAME
        return hasattr(socket, "AF_UNIX") and len(os.fsencode(path)) <= LONGEST_SOCKET_PATH

    def _noted_port(self) -> int:
        """The port of the last start; 1 (where nobody listens) before the first."""
        noted = self.folder / "port"
        return int(noted.read_text()) if noted.exists() else 1

    def _passwords(self) -> dict[str, str]:
        passwords: dict[str, str] = json.loads((self.folder / "passwords.json").read_text())
        return passwords

    def _conninfo(self, role: str, database: str, *, url: bool = False) -> str:
        if self._uses_socket():
            host, port = str(self.socket_folder), "5432"
        else:
            host, port = "127.0.0.1", str(self._noted_port())
        password = self._passwords()[role]
        if url:
            place = f"?host={quote(host)}" if self._uses_socket() else ""
            return f"postgresql://{role}:{password}@{'' if place else f'{host}:{port}'}/{database}{place}"
        return make_conninfo(host=host, port=port, user=role, password=password, dbname=database)

    def postmaster_pid(self) -> int | None:
        try:
            return int((self.cluster / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None

    def _clear_stale_locks(self) -> None:
        """Remove the pid file of a postmaster that is dead; where nothing reaps it, PostgreSQL takes it for living."""
        pid = self.postmaster_pid()
        if pid is not None and not process_runs(pid):
            (self.cluster / "postmaster.pid").unlink(missing_ok=True)
            (self.socket_folder / f"{SOCKET_NAME}.lock").unlink(missing_ok=True)

    def _own_folder(self, path: Path) -> None:
        path.mkdir(mode=0o700, exist_ok=True)
        if self.account:
            os.chown(path, self.account.uid, self.account.gid)

    def _end_of_log(self) -> str:
        logs = sorted((self.folder / "log").glob("*.log"), key=lambda path: path.stat().st_mtime)
        return "\n".join(line for log in logs[-2:] for line in log.read_text(errors="replace").splitlines()[-15:])

    def _run(self, command: list[str | Path], *, check: bool = True) -> str:
        """Run one of PostgreSQL's programs as the account it may run as, away from our terminal and folder."""
        result = subprocess.run(
            [str(part) for part in command],
            **(self.account.as_arguments() if self.account else {}),
            cwd="/",
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for us, not for the database
            text=True,
            errors="replace",
        )
        if check and result.returncode:
            raise EmbeddedPostgresError(f"{Path(command[0]).name} failed:\n{result.stdout}")
        return result.stdout


def process_runs(pid: int) -> bool:
    """Whether the process lives; one that is dead but not yet reaped does not count."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return True  # no /proc on this system


def free_port(preferred: int) -> int:
    """The preferred port if nobody listens there (running programs know it), else any free one."""
    for wish in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", wish if wish > 1024 else 0))
            except OSError:
                continue
            port: int = probe.getsockname()[1]
            return port
    raise EmbeddedPostgresError("no free TCP port on 127.0.0.1")


def write_private(path: Path, text: str, account: Account | None = None) -> None:
    """Write a file only its owner may read, replacing an old one whole."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
        stream.write(text)
    if account:
        os.chown(new, account.uid, account.gid)
    new.replace(path)
