"""``./onepoint manage load_starter``: what every house starts with."""

from typing import Any

from django.core.management.base import BaseCommand

from onepoint.demo.starter import load_starter


class Command(BaseCommand):
    help = (
        "Adds the roles, severity standard, forms, processes and category tree every house starts with, where missing."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        load_starter()
