"""A house of its own: PostgreSQL in a temporary folder, people, web and worker processes that may be killed."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = 8
#: A process that dies is noticed at once; one on a busy machine is given its time.
START_SECONDS = 150
#: Committed means written to the file, not to the disk: a killed process loses nothing by that, only a lost machine would.
UNPLUGGED = {"fsync": "off", "full_page_writes": "off"}


class NotComing(Exception):
    """Something awaited did not come in its time."""


def wait_until(is_so: Callable[[], Any], seconds: float, what: str | Callable[[], str], pause: float = 0.05) -> float:
    """Wait; gives the seconds it took. ``what`` may be found out only when it does not come. Raises NotComing."""
    began = time.monotonic()
    while not is_so():
        if time.monotonic() - began > seconds:
            raise NotComing(f"{what() if callable(what) else what}: not within {seconds:.0f} s")
        time.sleep(pause)
    return time.monotonic() - began


@dataclass
class Part:
    """A process of the product, which may be killed and begun again."""

    command: list[str]
    log: Path
    port: int = 0
    environment: dict[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> "Part":
        with self.log.open("ab") as stream:
            # A session of its own, and it ends with us however hard we die.
            self.process = subprocess.Popen(
                [sys.executable, *(["-m"] if self.command[0] != "-c" else []), *self.command],
                cwd=ROOT, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, start_new_session=True,
                env={**os.environ, **self.environment, "ONEPOINT_SUPERVISED": "1"},
            )  # fmt: skip
        return self

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def ended_badly(self) -> bool:
        """Ended by itself, and said that it should not have: what a supervisor goes by."""
        return self.process is not None and bool(self.process.poll())

    def how_ended(self) -> str:
        """For whoever finds that it does not run any more."""
        assert self.process is not None
        return f"{self.command[0]} ended ({self.process.poll()}): {self.end_of_log(4)}"

    def children(self) -> list[int]:
        """Its direct children, such as granian's worker processes."""
        found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(self.pid)], capture_output=True, text=True).stdout
        return [int(pid) for pid in found.split()]

    def kill(self) -> None:
        """kill -9, with everything it began."""
        if self.runs():
            os.killpg(self.pid, signal.SIGKILL)
            assert self.process is not None
            self.process.wait()

    def ask_to_end(self) -> None:
        if self.runs():
            os.kill(self.pid, signal.SIGTERM)

    def stop(self, seconds: float = 40) -> int:
        """SIGTERM; gives how it ended. Raises NotComing where it does not."""
        self.ask_to_end()
        assert self.process is not None
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise NotComing(f"{self.command[0]} did not end within {seconds:.0f} s of SIGTERM") from None

    def answers(self, path: str = "/readyz", timeout: float = 5) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request("GET", path, headers={"Host": "localhost"})
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def await_answer(self, seconds: float = START_SECONDS) -> "Part":
        def answers_or_is_dead() -> bool:
            if not self.runs():
                raise NotComing(f"{self.command[0]} ended: {self.end_of_log()}")
            return self.answers()

        try:
            wait_until(answers_or_is_dead, seconds, f"{self.command[0]} answers")
        except NotComing as late:
            raise NotComing(f"{late}: {self.end_of_log()}") from None
        return self

    def end_of_log(self, lines: int = 20) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""


@dataclass
class House:
    """Everything a trial may do something to."""

    folder: Path
    postgres: Any
    url: str
    secrets: list[str] = field(default_factory=list)  # a key of the API for each of the people
    people: list[Any] = field(default_factory=list)
    complaint: dict[str, str] = field(default_factory=dict)  # what a ticket is registered with
    parts: list[Part] = field(default_factory=list)
    shared_web: Part | None = None

    # -- its processes --------------------------------------------------------------------------------------------

    def begin_web(self, *, port: int = 0, **environment: str) -> Part:
        """A web process on a free port; it answers."""
        return self.start_web(port=port, **environment).await_answer()

    def start_web(self, *, port: int = 0, **environment: str) -> Part:
        from serving import free_port

        port = port or free_port()
        part = Part(["onepoint.config.web", "127.0.0.1", str(port)], self.folder / f"web-{port}.log", port, environment)
        self.parts.append(part)
        return part.start()

    def web(self) -> Part:
        """The web process the trials share; a new one where it was killed."""
        if self.shared_web is None or not self.shared_web.runs():
            self.shared_web = self.begin_web()
        return self.shared_web

    def begin_worker(self, **environment: str) -> Part:
        number = len(self.parts)
        part = Part(["onepoint.config.worker"], self.folder / f"worker-{number}.log", environment=environment)
        self.parts.append(part)
        return part.start()

    def end(self, *parts: Part) -> None:
        for part in parts:
            part.kill()
            self.parts.remove(part)
            if part is self.shared_web:
                self.shared_web = None

    def kill_all(self) -> None:
        for part in list(self.parts):
            self.end(part)

    # -- its database ---------------------------------------------------------------------------------------------

    def rows(self, statement: str, parameters: Any = None) -> list[tuple[Any, ...]]:
        """What a query of our own gives, on Django's connection."""
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(statement, parameters or {})
            return list(cursor.fetchall()) if cursor.description else []

    def number(self, statement: str, parameters: Any = None) -> int:
        return int(self.rows(statement, parameters)[0][0])

    def forget_connections(self) -> None:
        from django.db import connections

        connections.close_all()


