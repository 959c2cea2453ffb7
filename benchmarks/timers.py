"""A hundred thousand timers due over ten minutes: how late they happen, and what people at their pages feel of it.

    .venv/bin/python benchmarks/timers.py postgresql://…/demo [--timers 100000] [--minutes 10] [--workers 1]
    .venv/bin/python benchmarks/timers.py postgresql://…/demo --timers 20000 --minutes 0 --pending 1000000

The database holds a demo (``./onepoint manage load_demo``). ``--timers 20000 --minutes 2`` is the same rate in a fifth of the
time; with ``--minutes 0`` all are due at the same moment. ``--pending`` lets so many others wait beside them that are due in
the month after tomorrow; then it is printed too how PostgreSQL finds what is due. Workers are processes that tick as the product's do, with everything that ticks there; each timer writes a row and
tells a person's open pages, in the transaction that marks it as fired. Lateness is from the due moment to the mark. Meanwhile
readers ask a real web process for desk, list and ticket pages, as they did for a while before; afterwards every timer must
have happened exactly once. What was made is removed again.
"""

import argparse
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.client import HTTPConnection
from typing import Any

from serving import ROOT, ask, free_port, machine, percentile, running, sessions_of, setup, tree_cpu

KIND, PENDING = "bench.timer", "bench.pending"
READERS = ("agent1", "wuh.coordinator", "wuh.network", "duty")
PAUSE = 0.25  # of a reader between two pages
LEAD = timedelta(seconds=20)
AT_ONCE = 5000
SETTLE_SECONDS = 900
#: What is asked for (reliability.md L8): seconds late, 95 of a hundred, all.
MOST_LATE = (30, 120)
TABLE = "bench_timer_fired"


def work(address: str) -> None:
    """One worker: ticks until it is told to stop."""
    setup(address)
    from django.db import connection

    from onepoint.core import live, ticks
    from onepoint.sla.moments import FiredMoment, register_moment

    def happen(moment: FiredMoment) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {TABLE} (key) VALUES (%s)", [moment.key])
        live.publish([f"P{moment.subject[1]}"], "todo", subject=moment.id)

    register_moment(KIND, happen)
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_ignored: stopped.set())
    ticks.start_ticking(stopped).join()


@contextmanager
def scratch() -> Iterator[None]:
    """A table for what happened; it and the timers are gone afterwards."""
    from django.db import connection

    def remove() -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")
            cursor.execute("DELETE FROM sla_duemoment WHERE kind = ANY(%s)", [[KIND, PENDING]])
            cursor.execute("VACUUM ANALYZE sla_duemoment")

    remove()
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {TABLE} (key text NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp())")
    try:
        yield
    finally:
        remove()


def settle() -> None:
    """Until the workers are up and have done what was due in this house anyway: what is due now comes at once."""
    from django.db import connection

    from onepoint.core import clock
    from onepoint.sla.services.moments import PlannedMoment, schedule_moments

    until, soon, nth = time.monotonic() + SETTLE_SECONDS, 0, 0
    while soon < 3:
        nth += 1
        schedule_moments([PlannedMoment(KIND, clock.now(), f"bench-probe-{nth}", ("bench", 1))])
        began, fired = time.monotonic(), (0,)
        while fired == (0,):
            if time.monotonic() > until:
                sys.exit(f"the workers are not done with what was due before within {SETTLE_SECONDS} s")
            time.sleep(0.2)
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT count(*) FROM {TABLE} WHERE key = %s", [f"bench-probe-{nth}"])
                fired = cursor.fetchone()
        soon = soon + 1 if time.monotonic() - began < 4 else 0
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM sla_duemoment WHERE kind = %s", [KIND])
        cursor.execute(f"TRUNCATE {TABLE}")


def let_wait(count: int) -> None:
    """So many that are not due yet, spread over thirty days from tomorrow on."""
    from django.db import connection

    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO sla_duemoment (kind, key, subject_type, subject_id, facts, due_at)"
            " SELECT %s, 'bench-pending-' || n, 'bench', n, '{}', now() + interval '1 day' + interval '30 days' * random()"
            " FROM generate_series(1, %s) n",
            [PENDING, count],
        )
        cursor.execute("VACUUM ANALYZE sla_duemoment")
    print(f"{count:,} that are not due written in {time.perf_counter() - began:.0f} s", flush=True)


def show_plan(due: datetime) -> bool:
    """How a worker will find what is due then, tried out and taken back; whether all of it by an index."""
    from django.db import connection, transaction

    from onepoint.sla import moments

    told = {"now": due, "lease": due, "impossible": due + moments.LEASE, "most": moments.BATCH}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, COSTS off) {moments._TAKE_FRESH}", told)
        lines = [str(row[0]) for row in cursor.fetchall()]
        transaction.set_rollback(True)
    print("taking ten of those due:", *lines, sep="\n    ", flush=True)
    return not any("Seq Scan" in line for line in lines)


def plan(timers: int, minutes: float) -> tuple[float, datetime]:
    """All timers, evenly spread; gives the seconds it took, and when the last is due. The first is due in a while."""
    from onepoint.core import clock
    from onepoint.sla.services.moments import PlannedMoment, schedule_moments

    began = time.perf_counter()
    # Those due at the same moment are all to be there before it.
    lead = LEAD if minutes else LEAD + timedelta(seconds=timers / 1000)
    first, span = clock.now() + lead, timedelta(minutes=minutes)
    for start in range(0, timers, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, timers))
        schedule_moments(
            [
                PlannedMoment(KIND, first + span * (one / timers), f"bench-{one}", ("bench", one % 500))
                for one in numbers
            ]
        )
    return time.perf_counter() - began, first + span


