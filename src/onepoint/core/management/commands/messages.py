"""``./onepoint messages``: bring the catalogues up to the sources, or check that they are complete."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from onepoint.core import catalogues

PACKAGE = Path(__file__).resolve().parents[3]


class Command(BaseCommand):
    help = "Extract translatable strings into each capability's catalogue, or --check that all are translated."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("capabilities", nargs="*", help="only these (default: all)")
        parser.add_argument("--check", action="store_true", help="change nothing; fail when anything is missing")

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = [
            path
            for path in catalogues.capabilities(PACKAGE)
            if not options["capabilities"] or path.name in options["capabilities"]
        ]
        if options["check"]:
            self.check_complete(chosen)
            return
        for capability in chosen:
            total, untranslated = catalogues.update(capability)
            self.stdout.write(f"{capability.name:16} {total:5} strings, {untranslated} untranslated")

    def check_complete(self, chosen: list[Path]) -> None:
        faults = [fault for capability in chosen for fault in catalogues.faults(capability)]
        faults += catalogues.contradictions(PACKAGE)
        for fault in faults:
            self.stdout.write(fault)
        if faults:
            raise CommandError(
                f"{len(faults)} faults in the translations; ./onepoint messages brings the files up to date"
            )
        self.stdout.write("every string is translated")
