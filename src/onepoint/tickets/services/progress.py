"""How a ticket moves: it follows the steps of its process, ends with it, is withdrawn or reopened by people."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core import audit, clock, jobs
from onepoint.core.compiled import Compiled
from onepoint.core.errors import BusinessError, InvalidInput, SomebodyWasFaster, require
from onepoint.core.prepared import NamedStatement, Statement, Value
from onepoint.core.text import clean
from onepoint.tickets import first_asked, policies, queries, signals, ticket_events
from onepoint.tickets.models import Ticket, Watcher
from onepoint.tickets.services.creation import start_ticket_process, ticket_being_started
from onepoint.tickets.services.leading import follow_lead
from onepoint.tickets.services.limits import follow_reopening, follow_status, let_timers_rest
from onepoint.tickets.services.search_index import wake_indexer
from onepoint.tickets.services.supervising import end_with_ticket, let_urging_rest
from onepoint.tickets.services.telling import tell_followers_later
from onepoint.tickets.states import FINISHED, TRANSITIONS, VERB_OF_OUTCOME, VERB_TO_STATUS, TicketStatus, is_allowed
from onepoint.workflow import queries as workflow_queries
from onepoint.workflow import services as workflow_services
from onepoint.workflow.errors import NoEarlierStep, NotAnEarlierStep, NotPossibleHere
from onepoint.workflow.news import InstanceNews, TaskNews
from onepoint.workflow.states import InstanceStatus


def _move(
    ticket: Ticket,
    verb: str,
    *,
    by: User | None,
    outcome: str = "",
    reason: str = "",
    also: dict[str, Any] | None = None,
    fact: str = "",
    **told: Any,
) -> None:
    """Compare-and-set along the transition table, journaled and announced. Raises SomebodyWasFaster for 0 rows."""
    target = TRANSITIONS[verb].target
    was = ticket.status
    moment = clock.now()
    if was == TicketStatus.ON_HOLD:
        also = {"on_hold_until": None, "hold_reason": "", "waits_for_customer": False, **(also or {})}
    values: dict[str, Any] = {"status": target, **(also or {})}
    if target in FINISHED:
        values["outcome"] = outcome
    if target in FINISHED:
        values["closed_at"] = moment
    if target in {TicketStatus.RESOLVED, TicketStatus.VISITING, TicketStatus.CLOSED} and ticket.resolved_at is None:
        values["resolved_at"] = moment
    if len(values) == 1:
        is_moved = _SET_STATUS.row(str(target), ticket.pk, str(was)) is not None
    else:
        is_moved = Ticket.objects.filter(pk=ticket.pk, status=was).update(**values) > 0
    if not is_moved:
        raise SomebodyWasFaster
    for name, value in values.items():
        setattr(ticket, name, value)
    if outcome:
        told["outcome"] = outcome
    _tell_move(ticket, verb, was=was, by=by, reason=reason, fact=fact, **told)


def _tell_move(
    ticket: Ticket, verb: str, *, was: str, by: User | None, reason: str = "", fact: str = "", **told: Any
) -> None:
    """Journal a move that is written already, and let all follow that goes by the status."""
    target = TRANSITIONS[verb].target
    if reason:
        told["reason"] = reason
    audit.record(
        f"ticket.{fact or _PAST[verb]}", by=by, subject_type="ticket", subject_id=ticket.pk, was=was,
        status=target.value, **told,
    )  # fmt: skip
    if TicketStatus.ON_HOLD in (was, target):
        let_urging_rest([ticket], rests=target == TicketStatus.ON_HOLD)
        let_timers_rest([ticket], rests=target == TicketStatus.ON_HOLD, by=by)
    follow_status(ticket, was=was, reason=reason, by=by)
    follow_lead(ticket, by=by)
    signals.ticket_status_changed.send(sender=Ticket, ticket=ticket, by=by, verb=verb, was=was)


#: What most moves are: nothing but the status changes.
_SET_STATUS = Statement(
    "set_ticket_status",
    "UPDATE tickets_ticket SET status = $1::text WHERE id = $2::bigint AND status = $3::text RETURNING id",
)

#: How a verb is written in the journal; what only follows a step is one and the same fact: the status changed.
_PAST = {verb: "status_changed" for verb in TRANSITIONS} | {
    "close": "closed",
    "abort": "aborted",
    "withdraw": "withdrawn",
    "reopen": "reopened",
    "resume": "resumed",
    "merge": "merged",
}


#: A move from one of these to another of these writes the status and nothing else.
_AT_WORK = (TicketStatus.OPEN, TicketStatus.HANDLING, TicketStatus.REPLYING)


@transaction.atomic(savepoint=False)  # part of the command that made the tasks
def note_new_tasks(ticket_id: int, tasks: Sequence[TaskNews], *, by: User | None) -> None:
    """Show the ticket to the people of new tasks and take over the status written on their step (``op:status``)."""
    keys = queries.audience_of_tasks(tasks)
    status = next((task.subject_status for task in reversed(tasks) if task.subject_status in TicketStatus.values), "")
    verb = VERB_TO_STATUS.get(TicketStatus(status)) if status else None
    sources: list[str] = []
    if verb and status in _AT_WORK and not ticket_being_started(ticket_id):
        sources = [one.value for one in _AT_WORK if is_allowed(verb, one)]
    was = _show(ticket_id, keys, status=status, sources=sources)
    ticket = _TICKET.first(ticket_id) if verb and is_allowed(verb, was) else None
    if verb and ticket and was in sources:
        _tell_move(ticket, verb, was=was, by=by)
    elif verb and ticket and is_allowed(verb, ticket.status):
        _move(ticket, verb, by=by)


_TICKET = Compiled("ticket_to_move", lambda pk: Ticket.objects.filter(pk=pk))


@transaction.atomic
def finish_with_process(instance: InstanceNews, *, by: User | None) -> None:
    """The process ended: close, abort or withdraw the ticket. Nothing when it is finished already.

    A ticket that waits for its child tickets is not closed: a person is refused (ChildrenStillOpen); where the process
    ends by itself the ticket stays resolved and closes with its last child.
    """
    # Locked before its children are looked at: a child put below it meanwhile finds it finished, or is found.
    rows = Ticket.objects.select_for_update(of=("self",)).filter(pk=instance.subject_id)
    if rows.values_list("status", flat=True).get() in FINISHED:
        return
    ticket = Ticket.objects.select_related("category").get(pk=instance.subject_id)
    usual = "abort" if instance.status == InstanceStatus.TERMINATED else "close"
    verb = VERB_OF_OUTCOME.get(instance.outcome, usual)
    if verb == "close":
        require(first_asked.why_not_confirm(ticket, by))
        refusal = policies.why_not_close(ticket, None)
        if isinstance(refusal, policies.ChildrenStillOpen) and by is None:
            _wait_for_children(ticket, str(refusal.details["numbers"]))
            return
        require(refusal)
    else:
        require(policies.why_not_move(ticket, verb, None))
    outcome = instance.outcome or TRANSITIONS[verb].target.value
    _end(ticket, verb, by=by, outcome=outcome)


def _wait_for_children(ticket: Ticket, numbers: str) -> None:
    if is_allowed("resolve", ticket.status):
        _move(ticket, "resolve", by=None)
    audit.record("ticket.waits_for_children", by=None, subject_type="ticket", subject_id=ticket.pk, numbers=numbers)


def _end(ticket: Ticket, verb: str, *, by: User | None, outcome: str, **more: Any) -> None:
    """Finish a ticket, tell it, and have the parent looked at that may only have waited for it."""
    _move(ticket, verb, by=by, outcome=outcome, **more)
    end_with_ticket(ticket, by=by)
    signals.ticket_closed.send(sender=Ticket, ticket=ticket, by=by, outcome=outcome)
    tell_followers_later(ticket, ticket_events.CLOSED, by=by)
    if ticket.parent_id:
        # Later and alone: locking the parent from here could meet somebody who locks parent and child the other way.
        jobs.defer("tickets.close_waiting_parent", ticket_id=ticket.parent_id)


@transaction.atomic
def close_waiting_parent(ticket_id: int, *, by: User | None) -> bool:
    """Close a ticket whose process has ended already, once its last child is finished; True if it did."""
    rows = Ticket.objects.select_for_update(of=("self",)).select_related("category", "process_instance")
    parent = rows.get(pk=ticket_id)
    instance = parent.process_instance
    if parent.status != TicketStatus.RESOLVED or instance is None or instance.status != InstanceStatus.COMPLETED:
        return False
    if policies.why_not_close(parent, None) is not None:
        return False
    _end(parent, "close", by=by, outcome=instance.outcome or TicketStatus.CLOSED.value)
    return True


def end_ticket(ticket: Ticket, verb: str, *, by: User | None, outcome: str, reason: str, **more: Any) -> None:
    """Finish a ticket and terminate its process with it. The caller holds the locks and asked whether it may."""
    if ticket.process_instance_id and ticket.process_instance and ticket.process_instance.ended_at is None:
        _end(ticket, verb, by=by, outcome=outcome, reason=reason, **more)
        workflow_services.terminate_process(ticket.process_instance_id, reason=reason, by=None, outcome=outcome)
    else:
        _end(ticket, verb, by=by, outcome=outcome, reason=reason, **more)


@transaction.atomic
def withdraw_ticket(ticket: Ticket, *, reason: str, by: User | None) -> Ticket:
    """The customer no longer asks for it: end the process and the ticket.

    Raises NotYourTicket, StatusDoesNotAllow, InvalidInput without a reason.
    """
    if ticket.process_instance_id:
        workflow_services.lock_instance(ticket.process_instance_id)
    ticket.refresh_from_db(fields=["status", "resolved_at", "outcome", "version", "parent"])
    require(policies.why_not_withdraw(ticket, by))
    if not clean(reason):
        raise InvalidInput({"reason": _("Please give a reason.")})
    # Who may withdraw has just been decided; ending the process is only its consequence.
    end_ticket(ticket, "withdraw", by=by, outcome="withdrawn", reason=clean(reason))
    return ticket


#: Verbs people say about a ticket beside what its process does → how the journal calls it.
SAID = {"put_on_hold": "put_on_hold", "resume": "resumed", "resolve": "resolved"}


def _say(verb: str, ticket: Ticket, *, reason: str, by: User | None, also: dict[str, Any] | None = None) -> Ticket:
    if ticket.process_instance_id:
        workflow_services.lock_instance(ticket.process_instance_id)
    ticket.refresh_from_db(fields=["status", "resolved_at"])
    require(policies.why_not_say(verb, ticket, by))
    _move(ticket, verb, by=by, reason=reason, also=also, fact=SAID[verb])
    return ticket


def _given(reason: str) -> str:
    if not (text := clean(reason)):
        raise InvalidInput({"reason": _("Please give a reason.")})
    return text[:300]


@transaction.atomic
def put_on_hold(
    ticket: Ticket, *, reason: str, until: datetime | None, waits_for_customer: bool = False, by: User | None
) -> Ticket:
    """Let a ticket rest for a reason, until a moment (aware) when it goes on by itself, or until somebody resumes it.

    Which of its clocks stand still meanwhile is a matter of their rules; those of its steps do, and so do the timers of its
    process that count time. Raises StatusDoesNotAllow, NothingToDoWithIt, InvalidInput.
    """
    text = _given(reason)
    if until is not None and until <= clock.now():
        raise InvalidInput({"until": _("This moment has passed.")})
    return _say("put_on_hold", ticket, reason=text, by=by, also={
        "on_hold_until": until, "hold_reason": text, "waits_for_customer": waits_for_customer,
    })  # fmt: skip


@transaction.atomic
def resume_ticket(ticket: Ticket, *, reason: str = "", by: User | None) -> Ticket:
    """Let a ticket that rested go on, and its process if that was suspended.

    Raises StatusDoesNotAllow, NothingToDoWithIt, and NotPermitted where the process may not be resumed.
    """
    resumed = _say("resume", ticket, reason=clean(reason)[:300], by=by)
    instance = ticket.process_instance
    if instance is not None:
        instance.refresh_from_db(fields=["status"])
        if instance.status == InstanceStatus.SUSPENDED:
            workflow_services.resume_process(instance.pk, by=by)
    return resumed


@transaction.atomic
def go_on_with_process(ticket_id: int, *, by: User | None) -> None:
    """The process goes on: so does a ticket that rests."""
    ticket = Ticket.objects.select_for_update(of=("self",)).get(pk=ticket_id)
    if ticket.status == TicketStatus.ON_HOLD:
        _move(ticket, "resume", by=by, fact=SAID["resume"])


@transaction.atomic
def put_back(ticket_id: int, status: str, *, hold: dict[str, Any] | None = None, by: User | None) -> None:
    """Bring a ticket that goes on after a rest back to the status it had, where the table allows it.

    ``hold`` are the reason and the moment of a rest of its own it had then; one that is over by now is not begun again.
    """
    ticket = Ticket.objects.select_for_update(of=("self",)).get(pk=ticket_id)
    if hold:
        until = hold["on_hold_until"]
        if until is None or until > clock.now():
            if ticket.status == TicketStatus.ON_HOLD:
                Ticket.objects.filter(pk=ticket_id).update(**hold)
            elif is_allowed("put_on_hold", ticket.status):
                _move(
                    ticket, "put_on_hold", by=by, reason=str(hold["hold_reason"]), also=hold, fact=SAID["put_on_hold"]
                )
            return
        if ticket.status == TicketStatus.ON_HOLD:
            _move(ticket, "resume", by=by, fact=SAID["resume"])
        return
    verb = VERB_TO_STATUS.get(TicketStatus(status)) if status in TicketStatus.values else None
    if verb and status != ticket.status and is_allowed(verb, ticket.status):
        _move(ticket, verb, by=by)


@transaction.atomic
def resolve_ticket(ticket: Ticket, *, reason: str, by: User | None) -> Ticket:
    """Say that the matter is settled, and how; the remaining steps (answer, visit) go on. Raises as put_on_hold."""
    require(first_asked.why_not_confirm(ticket, by))
    return _say("resolve", ticket, reason=_given(reason), by=by)


def resume_held_tickets(*, by: User | None, most: int = 500) -> int:
    """Resume the tickets whose rest is over; returns how many. Each in its own transaction; run twice it does no harm."""
    count = 0
    for ticket in queries.tickets_to_resume(most):
        try:
            resume_ticket(ticket, by=by)
        except BusinessError:
            continue  # somebody was faster
        count += 1
    return count


@transaction.atomic
def reopen_ticket(ticket: Ticket, *, reason: str, process_key: str = "", by: User | None) -> Ticket:
    """Let a closed ticket live again, counted and with a reason, at the interface person of the department that handled it last.

    Where no department did, at the last step somebody worked in; where the process cannot live again, from the start. A
    ``process_key`` lets it go on in another process instead (the crisis seats), if the house has published that.
    Its clocks go on or begin anew, as their rules say. Raises StatusDoesNotAllow, NotPermitted, InvalidInput, SomebodyWasFaster.
    """
    if ticket.process_instance_id:
        workflow_services.lock_instance(ticket.process_instance_id)
    ticket.refresh_from_db(fields=["status", "reopen_count", "process_instance"])
    require(policies.why_not_reopen(ticket, by))
    if not (text := clean(reason)):
        raise InvalidInput({"reason": _("Please give a reason.")})
    fresh = {
        "closed_at": None, "resolved_at": None, "outcome": "", "reopen_count": ticket.reopen_count + 1,
    }  # fmt: skip
    _move(ticket, "reopen", by=by, reason=text, also=fresh, count=ticket.reopen_count + 1)
    follow_reopening(ticket, reason=text, by=by)
    if process_key and workflow_queries.published_version_id(process_key) is None:
        process_key = ""
    if process_key or not _revive_process(ticket, text):
        start_ticket_process(ticket, by=by, process_key=process_key)
    ticket.refresh_from_db(fields=["status", "audience"])
    signals.ticket_reopened.send(sender=Ticket, ticket=ticket, by=by, reason=text)
    tell_followers_later(ticket, ticket_events.REOPENED, by=by, reason=text)
    return ticket


def _revive_process(ticket: Ticket, reason: str) -> bool:
    """Let the ended process go on where a department handled it last; False where it cannot."""
    instance = ticket.process_instance
    if instance is None or instance.status != InstanceStatus.COMPLETED:
        return False
    try:
        # Who may reopen has just been decided; reviving the process is only its consequence.
        with transaction.atomic():
            visit = queries.last_department_visit(instance)
            workflow_services.reopen_process(instance.pk, to_visit=visit, reason=reason, by=None)
    except (NoEarlierStep, NotAnEarlierStep, NotPossibleHere):
        return False
    return True


#: New keys of the audience, and the status if it is one of those the ticket may come from: one write of a wide row, and none
#: where nothing is new.
_SHOW = NamedStatement(
    "show_ticket",
    """
