"""What ``./onepoint verify`` proves of measures: what was added up is what the tables say (reliability I11)."""

import random

from django.db import connection

from onepoint.analytics import counting
from onepoint.analytics.models import COUNTERS, HOUSE, MONTH_GROUPINGS, Fact, Progress, StaleDay
from onepoint.core import clock
from onepoint.core.verifying import Report, count_rows, find_rows, register_check

#: Days looked at, and all of them with --deep.
DAYS = 5
_CHUNK = 2_000
_COLUMNS = f"{counting.COLUMNS}, {', '.join(COUNTERS)}"

_FIGURES = """
SELECT coalesce(f.day, g.day)::text, {wrong} FROM
    (SELECT day, {sums} FROM analytics_fact GROUP BY day) f
    FULL JOIN (SELECT day, {sums} FROM analytics_figure GROUP BY day) g ON g.day = f.day
WHERE NOT EXISTS (SELECT 1 FROM analytics_staleday s WHERE s.day = coalesce(f.day, g.day))
    AND ({f}) IS DISTINCT FROM ({g})
""".format(
    wrong="'its roll-up is not the sum of its events'",
    sums=", ".join(f"sum({name}) AS {name}" for name in COUNTERS),
    f=", ".join(f"f.{name}" for name in COUNTERS),
    g=", ".join(f"g.{name}" for name in COUNTERS),
)

# Days and months are added up in one transaction, so that these may be compared at any time.
_MONTHS = "\nUNION ALL\n".join(
    f"""SELECT coalesce(m.day, f.day)::text, 'the roll-up of its month is not the sum of its days' FROM
    (SELECT day, {{key}}, {{sums}} FROM analytics_monthfigure WHERE grouped_by = '{reach}{grouping}' GROUP BY day, {grouping or "kind"}) m
    FULL JOIN (SELECT date_trunc('month', day)::date AS day, {{key}}, {{sums}} FROM analytics_figure
        GROUP BY date_trunc('month', day), {grouping or "kind"}) f ON f.day = m.day AND f.key = m.key
    WHERE ({{wrong}})""".format(
        key=f"coalesce({grouping or 'kind'}::text, '') AS key",
        sums=", ".join(f"sum({name}) AS {name}" for name in COUNTERS),
        wrong=" OR ".join(f"coalesce(f.{name}, 0) <> coalesce(m.{name}, 0)" for name in COUNTERS),
    )
    for reach in ("", HOUSE)
    for grouping in MONTH_GROUPINGS
)

# Whatever the journal has told since the facts were last counted is on its way.
_DIFFERING = f"""
WITH counted ({_COLUMNS}) AS MATERIALIZED ({{source}}), kept AS (SELECT {_COLUMNS} FROM analytics_fact WHERE {{mine}})
SELECT CASE WHEN d.source = 1 THEN 'contact ' ELSE 'ticket ' END || coalesce(d.ticket_id, d.subject_id), d.what FROM (
    SELECT *, 'is counted otherwise than the tables say' AS what FROM (TABLE counted EXCEPT TABLE kept) a
    UNION ALL SELECT *, 'is counted, and the tables do not say so' FROM (TABLE kept EXCEPT TABLE counted) b
) d
WHERE NOT EXISTS (SELECT 1 FROM core_auditentry e WHERE e.subject_id = coalesce(d.ticket_id, d.subject_id)
    AND e.subject_type = CASE WHEN d.source = 1 THEN 'contact' ELSE 'ticket' END AND e.id > %(after)s)
"""
_OF_TICKETS = _DIFFERING.format(source=counting.OF_TICKETS, mine="ticket_id = ANY (%(tickets)s)")
_OF_CONTACTS = _DIFFERING.format(source=counting.OF_CONTACTS, mine="source = 1 AND subject_id = ANY (%(contacts)s)")

_TICKETS_OF = """
SELECT id FROM tickets_ticket WHERE opened_at >= %(day)s::date::timestamp AT TIME ZONE %(zone)s
    AND opened_at < (%(day)s::date + 1)::timestamp AT TIME ZONE %(zone)s
UNION SELECT ticket_id FROM analytics_fact WHERE day = %(day)s AND ticket_id IS NOT NULL
"""
_CONTACTS_OF = """
SELECT id FROM channels_contact WHERE started_at >= %(day)s::date::timestamp AT TIME ZONE %(zone)s
    AND started_at < (%(day)s::date + 1)::timestamp AT TIME ZONE %(zone)s
UNION SELECT subject_id FROM analytics_fact WHERE day = %(day)s AND source = 1
"""


@register_check("analytics.measures", "What measures count of a day is what the tables say of it", "events")
def check_measures(report: Report) -> None:
    progress = Progress.objects.first()
    if progress is None or not progress.is_filled:
        report.note("the first filling of the measures is not done yet")
        return
    find_rows(report, _FIGURES, {}, "{1}")
    find_rows(report, _MONTHS, {}, "{1}")
    if waiting := StaleDay.objects.count():
        report.note(f"{waiting:,} days wait to be added up")
    days = list(Fact.objects.order_by("day").values_list("day", flat=True).distinct())
    if not report.is_deep:
        days = random.Random(clock.now().timestamp()).sample(days, min(DAYS, len(days)))
    for day in days:
        asked = {"day": day, "zone": counting.zone()}
        for sql, statement, name in ((_TICKETS_OF, _OF_TICKETS, "tickets"), (_CONTACTS_OF, _OF_CONTACTS, "contacts")):
            ids = _ids(sql, asked)
            for start in range(0, len(ids), _CHUNK):
                some = ids[start : start + _CHUNK]
                find_rows(
                    report, statement, {"zone": asked["zone"], "after": progress.last_entry_id, name: some}, "{1}"
                )
        report.look(count_rows("SELECT count(*) FROM analytics_fact WHERE day = %(day)s", {"day": day}))


def _ids(sql: str, asked: dict) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, asked)
        return [pk for (pk,) in cursor.fetchall()]
