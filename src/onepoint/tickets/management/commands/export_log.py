"""``./onepoint export log FILE``: what happened to tickets as an event log, in XES or OCEL 2.0."""

import gzip
import os
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from onepoint.accounts.models import OrgUnit, Region
from onepoint.tickets.event_logs.ocel import write_ocel
from onepoint.tickets.event_logs.recording import Wording, recorded_cases
from onepoint.tickets.event_logs.replaying import SOURCE
from onepoint.tickets.event_logs.xes import write_xes
from onepoint.tickets.models import Category, Ticket, TicketQuerySet
from onepoint.tickets.states import TicketKind

COMPRESSION = 6


class Command(BaseCommand):
    help = "Writes the event log of tickets: XES (IEEE 1849) or OCEL 2.0 JSON; a name ending in .gz is compressed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--format", choices=("xes", "ocel"), default="xes")
        parser.add_argument("--source", default="", help="tickets of one source; of a replayed log by its name")
        parser.add_argument("--process", default="", help="key of the process")
        parser.add_argument("--category", default="", help="code of a category, with all below it")
        parser.add_argument("--kind", choices=TicketKind.values, default="")
        parser.add_argument("--region", default="", help="code of a region, with all below it")
        parser.add_argument("--unit", default="", help="code of a unit, with all below it")
        parser.add_argument("--from", dest="opened_from", type=date.fromisoformat, help="opened on this day or later")
        parser.add_argument("--to", dest="opened_to", type=date.fromisoformat, help="opened on this day or earlier")
        parser.add_argument("--finished", action="store_true", help="only tickets that have ended")
        parser.add_argument("--english", action="store_true", help="steps by their English names")

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = self._chosen(options)
        wording = Wording.of_house(english=options["english"])
        path: Path = options["file"]
        try:
            with _written(path) as file:
                if options["format"] == "xes":
                    cases, events = write_xes(recorded_cases(chosen, wording), file, path.name.split(".")[0])
                else:
                    cases, events = write_ocel(lambda: recorded_cases(chosen, wording), file)
        except OSError as problem:
            raise CommandError(f"{path} cannot be written: {problem.strerror}") from problem
        self.stdout.write(f"{cases} cases, {events} events in {path.name}")

    def _chosen(self, options: dict[str, Any]) -> TicketQuerySet:
        tickets = Ticket.objects.all()
        if source := options["source"]:
            is_log = Ticket.objects.filter(external_source=f"{SOURCE}{source}").exists()
            tickets = tickets.filter(external_source=f"{SOURCE}{source}" if is_log else source)
        if options["process"]:
            tickets = tickets.filter(process_instance__version__definition__key=options["process"])
        if options["kind"]:
            tickets = tickets.filter(kind=options["kind"])
        trees: tuple[tuple[str, Any], ...] = (("category", Category), ("region", Region), ("unit", OrgUnit))
        for name, model in trees:
            if options[name]:
                node = model.objects.filter(code=options[name]).first()
                if node is None:
                    raise CommandError(f"there is no {name} with the code {options[name]}")
                tickets = tickets.filter(**{f"{name}__in": model.objects.below([node])})
        if options["opened_from"]:
            tickets = tickets.filter(opened_at__gte=_day(options["opened_from"]))
        if options["opened_to"]:
            tickets = tickets.filter(opened_at__lt=_day(options["opened_to"] + timedelta(days=1)))
        return tickets.finished() if options["finished"] else tickets


def _day(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


@contextmanager
def _written(path: Path) -> Iterator[IO[str]]:
    """The file to write, put in its place only when it is whole."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "wb") as raw:
            if path.name.endswith(".gz"):
                with gzip.open(raw, "wt", COMPRESSION, encoding="utf-8") as file:
                    yield file
            else:
                with open(raw.fileno(), "w", encoding="utf-8", newline="\n", closefd=False) as file:
                    yield file
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
