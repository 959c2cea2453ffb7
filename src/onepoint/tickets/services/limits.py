"""The clocks of a ticket follow what happens to it; its due moment is the earliest of those that govern it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core import audit, clock
from onepoint.core.errors import InvalidInput, SomebodyWasFaster, require
from onepoint.core.prepared import NamedStatement
from onepoint.core.text import clean
from onepoint.sla import step_rules
from onepoint.sla.clock_plans import plan_clocks, plan_promise, plan_stage, policies_in_force, stages_with_limits
from onepoint.sla.clock_rows import NewClock
from onepoint.sla.models import Clock
from onepoint.sla.services import clocks
from onepoint.sla.states import OPEN_CLOCK, ClockKind
from onepoint.tickets import policies, queries
from onepoint.tickets.clock_facts import clock_facts
from onepoint.tickets.models import Ticket
from onepoint.tickets.states import FINISHED, TicketStatus
from onepoint.workflow import limits as step_limits
from onepoint.workflow import services as workflow_services

#: The clocks whose earliest due moment is the ticket's own; the others are shown beside it.
GOVERNING = (ClockKind.STATUTORY, ClockKind.TOTAL, ClockKind.PROMISE)
#: The customer has his answer: what was owed to him is done, the case as a whole goes on until it is closed.
ANSWERED = frozenset({TicketStatus.RESOLVED, TicketStatus.VISITING})
OWED = (ClockKind.STATUTORY, ClockKind.PROMISE, ClockKind.FIRST_RESPONSE)


def plan_ticket_clocks(ticket: Ticket) -> list[NewClock]:
    """The clocks of a ticket about to be registered; sets ``due_at`` and ``warn_at`` on it. Writes nothing."""
    planned = plan_clocks(clock_facts(ticket), stage=TicketStatus.OPEN)
    if promise := _promise_of(ticket):
        planned.append(promise)
    governing = [new for new in planned if new.kind in GOVERNING]
    dues = [(due_at, new) for new in governing if (due_at := new.due_at(ticket.opened_at)) is not None]
    if dues:
        ticket.due_at, first = min(dues, key=lambda pair: pair[0])
        ticket.warn_at = first.moment_of(first.warnings[0], ticket.opened_at) if first.warnings else None
    return planned


def _promise_of(ticket: Ticket) -> NewClock | None:
    at = ticket.promised_reply_at
    if at is None or at <= clock.now():
        return None
    return plan_promise(at - clock.now())


def start_ticket_clocks(ticket: Ticket, planned: Sequence[NewClock], *, by: User | None) -> list[Clock]:
    """Let the planned clocks of a ticket just registered run."""
    return clocks.start_clocks(_subject(ticket), planned, at=ticket.opened_at, by=by)


_SYNC = NamedStatement(
    "sync_due_of_tickets",
    """
UPDATE tickets_ticket t SET due_at = g.due_at, warn_at = g.warn_at, is_paused = g.is_paused
FROM (
    SELECT subject_id, min(due_at) AS due_at, bool_and(state = 'paused') AS is_paused,
        (array_agg(warn_at ORDER BY due_at NULLS LAST, id))[1] AS warn_at
    FROM sla_clock
    WHERE subject_type = 'ticket' AND subject_id = ANY(%(ids)s::bigint[]) AND kind = ANY(%(kinds)s::text[])
        AND state IN ('running', 'paused')
    GROUP BY subject_id
) g
WHERE t.id = g.subject_id
    AND (t.due_at, t.warn_at, t.is_paused) IS DISTINCT FROM (g.due_at, g.warn_at, g.is_paused)
