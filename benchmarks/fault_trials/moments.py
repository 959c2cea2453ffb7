"""B2: back to a second of the past, from a base backup and the archived log, into an empty folder.

Does what ``docs/how-to/back_up_and_restore.md`` says under "To the second", while tickets are registered.
"""

import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from fault_trials.full_disk import upload
from fault_trials.house import ROOT, House, wait_until
from fault_trials.ledger import TICKETS, Caller
from fault_trials.trials import Outcome, Scale, register_trial

MOST_TRIES = 10
ARCHIVING = {
    "archive_mode": "on",
    "archive_command": "test ! -f {archive}/%f && cp %p {archive}/%f",
    "archive_timeout": "300",
}
RECOVERING = """
restore_command = 'cp {archive}/%f %p'
recovery_target_time = '{moment}'
recovery_target_action = 'promote'
archive_mode = 'off'
"""


@dataclass
class Diary:
    """When each ticket was asked for and when it was acknowledged, by this machine's clock."""

    entries: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)
    stop: threading.Event = field(default_factory=threading.Event)
    threads: list[threading.Thread] = field(default_factory=list)

    def begin(self, house: House, count: int) -> None:
        port = house.web().port
        for number in range(count):
            caller = Caller(port, house.secrets[number])
            self.threads.append(threading.Thread(target=self._write, args=[house, caller, number], daemon=True))
            self.threads[-1].start()

    def _write(self, house: House, caller: Caller, writer: int) -> None:
        number = 0
        while not self.stop.is_set():
            number += 1
            title, asked = f"b2-{writer}-{number}", datetime.now(UTC)
            answer = caller.send("POST", TICKETS, {**house.complaint, "title": title}, key=f"{title}-{asked}")
            if answer.status == 201:
                self.entries[answer.json["number"]] = (asked, datetime.now(UTC))

    def await_more(self, count: int) -> None:
        least = len(self.entries) + count
        wait_until(lambda: len(self.entries) >= least, 60, "tickets are registered")

    def end(self) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join(60)


@register_trial(
    "B2", "Back to a second of the past, into an empty folder: exactly the tickets of then, and all in order"
)
def return_to_moments(house: House, scale: Scale, outcome: Outcome) -> None:
    house.kill_all()
    archive, base = house.folder / "archive", house.folder / "base"
    for folder in (archive, base):
        house.postgres._own_folder(folder)
    with_archive(house, {name: value.format(archive=archive) for name, value in ARCHIVING.items()})
    diary, moments = Diary(), []
    try:
        house.begin_worker()
        diary.begin(house, 3)
        diary.await_more(5)
        run(house, "pg_basebackup", "-D", base, "-X", "none", "-c", "fast", "-d", superuser(house))
        status, body = upload(house, next(iter(diary.entries)), 100_000)
        outcome.demand(status == 201, f"a file: {status} {body[:200]!r}")
        for _moment in range(scale.of(1, 5)):
            diary.await_more(scale.of(8, 100))
            time.sleep(scale.dice.uniform(0, 0.2))
            moments.append(datetime.now(UTC))
            diary.await_more(scale.of(8, 100))
    finally:
        diary.end()
        house.kill_all()
    keep_archived(house)
    for number, moment in enumerate(moments):
        return_to(house, moment, diary, archive, base, house.folder / f"returned-{number}", outcome)
    house.forget_connections()
    with_archive(house, dict.fromkeys(ARCHIVING, ""))
    outcome.figures |= {"tickets": len(diary.entries), "moments returned to": len(moments)}


