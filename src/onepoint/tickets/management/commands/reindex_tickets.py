"""``reindex_tickets``: write what full-text search looks through anew, with progress; can be interrupted and continued."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from onepoint.tickets import queries, services


class Command(BaseCommand):
    help = "Write the search documents of all tickets anew: after a bulk load, or when the dictionary changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--after", type=int, default=0, metavar="ID", help="continue behind this ticket id")

    def handle(self, *args: Any, after: int, **options: Any) -> None:
        terminal: Any = getattr(self.stdout, "_out", None)
        last = after
        with Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
            console=Console(file=terminal), disable=options["verbosity"] == 0,
        ) as bar:  # fmt: skip
            task = bar.add_task("Tickets", total=queries.count_tickets_after(after))

            def note(count: int, last_id: int) -> None:
                nonlocal last
                last = last_id
                bar.update(task, completed=count)

            try:
                count = services.reindex_tickets(after=after, progress=note)
            except KeyboardInterrupt:
                self.stdout.write(f"interrupted; go on with: reindex_tickets --after {last}")
                return
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE tickets_searchdocument")
        self.stdout.write(f"{count} tickets can be searched")