RETURNING t.id, t.due_at, t.warn_at, t.is_paused
""",
)


def sync_due(ticket_ids: Iterable[int], *, by: User | None) -> dict[int, tuple[datetime | None, datetime | None, bool]]:
    """Note the earliest due moment of the clocks that govern each ticket; one whose clocks are over keeps its last."""
    told: dict[str, Any] = {"ids": sorted(set(ticket_ids)), "kinds": [kind.value for kind in GOVERNING]}
    return {row[0]: (row[1], row[2], row[3]) for row in _SYNC.rows(told)}


def _sync(ticket: Ticket, by: User | None) -> None:
    if found := sync_due([ticket.pk], by=by).get(ticket.pk):
        ticket.due_at, ticket.warn_at, ticket.is_paused = found


def _subject(ticket: Ticket) -> tuple[str, int]:
    return "ticket", ticket.pk


@transaction.atomic(savepoint=False)  # part of the ticket's move
def follow_status(ticket: Ticket, *, was: str, reason: str = "", by: User | None) -> None:
    """The ticket's status has changed: clocks are settled, stand still or run on with it."""
    subject, now = _subject(ticket), TicketStatus(ticket.status)
    if now in FINISHED:
        _finish(subject, now, reason, by)
        return
    if was in FINISHED:
        return  # reopened; that is a business of its own
    touched: list[Clock] = []
    if now == TicketStatus.ON_HOLD:
        touched += clocks.pause_clocks(subject, reason=reason, waiting=ticket.waits_for_customer, by=by)
        step_limits.pause_limits([task.pk for task in queries.live_tasks(ticket)], reason=reason, by=by)
    elif was == TicketStatus.ON_HOLD:
        touched += clocks.resume_clocks(subject, reason=reason, by=by)
        # Those of a suspended process go on with it.
        step_limits.resume_limits([task.pk for task in queries.live_tasks(ticket) if not task.held], by=by)
    elif was == TicketStatus.OPEN:
        touched += clocks.settle_clocks(subject, kinds=[ClockKind.FIRST_RESPONSE], by=by)
    if now in ANSWERED and was not in ANSWERED:
        touched += clocks.settle_clocks(subject, kinds=OWED, by=by)
    elif was in ANSWERED and now not in ANSWERED:
        touched += clocks.reopen_clocks(subject, kinds=[ClockKind.STATUTORY], by=by)
    _follow_stage(ticket, was, by)
    if touched:
        _sync(ticket, by)


def let_timers_rest(tickets: Sequence[Ticket], *, rests: bool, by: User | None) -> None:
    """While tickets are on hold the timers of their processes stand still; afterwards they go on with what was left."""
    ids = [ticket.process_instance_id for ticket in tickets if ticket.process_instance_id]
    if ids and rests:
        workflow_services.let_processes_rest(ids, by=by)
    elif ids:
        workflow_services.let_processes_go_on(ids, by=by)


@transaction.atomic
def follow_rest(tickets: Sequence[Ticket], *, was: str, reason: str, by: User | None) -> None:
    """The same for tickets put on hold together, all from one status: as many statements as for one."""
    if was in ANSWERED or stages_with_limits(was, TicketStatus.ON_HOLD):
        for ticket in tickets:
            follow_status(ticket, was=was, reason=reason, by=by)
        return
    ids = [ticket.pk for ticket in tickets]
    touched = clocks.pause_clocks(("ticket", ids), reason=reason, by=by)
    steps = [task.pk for tasks in queries.present_steps(tickets).values() for task in tasks]
    step_limits.pause_limits(steps, reason=reason, by=by)
    if touched:
        sync_due(ids, by=by)


def _finish(subject: tuple[str, int], status: TicketStatus, reason: str, by: User | None) -> None:
    if status == TicketStatus.CLOSED:
        clocks.settle_clocks(subject, reason=reason, by=by)
    else:
        clocks.cancel_clocks(subject, reason=reason, by=by)


def _follow_stage(ticket: Ticket, was: str, by: User | None) -> None:
    limited = stages_with_limits(was, ticket.status)
    if was in limited and ticket.status != TicketStatus.ON_HOLD:
        clocks.settle_clocks(_subject(ticket), kinds=[ClockKind.STAGE], by=by)
    if ticket.status in limited:
        clocks.start_clocks(_subject(ticket), plan_stage(clock_facts(ticket), ticket.status), by=by)


#: Items of a ticket that rules for limits ask about.
ASKED_ABOUT = frozenset({"kind", "category", "severity", "customer", "tags"})


@transaction.atomic
def follow_correction(ticket: Ticket, changes: dict[str, Any], *, by: User | None) -> None:
    """Items that rules ask about were corrected: limits change, what has elapsed stays."""
    if "promised_reply_at" in changes:
        clocks.cancel_clocks(_subject(ticket), kinds=[ClockKind.PROMISE], by=by)
        if promise := _promise_of(ticket):
            clocks.start_clocks(_subject(ticket), [promise], by=by)
    if ASKED_ABOUT & changes.keys():
        clocks.retarget_clocks(_subject(ticket), clock_facts(ticket), stage=ticket.status, by=by)
        if ticket.status == TicketStatus.ON_HOLD:  # what a rule has just begun rests like the others
            waiting, why = ticket.waits_for_customer, ticket.hold_reason
            clocks.pause_clocks(_subject(ticket), reason=why, waiting=waiting, told=False, by=by)
        if step_rules.there_are_rules():
            step_limits.retarget_limits(queries.live_tasks(ticket), by=by)
    elif "promised_reply_at" not in changes:
        return
    _sync(ticket, by)