@contextmanager
def house_of_its_own(*, copy_of: str = "", is_plugged: bool = False) -> Iterator[House]:
    """A prepared house; its tables are those of the database ``copy_of``, else migrated. All of it is gone afterwards."""
    sys.path.insert(0, str(ROOT / "src"))
    from onepoint.config.embedded_postgres import EmbeddedPostgres

    folder = Path(tempfile.mkdtemp(prefix="onepoint-faults-"))
    folder.chmod(0o755)  # PostgreSQL runs as somebody else where we are root
    postgres = EmbeddedPostgres(folder / "postgres", {} if is_plugged else UNPLUGGED)
    house = None
    try:
        url = postgres.acquire()
        if copy_of:
            copy_tables(postgres, copy_of)
        os.environ |= {
            "ONEPOINT_DATABASE_URL": url, "ONEPOINT_DATA_DIR": str(folder), "ONEPOINT_SECRET_KEY": "faults",
            "ONEPOINT_LOG_LEVEL": "WARNING", "DJANGO_SETTINGS_MODULE": "onepoint.config.settings",
            "PYTHONPATH": str(ROOT / "src"), "ONEPOINT_AUDIT_ANCHORS": str(folder / "anchors.txt"),
        }  # fmt: skip
        import django

        django.setup()
        house = House(folder, postgres, url)
        furnish(house)
        yield house
    finally:
        if house is not None:
            house.kill_all()
            house.forget_connections()
        postgres.acquire()  # a trial may have left it dead; only a living one is stopped in order
        postgres.release()
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


def copy_tables(postgres: Any, source: str) -> None:
    """The tables of another database, and which migrations made them: much sooner there than migrating."""
    from onepoint.config import postgres_binaries

    programs = postgres_binaries.for_folder(postgres.folder, postgres.cluster)
    dump = subprocess.run(
        [programs / "pg_dump", "--schema-only", "--no-owner", "--no-privileges", "-d", source],
        capture_output=True, check=True,
    ).stdout  # fmt: skip
    done = subprocess.run(
        [programs / "pg_dump", "--data-only", "-t", "django_migrations", "-t", "django_content_type", "-d", source],
        capture_output=True, check=True,
    ).stdout  # fmt: skip
    command: list[str | Path] = [programs / "psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", postgres.url()]
    subprocess.run(command, input=dump + done, check=True, stdout=subprocess.DEVNULL)


def furnish(house: House) -> None:
    """Roles, categories and processes, people with keys, a customer."""
    from django.core.management import call_command

    from onepoint.accounts.models import OrgUnit, Region, Role, RoleGrant, User
    from onepoint.core import rest
    from onepoint.customers import services as customer_services
    from onepoint.demo.starter import load_starter
    from onepoint.integrations import services
    from onepoint.tickets.models import Category
    from onepoint.tickets.queries import inherited

    call_command("migrate", verbosity=0, interactive=False)
    load_starter()
    region = Region.objects.create(code="faults", name="故障市", name_en="Faults", kind="city")
    Region.objects.filter(pk=region.pk).update(path=f"/{region.pk}/")
    unit = OrgUnit.objects.create(
        code="faults", name="故障客服中心", name_en="Faults", kind="call_centre", region=region
    )
    OrgUnit.objects.filter(pk=unit.pk).update(path=f"/{unit.pk}/")
    role = Role.objects.get(code="coordinator")
    for number in range(PEOPLE):
        person = User(username=f"faults{number}", name=f"甲{number}", unit=unit, name_key="j")
        person.set_unusable_password()
        person.save()
        RoleGrant.objects.create(user=person, role=role, unit=unit)
        house.people.append(User.objects.select_related("unit__region").get(pk=person.pk))
        _key, secret = services.create_api_key(
            name="faults", person=person, scopes=rest.scopes(), requests_per_minute=100_000, by=None
        )
        house.secrets.append(secret)
    customer = customer_services.create_customer(by=None, name="王小明", name_en="", region=region)
    category = next(
        one
        for one in Category.objects.active().for_kind("complaint").order_by("path")
        if not inherited(one, "form_key") and inherited(one, "process_key") == "complaint"
    )
    house.complaint = {"kind": "complaint", "category": category.code, "customer": customer.number}
    house.rows("ANALYZE")
