"""How countable events are read from the tables of tickets, visits, marks and contacts: one statement for each source.

The page of definitions says the same in words (``measures``); a test counts it all once more in Python.
"""

from django.conf import settings

COLUMNS = (
    "source, subject_id, number, ticket_id, contact_id, day, is_contact, kind, channel, unit_id, home_id, region_id,"
    " category_id, severity_id, level_id, person_id"
)

# Whoever took it is judged by openings. A repeated complaint: the same customer complained within the 30 days before about
# a category beside this one. Taken up: somebody else than who registered it claimed or finished a step, or it was closed.
_OPENED = """
SELECT 2, t.id, 0, t.id, NULL::bigint, (t.opened_at AT TIME ZONE %(zone)s)::date, false, t.kind, t.channel,
    t.unit_id, t.unit_id, t.region_id, t.category_id, t.severity_id, t.customer_level_id,
    coalesce(t.created_by_id, t.owner_id),
    0, 0, 1, (t.kind = 'complaint')::int,
    (t.kind = 'complaint' AND EXISTS (
        SELECT 1 FROM tickets_ticket e JOIN tickets_category ec ON ec.id = e.category_id
        WHERE e.customer_id = t.customer_id AND e.kind = 'complaint' AND e.status <> 'merged'
            AND e.opened_at > t.opened_at - interval '30 days' AND (e.opened_at, e.id) < (t.opened_at, t.id)
            AND coalesce(ec.parent_id, ec.id) = coalesce(c.parent_id, c.id)
    ))::int,
    coalesce(least(
        (SELECT min(least(s.claimed_at, s.completed_at)) FROM workflow_usertask s
         WHERE s.instance_id = t.process_instance_id
            AND coalesce(s.completed_by_id, s.assignee_id) IS DISTINCT FROM t.created_by_id),
        t.closed_at, (SELECT min(x.closed_at) FROM follow_ups_closing x WHERE x.ticket_id = t.id)
    ) <= t.opened_at + interval '24 hours', false)::int,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    EXISTS (SELECT 1 FROM quality_mark m WHERE m.ticket_id = t.id AND m.direction = 'back_on_front'
        AND m.state IN ('standing', 'upheld'))::int, 0, 0
FROM tickets_ticket t JOIN tickets_category c ON c.id = t.category_id
WHERE t.status <> 'merged' AND t.kind <> 'appeal' AND t.id = ANY (%(tickets)s)
"""

