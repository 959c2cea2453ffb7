"""How long visits of one evening's closings take to make, and what the desk feels meanwhile.

    ./onepoint manage shell < benchmarks/visits.py        (on a database with some tickets, such as the demo's)

Copies tickets until there are ``CLOSINGS`` of them, notes a closing for each in one statement, lets the rules of the house
look at them, and reads the list of visits every half second from another thread. Everything is taken away again.
"""

import statistics
import threading
import time
from datetime import timedelta

from django.db import connection

from onepoint.accounts.models import User
from onepoint.core import clock
from onepoint.follow_ups import queries, services
from onepoint.follow_ups.models import Closing, FollowUp, VisitRule
from onepoint.tickets.models import Ticket

CLOSINGS = 100_000
MARK = "BV"

_COPY = """
INSERT INTO tickets_ticket ({columns}) SELECT {values} FROM (
    SELECT *, row_number() OVER () AS n FROM (SELECT * FROM tickets_ticket WHERE customer_id IS NOT NULL LIMIT 200) t,
        generate_series(1, %s / 200 + 1)
) t WHERE n <= %s
"""
_CLOSE = """
INSERT INTO follow_ups_closing (ticket_id, number, ending, closed_at, kind, category_ids, severity_id_then, level_id_then,
    unit_ids, is_chosen)
SELECT t.id, 1, 'closed', %s, t.kind, string_to_array(trim(both '/' from c.path), '/')::bigint[], t.severity_id,
    t.customer_level_id, coalesce(string_to_array(trim(both '/' from u.path), '/')::bigint[], '{}'), false
FROM tickets_ticket t JOIN tickets_category c ON c.id = t.category_id LEFT JOIN accounts_orgunit u ON u.id = t.unit_id
WHERE t.number LIKE 'BV%%'
"""


def copy_tickets() -> None:
    """Closed tickets like those that are there, without process and keys of their own."""
    changed = {
        "number": "'BV' || lpad(n::text, 10, '0')", "status": "'closed'", "closed_at": "now()", "reopen_count": "0",
        "process_instance_id": "NULL", "request_key": "NULL", "external_number": "''", "contact_id": "NULL",
        "parent_id": "NULL", "merged_into_id": "NULL",
    }  # fmt: skip
    columns = [field.column for field in Ticket._meta.local_concrete_fields if field.column != "id"]
    values = [changed.get(column, column) for column in columns]
    with connection.cursor() as cursor:
        cursor.execute(_COPY.format(columns=", ".join(columns), values=", ".join(values)), [CLOSINGS, CLOSINGS])
        cursor.execute(_CLOSE, [clock.now() + timedelta(seconds=1)])
        cursor.execute("ANALYZE tickets_ticket, follow_ups_closing, follow_ups_followup")


def read_desk(until: threading.Event, took: list[float], who: str) -> None:
    """What somebody who makes visits waits for."""
    person = User.objects.get(username=who)
    while not until.is_set():
        began = time.perf_counter()
        chosen = queries.VisitFilter("due")
        list(queries.find_visits(chosen, visible_to=person).order_by("due_at", "id")[:50])
        queries.counts_of(person)
        took.append((time.perf_counter() - began) * 1000)
        until.wait(0.5)
    connection.close()


def clean_up() -> None:
    FollowUp.objects.filter(ticket__number__startswith=MARK).update(lead=None)
    FollowUp.objects.filter(ticket__number__startswith=MARK).delete()
    Closing.objects.filter(ticket__number__startswith=MARK).delete()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM tickets_ticket WHERE number LIKE 'BV%%'")


def run() -> None:
    clean_up()
    began = time.perf_counter()
    copy_tickets()
    print(f"{CLOSINGS} closings noted in {time.perf_counter() - began:.1f} s (in one statement)")
    took: list[float] = []
    until = threading.Event()
    reader = threading.Thread(target=read_desk, args=(until, took, "visitor1"))
    reader.start()
    began = time.perf_counter()
    with clock.at(clock.now() + timedelta(seconds=2)):
        made = services.make_visits(by=None)
    seconds = time.perf_counter() - began
    until.set()
    reader.join()
    rules = VisitRule.objects.filter(is_active=True).count()
    print(f"{made} visits by {rules} rules in {seconds:.1f} s: {CLOSINGS / seconds:.0f} closings a second")
    print(
        f"the list of visits meanwhile: median {statistics.median(took):.0f} ms, slowest {max(took):.0f} ms of {len(took)}"
    )
    merged = FollowUp.objects.filter(ticket__number__startswith=MARK, state="merged").count()
    print(f"merged with another of the same customer and day: {merged}")
    clean_up()


run()
