"""``start_clocks``: give living tickets that have no clocks the ones the rules ask for, counted from their opening."""

from typing import Any

from django.core.management.base import BaseCommand

from onepoint.tickets import services


class Command(BaseCommand):
    help = "Start the clocks of living tickets that have none (registered before there were any)."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{services.start_missing_clocks(by=None)} tickets have their clocks now")
