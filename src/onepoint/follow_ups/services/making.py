"""Closings are noted with the ticket's own transaction; a job makes visits of them, many at a time."""

from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

from onepoint.accounts.models import User
from onepoint.core import clock, jobs
from onepoint.follow_ups.models import FollowUp
from onepoint.follow_ups.states import Ending, VisitState
from onepoint.tickets.models import Ticket
from onepoint.tickets.states import INTERNAL_KINDS, TicketStatus
from onepoint.workflow import queries as workflow_queries

AT_ONCE = 2_000
#: One maker at a time, and never while a rule is being changed: so a closing meets the rules of its own moment.
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('follow_ups.rules', 0))"

_ENDINGS = {TicketStatus.ABORTED: Ending.ABORTED, TicketStatus.WITHDRAWN: Ending.WITHDRAWN}

_NOTE = """
INSERT INTO follow_ups_closing (ticket_id, number, ending, closed_at, kind, category_ids, severity_id_then, level_id_then,
    unit_ids, is_chosen)
SELECT t.id, t.reopen_count + 1, %(ending)s, t.closed_at, t.kind, string_to_array(trim(both '/' from c.path), '/')::bigint[],
    t.severity_id, t.customer_level_id, coalesce(string_to_array(trim(both '/' from u.path), '/')::bigint[], '{}'), false
FROM tickets_ticket t
JOIN tickets_category c ON c.id = t.category_id
LEFT JOIN accounts_orgunit u ON u.id = t.unit_id
WHERE t.id = %(ticket)s AND t.closed_at IS NOT NULL
ON CONFLICT (ticket_id, number) DO NOTHING
"""

# The first rule that fits a closing decides; its share decides by a hash (``sampling``). A ticket that lives again by now
# has its visit too, dropped at once. Whoever does not agree to be contacted is not.
_MAKE = """
WITH batch AS (
    SELECT * FROM follow_ups_closing WHERE looked_at IS NULL ORDER BY id LIMIT %(most)s FOR UPDATE SKIP LOCKED
), fitting AS (
    SELECT DISTINCT ON (b.id) b.id AS closing_id, b.ticket_id, b.number, b.closed_at, v.id AS version_id, v.rule_id, v.share,
        r.seed, v.questionnaire_id, v.ways[1] AS way, v.first_after_hours, v.quiet_from, v.quiet_until, v.valid_days
    FROM batch b
    JOIN follow_ups_visitruleversion v ON v.in_force_from <= b.closed_at
        AND (v.in_force_until IS NULL OR v.in_force_until > b.closed_at)
        AND b.ending <> 'visited' AND b.ending = ANY (v.endings)
        AND (cardinality(v.kinds) = 0 OR b.kind = ANY (v.kinds))
        AND (cardinality(v.category_ids) = 0 OR v.category_ids && b.category_ids)
        AND (cardinality(v.severity_ids) = 0 OR b.severity_id_then = ANY (v.severity_ids))
        AND (cardinality(v.level_ids) = 0 OR b.level_id_then = ANY (v.level_ids))
        AND (cardinality(v.unit_ids) = 0 OR v.unit_ids && b.unit_ids)
    JOIN follow_ups_visitrule r ON r.id = v.rule_id
    ORDER BY b.id, v.rank, v.rule_id
), drawn AS (
    SELECT f.*, (('x' || encode(substr(sha256(convert_to(f.closing_id || '/' || f.rule_id || '/' || f.seed, 'UTF8')), 1, 4),
        'hex'))::bit(32)::bigint %% 10000) < f.share * 100 AS is_drawn
    FROM fitting f
), timed AS (
    SELECT d.*, t.customer_id, t.customer_level_id, t.region_id, t.unit_id, t.audience, t.reopen_count,
        (d.closed_at AT TIME ZONE %(zone)s)::date AS closed_on,
        (greatest(d.closed_at + make_interval(hours => d.first_after_hours), %(now)s) AT TIME ZONE %(zone)s) AS wanted
    FROM drawn d
    JOIN tickets_ticket t ON t.id = d.ticket_id
    LEFT JOIN customers_customer c ON c.id = t.customer_id
    WHERE d.is_drawn AND coalesce(c.consent_to_contact, true)
), calm AS (
    SELECT d.*, CASE
        WHEN quiet_from < quiet_until AND wanted::time >= quiet_from AND wanted::time < quiet_until
            THEN wanted::date + quiet_until
        WHEN quiet_from > quiet_until AND wanted::time >= quiet_from THEN wanted::date + 1 + quiet_until
        WHEN quiet_from > quiet_until AND wanted::time < quiet_until THEN wanted::date + quiet_until
        ELSE wanted END AT TIME ZONE %(zone)s AS due_at
    FROM timed d
), made AS (
    INSERT INTO follow_ups_followup (ticket_id, closing_number, rule_version_id, questionnaire_id, customer_id,
        customer_level_id, region_id, unit_id, audience, state, way, made_at, closed_on, due_at, expires_at, is_appointment,
        failures, answered_way, answers, words, answer_key, has_reopened)
    SELECT d.ticket_id, d.number, d.version_id,
        (SELECT q.id FROM follow_ups_questionnaireversion q
         WHERE q.questionnaire_id = d.questionnaire_id AND q.state = 'published' ORDER BY q.number DESC LIMIT 1),
        d.customer_id, d.customer_level_id, d.region_id, d.unit_id, d.audience,
        CASE WHEN d.reopen_count >= d.number THEN 'dropped' ELSE 'waiting' END, d.way, %(now)s, d.closed_on, d.due_at,
        d.due_at + make_interval(days => d.valid_days), false, 0, '', '{}', '', '', false
    FROM calm d ORDER BY d.closing_id
    ON CONFLICT (ticket_id, closing_number) DO NOTHING
    RETURNING id
), noted AS (
    UPDATE follow_ups_closing c SET looked_at = %(now)s, rule_version_id = f.version_id,
        is_chosen = coalesce(f.closing_id IN (SELECT closing_id FROM calm), false)
    FROM batch b LEFT JOIN fitting f ON f.closing_id = b.id WHERE c.id = b.id
    RETURNING c.id
)
SELECT (SELECT count(*) FROM noted), coalesce((SELECT array_agg(id) FROM made), '{}')
"""

