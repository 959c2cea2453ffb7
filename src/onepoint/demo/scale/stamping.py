"""Writes tellings: ids and numbers drawn from the house's own sequences, rows by COPY, one transaction a batch."""

import random
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.utils import timezone

from onepoint.channels.models import Contact
from onepoint.core import clock
from onepoint.customers.models import Customer
from onepoint.demo.scale.plan import DAY, Plan, Telling
from onepoint.demo.scale.stories import Story, table_of
from onepoint.demo.scale.wording import Person, Wording
from onepoint.tickets.models import Ticket

_NUMBERED: dict[str, Any] = {"tickets": Ticket, "customers": Customer, "contacts": Contact}
_PREFIXES = {"tickets": "TS", "customers": "C", "contacts": "CT"}


@dataclass
class Cast:
    """Everything that is told, read once."""

    customers: list[Story]
    enquiries: list[Story]
    regions: dict[int, Any]
    plan: Plan
    seed: int
    first_customer: int  # ordinal of the first customer made in this run, for numbers that do not repeat


@dataclass(frozen=True)
class Batch:
    """Some rounds: in each every customer of the demo is made once more, with as many tickets as the demo has."""

    number: int
    first_round: int
    rounds: int
    first_ticket: int
    tickets: int


class Ids:
    """Ids out of the tables' own sequences, so that whoever works in the house meanwhile is not disturbed."""

    #: Left free for rows others insert in the instant between reading the sequence and setting it.
    GAP = 1000
    LOCK = 0x5CA1E

    def __init__(self) -> None:
        self._next: dict[str, int] = {}

    def reserve(self, counts: Mapping[str, int]) -> None:
        """A run of ids for each table at once; the lock is between the processes of one filling only."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [self.LOCK])
            try:
                for table, count in counts.items():
                    cursor.execute(
                        "SELECT setval(s, drawn.v + %s) - %s FROM pg_get_serial_sequence(%s, 'id') AS s,"
                        " LATERAL (SELECT nextval(s) AS v) AS drawn",
                        [self.GAP + count, count - 1, table],
                    )
                    self._next[table] = cursor.fetchone()[0]
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [self.LOCK])

    def take(self, table: str, count: int) -> int:
        first = self._next[table]
        self._next[table] = first + count
        return first


def draw_numbers(series: str, days: Sequence[datetime]) -> list[str]:
    """Human numbers for moments, one each; skips any that is in use (after 999,999 the sequence begins again)."""
    prefix = _PREFIXES[series]
    dates = [f"{timezone.localtime(day):%Y%m%d}" for day in days]
    numbers = [f"{prefix}{date}{value:06d}" for date, value in zip(dates, _draw(prefix, len(dates)), strict=True)]
    model = _NUMBERED[series]
    while taken := set(model.objects.filter(number__in=numbers).values_list("number", flat=True)):
        places = [place for place, number in enumerate(numbers) if number in taken]
        for place, value in zip(places, _draw(prefix, len(places)), strict=True):
            numbers[place] = f"{prefix}{dates[place]}{value:06d}"
    return numbers


def leave_room_today() -> None:
    """Go on counting where today's numbers are furthest apart: a million drawn at once have gone round the whole circle."""
    for series, prefix in _PREFIXES.items():
        today = f"{prefix}{clock.today():%Y%m%d}"
        numbers = _NUMBERED[series].objects.filter(number__startswith=today).values_list("number", flat=True)
        used = sorted({0, *(int(number[-6:]) for number in numbers)})
        if len(used) > 1:
            _room, after = max((later - one, one) for one, later in zip(used, [*used[1:], 999_999], strict=True))
            with connection.cursor() as cursor:
                cursor.execute("SELECT setval(%s, %s)", [f"number_{prefix.lower()}", max(1, after)])