# A mark belongs to the first closing after it; one made after the last closing belongs to that.
# The department that finished the last step before a closing is judged by it, else the unit that took the ticket.
_CLOSED = """
SELECT 3, t.id, x.number, t.id, NULL::bigint, (x.closed_at AT TIME ZONE %(zone)s)::date, false, t.kind, t.channel,
    coalesce(w.unit_id, t.unit_id), t.unit_id, t.region_id, t.category_id, t.severity_id, t.customer_level_id,
    coalesce(w.person_id, t.owner_id),
    0, 0, 0, 0, 0, 0,
    1, (x.number = 1 AND t.reopen_count = 0 AND coalesce(w.units, 0) <= 1 AND NOT coalesce(w.came_back, false))::int,
    (t.reopen_count >= x.number)::int, coalesce(k.timed, 0), coalesce(k.on_time, 0),
    coalesce(v.state = 'answered' OR v.sent_at IS NOT NULL OR EXISTS (
        SELECT 1 FROM follow_ups_visitattempt a WHERE a.follow_up_id = v.id AND a.outcome <> 'no_address'
    ), false)::int,
    coalesce(v.state IN ('answered', 'refused'), false)::int,
    coalesce(v.state = 'answered' AND v.is_satisfied IS NOT NULL, false)::int,
    coalesce(v.state = 'answered' AND v.is_satisfied, false)::int,
    coalesce(v.state = 'answered' AND v.stars IS NOT NULL, false)::int,
    coalesce(v.state = 'answered' AND v.stars >= 4, false)::int,
    0, 0, 0, 0, 0,
    0, coalesce(q.answer, false)::int, coalesce(q.inspection, false)::int
FROM tickets_ticket t
JOIN LATERAL (
    SELECT x.number, x.closed_at FROM follow_ups_closing x
    WHERE x.ticket_id = t.id AND x.ending IN ('closed', 'visited', 'automatic')
    UNION ALL
    SELECT t.reopen_count + 1, t.closed_at WHERE t.status = 'closed' AND t.closed_at IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM follow_ups_closing y WHERE y.ticket_id = t.id AND y.number = t.reopen_count + 1)
) x ON true
LEFT JOIN LATERAL (
    SELECT (array_agg(s.unit_id ORDER BY s.completed_at DESC, s.id DESC))[1] AS unit_id,
        (array_agg(s.completed_by_id ORDER BY s.completed_at DESC, s.id DESC))[1] AS person_id,
        count(DISTINCT s.unit_id) AS units, bool_or(s.arrival = 'returned') AS came_back
    FROM workflow_usertask s JOIN accounts_orgunit u ON u.id = s.unit_id AND u.receives_tickets
    WHERE s.instance_id = t.process_instance_id AND s.status = 'completed' AND s.parent_id IS NULL
        AND s.completed_at <= x.closed_at
) w ON true
LEFT JOIN LATERAL (
    SELECT 1 AS timed, min((k.breached_at IS NULL AND (k.due_at IS NULL OR k.settled_at <= k.due_at))::int) AS on_time
    FROM sla_clock k
    WHERE k.subject_type = 'ticket' AND k.subject_id = t.id AND k.kind IN ('total', 'statutory') AND k.state = 'settled'
        AND x.number > t.reopen_count
    HAVING count(*) > 0
) k ON true
LEFT JOIN LATERAL (
    SELECT bool_or(m.direction = 'front_on_back') AS answer, bool_or(m.direction = 'inspection') AS inspection
    FROM quality_mark m
    WHERE m.ticket_id = t.id AND m.state IN ('standing', 'upheld')
        AND (x.number > t.reopen_count OR m.marked_at <= x.closed_at)
        AND NOT EXISTS (SELECT 1 FROM follow_ups_closing b WHERE b.ticket_id = t.id AND b.number < x.number
            AND b.ending IN ('closed', 'visited', 'automatic') AND b.closed_at >= m.marked_at)
) q ON true
LEFT JOIN follow_ups_followup v ON v.ticket_id = t.id AND v.closing_number = x.number
WHERE t.status <> 'merged' AND t.kind <> 'appeal' AND t.id = ANY (%(tickets)s)
"""

_MARKED = """
SELECT 4, m.id, 0, t.id, NULL::bigint, (m.marked_at AT TIME ZONE %(zone)s)::date, false, t.kind, t.channel,
    coalesce(m.unit_id, t.unit_id), t.unit_id, t.region_id, t.category_id, t.severity_id, t.customer_level_id,
    m.person_id,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    (m.direction = 'back_on_front' AND m.state IN ('standing', 'upheld'))::int,
    (m.direction = 'front_on_back' AND m.state IN ('standing', 'upheld'))::int,
    (m.direction = 'inspection' AND m.state IN ('standing', 'upheld'))::int,
    (a.id IS NOT NULL AND m.state IN ('upheld', 'overturned'))::int,
    (a.id IS NOT NULL AND m.state = 'overturned')::int, 0, 0, 0
FROM quality_mark m JOIN tickets_ticket t ON t.id = m.ticket_id LEFT JOIN quality_appeal a ON a.mark_id = m.id
WHERE m.ticket_id = ANY (%(tickets)s)
"""

_CONTACTS = """
SELECT 1, n.id, 0, NULL::bigint, n.id, (n.started_at AT TIME ZONE %(zone)s)::date, true, '', n.channel,
    n.unit_id, n.unit_id, n.region_id, c.id, NULL::bigint, u.level_id, n.agent_id,
    1, (n.outcome = 'solved')::int,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
FROM channels_contact n LEFT JOIN tickets_category c ON c.code = n.category_code AND n.category_code <> ''
LEFT JOIN customers_customer u ON u.id = n.customer_id
WHERE n.direction = 'inbound' AND n.id = ANY (%(contacts)s)
"""

OF_TICKETS = f"{_OPENED} UNION ALL {_CLOSED} UNION ALL {_MARKED}"
OF_CONTACTS = _CONTACTS

# Complaints of a customer count as repeated by those before them: who touches one touches those of the 30 days after it.
FOLLOWERS = """
SELECT DISTINCT l.id FROM tickets_ticket t JOIN tickets_ticket l ON l.customer_id = t.customer_id
    AND l.kind = 'complaint' AND l.opened_at >= t.opened_at AND l.opened_at <= t.opened_at + interval '30 days'
WHERE t.id = ANY (%(tickets)s)
"""


def zone() -> str:
    """The house's time zone, in which days begin."""
    return str(settings.TIME_ZONE)
