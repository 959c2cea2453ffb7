"""``./onepoint manage load_demo``: the demo province and the demo machine-tool group, with a history that happened."""

from datetime import timedelta
from typing import IO, Any, cast

from django.core.management.base import BaseCommand
from django.db import transaction
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from onepoint.core import clock
from onepoint.demo import customers, internal, life, records
from onepoint.demo.calendars import build_calendars
from onepoint.demo.clocks import let_some_rest, limit_a_step
from onepoint.demo.complaining import complain_again
from onepoint.demo.designs import build_designs
from onepoint.demo.exports import build_exports
from onepoint.demo.filters import build_filters
from onepoint.demo.front_desk import build_front_desk
from onepoint.demo.granting import build_grants
from onepoint.demo.handing_over import build_cases
from onepoint.demo.hearing import hear_others
from onepoint.demo.hidden_risks import build_hidden_risks, count_measures
from onepoint.demo.inspecting import build_inspections
from onepoint.demo.judging import build_marks
from onepoint.demo.mails import build_mails
from onepoint.demo.mass_incidents import build_mass_incidents
from onepoint.demo.messages import build_messages
from onepoint.demo.organisation import build_regions, build_units
from onepoint.demo.people import all_posts, build_people, give_passwords
from onepoint.demo.portal import build_portal
from onepoint.demo.relations import relate_tickets
from onepoint.demo.standing_in import build_matrix, build_standing_in
from onepoint.demo.starter import load_starter
from onepoint.demo.telling import build_telling
from onepoint.demo.urging import build_rules, let_time_pass, urge_and_supervise
from onepoint.demo.visits import load_visit_rules, visit_customers
from onepoint.demo.web_chat import build_web_chat
from onepoint.tickets import services as tickets

#: The demo's organisation looks as if it had been set up this long ago.
_AGE = timedelta(days=400)


class Command(BaseCommand):
    help = "Loads the demo; what an interrupted loading left behind is completed, nothing is made twice."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--seed", type=int, default=20261122)
        parser.add_argument("--without-history", action="store_true", help="organisation, people and customers only")

    def handle(self, *args: Any, **options: Any) -> None:
        bar = Progress(
            TextColumn("{task.description:<28}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
            console=Console(file=cast(IO[str], self.stdout._out)), disable=options["verbosity"] == 0,
        )  # fmt: skip
        with bar:
            self._load(bar, options["seed"], options["without_history"])

    def _load(self, bar: Progress, seed: int, without_history: bool) -> None:
        base = bar.add_task("Roles, categories, processes", total=1)
        load_visit_rules(_AGE)
        load_starter()
        bar.advance(base)
        staff = bar.add_task("Organisation and people", total=len(all_posts()))
        with transaction.atomic(), clock.at(clock.now() - _AGE):
            regions = build_regions()
            units = build_units(regions)
            people = build_people(units, regions, seed)
            build_matrix(units)
        with transaction.atomic():
            build_calendars()
            build_standing_in(people, units)
        give_passwords()
        bar.advance(staff, len(people))
        total = customers.PEOPLE + customers.COMPANIES + customers.FACTORIES
        registering = bar.add_task("Customers", total=total)
        with transaction.atomic():
            customers.build_customers(regions, units, seed, lambda: bar.advance(registering))
            records.build_records(people, regions, units)
        bar.update(registering, completed=total)
        with transaction.atomic():
            build_designs(people)
            build_rules()
            limit_a_step(_AGE)
        if not without_history:
            working = bar.add_task("People at work", total=life.TICKETS + life.CONTACTS + internal.count_requests())
            life.load_life(people, units, seed, lambda: bar.advance(working))
            internal.load_internal(life.Life(people, units, seed + 1), lambda: bar.advance(working))
            relate_tickets(people)
            hear_others()
            tickets.start_missing_clocks(by=None)
            let_some_rest()
            let_time_pass()
            urge_and_supervise(people)
            complain_again(people)
            build_mass_incidents(people)
            visit_customers(people)
            with transaction.atomic():
                build_inspections(people)
            with transaction.atomic():
                build_grants(people)
                build_cases(people)
            with transaction.atomic():
                build_marks(people)
            with transaction.atomic():
                build_hidden_risks(people)
            with transaction.atomic():
                build_filters(people)
            with transaction.atomic():
                build_telling(people)
                build_messages(people)
            with transaction.atomic():
                build_web_chat(people, units)
                build_portal()
            build_mails(units)
            tickets.index_changes()
            build_front_desk(units)
            build_exports(people)
            count_measures()
