"""A month of the journal is archived and brought back while clients register tickets: how long it takes, and how long they wait.

    .venv/bin/python benchmarks/archive.py postgresql://…/house [--month 2025-12] [--clients 4] [--seconds 20]
    .venv/bin/python benchmarks/archive.py postgresql://…/throwaway --fill 1000000

The house is a demo, best one filled up; nobody else works in it. What ``./onepoint archive`` would take out up to the end of
the month is taken out by it: that month, by default the first of the journal, and everything before it. The seconds of the command hold
its start, which is said apart. Clients use the API of a real web process all the while, and for some seconds before. Only what is sealed can be archived; what is not is sealed
first, which for millions of entries takes minutes and is said apart (``--seal`` does no more than that).

Afterwards the entries are back and the files gone. What stays: the tickets of the clients, the seals, and that the journal
tells of the archiving. ``--fill`` writes so many entries more into the month; they stay too, because nothing takes sealed
entries back.
"""

import argparse
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).resolve().parent))

from actions import api_key
from fault_trials.ledger import TICKETS, Caller
from mix import COORDINATORS, category, customers_of
from serving import ROOT, free_port, machine, percentile, running, setup

#: What is asked for (reliability.md L9): seconds a month, milliseconds a create may wait.
MOST_SECONDS, MOST_WAIT = 600, 1000
AT_ONCE = 100_000
#: A command that has not ended by then is given up.
PATIENCE = 3 * 3600
#: Spread over the month in the order of their ids, as if they had been written then; about nothing there is.
_FILL = """
WITH pattern AS MATERIALIZED (
    SELECT row_number() OVER () - 1 AS nth, count(*) OVER () AS patterns, chosen.*
    FROM (SELECT * FROM core_auditentry ORDER BY id LIMIT 1000) chosen
)
INSERT INTO core_auditentry (at, actor_id, actor_name, on_behalf_of_id, verb, subject_type, subject_id, data, ip_address)
SELECT %(since)s + (%(until)s - %(since)s) * (n::float8 / %(count)s),
    actor_id, actor_name, on_behalf_of_id, verb, 'benchmark', n / 17, data, ip_address
FROM generate_series(%(first)s::bigint, %(last)s::bigint) n JOIN pattern ON nth = n %% patterns
ORDER BY n
"""


@dataclass
class Creates:
    """What the clients were answered: when each began, how long it took."""

    took: list[tuple[float, float]] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    def during(self, since: float, until: float) -> list[float]:
        """Of those that were on their way at some time of this."""
        return [seconds for began, seconds in self.took if began <= until and began + seconds >= since]


@dataclass
class Moved:
    """A part of the journal that went out and came back."""

    name: str
    rows: int
    file: str
    out: float
    size: int = 0
    back: float = 0.0


# -- the month ----------------------------------------------------------------------------------------------------


def choose(wanted: str) -> Any:
    """The partition of that month (2025-12), by default the first one; carved out where it is not there yet."""
    from onepoint.core import clock, journal_months
    from onepoint.core.months import after, month_of

    def months() -> list[Any]:
        now = month_of(clock.now())
        return [part for part in journal_months.parts() if part.since and part.until and part.until <= now]

    found = months()
    if not found:  # as for an import that tells of old times
        journal_months.prepare_months(since=after(month_of(clock.now()), -1))
        found = months()
    chosen = next((part for part in found if wanted in ("", str(part))), None)
    if chosen is None:
        sys.exit(f"there is no such month of its own: {', '.join(map(str, found)) or 'none'}")
    return chosen


def fill(part: Any, count: int) -> None:
    from django.db import connection

    began = time.monotonic()
    for first in range(0, count, AT_ONCE):
        last = min(first + AT_ONCE, count) - 1
        with connection.cursor() as cursor:
            told = {"since": part.since, "until": part.until, "count": count, "first": first, "last": last}
            cursor.execute(_FILL, told)
    print(f"{count:,} entries written into {part} in {time.monotonic() - began:.0f} s", flush=True)


def seal(part: Any) -> None:
    """Everything up to the last entry that is to go; nobody else writes now, so nothing earlier can still come."""
    from django.db import connection

    from onepoint.core import audit_seals

    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM core_auditentry WHERE at < %s", [part.until])
        (last,) = cursor.fetchone()
    began, sealed = time.monotonic(), 0
    while audit_seals.sealed_upto() < last:
        count, _is_done = audit_seals._seal_upto(last)
        if not count:
            sys.exit("a worker seals the journal just now; stop it, nobody is to work in this house")
        sealed += count
        if sealed // 1_000_000 > (sealed - count) // 1_000_000:
            print(f"… {sealed:,} sealed after {time.monotonic() - began:.0f} s", flush=True)
    if sealed:
        print(f"{sealed:,} entries sealed in {time.monotonic() - began:.0f} s", flush=True)


def rows_before(part: Any) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM core_auditentry WHERE at < %s", [part.until])
        return int(cursor.fetchone()[0])


def command(*words: str) -> Iterator[tuple[list[str], float]]:
    """What ``./onepoint archive`` says, word by word, each line as it comes and with the seconds since the one before."""
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "django", "archive_journal", *words], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    guard = threading.Timer(PATIENCE, process.kill)
    guard.start()
    try:
        for line in process.stdout:
            yield line.split(), time.monotonic() - began
            began = time.monotonic()
        if process.wait():
            sys.exit(f"archive {' '.join(words)} ended with {process.returncode}")
    finally:
        guard.cancel()
        if process.poll() is None:
            process.terminate()
            process.wait(60)