def return_to(
    house: House, moment: datetime, diary: Diary, archive: Path, base: Path, into: Path, outcome: Outcome
) -> None:
    """A new data folder from base backup, log, files and keys; what it knows is what was known then."""
    from onepoint.config.embedded_postgres import EmbeddedPostgres

    place = into / "postgres"
    place.mkdir(parents=True)
    subprocess.run(["cp", "-a", str(base), str(place / "cluster")], check=True)
    subprocess.run(["cp", "-a", str(house.folder / "attachments"), str(into / "attachments")], check=True)
    subprocess.run(["cp", "-a", str(house.postgres.folder / "passwords.json"), str(place)], check=True)
    with (place / "cluster" / "postgresql.auto.conf").open("a") as settings:
        settings.write(RECOVERING.format(archive=archive, moment=moment.isoformat()))
    (place / "cluster" / "recovery.signal").touch()
    began = time.monotonic()
    held = onepoint(into, "manage", "hold_outbox", "--reason", f"returned to {moment}")
    tries = 1
    while held.returncode and tries < MOST_TRIES:  # it still replays the log
        tries += 1
        held = onepoint(into, "manage", "hold_outbox", "--reason", f"returned to {moment}")
    proved = onepoint(into, "verify", "--at-rest", "--deep")
    returned = EmbeddedPostgres(place)
    with returned as url, psycopg.connect(url, autocommit=True) as connection:
        found = {number for (number,) in connection.execute("SELECT number FROM tickets_ticket")}
        files = value(connection, "SELECT count(*) FROM core_attachment")
        is_held = value(connection, "SELECT count(*) FROM channels_outboxhold")
    outcome.figures["tries until it takes writes"] = tries
    outcome.figures["back, held and proved after (s)"] = round(time.monotonic() - began, 1)
    outcome.demand(held.returncode == 0 and is_held, f"sending is not held: {held.stdout[-500:]}{held.stderr[-500:]}")
    outcome.demand(proved.returncode == 0, f"verify: {proved.stdout[-2000:]}{proved.stderr[-1000:]}")
    outcome.demand(files, "the file is not there")
    # Whoever was being answered at the moment itself may be on either side of it.
    missing = [number for number, (_asked, told) in diary.entries.items() if told <= moment and number not in found]
    too_late = [number for number, (asked, _told) in diary.entries.items() if asked > moment and number in found]
    outcome.figures |= {
        "acknowledged before the moment": sum(told <= moment for _asked, told in diary.entries.values()),
        "asked for after it": sum(asked > moment for asked, _told in diary.entries.values()),
        "missing": len(missing),
        "there too early": len(too_late),
    }
    outcome.demand(not missing, f"acknowledged before {moment}, not there: {missing[:5]}")
    outcome.demand(not too_late, f"asked for after {moment}, but there: {too_late[:5]}")


def onepoint(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """``./onepoint`` on that data folder and its own server."""
    unwanted = ("ONEPOINT_DATABASE_URL", "ONEPOINT_AUDIT_ANCHORS")
    environment = {name: value for name, value in os.environ.items() if name not in unwanted}
    return subprocess.run(
        [sys.executable, "-m", "onepoint.config.cli", *words],
        cwd=ROOT, env={**environment, "ONEPOINT_DATA_DIR": str(folder)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def superuser(house: House) -> str:
    return str(house.postgres._conninfo("postgres", "postgres"))


def value(connection: Any, statement: str) -> Any:
    return connection.execute(statement).fetchone()[0]


def run(house: House, program: str, *arguments: str | Path) -> None:
    from onepoint.config import postgres_binaries

    postgres = house.postgres
    postgres._run([postgres_binaries.for_folder(postgres.folder, postgres.cluster) / program, *arguments])


def with_archive(house: House, settings: dict[str, str]) -> None:
    """The house's own server with these settings (none where a value is empty), begun anew."""
    house.kill_all()
    house.forget_connections()
    with psycopg.connect(superuser(house), autocommit=True) as connection:
        for name, wanted in settings.items():
            connection.execute(f"ALTER SYSTEM SET {name} = '{wanted}'" if wanted else f"ALTER SYSTEM RESET {name}")
    house.postgres.stop()
    house.postgres.acquire()


def keep_archived(house: House) -> None:
    """What ``archive_timeout`` does after at most five minutes: the log so far is put into the archive."""
    with psycopg.connect(superuser(house), autocommit=True) as connection:
        name = value(connection, "SELECT pg_walfile_name(pg_switch_wal())")
        archived = "SELECT coalesce(last_archived_wal, '') FROM pg_stat_archiver"
        wait_until(lambda: value(connection, archived) >= name, 60, "the log is archived")
