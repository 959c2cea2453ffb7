"""``./onepoint manage fill_holidays``: public holidays as published, for the countries the house's calendars keep."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from onepoint.core.errors import BusinessError
from onepoint.sla.services import calendar_days


class Command(BaseCommand):
    help = "Fills in the public holidays of the last, this and the next year where they are missing; or of one --year again."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--country", default="CN", help="two letters; with --year only")
        parser.add_argument("--year", type=int, help="fill in this year, also when it is filled in already")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["year"] is None:
            for country, year in calendar_days.fill_missing_years(by=None):
                self.stdout.write(f"{country} {year} filled in")
            return
        try:
            count = calendar_days.fill_year(options["country"], options["year"], by=None)
        except BusinessError as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{options['country']} {options['year']}: {count} days")
