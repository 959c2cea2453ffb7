"""Writes of measures: facts are counted anew where the journal says that something changed, and added up by day and by month."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.analytics import counting, policies
from onepoint.analytics.models import (
    COUNTERS,
    HOUSE,
    HOUSE_PLACE,
    MONTH_GROUPINGS,
    MONTH_PLACE,
    Progress,
    SavedView,
)
from onepoint.core import clock
from onepoint.core.errors import InvalidInput, require
from onepoint.core.text import clean

#: Tickets or contacts counted in one transaction.
BATCH = 2_000
#: Entries of the journal followed in one transaction.
ENTRIES = 20_000
#: An entry may become visible this long after a higher one, beside what running transactions tell.
REST = timedelta(seconds=30)
#: Views one person may keep.
MOST_VIEWS = 30
_LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended('analytics.facts', 0))"

_DIMENSIONS = (
    "day, is_contact, kind, channel, unit_id, home_id, region_id, category_id, severity_id, level_id"  # of a figure
)
_COUNTERS = ", ".join(COUNTERS)

# Only rows that differ are written, so that counting again what has not changed costs no write.
_COUNT = """
WITH counted ({columns}) AS MATERIALIZED ({source}),
gone AS (
    DELETE FROM analytics_fact f WHERE {mine} AND NOT EXISTS (SELECT 1 FROM counted c
        WHERE c.source = f.source AND c.subject_id = f.subject_id AND c.number = f.number)
    RETURNING f.day
), changed AS (
    SELECT c.*, f.day AS day_before FROM counted c LEFT JOIN analytics_fact f
        ON f.source = c.source AND f.subject_id = c.subject_id AND f.number = c.number
    WHERE f.id IS NULL OR (c.{row}) IS DISTINCT FROM (f.{old})
), written AS (
    INSERT INTO analytics_fact ({columns}) SELECT {columns} FROM changed
    ON CONFLICT (source, subject_id, number) DO UPDATE SET {assigned}
    RETURNING day
), stale AS (
    INSERT INTO analytics_staleday (day)
    SELECT day FROM gone UNION SELECT day FROM written UNION SELECT day_before FROM changed WHERE day_before IS NOT NULL
    ON CONFLICT DO NOTHING
)
SELECT count(*) FROM changed
"""
_COLUMNS = f"{counting.COLUMNS}, {_COUNTERS}"


def _statement(source: str, mine: str) -> str:
    names = _COLUMNS.split(", ")
    return _COUNT.format(
        columns=_COLUMNS, source=source, mine=mine, row=", c.".join(names), old=", f.".join(names),
        assigned=", ".join(f"{name} = EXCLUDED.{name}" for name in names[3:]),
    )  # fmt: skip


_COUNT_TICKETS = _statement(counting.OF_TICKETS, "f.ticket_id = ANY (%(tickets)s)")
_COUNT_CONTACTS = _statement(counting.OF_CONTACTS, "f.source = 1 AND f.subject_id = ANY (%(contacts)s)")

_PLACE = ", ".join(MONTH_PLACE)
_GROUPED = [name for name in MONTH_GROUPINGS if name]
_SETS = ", ".join(
    f"({', '.join(filter(None, (*place, name)))})" for place in (MONTH_PLACE, HOUSE_PLACE) for name in MONTH_GROUPINGS
)
_SUMS = ", ".join(f"sum({name})" for name in COUNTERS)
# A day is written anew; its month changes by the difference, so that a late correction costs a day and not a month.
_ADD_UP = f"""
WITH gone AS (DELETE FROM analytics_figure WHERE day = %(day)s RETURNING {_DIMENSIONS}, {_COUNTERS}),
made AS (
    INSERT INTO analytics_figure ({_DIMENSIONS}, {_COUNTERS})
    SELECT {_DIMENSIONS}, {_SUMS} FROM analytics_fact WHERE day = %(day)s GROUP BY {_DIMENSIONS}
    RETURNING {_DIMENSIONS}, {_COUNTERS}
), difference AS (
    SELECT {_DIMENSIONS}, {", ".join(f"-{name} AS {name}" for name in COUNTERS)} FROM gone UNION ALL TABLE made
), grouped AS (
    SELECT date_trunc('month', %(day)s::date)::date, {_PLACE},
        CASE WHEN GROUPING(unit_id) = 1 THEN '{HOUSE}' ELSE '' END || CASE {" ".join(f"WHEN GROUPING({name}) = 0 THEN '{name}'" for name in _GROUPED)} ELSE '' END,
        coalesce(channel, ''), category_id, severity_id, level_id, {_SUMS}
    FROM difference
    GROUP BY GROUPING SETS ({_SETS})
    HAVING {" OR ".join(f"sum({name}) <> 0" for name in COUNTERS)}
)
INSERT INTO analytics_monthfigure (day, {_PLACE}, grouped_by, channel, category_id, severity_id, level_id, {_COUNTERS})
TABLE grouped
ON CONFLICT (day, grouped_by, is_contact, kind, unit_id, home_id, region_id, channel, category_id, severity_id, level_id)
DO UPDATE SET {", ".join(f"{name} = analytics_monthfigure.{name} + EXCLUDED.{name}" for name in COUNTERS)}
"""
# Days of one month are added up one after the other: they change the same rows.
_ONE_BY_ONE = (
    "SELECT pg_advisory_xact_lock(hashtextextended('analytics.month ' || to_char(%(day)s::date, 'YYYY-MM'), 0))"
)

# What an entry of the journal may change: the ticket or contact it is about; of a customer, all his tickets.
_TOUCHED = """
SELECT coalesce(array_agg(DISTINCT subject_id) FILTER (WHERE subject_type = 'ticket'), '{}'),
    coalesce(array_agg(DISTINCT subject_id) FILTER (WHERE subject_type = 'contact'), '{}'),
    coalesce(array_agg(DISTINCT subject_id) FILTER (WHERE subject_type = 'customer'), '{}'), max(id), count(*)
