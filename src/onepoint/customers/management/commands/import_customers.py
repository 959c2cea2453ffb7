"""``import_customers FILE``: customers from a file, with progress and a report per row."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import yaml
from django.core.files.uploadedfile import UploadedFile
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from onepoint.accounts.models import User
from onepoint.core.errors import BusinessError
from onepoint.customers import services
from onepoint.customers.importing import report
from onepoint.customers.models import CustomerImport
from onepoint.customers.queries import imports as queries
from onepoint.customers.states import RowOutcome

SHOWN_REFUSALS = 20


class Command(BaseCommand):
    help = "Bring customers in from a CSV or XLSX file. Running it again changes only what differs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--mapping", default="", help="YAML file, or the name of a kept mapping (default: guessed)")
        parser.add_argument("--source", default="", help="system the numbers come from")
        parser.add_argument("--by", default="", metavar="STAFF_NUMBER", help="who imports (default: the system)")
        parser.add_argument("--report", type=Path, help="CSV file with one line per row")
        parser.add_argument("--despite-duplicates", action="store_true", help="register likely duplicates too")
        parser.add_argument("--dry-run", action="store_true", help="try every row and keep nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            source = self._prepared(options)
            (services.check_import if options["dry_run"] else services.start_import)(
                source, by=source.created_by, at_once=True
            )
        except (BusinessError, OSError, yaml.YAMLError) as problem:
            raise CommandError(str(problem)) from problem
        self._run(source)
        source.refresh_from_db()
        if options["report"]:
            options["report"].write_bytes(b"".join(report.as_csv(queries.all_rows_of(source))))
        self._summary(source, options["dry_run"])

    def _prepared(self, options: dict[str, Any]) -> CustomerImport:
        by = self._person(options["by"])
        path: Path = options["file"]
        with path.open("rb") as file:
            source = services.upload_import(UploadedFile(file, name=path.name, size=path.stat().st_size), by=by)
        mapping = self._mapping(options["mapping"])
        return services.map_import(
            source,
            by=by,
            columns=mapping.get("columns") or source.columns,
            source_name=options["source"] or mapping.get("source", ""),
            defaults={key: str(value) for key, value in (mapping.get("defaults") or {}).items()},
            despite_duplicates=options["despite_duplicates"],
        )

    def _mapping(self, name: str) -> dict[str, Any]:
        if not name:
            return {}
        if Path(name).is_file():
            written = yaml.safe_load(Path(name).read_text(encoding="utf-8"))
            if not isinstance(written, dict):
                raise CommandError(f"{name} must hold “source”, “columns” and perhaps “defaults”")
            return written
        kept = queries.find_mapping(name)
        if kept is None:
            raise CommandError(f"there is neither a file nor a kept mapping called {name}")
        return {"columns": kept.columns, "source": kept.source}

    def _person(self, username: str) -> User | None:
        if not username:
            return None
        person = User.objects.filter(username=username, is_active=True).first()
        if person is None:
            raise CommandError(f"there is no person with the staff number {username}")
        return person

    def _run(self, source: CustomerImport) -> None:
        terminal: Any = getattr(self.stdout, "_out", None)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(file=terminal)) as bar:
            task = bar.add_task("Customers", total=source.total)
            for reached in services.steps_of_import(source.pk, by=None):
                bar.update(task, completed=reached.done)

    def _summary(self, source: CustomerImport, dry_run: bool) -> None:
        if source.problem:
            raise CommandError(source.problem)
        refused = queries.rows_of(source, outcome=RowOutcome.REFUSED)
        for row in refused[:SHOWN_REFUSALS]:
            self.stdout.write(f"row {row.row} ({row.key}): {row.reason}")
        parts = ", ".join(f"{source.counts.get(outcome, 0)} {outcome}" for outcome in RowOutcome.values)
        self.stdout.write(f"{source.total} rows: {parts}{' (dry run: nothing kept)' if dry_run else ''}")
