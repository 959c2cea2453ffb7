"""``./onepoint demo --scale N``: the demo N times over, in bulk."""

import os
import time
from argparse import ArgumentParser
from typing import IO, Any, cast

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from onepoint.demo import life
from onepoint.demo.scale import run
from onepoint.tickets import services as tickets


class Command(BaseCommand):
    help = "Fills the house up to N times the demo's tickets and customers; loads the demo first where it is missing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--scale", type=float, required=True, metavar="N", help="how many times the demo")
        parser.add_argument(
            "--seed", type=int, default=20261122, help="the same seed invents the same people and tickets"
        )
        parser.add_argument("--processes", type=int, default=min(4, os.cpu_count() or 1))

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["scale"] <= 20_000:
            raise CommandError("--scale must be between 1 and 20000")
        if not life.is_whole():
            call_command("load_demo", seed=options["seed"], verbosity=options["verbosity"], stdout=self.stdout)
        started = time.monotonic()
        try:
            told, missing, rounds_there = run.read_cast(options["scale"], options["seed"])
        except run.NothingToTell as problem:
            raise CommandError("the demo's own tickets are missing, so there is nothing to multiply") from problem
        todo = run.batches(told, missing, rounds_there)
        terminal = Console(file=cast(IO[str], self.stdout._out))
        with Progress(
            TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
            TimeRemainingColumn(), console=terminal, disable=options["verbosity"] == 0,
        ) as bar:  # fmt: skip
            task = bar.add_task("Tickets", total=missing)
            models = run.touched_models(told)
            try:
                run.complete_indexes(models)
                if run.is_mostly_new(missing):
                    run.put_aside_indexes(models)
                run.write_all(told, todo, options["processes"], lambda count: bar.advance(task, count))
            except KeyboardInterrupt as interrupt:
                raise CommandError("interrupted; what is written is whole, and the same command goes on") from interrupt
            finally:
                tidying = bar.add_task("Indexes and statistics", total=1)
                run.tidy_up(models)
                bar.advance(tidying)
        tickets.start_missing_clocks(by=None)
        seconds = time.monotonic() - started
        self.stdout.write(f"{missing} tickets in {seconds:.0f} s ({missing / max(seconds, 0.001):.0f} a second)")
