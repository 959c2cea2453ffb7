"""``verify_processes``: check every running instance against itself; exit code 1 when one is at fault."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from onepoint.workflow import queries
from onepoint.workflow.verification import find_faults


class Command(BaseCommand):
    help = "Check that marking, tasks and history of the instances agree."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--all", action="store_true", help="ended instances too")

    def handle(self, *args: Any, **options: Any) -> None:
        count = faulty = 0
        for instance in queries.instances(ended=options["all"]).iterator(chunk_size=500):
            count += 1
            for fault in find_faults(instance):
                faulty += 1
                self.stderr.write(f"instance {instance.pk} ({instance.subject_number}): {fault}")
        if faulty:
            raise CommandError(f"{faulty} faults in {count} instances")
        self.stdout.write(f"{count} instances are in order")
