"""Makes the house hold the demo many times: batch after batch, on as many processes as asked for."""

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import closing
from types import SimpleNamespace
from typing import Any

from django.apps import apps
from django.contrib.postgres.indexes import GinIndex
from django.db import connection, connections
from django.db.models import Index, Model

from onepoint.accounts.models import Region
from onepoint.channels.models import Contact
from onepoint.channels.states import ContactOutcome
from onepoint.core import clock, journal_months
from onepoint.customers.models import Asset, ContactPerson, Customer, CustomerAccount
from onepoint.demo import life
from onepoint.demo.life import SOURCE
from onepoint.demo.scale import stories
from onepoint.demo.scale.plan import WEEK, Calendar, Plan
from onepoint.demo.scale.stamping import Batch, Cast, leave_room_today, write_batch
from onepoint.demo.scale.stories import Story
from onepoint.tickets import services as ticket_services
from onepoint.tickets.models import Ticket

ROUNDS_PER_BATCH = 20


class NothingToTell(Exception):
    """The demo's own tickets are missing."""


def _regions() -> dict[int, Any]:
    """Area code and the city of every region: what invented numbers, names and accounts depend on."""
    nodes = {region.pk: region for region in Region.objects.all()}
    found = {}
    for region in nodes.values():
        city = next((nodes[pk] for pk in reversed(region.ancestor_ids) if nodes[pk].kind == "city"), region)
        area_code = region.area_code
        found[region.pk] = SimpleNamespace(area_code=area_code, city_name=city.name, city_code=city.code)
    return found


def _customers() -> list[Story]:
    numbers = list(
        Ticket.objects.filter(external_source=SOURCE).exclude(external_number="").values_list("customer_id", flat=True)
    )
    first_born = (
        Customer.objects.filter(merged_into=None, is_active=True)
        .order_by("pk")
        .values_list("pk", flat=True)[: life.CUSTOMERS]
    )
    told = stories.read_customers(sorted({*first_born, *(pk for pk in numbers if pk)}))
    ids = [story.root_id for story in told]
    accounts, assets, persons = (
        _belongings(CustomerAccount, ids),
        _belongings(Asset, ids),
        _belongings(ContactPerson, ids),
    )
    for story in told:
        story.facts["accounts"] = [(row.kind, row.is_primary) for row in accounts.get(story.root_id, [])]
        story.facts["assets"] = [(row.model, row.contract_number) for row in assets.get(story.root_id, [])]
        story.facts["contact_persons"] = len(persons.get(story.root_id, []))
        story.facts["is_factory"] = bool(story.facts["assets"]) and len(story.facts["accounts"]) == 1
    return told


