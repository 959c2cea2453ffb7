"""``archive``: take old months of the journal out into files, list them, or bring one back."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from onepoint.core import journal_archive, journal_months
from onepoint.core.journal_archive import ArchiveError
from onepoint.core.models import ArchivedMonth


def month(text: str) -> datetime:
    """The beginning of a month written as 2026-11."""
    return timezone.make_aware(datetime.fromisoformat(f"{text}-01"))


class Command(BaseCommand):
    help = "Take old months of the journal out into files while people go on working, or bring one back."

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--before", type=month, metavar="YYYY-MM", help="archive every month before this one")
        what.add_argument("--restore", type=Path, metavar="FILE", help="bring the entries of a file back")
        what.add_argument("--list", action="store_true", help="the months of the journal, and what is archived")
        parser.add_argument("--to", type=Path, metavar="FOLDER", help="where the files go")
        parser.add_argument(
            "--least-age", type=int, default=journal_archive.LEAST_AGE, metavar="MONTHS",
            help="refuse younger months (default: %(default)s)",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            self._list()
            return
        if options["before"] and not options["to"]:
            raise CommandError("--before needs --to FOLDER")
        try:
            if options["restore"]:
                self._say("restored", journal_archive.restore(options["restore"].expanduser().absolute()))
                return
            count = 0
            into = options["to"].expanduser().absolute()
            for archived in journal_archive.archive(options["before"], into, least_age=options["least_age"]):
                self._say("archived", archived)
                count += 1
        except ArchiveError as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(f"{count} months archived" if count else "nothing to archive")

    def _say(self, what: str, archived: ArchivedMonth) -> None:
        self.stdout.write(f"{what} {archived.name:<16}{archived.rows:>14,}  {archived.file_name}  {archived.sha256}")

    def _list(self) -> None:
        for archived in reversed(journal_archive.archived_months()):
            self._say("restored" if archived.restored_at else "archived", archived)
        for part in journal_months.parts():
            self.stdout.write(f"kept     {part!s:<16}{part.size / 1024 / 1024:>11,.1f} MB")
