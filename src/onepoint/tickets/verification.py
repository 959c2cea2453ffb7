"""What ``./onepoint verify`` proves of tickets: none is lost, half made, or shows what is not so."""

from datetime import timedelta
from typing import Any

from onepoint.core import clock
from onepoint.core.verifying import Report, count_rows, find_overdue, find_rows, register_check
from onepoint.tickets.services.limits import GOVERNING
from onepoint.tickets.states import ALIVE, FINISHED, TicketStatus
from onepoint.workflow.states import LIVE_INSTANCE, LIVE_TASK, CallStatus, InstanceStatus, ReminderKind, TimerStatus

#: What is under way between two transactions (a job that is to follow) is no fault yet.
GRACE = timedelta(minutes=5)

_STATES: dict[str, Any] = {
    "alive": [status.value for status in ALIVE],
    "finished": [status.value for status in FINISHED],
    "live_tasks": [status.value for status in LIVE_TASK],
    "live_instances": [status.value for status in LIVE_INSTANCE],
    "live_timers": [TimerStatus.WAITING.value, TimerStatus.FROZEN.value],
    "pending": CallStatus.PENDING.value,
    "suspended": InstanceStatus.SUSPENDED.value,
    "on_hold": TicketStatus.ON_HOLD.value,
    "resolved": TicketStatus.RESOLVED.value,
    "closed": TicketStatus.CLOSED.value,
    "merged": TicketStatus.MERGED.value,
    "governing": [kind.value for kind in GOVERNING],
    "urged_by": [ReminderKind.PERSON.value, ReminderKind.CUSTOMER.value],
}


def _told() -> dict[str, Any]:
    return {**_STATES, "lately": clock.now() - GRACE}


def _look_at_tickets(report: Report, statuses: str) -> None:
    report.look(count_rows("SELECT count(*) FROM tickets_ticket WHERE status = ANY(%(wanted)s)", {
        "wanted": _STATES[statuses],
    }))  # fmt: skip


# A process that waits for a called one is kept going by what that waits for: hence everything of its subject or root.
_WORK = """
SELECT ticket.number, ticket.status, coalesce(instance.status, 'never started')
FROM tickets_ticket ticket LEFT JOIN workflow_processinstance instance ON instance.id = ticket.process_instance_id
WHERE ticket.status = ANY(%(alive)s)
AND NOT (
    coalesce(instance.status = ANY(%(live_instances)s), false) AND (
        instance.status <> 'active'
        OR EXISTS (SELECT 1 FROM workflow_usertask task WHERE task.subject_type = 'ticket'
            AND task.subject_id = ticket.id AND task.status = ANY(%(live_tasks)s))
        OR EXISTS (SELECT 1 FROM workflow_processinstance one
            WHERE (one.id = instance.id OR (one.subject_type = 'ticket' AND one.subject_id = ticket.id
                AND one.status = ANY(%(live_instances)s)))
            AND (EXISTS (SELECT 1 FROM workflow_timer timer
                    WHERE timer.instance_id = one.id AND timer.status = ANY(%(live_timers)s))
                OR EXISTS (SELECT 1 FROM workflow_subscription waiting
                    WHERE waiting.instance_id = one.id AND waiting.closed_at IS NULL)
                OR EXISTS (SELECT 1 FROM workflow_servicecall call
                    WHERE call.instance_id = one.id AND call.status = %(pending)s)))
    )
)
AND NOT (ticket.status = %(resolved)s AND EXISTS (
    SELECT 1 FROM tickets_ticket child WHERE child.parent_id = ticket.id AND child.status = ANY(%(alive)s)))
"""


@register_check(
    "tickets.work", "Every open ticket has somebody to act, a clock running, or something it waits for", "open tickets"
)
def check_work(report: Report) -> None:
    find_rows(report, _WORK, _told(), "is {1}, yet nobody has to act and nothing is waited for (process {2})")
    _look_at_tickets(report, "alive")