FROM (SELECT id, subject_type, subject_id FROM core_auditentry WHERE id > %(after)s AND id <= %(upto)s ORDER BY id LIMIT %(most)s) e
"""


def count_tickets(ids: Collection[int], *, by: User | None) -> int:
    """Count the events of these tickets anew, and those of complaints they make repeated ones; returns how many changed."""
    if not ids:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(counting.FOLLOWERS, {"tickets": list(ids)})
        wanted = sorted({*ids, *(pk for (pk,) in cursor.fetchall())})
        return _count(_COUNT_TICKETS, tickets=wanted)


def count_contacts(ids: Collection[int], *, by: User | None) -> int:
    """Count these contacts anew; returns how many changed."""
    return _count(_COUNT_CONTACTS, contacts=sorted(ids)) if ids else 0


@transaction.atomic
def _count(statement: str, **ids: list[int]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"zone": counting.zone(), **ids})
        return int(cursor.fetchone()[0])


def add_up_days(*, by: User | None, most: int | None = None) -> int:
    """Roll the facts of days that changed up into figures of the day and of its month, the youngest first; returns how many
    days were."""
    done = 0
    while most is None or done < most:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM analytics_staleday WHERE day = (SELECT day FROM analytics_staleday"
                " ORDER BY day DESC LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING day"
            )
            found = cursor.fetchone()
            if found is None:
                return done
            cursor.execute(_ONE_BY_ONE, {"day": found[0]})
            cursor.execute(_ADD_UP, {"day": found[0]})
        done += 1
    return done


# --- following the journal --------------------------------------------------------------------------------------


def keep_up(*, by: User | None, seconds: float = 40.0) -> int:
    """Bring the measures up to what is committed; returns how many facts changed. One at a time; the others leave it to it.

    Whatever kills it, the next one goes on where the last transaction ended.
    """
    until = clock.now() + timedelta(seconds=seconds)
    changed = 0
    while True:
        more, count = _go_on()
        changed += count
        if not more or clock.now() >= until:
            break
    add_up_days(by=by)
    return changed


@transaction.atomic
def _go_on() -> tuple[bool, int]:
    """One piece of work: whether more is waiting, and how many facts changed."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
        if not cursor.fetchone()[0]:
            return False, 0
    progress = Progress.objects.first() or _begin()
    if progress.next_ticket_id is not None:
        return True, _fill(progress, "next_ticket_id", "tickets_ticket", count_tickets)
    if progress.next_contact_id is not None:
        return True, _fill(progress, "next_contact_id", "channels_contact", count_contacts)
    return _follow(progress)


