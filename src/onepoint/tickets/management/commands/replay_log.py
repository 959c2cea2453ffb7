"""``./onepoint replay LOG.xes.gz``: an event log as tickets worked by people at their recorded moments."""

import multiprocessing
import os
import time
from argparse import ArgumentParser
from collections.abc import Callable
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import IO, Any, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from onepoint.core.errors import BusinessError
from onepoint.tickets.event_logs.reading import LogFacts, LogProblem, look_through, read_traces
from onepoint.tickets.event_logs.replaying import House, Replayer, furnish, key_of

SHARE_WORTH_IT = 200  # cases from which on a second process pays


class Command(BaseCommand):
    help = "Replays an event log (XES, IEEE 1849; plain or gzipped). Running it again adds only what is missing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("log", type=Path)
        parser.add_argument("--limit", type=int, default=0, help="only the first so many cases")
        parser.add_argument("--name", default="", help="what the log is called in the house (default: its file)")
        parser.add_argument("--classifier", default="", help="the log's classifier that names activities")
        parser.add_argument("--time-zone", default=settings.TIME_ZONE, help="of moments without one")
        parser.add_argument("--processes", type=int, default=min(4, os.cpu_count() or 1))

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["log"]
        started = time.monotonic()
        try:
            zone = ZoneInfo(options["time_zone"])
            facts = look_through(path, zone, options["classifier"])
        except (LogProblem, ZoneInfoNotFoundError, ValueError) as problem:
            raise CommandError(f"{path.name}: {problem}") from problem
        self._tell(facts)
        name = options["name"] or path.name.split(".")[0]
        try:
            house = furnish(key_of(name), name, facts)
            total = min(options["limit"], facts.traces) if options["limit"] > 0 else facts.traces
            share = _Share(path, zone, options["classifier"], house, total)
            new, present = self._replay(share, options["processes"], options["verbosity"])
        except BusinessError as refusal:
            raise CommandError(f"{path.name}: {refusal}") from refusal
        seconds = time.monotonic() - started
        self.stdout.write(f"{total} cases: {new} replayed, {present} there already; {seconds:.0f} s")

    def _tell(self, facts: LogFacts) -> None:
        self.stdout.write(
            f"{facts.traces} cases, {facts.events} events, {len(facts.activities)} activities,"
            f" {len(facts.resources)} resources"
        )
        if facts.loose_events:
            self.stdout.write(f"{facts.loose_events} events belong to no case and are left out")
        if facts.undated:
            self.stdout.write(f"{facts.undated} events have no time; each happens at that of the event before it")
        if facts.other_attributes:
            self.stdout.write(
                "attributes of events that are not replayed: " + ", ".join(sorted(facts.other_attributes))
            )

    def _replay(self, share: "_Share", processes: int, verbosity: int) -> tuple[int, int]:
        terminal = Console(file=cast(IO[str], self.stdout._out))
        with Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
            TimeRemainingColumn(), console=terminal, disable=verbosity == 0,
        ) as bar:  # fmt: skip
            task = bar.add_task("Cases", total=share.total)
            tick: Callable[[int], None] = lambda done: bar.update(task, completed=done)  # noqa: E731
            if processes <= 1 or share.total < SHARE_WORTH_IT:
                return share.work(0, 1, tick)
            return _side_by_side(share, processes, tick)


class _Share:
    """A log to be replayed; each process reads it by itself and takes every n-th case."""

    def __init__(self, path: Path, zone: ZoneInfo, classifier: str, house: House, total: int) -> None:
        self.path, self.zone, self.classifier, self.house, self.total = path, zone, classifier, house, total

    def work(self, place: int, processes: int, tick: Callable[[int], None]) -> tuple[int, int]:
        replayer = Replayer(self.house)
        new = present = 0
        for trace in read_traces(self.path, self.zone, self.classifier):
            if trace.number > self.total:
                break
            if trace.number % processes != place:
                replayer.number_of(trace)  # names are made unmistakable over the whole log
                continue
            if replayer.replay(trace):
                new += 1
            else:
                present += 1
            tick(new + present)
        return new, present


def _side_by_side(share: _Share, processes: int, tick: Callable[[int], None]) -> tuple[int, int]:
    fork = multiprocessing.get_context("fork")
    done = [fork.Value("q", 0) for _ in range(processes)]
    added = [fork.Value("q", 0) for _ in range(processes)]
    connections.close_all()  # each process opens its own
    workers = [
        fork.Process(target=_one_of_many, args=(share, place, processes, done[place], added[place]))
        for place in range(processes)
    ]
    for worker in workers:
        worker.start()
    try:
        while any(worker.is_alive() for worker in workers):
            time.sleep(0.2)
            tick(sum(each.value for each in done))
    finally:
        for worker in workers:
            worker.terminate()
            worker.join()
    if any(worker.exitcode for worker in workers):
        raise CommandError("a process has failed; what is replayed is whole, and the same command goes on")
    new = sum(each.value for each in added)
    return new, sum(each.value for each in done) - new


def _one_of_many(
    share: _Share, place: int, processes: int, done: "Synchronized[int]", added: "Synchronized[int]"
) -> None:
    def tick(count: int) -> None:
        done.value = count

    added.value, _present = share.work(place, processes, tick)