WITH before AS MATERIALIZED (
    SELECT id, status, audience FROM tickets_ticket WHERE id = %(id)s::bigint FOR NO KEY UPDATE
),
noted AS (INSERT INTO tickets_searchchange (ticket_id) VALUES (%(id)s::bigint)),
changed AS (
    UPDATE tickets_ticket AS ticket
    SET audience = ticket.audience
            || ARRAY(SELECT key FROM unnest(%(keys)s::text[]) AS key WHERE key <> ALL (ticket.audience)),
        status = CASE WHEN before.status = ANY (%(sources)s::text[]) THEN %(status)s::text ELSE ticket.status END
    FROM before
    WHERE ticket.id = before.id
        AND (before.status = ANY (%(sources)s::text[]) OR NOT before.audience::text[] @> %(keys)s::text[])
)
SELECT status FROM before
""",
)


def _show(ticket_id: int, keys: Iterable[str], *, status: str = "", sources: Sequence[str] = ()) -> str:
    """Add audience keys and, from one of ``sources``, move to ``status``; returns the status it had."""
    wake_indexer()
    if starting := ticket_being_started(ticket_id):
        starting.audience = [*dict.fromkeys([*starting.audience, *sorted(keys)])]
        return str(starting.status)
    told: dict[str, Value] = {"keys": sorted(set(keys)), "id": ticket_id, "status": status, "sources": list(sources)}
    ((was,),) = _SHOW.rows(told)
    return str(was)


def show_ticket_to(ticket_id: int, keys: Iterable[str], *, by: User | None = None) -> None:
    """Add audience keys: whoever gets a task of a ticket sees the ticket.

    Not journaled; the task itself is. The search document follows, with the opinion that came with the step.
    """
    _show(ticket_id, keys)


@transaction.atomic
def watch_ticket(ticket: Ticket, *, by: User) -> None:
    """Put a ticket on the person's watch list; nothing when it is there already."""
    _watcher, is_new = Watcher.objects.get_or_create(ticket=ticket, user=by, defaults={"since": clock.now()})
    if is_new:
        audit.record("ticket.watched", by=by, subject_type="ticket", subject_id=ticket.pk)


@transaction.atomic
def unwatch_ticket(ticket: Ticket, *, by: User) -> None:
    """Take a ticket off the person's watch list; nothing when it is not there."""
    count, _kinds = Watcher.objects.filter(ticket=ticket, user=by).delete()
    if count:
        audit.record("ticket.unwatched", by=by, subject_type="ticket", subject_id=ticket.pk)