def _draw(prefix: str, count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT array_agg(nextval(%s)) FROM generate_series(1, %s)", [f"number_{prefix.lower()}", count])
        return list(cursor.fetchone()[0] or [])


class Stamp:
    """Collects the lines of one batch."""

    def __init__(self, ids: Ids) -> None:
        self.ids = ids
        self.lines: dict[str, list[str]] = defaultdict(list)

    def put(self, telling: Telling, values: dict[str, str], chance: random.Random) -> dict[str, int]:
        """Fill the story's lines; gives the first id of each table."""
        story = telling.story
        firsts: dict[str, int] = {}
        for table, count in story.counts.items():
            first = firsts[table] = self.ids.take(table, count)
            for place in range(count):
                values[f"{table}_{place}"] = str(first + place)
        for place, moment in enumerate(telling.moments()):
            values[f"t{place}"] = moment.isoformat()
        for place, moment in enumerate(story.promises):
            values[f"p{place}"] = (moment + telling.shift).isoformat()
        for place in range(story.uuids):
            values[f"uuid{place}"] = str(uuid.UUID(int=chance.getrandbits(128), version=4))
        for table, lines in story.lines.items():
            self.lines[table].append(lines % values)
        return firsts

    def copy(self) -> None:
        with connection.cursor() as cursor:
            for table, lines in self.lines.items():
                model = next(model for model in apps.get_models() if model._meta.db_table == table)
                columns = ", ".join(f'"{column}"' for column in table_of(model).columns)
                with cursor.copy(f'COPY "{table}" ({columns}) FROM STDIN') as copy:
                    copy.write("".join(lines))


def _total(stories: Iterable[Story]) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for story in stories:
        for table, count in story.counts.items():
            counts[table] += count
    return counts


def write_batch(cast: Cast, batch: Batch) -> int:
    """Write one batch in one transaction; gives the number of tickets."""
    chance = random.Random(f"{cast.seed}:{batch.first_round}")
    first = cast.first_customer + batch.first_round * len(cast.customers)
    wording = Wording(chance, cast.regions, first)
    tellings = [cast.plan.telling(batch.first_ticket + place, chance) for place in range(batch.tickets)]
    tellings.sort(key=lambda telling: telling.begins)
    enquiries = _enquiries(cast, batch, tellings, chance)
    everybody = [story for _ in range(batch.rounds) for story in cast.customers]
    told = [telling.story for telling in (*tellings, *enquiries)]
    with transaction.atomic():
        settings = _bulk_settings()
        ids = Ids()
        ids.reserve(_total([*everybody, *told]))
        stamp = Stamp(ids)
        people = _write_customers(cast, stamp, wording, everybody, tellings, chance)
        _write_tickets(stamp, wording, tellings, people, chance)
        _write_enquiries(stamp, wording, enquiries, people, chance)
        stamp.copy()
        _restore(settings)
    return len(tellings)


def _write_customers(
    cast: Cast, stamp: Stamp, wording: Wording, stories: Sequence[Story], tellings: Sequence[Telling],
    chance: random.Random,
) -> dict[int, list[Person]]:  # fmt: skip
    """Customers who were registered before their first ticket; by the customer of the demo they are like."""
    earliest = tellings[0].begins if tellings else cast.plan.now
    shifts = []
    for story in stories:
        days = max(0, (story.begins - earliest).days + chance.randrange(3, 700))
        shifts.append(Telling(story, -DAY * days))
    numbers = draw_numbers("customers", [telling.begins for telling in shifts])
    people: dict[int, list[Person]] = defaultdict(list)
    for telling, number in zip(shifts, numbers, strict=True):
        person, values = wording.customer(telling.story, number)
        person.rows = stamp.put(telling, values, chance)
        people[telling.story.root_id].append(person)
    return people


def _someone(story: Story, people: Mapping[int, list[Person]], chance: random.Random) -> Person | None:
    like = people.get(story.facts["like"])
    return chance.choice(like) if like else None


def _about(person: Person | None, story: Story) -> dict[str, str]:
    """What a ticket or contact says of its customer; the ids keep pointing at nobody where there is none."""
    if person is None:
        return {"customer_name": "", "phone": "", "phone_key": "", "customer_id": r"\N", "account_id": r"\N", "asset_id": r"\N"}  # fmt: skip

    def belonging(table: str, place: int | None) -> str:
        return r"\N" if place is None else str(person.rows[table] + place)

    return {
        "customer_name": person.name, "phone": person.phone, "phone_key": person.phone_key,
        "customer_id": str(person.rows["customers_customer"]), "customer_number": person.number,
        "account_id": belonging("customers_customeraccount", story.facts.get("account_place")),
        "asset_id": belonging("customers_asset", story.facts.get("asset_place")),
    }  # fmt: skip


def _write_tickets(
    stamp: Stamp,
    wording: Wording,
    tellings: Sequence[Telling],
    people: Mapping[int, list[Person]],
    chance: random.Random,
) -> None:
    moments = [telling.begins for telling in tellings]
    numbers, contacts = draw_numbers("tickets", moments), draw_numbers("contacts", moments)
    for telling, number, contact in zip(tellings, numbers, contacts, strict=True):
        person = _someone(telling.story, people, chance)
        values = _about(person, telling.story) | wording.words(telling.story)
        values |= {"ticket_number": number, "contact_number": contact}
        values |= wording.keys(telling.story, person, values)
        stamp.put(telling, values, chance)


def _enquiries(cast: Cast, batch: Batch, tellings: Sequence[Telling], chance: random.Random) -> list[Telling]:
    """As many questions answered at once as in the demo, at the times of the batch's tickets."""
    found = []
    for _ in range(batch.rounds * len(cast.enquiries)):
        story, beside = chance.choice(cast.enquiries), chance.choice(tellings)
        days = (story.begins - beside.begins).days
        if story.begins - DAY * days < cast.plan.now:
            found.append(Telling(story, -DAY * max(0, days)))
    return found


def _write_enquiries(
    stamp: Stamp,
    wording: Wording,
    enquiries: Sequence[Telling],
    people: Mapping[int, list[Person]],
    chance: random.Random,
) -> None:
    for telling, number in zip(enquiries, draw_numbers("contacts", [each.begins for each in enquiries]), strict=True):
        person = _someone(telling.story, people, chance)
        values = _about(person, telling.story) | wording.words(telling.story) | {"contact_number": number}
        values |= wording.keys(telling.story, person, values)
        stamp.put(telling, values, chance)


def _bulk_settings() -> bool:
    """Let the server take many rows at a time. True where it also lets the checks of foreign keys be left out.

    Every key written here comes from the rows of this very batch or from a row the demo points to already; checking
    fifty million of them would take longer than writing. Only a superuser may, as in the embedded server.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL gin_pending_list_limit = '256MB'; SET LOCAL maintenance_work_mem = '512MB'")
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        (is_superuser,) = cursor.fetchone()
        if is_superuser:
            cursor.execute("SET LOCAL session_replication_role = replica")
    return bool(is_superuser)


def _restore(was_set: bool) -> None:
    if was_set:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = origin")
