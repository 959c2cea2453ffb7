"""``./onepoint manage hold_outbox --reason "restored from last night"``: for scripts that restore a backup."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from onepoint.channels import services


class Command(BaseCommand):
    help = "Hold all sending until somebody releases it on the gateways page."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reason", required=True)

    def handle(self, *arguments: Any, **options: Any) -> None:
        services.hold_outbox(reason=options["reason"], by=None)
        self.stdout.write("nothing is sent until sending is released")