_ENDS = """
SELECT ticket.number, 'is ' || ticket.status || ', yet its process runs'
FROM tickets_ticket ticket JOIN workflow_processinstance instance ON instance.id = ticket.process_instance_id
WHERE ticket.status = ANY(%(finished)s) AND instance.status = ANY(%(live_instances)s)
UNION ALL
SELECT ticket.number, 'is finished, yet a step of it is open'
FROM tickets_ticket ticket JOIN workflow_usertask task ON task.subject_type = 'ticket' AND task.subject_id = ticket.id
WHERE ticket.status = ANY(%(finished)s) AND task.status = ANY(%(live_tasks)s)
UNION ALL
SELECT number, 'is finished, but when is not noted' FROM tickets_ticket
WHERE status = ANY(%(finished)s) AND closed_at IS NULL
UNION ALL
SELECT ticket.number, 'is finished, yet a clock of it runs'
FROM sla_clock one JOIN tickets_ticket ticket ON ticket.id = one.subject_id
WHERE one.subject_type = 'ticket' AND one.state IN ('running', 'paused') AND ticket.status = ANY(%(finished)s)
UNION ALL
SELECT ticket.number, CASE WHEN ticket.merged_into_id IS NULL THEN 'was merged into nothing'
    ELSE 'was merged in a circle' END
FROM tickets_ticket ticket LEFT JOIN tickets_ticket survivor ON survivor.id = ticket.merged_into_id
WHERE ticket.status = %(merged)s AND (ticket.merged_into_id IS NULL OR survivor.merged_into_id = ticket.id)
"""


@register_check("tickets.ends", "A finished ticket has ended everywhere: process, steps and clocks", "finished tickets")
def check_ends(report: Report) -> None:
    find_rows(report, _ENDS, _told(), "{1}")
    _look_at_tickets(report, "finished")


_RESTS = """
SELECT ticket.number, CASE WHEN instance.rests_since IS NULL THEN 'is on hold, yet the timers of its process run'
    ELSE 'goes on, yet the timers of its process stand still' END
FROM tickets_ticket ticket JOIN workflow_processinstance instance ON instance.id = ticket.process_instance_id
WHERE (ticket.status = %(on_hold)s) <> (instance.rests_since IS NOT NULL) AND instance.ended_at IS NULL
UNION ALL
SELECT ticket.number, CASE WHEN one.state = 'running' THEN 'is on hold, yet the clock of a step runs'
    ELSE 'goes on, yet the clock of a step stands still' END
FROM sla_clock one JOIN workflow_usertask task ON task.id = one.subject_id
JOIN workflow_processinstance instance ON instance.id = task.instance_id
JOIN tickets_ticket ticket ON task.subject_type = 'ticket' AND ticket.id = task.subject_id
WHERE one.subject_type = 'task' AND one.state IN ('running', 'paused')
    AND (one.state = 'paused') <> (ticket.status = %(on_hold)s) AND instance.status <> %(suspended)s
"""


@register_check(
    "tickets.rests", "Timers and steps stand still while a ticket is on hold, and only then", "open tickets"
)
def check_rests(report: Report) -> None:
    find_rows(report, _RESTS, _told(), "{1}")
    _look_at_tickets(report, "alive")


# Of a ticket from an archived month the journal no longer tells the birth; the archive's file does. A day to both sides,
# because the moment of an entry is not to the second that of its ticket.
_BIRTHS = """
SELECT ticket.number, count(entry.id)
FROM tickets_ticket ticket LEFT JOIN core_auditentry entry
    ON entry.subject_type = 'ticket' AND entry.subject_id = ticket.id AND entry.verb = 'ticket.created'
GROUP BY ticket.id, ticket.number
HAVING count(entry.id) > 1 OR count(entry.id) = 0 AND NOT EXISTS (
    SELECT 1 FROM core_archivedmonth month WHERE month.restored_at IS NULL
    AND (month.since IS NULL OR ticket.opened_at >= month.since - interval '1 day')
    AND ticket.opened_at < month.until + interval '1 day'
)
"""


_GONE = """
SELECT 'ticket ' || entry.subject_id FROM core_auditentry entry
LEFT JOIN tickets_ticket ticket ON ticket.id = entry.subject_id
WHERE entry.subject_type = 'ticket' AND entry.verb = 'ticket.created' AND ticket.id IS NULL
"""


@register_check("tickets.births", "The journal tells of every ticket's creation exactly once", "tickets")
def check_births(report: Report) -> None:
    find_rows(report, _BIRTHS, {}, "was created {1} times, says the journal")
    find_rows(report, _GONE, {}, "was created, says the journal, and is gone")
    report.look(count_rows("SELECT count(*) FROM tickets_ticket"))