@transaction.atomic
def follow_reopening(ticket: Ticket, *, reason: str, by: User | None) -> None:
    """The ticket lives again: its clocks go on or begin anew, as their rules say; one that never had any gets some."""
    again = clocks.reopen_clocks(_subject(ticket), reason=reason, by=by)
    if not again:
        planned = plan_clocks(clock_facts(ticket), stage=ticket.status)
        clocks.start_clocks(_subject(ticket), planned, reason=reason, by=by)
    _sync(ticket, by)


@transaction.atomic
def promise_ticket(ticket: Ticket, *, what: str, at: datetime, by: User | None) -> Clock:
    """Promise the customer something by a moment (aware). Raises TicketFinished, NothingToDoWithIt, InvalidInput."""
    ticket = Ticket.objects.select_for_update(of=("self",)).get(pk=ticket.pk)
    require(policies.why_not_promise(ticket, by))
    errors = {}
    if not (text := clean(what)[:80]):
        errors["what"] = _("Say what was promised.")
    if at <= clock.now():
        errors["at"] = _("This moment has passed.")
    if errors:
        raise InvalidInput(errors)
    new = plan_promise(at - clock.now(), name=text, name_en=text)
    (one,) = clocks.start_clocks(_subject(ticket), [new], told=False, by=by)
    audit.record("clock.promised", by=by, subject_type="ticket", subject_id=ticket.pk, clocks=[clocks.as_fact(one)])
    _sync(ticket, by)
    return one


@transaction.atomic
def keep_promise(ticket: Ticket, one: Clock, *, by: User | None) -> None:
    """What was promised has been done, in time or late. Raises as promise_ticket, SomebodyWasFaster."""
    ticket = Ticket.objects.select_for_update(of=("self",)).get(pk=ticket.pk)
    require(policies.why_not_promise(ticket, by))
    if one.kind != ClockKind.PROMISE or one.state not in OPEN_CLOCK:
        raise SomebodyWasFaster
    settled = clocks.settle_one(one, by=by)
    verb = "clock.broken" if settled.is_breached else "clock.kept"
    audit.record(verb, by=by, subject_type="ticket", subject_id=ticket.pk, clocks=[clocks.as_fact(settled)])
    _sync(ticket, by)


START_BATCH = 500


def start_missing_clocks(*, by: User | None, most: int | None = None) -> int:
    """Give every living ticket without clocks the ones its rules ask for, as if they had run since it was opened.

    For tickets that were there before the rules, or were copied into the house. In batches; may be run again.
    """
    done, last = 0, 0
    alive = Ticket.objects.alive().select_related("category", "severity", "region", "customer__level")
    while rows := list(alive.filter(pk__gt=last).order_by("pk")[:START_BATCH]):
        last = rows[-1].pk
        done += _start_some(rows, by)
        if most is not None and done >= most:
            break
    return done


@transaction.atomic
def _start_some(rows: list[Ticket], by: User | None) -> int:
    """Clocks began when their ticket did; one that rests has been counted up to now and stands still."""
    have = set(Clock.objects.of("ticket", *(row.pk for row in rows)).values_list("subject_id", flat=True))
    rules = policies_in_force()
    lacking = [row for row in rows if row.pk not in have]
    planned = [
        new.since(row.opened_at, row.pk)
        for row in lacking
        for new in plan_clocks(clock_facts(row), stage="", policies=rules)
        if not (new.kind == ClockKind.FIRST_RESPONSE and row.status != TicketStatus.OPEN)
        and not (new.kind in OWED and row.status in ANSWERED)
    ]
    clocks.start_clocks_of_many("ticket", planned, by=by)
    held = [row.pk for row in lacking if row.status == TicketStatus.ON_HOLD]
    if held:
        clocks.pause_clocks(("ticket", held), reason="", told=False, by=by)
    sync_due([row.pk for row in lacking], by=by)
    return len(lacking)
