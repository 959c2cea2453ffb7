"""F12: disks that are full: the database's, that of its write-ahead log, the one of uploaded files, the one of the logs.

Needs to be root, for a small disk of its own; without that the database's part is left out, and said so.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fault_trials import ledger as ledgers
from fault_trials.house import House, wait_until
from fault_trials.ledger import TICKETS, Caller
from fault_trials.trials import Outcome, Scale, register_trial

MEGABYTE = 1024 * 1024


@contextmanager
def small_disk(place: Path, megabytes: int) -> Iterator[bool]:
    """A disk of so many megabytes at ``place``; gives whether it could be had."""
    place.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0777", "none", str(place)]
    done = subprocess.run(command, capture_output=True, check=False)
    try:
        yield done.returncode == 0
    finally:
        if done.returncode == 0:
            subprocess.run(["umount", "-l", str(place)], capture_output=True, check=False)


def fill(place: Path) -> Path:
    """Leave no byte free on the disk ``place`` is on."""
    ballast = place / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (MEGABYTE, 4096, 64):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue
    return ballast


@register_trial("F12", "Full disks: nothing promised is lost, a clear 507, reading goes on, and all recovers by itself")
def fill_disks(house: House, scale: Scale, outcome: Outcome) -> None:
    files(house, outcome)
    logs(house, outcome)
    database(house, outcome)
    write_ahead_log(house, outcome)


def files(house: House, outcome: Outcome) -> None:
    """The disk of uploaded files is full: the upload is refused whole, everything else goes on."""
    number = a_ticket(house)
    with small_disk(house.folder / "attachments", 2) as is_there:
        if not is_there:
            outcome.figures["disk of files"] = "not tried: no small disk can be had here"
            return
        ballast = fill(house.folder / "attachments")
        before = house.number("SELECT count(*) FROM core_attachment")
        status, body = upload(house, number, 500_000)
        outcome.figures["upload onto a full disk"] = status
        outcome.demand(status == 507 and b"read_only" in body, f"a full disk of files: {status} {body[:300]!r}")
        outcome.demand(house.number("SELECT count(*) FROM core_attachment") == before, "half an attachment was kept")
        left = [path for path in (house.folder / "attachments").rglob("*") if path.is_file() and path != ballast]
        outcome.demand(not left, f"left behind: {left}")
        outcome.demand(a_ticket(house), "no ticket can be registered while only the disk of files is full")
        ballast.unlink()
        status, body = upload(house, number, 500_000)
        outcome.demand(status == 201, f"with space again: {status} {body[:200]!r}")
        house.rows("DELETE FROM core_attachment")  # its file goes with the disk


def upload(house: House, number: str, size: int) -> tuple[int, bytes]:
    import http.client

    edge = "----faults"
    content = b"hello " * (size // 6)
    body = (
        f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
        "Content-Type: text/plain\r\n\r\n"
    ).encode() + content + f"\r\n--{edge}--\r\n".encode()  # fmt: skip
    connection = http.client.HTTPConnection("127.0.0.1", house.web().port, timeout=30)
    headers = {
        "Authorization": f"Bearer {house.secrets[0]}", "Host": "localhost", "Accept-Language": "en",
        "Content-Type": f"multipart/form-data; boundary={edge}",
    }  # fmt: skip
    connection.request("POST", f"{TICKETS}/{number}/attachments", body, headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


def a_ticket(house: House) -> str:
    answer = Caller(house.web().port, house.secrets[0]).send("POST", TICKETS, {**house.complaint, "title": "voll"})
    return str(answer.json["number"]) if answer.status == 201 else ""


def logs(house: House, outcome: Outcome) -> None:
    """Nothing can be logged any more: requests are served all the same."""
    with small_disk(house.folder / "logs", 1) as is_there:
        if not is_there:
            return
        fill(house.folder / "logs")
        web = house.start_web()
        web.kill()
        web.log = house.folder / "logs" / "web.log"
        web.start().await_answer()
        caller = Caller(web.port, house.secrets[0])
        answers = [
            caller.send("POST", TICKETS, {**house.complaint, "title": "voll"}).status,
            caller.send("GET", f"{TICKETS}/nothing").status,  # this one is logged as a warning
            caller.send("POST", TICKETS, {**house.complaint, "title": "voll"}).status,
        ]
        outcome.figures["with a full disk of logs"] = str(answers)
        outcome.demand(answers == [201, 404, 201], f"a full disk of logs: {answers}")
        house.end(web)


def database(house: House, outcome: Outcome) -> None:
    """A tablespace on a small disk holds the tickets, so that only their rows run out of room; the WAL goes on."""
    account = house.postgres.account
    space = house.folder / "space"
    with small_disk(space, 24) as is_there:
        if not is_there:
            outcome.figures["disk of the database"] = "not tried: no small disk can be had here"
            return
        if account:
            os.chown(space, account.uid, account.gid)
        move_tickets(house, str(space))
        ledger = ledgers.Ledger()
        end, _threads = ledgers.begin_writers(house, ledger, 3, house.web().port)
        wait_until(lambda: len(ledger.acked) >= 5, 60, "tickets are registered")
        ballast = fill(space)
        full: list[int] = []
        caller = Caller(house.web().port, house.secrets[0])

        def says_full() -> bool:
            full.append(caller.send("POST", TICKETS, {**house.complaint, "title": "x" * 150}).status)
            return full[-1] == 507

        wait_until(says_full, 60, "a full disk is said to be full")
        reading = caller.send("GET", f"{TICKETS}?limit=5").status
        outcome.figures["reading while it is full"] = reading
        outcome.demand(reading == 200, f"reading while the disk is full: {reading}")
        outcome.demand(set(full) <= {201, 507}, f"answers while the disk fills up: {sorted(set(full))}")
        ballast.unlink()
        stopped = len(ledger.acked)
        back = wait_until(lambda: len(ledger.acked) > stopped + 3, 60, "tickets are registered again")
        outcome.figures["registering again after (s)"] = round(back, 1)
        end()
        ledger.wrong = [wrong for wrong in ledger.wrong if not wrong.startswith("507")]
        ledgers.compare(house, ledger, outcome)
        move_tickets(house, "")
        time.sleep(0.2)


def write_ahead_log(house: House, outcome: Outcome) -> None:
    """PostgreSQL ends itself when its log has no room; with room again it is begun anew, and nothing promised is lost."""
    account = house.postgres.account
    disk = house.folder / "wal"
    has_now = sum(file.stat().st_size for file in (house.postgres.cluster / "pg_wal").rglob("*"))
    with small_disk(disk, has_now // MEGABYTE + 64) as is_there:
        if not is_there:
            return
        if account:
            os.chown(disk, account.uid, account.gid)
        move_log(house, disk)
        try:
            run_out_of_log(house, disk, outcome)
        finally:
            (disk / "ballast").unlink(missing_ok=True)
            move_log(house, None)


def run_out_of_log(house: House, disk: Path, outcome: Outcome) -> None:
    ledger = ledgers.Ledger()
    end, _threads = ledgers.begin_writers(house, ledger, 3, house.web().port)
    try:
        wait_until(lambda: len(ledger.acked) >= 5, 60, "tickets are registered")
        ballast = fill(disk)
        wait_until(lambda: not write_on(house), 120, "PostgreSQL has no room for its log", pause=0)
        told = Caller(house.web().port, house.secrets[0]).send("GET", f"{TICKETS}?limit=5").status
        outcome.figures["without room for the log: answer"] = told
        outcome.demand(told == 503, f"without a database: {told}")
        ballast.unlink()
        stopped = len(ledger.acked)
        house.postgres.acquire()
        back = wait_until(lambda: len(ledger.acked) > stopped + 3, 60, "tickets are registered again")
        outcome.figures["with room for the log: registering after (s)"] = round(back, 1)
    finally:
        end()
    ledgers.compare(house, ledger, outcome)


def write_on(house: House) -> bool:
    """One piece more of the log; whether the server still lives."""
    import psycopg

    try:
        with psycopg.connect(house.postgres._conninfo("postgres", "postgres"), autocommit=True) as connection:
            connection.execute("SELECT pg_logical_emit_message(false, 'faults', 'x'), pg_switch_wal()")
    except psycopg.OperationalError:
        return bool(house.postgres.looks_alive())
    return True


def move_log(house: House, place: Path | None) -> None:
    """The write-ahead log onto that disk, or back into the folder of the tables."""
    house.kill_all()
    house.forget_connections()
    house.postgres.stop()
    log = house.postgres.cluster / "pg_wal"
    if place is not None:
        subprocess.run(["cp", "-a", f"{log}/.", str(place)], check=True)
        log.rename(log.with_name("pg_wal_before"))
        log.symlink_to(place)
    else:
        shutil.rmtree(log.with_name("pg_wal_before"))
        moved = log.resolve()
        log.unlink()
        subprocess.run(["cp", "-a", str(moved), str(log)], check=True)
        if house.postgres.account:
            log.chmod(0o700)
    house.postgres.acquire()


def move_tickets(house: House, place: str) -> None:
    """The tables of tickets onto that disk, or back."""
    import psycopg

    conninfo = house.postgres._conninfo("postgres", "onepoint")
    with psycopg.connect(conninfo, autocommit=True) as connection:
        if place:
            connection.execute(f"CREATE TABLESPACE small LOCATION '{place}'")
        tables = connection.execute(
            "SELECT format('%I', relname) FROM pg_class WHERE relkind = 'r'"
            " AND (relname IN ('tickets_ticket', 'workflow_processinstance') OR relname ~ '^core_auditentry_')"
        ).fetchall()
        for (table,) in tables:
            connection.execute(f"ALTER TABLE {table} SET TABLESPACE {'small' if place else 'pg_default'}")
        if not place:
            connection.execute("DROP TABLESPACE small")