def _belongings(model: Any, ids: list[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in model.objects.filter(customer__in=ids).order_by("pk"):
        found.setdefault(row.customer_id, []).append(row)
    return found


def _tickets(customers: list[Story]) -> tuple[list[Story], list[Story]]:
    """The demo's tickets that have ended and those in work, each with whom it is about."""
    rows = {
        ticket.pk: ticket
        for ticket in Ticket.objects.filter(external_source=SOURCE)
        .exclude(external_number="")
        .select_related("contact")
    }
    told = stories.read_tickets(sorted(rows))
    known = {story.root_id for story in customers}
    accounts = _belongings(CustomerAccount, sorted(known))
    assets = _belongings(Asset, sorted(known))
    for story in told:
        ticket = rows[story.root_id]
        story.facts |= {"title": ticket.title, "description": ticket.description, "like": ticket.customer_id}
        story.facts["special_items_of"] = ticket.special_items
        story.facts |= {"contact_subject": "", "contact_content": ""}
        if ticket.contact:
            story.facts |= {"contact_subject": ticket.contact.subject, "contact_content": ticket.contact.content}
        story.facts["account_place"] = _place(accounts, ticket.customer_id, ticket.account_id)
        story.facts["asset_place"] = _place(assets, ticket.customer_id, ticket.asset_id)
    bound = _bound_to_others(rows)
    usable = [story for story in told if story.facts["like"] in known and story.root_id not in bound]
    ended = [story for story in usable if rows[story.root_id].is_finished]
    alive = [story for story in usable if not rows[story.root_id].is_finished]
    return ended, alive


def _index_stories() -> None:
    """The demo's tickets have their search documents, so that these are told along."""
    told = Ticket.objects.filter(external_source=SOURCE).exclude(external_number="")
    if told.filter(search_document=None).exists():
        ticket_services.reindex_tickets()


def _bound_to_others(tickets: dict[int, Ticket]) -> set[int]:
    """Tickets that make sense only beside another one: merged, parts of a split, parents and children."""
    keys = [field.attname for field in Ticket._meta.concrete_fields if field.related_model is Ticket]
    bound = {pk for pk, ticket in tickets.items() if any(getattr(ticket, key) for key in keys)}
    others = {getattr(ticket, key) for ticket in tickets.values() for key in keys}
    return bound | others


def _place(rows: dict[int, list[Any]], customer_id: int | None, pk: int | None) -> int | None:
    return next((place for place, row in enumerate(rows.get(customer_id or 0, [])) if row.pk == pk), None)


def _enquiries(limit: int) -> list[Story]:
    contacts = {
        contact.pk: contact
        for contact in Contact.objects.filter(outcome=ContactOutcome.SOLVED, customer__isnull=False).order_by("pk")[
            :limit
        ]
    }
    told = stories.read_enquiries(sorted(contacts))
    for story in told:
        contact = contacts[story.root_id]
        story.facts |= {"like": contact.customer_id, "contact_subject": contact.subject}
        story.facts |= {"contact_content": contact.content}
    return told


def read_cast(scale: float, seed: int) -> tuple[Cast, int, int]:
    """What is to be told, the tickets still missing to ``scale`` times the demo, and the rounds already there.

    Raises NothingToTell where the demo is not loaded.
    """
    _index_stories()
    customers = _customers()
    ended, alive = _tickets(customers)
    if not ended and not alive:
        raise NothingToTell
    told = Ticket.objects.filter(external_source=SOURCE).count()
    missing = max(0, round(life.TICKETS * scale) - told)
    now = clock.now()
    plan = Plan(ended, alive, missing, Calendar(missing, scale, now, seed), now)
    done = Customer.objects.count()
    cast = Cast(customers, _enquiries(life.CONTACTS), _regions(), plan, seed, done)
    return cast, missing, max(0, told // life.TICKETS - 1)


def batches(cast: Cast, missing: int, rounds_there: int) -> list[Batch]:
    """The missing tickets in rounds, the rounds in batches; the last one may be short."""
    found: list[Batch] = []
    given = 0
    while given < missing:
        number = min(ROUNDS_PER_BATCH * life.TICKETS, missing - given)
        rounds = -(-number // life.TICKETS)
        found.append(Batch(len(found), rounds_there + len(found) * ROUNDS_PER_BATCH, rounds, given, number))
        given += number
    return found


#: The journal of a longer history is divided by month before it is written.
WEEKS_IN_ONE = 26

_shared: Cast | None = None


def _write(batch: Batch) -> int:
    assert _shared is not None
    return write_batch(_shared, batch)


def _results(cast: Cast, todo: list[Batch], processes: int) -> Iterator[int]:
    global _shared
    _shared = cast
    if processes <= 1 or len(todo) < 2:
        yield from map(_write, todo)
        return
    connections.close_all()  # each process opens its own
    pool = multiprocessing.get_context("fork").Pool(processes)
    try:
        yield from pool.imap_unordered(_write, todo)
        pool.close()
    finally:
        pool.terminate()
        pool.join()


def write_all(cast: Cast, todo: list[Batch], processes: int, tick: Callable[[int], None]) -> None:
    """Write every batch; ``tick`` hears how many tickets each brought. What was written stays when it is interrupted."""
    weeks = cast.plan.calendar.weeks_ago[0]
    if weeks > WEEKS_IN_ONE:
        journal_months.prepare_months(since=cast.plan.now - WEEK * weeks)
    with closing(_results(cast, todo, processes)) as results:  # type: ignore[type-var]
        for count in results:
            tick(count)


def touched_models(cast: Cast) -> list[type[Model]]:
    """Models whose tables are written."""
    tables = {
        name for story in (*cast.customers, *cast.plan.ended, *cast.plan.alive, *cast.enquiries) for name in story.lines
    }
    return [model for model in apps.get_models(include_auto_created=True) if model._meta.db_table in tables]


def _search_indexes(model: type[Model]) -> list[Index]:
    return [index for index in model._meta.indexes if isinstance(index, GinIndex)]


def is_mostly_new(missing: int) -> bool:
    """Whether so much comes to so little that indexes are better built afterwards."""
    return missing >= 2000 and missing > Ticket.objects.count()


def put_aside_indexes(models: list[type[Model]]) -> None:
    """Drop the search indexes: entering millions of words one by one takes longer than sorting them once afterwards.

    Should the filling be killed, ``complete_indexes`` of the next one puts them back.
    """
    with connection.schema_editor() as editor:
        for model in models:
            for index in _search_indexes(model):
                editor.remove_index(model, index)


def complete_indexes(models: list[type[Model]]) -> None:
    """Build the search indexes that are missing."""
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '1GB'")
    try:
        for model in models:
            with connection.cursor() as cursor:
                present = connection.introspection.get_constraints(cursor, model._meta.db_table)
            for index in _search_indexes(model):
                if index.name not in present:
                    with connection.schema_editor() as editor:
                        editor.add_index(model, index)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET maintenance_work_mem")


def tidy_up(models: list[type[Model]]) -> None:
    """Search indexes whole and swept, statistics fresh: the first reader need not do it."""
    complete_indexes(models)
    leave_room_today()
    names = ", ".join(f"'{model._meta.db_table}'::regclass" for model in models)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT gin_clean_pending_list(c.oid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
            f" JOIN pg_am a ON a.oid = c.relam WHERE a.amname = 'gin' AND i.indrelid IN ({names})"
        )
        for model in models:
            cursor.execute(f'ANALYZE "{model._meta.db_table}"')