_COUNTERS = """
WITH urged AS (
    SELECT subject_id, count(*) AS times FROM workflow_reminder
    WHERE subject_type = 'ticket' AND kind = ANY(%(urged_by)s) GROUP BY subject_id
), reopened AS (
    SELECT subject_id, count(*) AS times FROM core_auditentry
    WHERE subject_type = 'ticket' AND verb = 'ticket.reopened' GROUP BY subject_id
)
SELECT ticket.number, 'urged ' || ticket.reminder_count || ' times, with ' || coalesce(urged.times, 0) || ' reminders'
FROM tickets_ticket ticket LEFT JOIN urged ON urged.subject_id = ticket.id
WHERE ticket.reminder_count <> coalesce(urged.times, 0)
UNION ALL
SELECT ticket.number, 'reopened ' || ticket.reopen_count || ' times, the journal says ' || coalesce(reopened.times, 0)
FROM tickets_ticket ticket LEFT JOIN reopened ON reopened.subject_id = ticket.id
WHERE coalesce(reopened.times, 0) > ticket.reopen_count OR coalesce(reopened.times, 0) < ticket.reopen_count
    AND NOT EXISTS (SELECT 1 FROM core_archivedmonth month WHERE month.restored_at IS NULL AND month.until > ticket.opened_at)
"""


@register_check("tickets.counters", "What is counted on a ticket is what a recount gives", "tickets")
def check_counters(report: Report) -> None:
    find_rows(report, _COUNTERS, _told(), "{1}")
    report.look(count_rows("SELECT count(*) FROM tickets_ticket"))


_DUE = """
SELECT ticket.number, coalesce(ticket.due_at::text, 'never'), coalesce(min(one.due_at)::text, 'never')
FROM tickets_ticket ticket JOIN sla_clock one ON one.subject_type = 'ticket' AND one.subject_id = ticket.id
WHERE ticket.status = ANY(%(alive)s) AND one.kind = ANY(%(governing)s) AND one.state IN ('running', 'paused')
GROUP BY ticket.id HAVING ticket.due_at IS DISTINCT FROM min(one.due_at)
"""


@register_check("tickets.due", "Every open ticket shows the earliest due moment of its clocks", "open tickets")
def check_due(report: Report) -> None:
    waiting = count_rows(
        "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'tickets.sync_due' AND status IN ('todo', 'doing')"
    )
    if waiting:
        report.note(f"{waiting} jobs are still to carry moved clocks over; not compared")
        return
    find_rows(report, _DUE, _told(), "shows {1}, its clocks say {2}")
    _look_at_tickets(report, "alive")


_AUDIENCE = """
SELECT ticket.number, task.id FROM workflow_usertask task JOIN tickets_ticket ticket ON ticket.id = task.subject_id
WHERE task.subject_type = 'ticket' AND task.status = ANY(%(live_tasks)s) AND NOT (
    (task.assignee_id IS NULL OR ticket.audience @> ARRAY['P' || task.assignee_id])
    AND (SELECT coalesce(bool_and(ticket.audience @> ARRAY['c:' || key]), true) FROM unnest(task.candidate_keys) key)
)
"""


@register_check("tickets.audience", "Whoever has a step of a ticket may see the ticket", "live steps")
def check_audience(report: Report) -> None:
    find_rows(report, _AUDIENCE, _told(), "the people of step {1} may not see it")
    report.look(
        count_rows(
            "SELECT count(*) FROM workflow_usertask WHERE subject_type = 'ticket' AND status = ANY(%(live_tasks)s)",
            _told(),
        )
    )


_CONTACTS = """
SELECT contact.number, contact.ticket_number FROM channels_contact contact
WHERE contact.ticket_number <> ''
AND NOT EXISTS (SELECT 1 FROM tickets_ticket ticket WHERE ticket.number = contact.ticket_number)
"""


@register_check("tickets.contacts", "Every contact that became a ticket names one that exists", "contacts")
def check_contacts(report: Report) -> None:
    find_rows(report, _CONTACTS, {}, "names the ticket {1}, which does not exist")
    report.look(count_rows("SELECT count(*) FROM channels_contact WHERE ticket_number <> ''"))


_STANDING = """
SELECT id, 'has not moved since ' || moved_at::timestamp(0) FROM tickets_batchrun
WHERE state = 'running' AND moved_at < %(lately)s
"""
_BATCHES = """
SELECT run.id, 'ended with ' || count(*) || ' tickets left'
FROM tickets_batchrun run JOIN tickets_batchitem item ON item.run_id = run.id AND item.state = 'waiting'
WHERE run.state = 'done' GROUP BY run.id
UNION ALL
SELECT run.id, 'has ' || count(item.id) || ' tickets of ' || run.total
FROM tickets_batchrun run LEFT JOIN tickets_batchitem item ON item.run_id = run.id
GROUP BY run.id HAVING count(item.id) <> run.total
"""


@register_check("tickets.batches", "Every batch is going on, or has done or refused each of its tickets", "batches")
def check_batches(report: Report) -> None:
    find_overdue(report, _STANDING, _told())
    find_rows(report, _BATCHES, {}, "{1}")
    report.look(count_rows("SELECT count(*) FROM tickets_batchrun"))
