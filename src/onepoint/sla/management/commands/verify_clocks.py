"""``verify_clocks``: compute every open clock anew from its segments; exit code 1 when one is at fault."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from onepoint.sla.clock_verification import find_wrong_clocks


class Command(BaseCommand):
    help = "Check that the due moments of open clocks are those their segments and calendars give."

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = 0
        for one in find_wrong_clocks():
            wrong += 1
            self.stderr.write(f"clock {one.clock.pk} ({one.clock}): {'; '.join(one.faults)}")
        if wrong:
            raise CommandError(f"{wrong} clocks are wrong")
        self.stdout.write("all open clocks are in order")