def take_out(part: Any, folder: Path) -> list[Moved]:
    from onepoint.core.months import month_of

    words = ("--before", f"{month_of(part.until):%Y-%m}", "--to", str(folder), "--least-age", "1")
    return [
        Moved(said[1], int(said[2].replace(",", "")), said[3], seconds, (folder / said[3]).stat().st_size)
        for said, seconds in command(*words)
        if said[0] == "archived"
    ]


def bring_back(moved: list[Moved], folder: Path) -> None:
    """The latest first: a month is carved out of what is before it while little stands there."""
    for one in reversed(moved):
        one.back = sum(seconds for _said, seconds in command("--restore", str(folder / one.file)))


def bring_back_what_is_left(folder: Path) -> None:
    """After a failure: whatever of these files is still archived."""
    from onepoint.core import journal_archive

    for month in journal_archive.archived_months():
        if month.restored_at is None and (folder / month.file_name).exists():
            print(f"bringing back {month.file_name}", file=sys.stderr)
            journal_archive.restore(folder / month.file_name)


# -- the clients --------------------------------------------------------------------------------------------------


@contextmanager
def clients(port: int, count: int) -> Iterator[Creates]:
    """Programs that register one ticket after the other."""
    from onepoint.accounts.models import User

    person = User.objects.select_related("unit__region").get(username=COORDINATORS[0])
    numbers, kind = [customer.number for customer in customers_of(person, 30)], category().code
    creates, ended, lock = Creates(), threading.Event(), threading.Lock()

    def register(place: int, secret: str) -> None:
        caller, nth = Caller(port, secret), place
        while not ended.is_set():
            body = {
                "kind": "complaint", "category": kind, "title": "网络时断时续", "channel": "hotline",
                "customer": numbers[nth % len(numbers)], "contact_phone": "13900001234",
            }  # fmt: skip
            began = time.monotonic()
            answer = caller.send("POST", TICKETS, body, key=uuid4().hex)
            with lock:
                creates.took.append((began, time.monotonic() - began))
                creates.statuses[answer.status] += 1
            if answer.status != 201:
                time.sleep(0.5)
            nth += count

    with api_key(person) as secret:
        threads = [threading.Thread(target=register, args=(place, secret), daemon=True) for place in range(count)]
        for thread in threads:
            thread.start()
        try:
            yield creates
        finally:
            ended.set()
            for thread in threads:
                thread.join(60)


def line(title: str, took: list[float], seconds: float) -> str:
    shares = " | ".join(f"{percentile(took, share):,.0f}" for share in (50, 95, 100))
    return f"| {title} | {seconds:,.0f} | {len(took):,} | {len(took) / max(seconds, 0.001):.0f} | {shares} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database", help="connection address of the house")
    parser.add_argument("--month", default="", help="which one, such as 2025-12; by default the first of the journal")
    parser.add_argument("--fill", type=int, default=0, metavar="ENTRIES", help="write so many more into it; they stay")
    parser.add_argument("--seal", action="store_true", help="seal what has to be, and end")
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--seconds", type=int, default=20, help="of creating alone, before")
    options = parser.parse_args()
    folder = setup(options.database)
    part = choose(options.month)
    if options.fill:
        fill(part, options.fill)
    seal(part)
    if options.seal:
        return
    port, rows = free_port(), rows_before(part)
    start = sum(seconds for _said, seconds in command("--list"))
    times = []
    try:
        with (
            running("onepoint.config.web", "127.0.0.1", str(port), answers_at=port),
            clients(port, options.clients) as creates,
        ):
            time.sleep(3)  # the first ones warm up
            times.append(time.monotonic())
            time.sleep(options.seconds)
            times.append(time.monotonic())
            moved = take_out(part, folder)
            times.append(time.monotonic())
            left = rows_before(part)
            bring_back(moved, folder)
            times.append(time.monotonic())
    finally:
        bring_back_what_is_left(folder)
        shutil.rmtree(folder, ignore_errors=True)
    report(moved, creates, times, options)
    print(f"starting the command alone takes {start:.1f} s")
    if (left, rows_before(part)) != (0, rows) or set(creates.statuses) != {201}:
        sys.exit(f"{rows:,} entries before, {left:,} while archived, {rows_before(part):,} afterwards; answers {dict(creates.statuses)}")  # fmt: skip


def report(moved: list[Moved], creates: Creates, times: list[float], options: argparse.Namespace) -> None:
    print(f"\n{machine()}; {options.clients} clients, answers {dict(creates.statuses)}\n")
    print(
        "| part of the journal | entries | file, MB | archived in s | brought back in s |\n| --- | --- | --- | --- | --- |"
    )
    for one in moved:
        print(f"| {one.name} | {one.rows:,} | {one.size / 1e6:,.1f} | {one.out:,.1f} | {one.back:,.1f} |")
    print(
        "\n| creates | seconds | count | a second | p50 ms | p95 ms | longest ms |\n| --- | --- | --- | --- | --- | --- | --- |"
    )
    names = ("before", "meanwhile, archiving", "meanwhile, bringing back")
    for name, since, until in zip(names, times, times[1:], strict=False):
        print(line(name, creates.during(since, until), until - since))
    print(f"\nasked for: a month in at most {MOST_SECONDS} s, no create that waits {MOST_WAIT:,} ms")


if __name__ == "__main__":
    main()
