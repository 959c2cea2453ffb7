"""A list of a hundred thousand rows is written to a file while others work: how long, and what the others feel of it.

    .venv/bin/python benchmarks/export.py postgresql://…/house [--rows 100000] [--format xlsx] [--clients 2]

The house is a demo filled up (``./onepoint demo --scale 4546`` is a million tickets). A real worker process writes the file, a
real web process answers desk and list all the while; the same pages are asked for as long beforehand, for comparison.
The file is thrown away afterwards.
"""

import argparse
import random
import sys
import threading
import time
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from lists import PEOPLE, addresses_of
from serving import ask, free_port, machine, percentile, running, sessions_of, setup

PAGES = ("desk", "list")
BEFORE_SECONDS = 30
PATIENCE_SECONDS = 1800
ASKER = "admin"  # sees everything


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database", help="connection address of the house")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--format", choices=["xlsx", "csv"], default="xlsx")
    parser.add_argument("--clients", type=int, default=2, help="people who look at desk and list all the while")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    setup(options.database)
    port = free_port()
    with (
        sessions_of(PEOPLE) as readers,
        running("onepoint.config.web", "127.0.0.1", str(port), answers_at=port),
        running("onepoint.config.worker"),
    ):
        pages = Pages(addresses_of(random.Random(options.seed), readers), port, options.clients)
        with pages.looked_at():
            time.sleep(5)  # the first ones warm up
            pages.begin("before")
            time.sleep(BEFORE_SECONDS)
            pages.begin("during")
            told = write(options)
            pages.begin("after")
    report(pages, told, options)


class Pages:
    """People who open desk and list one after the other."""

    def __init__(self, draws: dict[str, Any], port: int, clients: int) -> None:
        self.draws, self.port, self.clients = draws, port, clients
        self.part = "warming up"
        self.took: dict[tuple[str, str], list[float]] = {}
        self.errors = 0
        self.ended = threading.Event()

    def begin(self, part: str) -> None:
        self.part = part

    def looked_at(self) -> Any:
        return _Running([threading.Thread(target=self._look) for _ in range(self.clients)], self.ended)

    def _look(self) -> None:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        while not self.ended.is_set():
            for page in PAGES:
                session, address = self.draws[page]()
                part, began = self.part, time.monotonic()
                status = ask(connection, address, session).status
                self.took.setdefault((part, page), []).append(time.monotonic() - began)
                self.errors += status != 200
            time.sleep(0.2)  # people read, too


class _Running:
    def __init__(self, threads: list[threading.Thread], ended: threading.Event) -> None:
        self.threads, self.ended = threads, ended

    def __enter__(self) -> None:
        for thread in self.threads:
            thread.start()

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        for thread in self.threads:
            thread.join()


def write(options: argparse.Namespace) -> list[tuple[float, int]]:
    """Have the file written; when how many rows were told to be done, the last time all of them."""
    from onepoint.accounts.models import User
    from onepoint.core import exporting
    from onepoint.core.models import ExportStatus

    asker = User.objects.get(username=ASKER)
    began, told = time.monotonic(), [(0.0, 0)]
    export = exporting.start_export(
        "tickets",
        query=f"opened_from={_since(options.rows):%Y-%m-%d}",
        columns=[],
        file_format=options.format,
        by=asker,
    )
    try:
        while export.is_open:
            time.sleep(0.25)
            if time.monotonic() - began > PATIENCE_SECONDS:
                sys.exit("the worker did not write the file")
            export.refresh_from_db()
            if export.done_count != told[-1][1]:
                told.append((time.monotonic() - began, export.done_count))
        # So many rows may have to be approved of before they are fetched; they are written all the same.
        if export.status not in (ExportStatus.READY, ExportStatus.AWAITING):
            sys.exit(f"the export failed: {export.problem}")
        told.append((time.monotonic() - began, export.done_count))
        print(f"{export.done_count:,} rows, {export.size / 1e6:.1f} MB {export.file_format}")
    finally:
        exporting.cancel_export(export, by=asker)
    return told


def _since(rows: int) -> Any:
    """The day from which on there are about so many tickets."""
    from django.utils import timezone

    from onepoint.tickets.models import Ticket

    opened = Ticket.objects.order_by("-opened_at", "-pk").values_list("opened_at", flat=True)
    moment = opened[rows : rows + 1].first() or opened.last() - timedelta(days=1)
    return timezone.localtime(moment).date()


def report(pages: Pages, told: list[tuple[float, int]], options: argparse.Namespace) -> None:
    seconds, rows = told[-1]
    longest = max(later[0] - earlier[0] for earlier, later in zip(told, told[1:], strict=False))
    print(f"written in {seconds:.0f} s ({rows / seconds:,.0f} rows a second); {len(told) - 1} reports of progress, at most {longest:.1f} s apart")  # fmt: skip
    print(f"{machine()}; {options.clients} people at the pages, {pages.errors} errors")
    print(f"{'':<8} {'before p50':>11} {'p95':>7} {'during p50':>11} {'p95':>7} {'pages':>7}")
    for page in PAGES:
        before, during = pages.took.get(("before", page), []), pages.took.get(("during", page), [])
        print(
            f"{page:<8} {percentile(before, 50):>11.1f} {percentile(before, 95):>7.1f}"
            f" {percentile(during, 50):>11.1f} {percentile(during, 95):>7.1f} {len(during):>7}"
        )
    if pages.errors:
        sys.exit(1)


if __name__ == "__main__":
    main()
