"""``verify``: prove from the tables that nothing is lost, doubled or tampered with; exit code 1 when something is."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from onepoint.core import verifying
from onepoint.core.verifying import Check, Report

SHOWN_FAULTS = 50


class Command(BaseCommand):
    help = "Prove from the tables that nothing is lost, doubled or tampered with. People may go on working meanwhile."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("checks", nargs="*", metavar="CHECK", help="only these, e.g. tickets.work (default: all)")
        parser.add_argument("--list", action="store_true", help="what is proved")
        parser.add_argument(
            "--at-rest", action="store_true", help="no worker has run lately: what is overdue is no fault"
        )
        parser.add_argument("--deep", action="store_true", help="also read every stored file")

    def handle(self, *args: Any, **options: Any) -> None:
        known = {check.name: check for check in verifying.checks()}
        if unknown := sorted(set(options["checks"]) - set(known)):
            raise CommandError(f"no such check: {', '.join(unknown)}; --list names them")
        if options["list"]:
            for check in known.values():
                self.stdout.write(f"{check.name:<24}{check.promise}")
            return
        count = 0
        self.stdout.write(f"{'check':<24}{'looked at':>14} {'':<18}{'faults':>8}{'seconds':>10}")
        for report in verifying.run_checks(options["checks"], is_deep=options["deep"], is_at_rest=options["at_rest"]):
            self._show(report, known[report.check])
            count += len(report.faults)
        if count:
            raise CommandError(f"{count} faults found")
        self.stdout.write("everything is in order")

    def _show(self, report: Report, check: Check) -> None:
        faults = len(report.faults)
        self.stdout.write(
            f"{report.check:<24}{report.looked_at:>14,} {check.unit:<18}{faults:>8,}{report.seconds:>10.1f}"
        )
        for note in report.notes:
            self.stdout.write(f"{'':<24}{note}")
        for fault in report.faults[:SHOWN_FAULTS]:
            self.stderr.write(f"  {report.check}: {fault.subject}: {fault.text}")
        if faults > SHOWN_FAULTS:
            self.stderr.write(f"  {report.check}: {faults - SHOWN_FAULTS:,} more")
