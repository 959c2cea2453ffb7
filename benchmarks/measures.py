"""Measures at size: how fast events are counted and added up, and what the pages cost.

    .venv/bin/python benchmarks/measures.py postgresql://…/house [--events 1000000] [--days 365] [--requests 20]

Writes so many made-up events (and their roll-up) beside those there are, over so many days before the first real one, asks
for pages of several kinds, with the months that were added up and from days alone, prints the plan of the widest, and takes the made-up events away again. Times of the job are those of
counting the real tickets of the house once more. Wall time counts only on a machine that does nothing else; the number of
queries and the plans always do.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

#: Made-up events are of tickets with numbers beyond this.
BEYOND = 10**12
_FILL = """
INSERT INTO analytics_fact (source, subject_id, number, ticket_id, day, is_contact, kind, channel, unit_id, home_id, region_id,
    category_id, severity_id, level_id, person_id, {counters})
SELECT 2 + n %% 2, {beyond} + n, n %% 2, NULL, %(last)s::date - (n %% %(days)s)::int, false, 'complaint',
    (ARRAY['hotline', 'web', 'hall', 'chat', 'email'])[1 + (random() * 4)::int],
    u.id, (SELECT units[1 + n %% 5] FROM ids), u.region_id,
    (SELECT categories[1 + (u.place * 7 + (random() * 9)::int + n * 0) %% cardinality(categories)] FROM ids),
    (SELECT severities[1 + (random() * (cardinality(severities) - 1))::int + n * 0] FROM ids), NULL,
    (SELECT people[1 + (random() * (cardinality(people) - 1))::int + n * 0] FROM ids), {values}
FROM generate_series(1, %(events)s) AS n
JOIN (SELECT id, region_id, row_number() OVER (ORDER BY id) - 1 AS place FROM accounts_orgunit) u
    ON u.place = (n::bigint * 7919) %% (SELECT cardinality(units) FROM ids)
"""
_IDS = """
CREATE TEMPORARY TABLE ids AS SELECT (SELECT array_agg(id) FROM accounts_orgunit) AS units,
    (SELECT array_agg(id) FROM tickets_category) AS categories,
    (SELECT array_agg(id) FROM tickets_severity) AS severities, (SELECT array_agg(id) FROM accounts_user) AS people
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database")
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--requests", type=int, default=20)
    options = parser.parse_args()
    os.environ["ONEPOINT_DATABASE_URL"] = options.database
    os.environ.setdefault("ONEPOINT_SECRET_KEY", "benchmark")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onepoint.config.settings")
    import django

    django.setup()
    count_again()
    last = fill(options.events, options.days)
    try:
        ask_pages(last, options.days, options.requests)
    finally:
        take_away()


def timed(words: str, work: Callable[[], Any]) -> Any:
    began = time.perf_counter()
    found = work()
    print(f"{words:<60} {time.perf_counter() - began:8.2f} s")
    return found


def count_again() -> None:
    """Every ticket of the house, counted once more though nothing changed."""
    from onepoint.analytics import services
    from onepoint.tickets.models import Ticket

    services.keep_up(by=None, seconds=3600)
    ids = list(Ticket.objects.order_by("pk").values_list("pk", flat=True)[:20_000])

    def count() -> None:
        for start in range(0, len(ids), services.BATCH):
            services.count_tickets(ids[start : start + services.BATCH], by=None)

    timed(f"count {len(ids):,} tickets anew", count)


def fill(events: int, days: int) -> date:
    """Made-up events on the days before the first real one; gives the last of these days."""
    from django.db import connection
    from django.db.models import Min

    from onepoint.analytics import services
    from onepoint.analytics.models import COUNTERS, Fact, Figure, MonthFigure

    first = Fact.objects.aggregate(first=Min("day"))["first"] or date.today()  # noqa: DTZ011
    last = first - timedelta(days=1)
    ofs = {"opened": "(n % 2 = 0)::int", "closed": "(n % 2)::int", "first_time": "(n % 2 * (n % 3 > 0)::int)"}
    ofs |= {"answered": "(n % 2 * (n % 5 = 1)::int)", "satisfied": "(n % 2 * (n % 10 = 1)::int)"}
    values = ", ".join(ofs.get(name, "0").replace("%", "%%") for name in COUNTERS)
    statement = _FILL.format(counters=", ".join(COUNTERS), values=values, beyond=BEYOND)

    def write() -> None:
        with connection.cursor() as cursor:
            cursor.execute(_IDS)
            cursor.execute(statement, {"last": last, "days": days, "events": events})
            cursor.execute(
                "INSERT INTO analytics_staleday SELECT DISTINCT day FROM analytics_fact WHERE subject_id > %s", [BEYOND]
            )

    timed(f"write {events:,} events", write)
    timed(f"add up {days} days", lambda: services.add_up_days(by=None))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE analytics_fact, analytics_figure, analytics_monthfigure")
    counts = [f"{model.objects.count():,}" for model in (Fact, Figure, MonthFigure)]
    print("{} events, {} figures of days, {} figures of months".format(*counts))
    return last


def ask_pages(last: date, days: int, requests: int) -> None:
    """Tables of several kinds, for somebody who sees all and for a coordinator of one city."""
    from django.db import connection, reset_queries

    from onepoint.accounts.models import User
    from onepoint.accounts.scope import scope_of
    from onepoint.analytics import queries
    from onepoint.analytics.periods import Period
    from onepoint.analytics.queries import Choice

    spans = {"a month": 30, "a quarter": 91, "a year": days}
    readers = [person for person in User.objects.filter(is_active=True) if person.may("measure.view")]
    everybody = [one for one in readers if scope_of(one, "measure.view").everything][:1] + readers[:1]
    connection.force_debug_cursor = True
    for reader in everybody:
        for span, length in spans.items():
            for rows, step in (("unit", "whole"), ("category", "month"), ("person", "whole")):
                choice = Choice(
                    ("satisfaction", "first_time", "closed"),
                    rows,
                    step,
                    Period(last - timedelta(days=length - 1), last),
                )
                each = []
                for spans_of_months in (lambda _choice: [], queries._spans_of_months):
                    reset_queries()
                    began = time.perf_counter()
                    with patch.object(queries, "_spans_of_months", spans_of_months):
                        for _number in range(requests):
                            queries.find_table(choice, visible_to=User.objects.get(pk=reader.pk))
                    each.append((time.perf_counter() - began) / requests * 1000)
                asked = len(connection.queries) / requests
                print(
                    f"{reader.username:<16} {span:<10} by {rows:<9} {step:<7} days alone {each[0]:8.1f} ms,"
                    f" with months {each[1]:8.1f} ms {asked:5.1f} queries"
                )
    choice = Choice(("satisfaction",), "unit", "month", Period(last - timedelta(days=days - 1), last))
    print(queries.rows_by_step(choice, visible_to=everybody[0]).explain(analyze=True, buffers=True))


def take_away() -> None:
    from django.db import connection

    from onepoint.analytics import services

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO analytics_staleday SELECT DISTINCT day FROM analytics_fact WHERE subject_id > %s ON CONFLICT DO NOTHING",
            [BEYOND],
        )
        cursor.execute("DELETE FROM analytics_fact WHERE subject_id > %s", [BEYOND])
    services.add_up_days(by=None)


if __name__ == "__main__":
    main()