def read_pages(port: int, sessions: list[tuple[str, Any]], until: threading.Event) -> list[float]:
    """How long the pages took that these readers asked for, one after the other."""
    from django.db import connection

    from onepoint.tickets.models import Ticket

    pages = []
    for session, user in sessions:
        seen = Ticket.objects.visible_to(user).order_by("-pk").values_list("number", flat=True)[:20]
        pages += [(session, path) for number in seen for path in ("/", "/tickets/", f"/tickets/{number}/")]
    connection.close()
    times, lock = [], threading.Lock()

    def reader(place: int) -> None:
        line = HTTPConnection("127.0.0.1", port, timeout=60)
        number = place
        while not until.wait(PAUSE):
            session, path = pages[number * 7 % len(pages)]
            began = time.perf_counter()
            answer = ask(line, path, session)
            if answer.status != 200:
                sys.exit(f"{path} answered {answer.status}")
            with lock:
                times.append(time.perf_counter() - began)
            number += 2

    threads = [threading.Thread(target=reader, args=[place]) for place in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times


def read_for(seconds: float, port: int, sessions: list[tuple[str, Any]]) -> list[float]:
    until = threading.Event()
    threading.Timer(seconds, until.set).start()
    return read_pages(port, sessions, until)


def read_while_firing(timers: int, port: int, sessions: list[tuple[str, Any]], most: float) -> list[float]:
    """The same until everything has happened."""
    until = threading.Event()

    def watch() -> None:
        from django.db import connection

        latest = time.monotonic() + most
        while time.monotonic() < latest and not until.wait(2):
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM sla_duemoment WHERE kind = %s AND status = 'waiting'", [KIND])
                if cursor.fetchone() == (0,):
                    break
        until.set()
        connection.close()

    threading.Thread(target=watch).start()
    return read_pages(port, sessions, until)


def judge(timers: int) -> list[float]:
    """Seconds each was late; ends the program unless each happened exactly once."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*), count(DISTINCT key) FROM {TABLE}")
        happened = cursor.fetchone()
        if happened != (timers, timers):
            sys.exit(f"{timers} timers, but (effects, keys): {happened}")
        cursor.execute(
            "SELECT extract(epoch FROM settled_at - due_at) FROM sla_duemoment WHERE kind = %s AND status = 'fired'",
            [KIND],
        )
        return [float(late) for (late,) in cursor.fetchall()]


def line(title: str, times: list[float]) -> str:
    shares = " | ".join(f"{percentile(times, share):,.0f}" for share in (50, 95, 99, 100))
    return f"| {title} | {len(times):,} | {shares} |"


@contextmanager
def workers(count: int, address: str) -> Iterator[list[int]]:
    command = [sys.executable, __file__, address, "--work"]
    started = [subprocess.Popen(command, cwd=ROOT, env=os.environ, stdout=subprocess.DEVNULL) for _one in range(count)]
    try:
        yield [one.pid for one in started]
    finally:
        for one in started:
            one.terminate()
        for one in started:
            one.wait(30)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database", help="connection address of a demo")
    parser.add_argument("--timers", type=int, default=100_000)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--pending", type=int, default=0, help="so many others that are not due")
    parser.add_argument("--before", type=int, default=30, help="seconds of reading before the first timer")
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work(options.database)
        return
    setup(options.database)
    port = free_port()
    with (
        scratch(),
        sessions_of(READERS) as sessions,
        running("onepoint.config.web", "127.0.0.1", str(port), answers_at=port),
        workers(options.workers, options.database) as pids,
    ):
        settle()
        read_for(5, port, sessions)  # warms up
        if options.pending:
            let_wait(options.pending)
        before = read_for(options.before, port, sessions)
        planned, last = plan(options.timers, options.minutes)
        by_index = show_plan(last) if options.pending else True
        cpu = sum(map(tree_cpu, pids))
        during = read_while_firing(options.timers, port, sessions, options.minutes * 60 * 3 + 120 + options.timers / 20)
        cpu = sum(map(tree_cpu, pids)) - cpu
        late = judge(options.timers)
    when = "at one moment"
    if options.minutes:
        when = f"over {options.minutes:g} minutes ({options.timers / options.minutes / 60:.0f}/s)"
    print(
        f"{options.timers:,} timers {when}, {options.pending:,} not due beside them, workers {options.workers}; {machine()}"
    )
    print(f"scheduled in {planned:.1f} s; {cpu / options.timers * 1000:.2f} ms of CPU of the worker each\n")
    print("| | count | p50 ms | p95 ms | p99 ms | most ms |\n| --- | --- | --- | --- | --- | --- |")
    print(line("timers: late by", late))
    print(line("pages before", before))
    print(line("pages meanwhile", during))
    print(f"\nasked for: at most {MOST_LATE[1]} s late, p95 at most {MOST_LATE[0]} s")
    if not by_index:
        sys.exit("what is due was not found by an index")


if __name__ == "__main__":
    main()