# Several closings of one customer on one day are asked about together, where both rules say so and the first visit has
# not begun. The eldest visit leads.
_MERGE = """
WITH fresh AS (
    SELECT DISTINCT f.customer_id, f.closed_on
    FROM follow_ups_followup f JOIN follow_ups_visitruleversion v ON v.id = f.rule_version_id AND v.merges_day
    WHERE f.id = ANY (%(ids)s) AND f.customer_id IS NOT NULL AND f.state = 'waiting'
), days AS (
    SELECT f.id, first_value(f.id) OVER (PARTITION BY f.customer_id, f.closed_on ORDER BY f.id) AS lead_id
    FROM follow_ups_followup f
    JOIN fresh ON fresh.customer_id = f.customer_id AND fresh.closed_on = f.closed_on
    JOIN follow_ups_visitruleversion v ON v.id = f.rule_version_id AND v.merges_day
    WHERE f.state = 'waiting' AND f.sent_at IS NULL AND f.failures = 0 AND f.assignee_id IS NULL
)
UPDATE follow_ups_followup f SET state = 'merged', lead_id = days.lead_id
FROM days WHERE f.id = days.id AND days.lead_id <> f.id
"""


@transaction.atomic(savepoint=False)  # part of the write that ended the ticket
def note_closing(ticket: Ticket, *, was: str, by: User | None) -> None:
    """Keep that a ticket came to its end, and how; visits are made of it by a job right after this commits."""
    if ticket.kind in INTERNAL_KINDS:
        return  # no customer asked for it
    ending = _ENDINGS.get(TicketStatus(ticket.status))
    if ending is None:
        visited = was == TicketStatus.VISITING and _was_asked(ticket)
        ending = Ending.VISITED if visited else Ending.CLOSED if by is not None else Ending.AUTOMATIC
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, {"ticket": ticket.pk, "ending": ending.value})
    jobs.defer_after_commit("follow_ups.make_visits")


def _was_asked(ticket: Ticket) -> bool:
    """Whether the step it ended with was the return visit, and somebody finished it: a step cut short asked nobody."""
    task = workflow_queries.last_task_done(ticket.process_instance_id) if ticket.process_instance_id else None
    return task is not None and workflow_queries.step_of(task).subject_status == TicketStatus.VISITING


def make_visits(*, by: User | None, most: int | None = None) -> int:
    """Look at every closing not yet looked at and make its visit where a rule covers it; returns how many were made.

    In batches, each a transaction of its own. Whatever kills it, every closing is looked at once.
    """
    made = looked = 0
    while most is None or looked < most:
        count, ids = _make_batch(clock.now())
        made += len(ids)
        looked += count
        if count < AT_ONCE:
            break
    return made


@transaction.atomic
def _make_batch(now: datetime) -> tuple[int, list[int]]:
    with connection.cursor() as cursor:
        cursor.execute(LOCK)
        cursor.execute(_MAKE, {"most": AT_ONCE, "now": now, "zone": settings.TIME_ZONE})
        count, ids = cursor.fetchone()
        if ids:
            cursor.execute(_MERGE, {"ids": ids})
    return count, ids


@transaction.atomic(savepoint=False)
def drop_visits(ticket: Ticket, *, by: User | None) -> None:
    """The ticket lives again: what was not answered about its closing is not asked; visits merged into it stand alone."""
    dropped = list(
        FollowUp.objects.select_for_update(of=("self",))
        .filter(ticket=ticket, state__in=[VisitState.WAITING, VisitState.MERGED])
        .values_list("pk", flat=True)
    )
    if not dropped:
        return
    FollowUp.objects.filter(pk__in=dropped).update(state=VisitState.DROPPED)
    for follow_up in FollowUp.objects.filter(lead__in=dropped, state=VisitState.MERGED).order_by("pk"):
        lead = FollowUp.objects.filter(customer=follow_up.customer_id, closed_on=follow_up.closed_on).waiting().first()
        values = {"lead": lead} if lead else {"state": VisitState.WAITING, "lead": None}
        FollowUp.objects.filter(pk=follow_up.pk).update(**values)
