"""``import_tickets FILE --mapping MAPPING.yaml``: tickets from a file, with progress and a report per row."""

import csv
import time
from argparse import ArgumentParser
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from onepoint.accounts.models import User
from onepoint.tickets.importing.files import count_rows, read_rows
from onepoint.tickets.importing.mapping import MappingProblem, load_mapping
from onepoint.tickets.importing.run import CREATED, FAILED, PRESENT, Importer

SHOWN_FAILURES = 20


class Command(BaseCommand):
    help = "Bring tickets in from a CSV or XLSX file. Running it again adds only what is missing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--mapping", type=Path, required=True, help="YAML file saying what the columns mean")
        parser.add_argument("--report", type=Path, help="CSV file with one line per row")
        parser.add_argument(
            "--by", default="", metavar="STAFF_NUMBER", help="who registers the tickets (default: the system)"
        )
        parser.add_argument("--dry-run", action="store_true", help="check every row and keep nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            importer = Importer(
                load_mapping(options["mapping"]), by=self._person(options["by"]), dry_run=options["dry_run"]
            )
            total = count_rows(options["file"])
        except MappingProblem as problem:
            raise CommandError(str(problem)) from problem
        started = time.monotonic()
        counts, failures = self._run(importer, options["file"], total, options["report"])
        self._summary(counts, failures, time.monotonic() - started, options["dry_run"])

    def _person(self, username: str) -> User | None:
        if not username:
            return None
        person = User.objects.filter(username=username, is_active=True).first()
        if person is None:
            raise CommandError(f"there is no person with the staff number {username}")
        return person

    def _run(
        self, importer: Importer, path: Path, total: int, report_path: Path | None
    ) -> tuple[Counter[str], list[str]]:
        counts: Counter[str] = Counter()
        failures: list[str] = []
        terminal: Any = getattr(self.stdout, "_out", None)
        console = Console(file=terminal)
        with ExitStack() as stack:
            report = (
                stack.enter_context(report_path.open("w", newline="", encoding="utf-8-sig")) if report_path else None
            )
            writer = csv.writer(report) if report else None
            if writer:
                writer.writerow(["row", "number at the source", "result", "ticket", "reason"])
            bar = stack.enter_context(
                Progress(
                    TextColumn("{task.description}"),
                    BarColumn(),
                    MofNCompleteColumn(),
                    TimeRemainingColumn(),
                    console=console,
                )
            )
            task = bar.add_task("Tickets", total=total)
            for result in importer.run(read_rows(path)):
                counts[result.outcome] += 1
                if result.outcome == FAILED:
                    failures.append(f"row {result.row} ({result.external_number}): {result.reason}")
                if writer:
                    writer.writerow(
                        [
                            result.row,
                            _safe(result.external_number),
                            result.outcome,
                            result.ticket_number,
                            _safe(result.reason),
                        ]
                    )
                bar.update(task, advance=1)
        return counts, failures

    def _summary(self, counts: Counter[str], failures: list[str], seconds: float, dry_run: bool) -> None:
        for line in failures[:SHOWN_FAILURES]:
            self.stdout.write(line)
        if len(failures) > SHOWN_FAILURES:
            self.stdout.write(f"… and {len(failures) - SHOWN_FAILURES} more, see the report")
        rows = sum(counts.values())
        parts = ", ".join(f"{counts[outcome]} {outcome}" for outcome in (CREATED, PRESENT, FAILED))
        note = " (dry run: nothing kept)" if dry_run else ""
        self.stdout.write(f"{rows} rows: {parts}; {rows / max(seconds, 0.001):.0f} rows/s{note}")


def _safe(text: str) -> str:
    """A cell that a spreadsheet does not take for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
