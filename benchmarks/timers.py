"""A hundred thousand timers due over ten minutes: how late they happen, and what people at their pages feel of it.

    .venv/bin/python benchmarks/timers.py postgresql://…/demo [--timers 100000] [--minutes 10] [--workers 1]

The database holds a demo (``./onepoint manage load_demo``). ``--timers 20000 --minutes 2`` is the same rate in a fifth of the
time. Workers are processes that tick as the product's do, with everything that ticks there; each timer writes a row and
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
from datetime import timedelta
from http.client import HTTPConnection
from typing import Any

from serving import ROOT, ask, free_port, machine, percentile, running, sessions_of, setup, tree_cpu

KIND = "bench.timer"
READERS = ("agent1", "wuh.coordinator", "wuh.network", "duty")
PAUSE = 0.25  # of a reader between two pages
LEAD = timedelta(seconds=20)
AT_ONCE = 5000
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
            cursor.execute("DELETE FROM sla_duemoment WHERE kind = %s", [KIND])

    remove()
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {TABLE} (key text NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp())")
    try:
        yield
    finally:
        remove()


def plan(timers: int, minutes: float) -> float:
    """All timers, evenly spread; gives the seconds it took. The first is due in a while."""
    from onepoint.core import clock
    from onepoint.sla.services.moments import PlannedMoment, schedule_moments

    began = time.perf_counter()
    first, span = clock.now() + LEAD, timedelta(minutes=minutes)
    for start in range(0, timers, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, timers))
        schedule_moments(
            [
                PlannedMoment(KIND, first + span * (one / timers), f"bench-{one}", ("bench", one % 500))
                for one in numbers
            ]
        )
    return time.perf_counter() - began


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
        read_for(5, port, sessions)  # warms up
        before = read_for(options.before, port, sessions)
        planned = plan(options.timers, options.minutes)
        cpu = sum(map(tree_cpu, pids))
        during = read_while_firing(options.timers, port, sessions, options.minutes * 60 * 3 + 120)
        cpu = sum(map(tree_cpu, pids)) - cpu
        late = judge(options.timers)
    rate = options.timers / options.minutes / 60
    print(
        f"{options.timers:,} timers over {options.minutes:g} minutes ({rate:.0f}/s), workers {options.workers}; {machine()}"
    )
    print(f"scheduled in {planned:.1f} s; {cpu / options.timers * 1000:.2f} ms of CPU of the worker each\n")
    print("| | count | p50 ms | p95 ms | p99 ms | most ms |\n| --- | --- | --- | --- | --- | --- |")
    print(line("timers: late by", late))
    print(line("pages before", before))
    print(line("pages meanwhile", during))


if __name__ == "__main__":
    main()