def _newest_entry() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM core_auditentry")
        return int(cursor.fetchone()[0])


def _transactions() -> tuple[int, int]:
    """The oldest transaction that still runs, and what it must have reached once all of now are over.

    A snapshot's ``xmax`` would not do: it is behind the last that *ended*, and some that run may have begun after that. This
    transaction's own number is beyond all numbers given before, as nothing was written in it yet.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, pg_current_xact_id()::text::bigint + 1"
        )
        oldest, newest = cursor.fetchone()
    return int(oldest), int(newest)


def _begin() -> Progress:
    """The first filling counts everything; what is journaled meanwhile is followed afterwards."""
    return Progress.objects.create(last_entry_id=max(_newest_entry() - ENTRIES, 0))


def _fill(progress: Progress, field: str, table: str, count: Any) -> int:
    after = getattr(progress, field)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM {table} WHERE id > %s ORDER BY id LIMIT %s", [after, BATCH])
        ids = [pk for (pk,) in cursor.fetchall()]
    changed = count(ids, by=None)
    setattr(progress, field, ids[-1] if ids else None)
    progress.save(update_fields=[field])
    return int(changed)


def _follow(progress: Progress) -> tuple[bool, int]:
    """Count what the journal tells of. Entries are kept in mind as followed only once none can appear below them."""
    now, upto = clock.now(), _newest_entry()
    oldest, newest = _transactions()  # after the newest entry was looked up
    settled = (
        progress.looked_at is not None and now - progress.looked_at >= REST and oldest >= progress.after_transaction
    )
    after = progress.last_entry_id
    changed = 0
    with connection.cursor() as cursor:
        cursor.execute(_TOUCHED, {"after": after, "upto": upto, "most": ENTRIES})
        tickets, contacts, customers, last, count = cursor.fetchone()
    if count:
        changed = count_tickets({*tickets, *_tickets_of(customers)}, by=None) + count_contacts(contacts, by=None)
    if settled:
        # What was the newest when it was looked up is complete now; a full batch has read only a part of it.
        reached = min(progress.next_entry_id, last) if count == ENTRIES else progress.next_entry_id
        progress.last_entry_id = max(after, reached)
    is_through = progress.last_entry_id >= progress.next_entry_id
    if progress.looked_at is None or (settled and is_through):
        progress.next_entry_id, progress.after_transaction, progress.looked_at = upto, newest, now
    progress.counted_at = now
    progress.save()
    return settled and not is_through, changed


def _tickets_of(customers: Iterable[int]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM tickets_ticket WHERE customer_id = ANY (%s)", [list(customers)])
        return [pk for (pk,) in cursor.fetchall()]


# --- views people keep ------------------------------------------------------------------------------------------


@transaction.atomic
def save_view(name: str, parameters: str, *, by: User) -> SavedView:
    """Keep what one looks at under a name; the same name is written over. Raises NotPermitted, InvalidInput."""
    require(policies.why_not_view(by))
    named = clean(name)[:60]
    if not named:
        raise InvalidInput({"name": _("Please give a name.")})
    views = SavedView.objects.filter(owner=by)
    if views.exclude(name=named).count() >= MOST_VIEWS:
        raise InvalidInput({"name": _("You keep %(most)s views already; remove one first.") % {"most": MOST_VIEWS}})
    made_at: datetime = clock.now()
    view, _made = views.update_or_create(
        owner=by, name=named, defaults={"parameters": parameters[:1000], "made_at": made_at}
    )
    return view


@transaction.atomic
def remove_view(view: SavedView, *, by: User) -> None:
    """Forget a view of one's own. Raises NotPermitted."""
    require(policies.why_not_remove_view(view, by))
    view.delete()
