"""Things done to many tickets at once: each ticket by the service of the verb, with the rights of whoever started it.

Every ticket has a transaction of its own, in which its row of the batch is marked too. Wherever a worker is killed, that
ticket is either done and marked, or neither; so nothing is done twice and nothing left out. Any number of workers may run
one batch at the same time: each takes rows nobody else has locked.

Verbs that know how (``batch_verbs.TOGETHER``) do some dozen tickets in one transaction, with the same promise for all of
them. Where that fails each of them is tried by itself, so that one bad ticket does not take the others with it.
"""

import contextlib
import logging
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.accounts.queries.staff import find_user
from onepoint.core import audit, clock, jobs, live, masking
from onepoint.core.errors import BusinessError, InvalidInput, SomebodyWasFaster, require
from onepoint.core.text import clean
from onepoint.notifications.services import notify
from onepoint.tickets import batch_rights, batches, policies
from onepoint.tickets.batch_events import ENDED
from onepoint.tickets.batch_states import BatchState, BatchVerb, ItemState
from onepoint.tickets.batches import MOST, Chosen
from onepoint.tickets.models import BatchItem, BatchRun, MassIncident, Ticket
from onepoint.tickets.services import batch_verbs

log = logging.getLogger(__name__)

SECONDS_PER_JOB = 15
#: Rights are read anew after so many seconds, and a sign of life is given.
RIGHTS_SECONDS = 3
#: So many tickets share a transaction where the verb can do several: enough to share its price, short enough to wait for.
TOGETHER = 25
#: A ticket that has taken so many workers with it, or met so many deadlocks, is given up.
MOST_ATTEMPTS = 3
#: A batch without a sign of life for so long has lost its worker.
LOST_AFTER = timedelta(seconds=45)
LONGEST_REASON = 500


@transaction.atomic
def start_batch(
    verb: str,
    parameters: Mapping[str, Any],
    chosen: Chosen,
    *,
    key: UUID | None = None,
    incident: MassIncident | None = None,
    by: User,
) -> BatchRun:
    """Have something done to many tickets. What is chosen is frozen now, within the person's scope.

    The same ``key`` starts one batch. Raises NotPermitted, NoTickets, TooManyTickets, InvalidInput.
    """
    if verb not in batch_rights.OF_INCIDENTS:  # those are asked for their rights where they are started
        require(batch_rights.why_not_batch(by))
    if verb not in BatchVerb.values:
        raise InvalidInput({"verb": _("Please choose from the list.")})
    if verb == BatchVerb.REASSIGN:
        _check_person(parameters)
    if earlier := batches.already_started(key):
        return earlier
    now = clock.now()
    run = BatchRun(
        verb=verb, parameters=dict(parameters), started_by=by, language=translation.get_language() or by.language,
        incident=incident, request_key=key, started_at=now, moved_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            run.save(force_insert=True)
    except IntegrityError as twice:
        if earlier := batches.already_started(key):
            return earlier
        raise twice
    run.total = _freeze(run, chosen)
    BatchRun.objects.filter(pk=run.pk).update(total=run.total)
    audit.record(
        "batch.started", by=by, subject_type="ticket_batch", subject_id=run.pk, what=verb, tickets=run.total,
        incident=incident.number if incident else "",
    )  # fmt: skip
    _defer(run)
    return run


def _check_person(parameters: Mapping[str, Any]) -> None:
    """Nothing is begun for somebody who could be given none of the steps."""
    person = find_user(int(parameters["person"]))
    refusal = policies.why_not_work("ticket", 0, person) if person else _("Please choose from the list.")
    if refusal:
        raise InvalidInput({"person": str(refusal)})


_FREEZE = """
INSERT INTO tickets_batchitem (run_id, ticket_id, state, reason, attempts)
SELECT %s, chosen.id, 'waiting', '', 0 FROM ({}) AS chosen(id) ORDER BY chosen.id ON CONFLICT DO NOTHING
"""


def _freeze(run: BatchRun, chosen: Chosen) -> int:
    """One row a ticket, found and written by one statement."""
    tickets = chosen.tickets(visible_to=run.started_by)
    try:
        sql, values = tickets.order_by().values("pk")[: MOST + 1].query.sql_with_params()
    except EmptyResultSet:
        raise batch_rights.NoTickets from None
    with connection.cursor() as cursor:
        cursor.execute(_FREEZE.format(sql), [run.pk, *values])
        count = cursor.rowcount
    if count > MOST:
        raise batch_rights.TooManyTickets(most=MOST)
    if count == 0:
        raise batch_rights.NoTickets
    return int(count)


def _defer(run: BatchRun) -> None:
    jobs.defer("tickets.run_batch", run_id=run.pk)


@transaction.atomic
def stop_batch(run: BatchRun, *, by: User | None) -> BatchRun:
    """Stop after the ticket being done just now; what is done stays. Raises NotPermitted, BatchOver, SomebodyWasFaster."""
    require(batch_rights.why_not_stop_batch(run, by))
    running = BatchRun.objects.filter(pk=run.pk, state=BatchState.RUNNING)
    if not running.update(state=BatchState.CANCELLED, ended_at=clock.now()):
        raise SomebodyWasFaster
    run.refresh_from_db()
    audit.record("batch.stopped", by=by, subject_type="ticket_batch", subject_id=run.pk)
    return run


@transaction.atomic
def repeat_batch(run: BatchRun, *, by: User | None) -> BatchRun:
    """Try again what was refused or failed, and go on with what a stopped batch left.

    Raises NotPermitted, BatchStillRunning, NothingToRepeat, SomebodyWasFaster.
    """
    require(batch_rights.why_not_repeat_batch(run, by))
    now = clock.now()
    ended = BatchRun.objects.filter(pk=run.pk).exclude(state=BatchState.RUNNING)
    if not ended.update(state=BatchState.RUNNING, ended_at=None, moved_at=now):
        raise SomebodyWasFaster
    again = BatchItem.objects.filter(run=run).exclude(state=ItemState.DONE)
    if not again.update(state=ItemState.WAITING, reason="", attempts=0, done_at=None):
        raise batch_rights.NothingToRepeat
    run.refresh_from_db()
    audit.record("batch.repeated", by=by, subject_type="ticket_batch", subject_id=run.pk)
    _defer(run)
    return run


# --- the job ----------------------------------------------------------------------------------------------------


def run_batch(run_id: int, *, by: User | None, seconds: float = SECONDS_PER_JOB) -> None:
    """Do ticket after ticket until none waits or ``seconds`` are over; then another job goes on.

    ``by`` is the system; tickets are changed in the name of whoever started the batch.
    """
    run = batches.batch_by_id(run_id)
    if run is None or not run.is_running:
        return
    end = time.monotonic() + seconds
    with translation.override(run.language):
        while time.monotonic() < end:
            person = _sign_of_life(run)
            with masking.read_by(person):
                if not _do_some(run, person, min(end, time.monotonic() + RIGHTS_SECONDS)):
                    end_batch(run, by=by)
                    return
    with transaction.atomic():
        _defer(run)


def _sign_of_life(run: BatchRun) -> User:
    """Say that somebody is at it; who started it, with the rights of now."""
    BatchRun.objects.filter(pk=run.pk).update(moved_at=clock.now())
    person = find_user(run.started_by_id)
    assert person is not None
    return person


def _do_some(run: BatchRun, person: User, until: float) -> bool:
    """Tickets one after the other until then; False once none is left to take."""
    together = run.verb in batch_verbs.TOGETHER
    while time.monotonic() < until:
        if together and (several := _take_several(run)):
            try:
                _do_several(run, several, person)
            finally:
                _let_go(*several)
            continue
        item_id = _take(run)
        if item_id is None:
            return False
        try:
            _do(run, item_id, person)
        finally:
            _let_go(item_id)
    return True


def _take_several(run: BatchRun) -> list[int]:
    """Tickets never tried before, their attempts counted as by ``_take``; empty when there are none."""
    with transaction.atomic():
        waiting = BatchItem.objects.filter(run=run, state=ItemState.WAITING, run__state=BatchState.RUNNING, attempts=0)
        rows = waiting.select_for_update(skip_locked=True, of=("self",)).order_by("pk").values_list("pk", flat=True)
        held = _held_of(list(rows[:TOGETHER]))
        if held:
            BatchItem.objects.filter(pk__in=held).update(attempts=1)
    return held


def _do_several(run: BatchRun, item_ids: list[int], person: User) -> None:
    """Some tickets in one transaction with their marks; where that fails, one after the other."""
    try:
        with transaction.atomic():
            rows = BatchItem.objects.filter(pk__in=item_ids, state=ItemState.WAITING).order_by("pk")
            items = list(rows.select_for_update(skip_locked=True))
            tickets = list(_tickets_of([item.ticket_id for item in items], person))
            with live.gathered():
                outcomes = batch_verbs.perform_together(run, tickets, person)
            for item in items:
                said = outcomes.get(item.ticket_id, batch_rights.OutOfSight())
                is_refusal = isinstance(said, BusinessError)
                item.state = ItemState.REFUSED if is_refusal else ItemState.DONE
                item.reason = (_reason(said) if isinstance(said, BusinessError) else said)[:LONGEST_REASON]
                item.done_at = clock.now()
            BatchItem.objects.bulk_update(items, ["state", "reason", "done_at"])
    except Exception as problem:  # whatever it is, each ticket will say for itself
        log.warning("batch %s: %s tickets are done one by one: %s", run.pk, len(item_ids), problem)
        for item_id in item_ids:
            _do(run, item_id, person)


def _take(run: BatchRun) -> int | None:
    """The next ticket nobody else is at, its attempt counted before anything is done; None when there is none.

    Counted in a transaction of its own, so that a ticket that kills its workers is found out. Between that transaction
    and the next the item is held by an advisory lock of the session, which ends with the worker however it ends: else
    others who only pass by would count as attempts.
    """
    with transaction.atomic():
        waiting = BatchItem.objects.filter(run=run, state=ItemState.WAITING, run__state=BatchState.RUNNING)
        free = waiting.select_for_update(skip_locked=True, of=("self",)).order_by("pk")
        item = free.first()
        while item is not None and not _hold(item.pk):
            item = free.filter(pk__gt=item.pk).first()
        if item is None:
            return None
        item.attempts += 1
        if item.attempts > MOST_ATTEMPTS:
            _mark(item, ItemState.FAILED, item.reason or _("The worker was lost each time this was tried."))
        else:
            item.save(update_fields=["attempts"])
        return item.pk


_ITEM = "hashtextextended('batch item ' || %s::text, 0)"


def _hold(item_id: int) -> bool:
    """Whether the item is this session's until ``_let_go``; False while another one has it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_lock({_ITEM})", [item_id])
        (held,) = cursor.fetchone()
    return bool(held)


def _held_of(item_ids: list[int]) -> list[int]:
    """Those of several items that are this session's from now on."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM unnest(%s::bigint[]) AS id WHERE pg_try_advisory_lock({_ITEM.replace('%s', 'id')})",
            [item_ids],
        )
        return sorted(pk for (pk,) in cursor.fetchall())


def _let_go(*item_ids: int) -> None:
    # A connection that is gone holds nothing.
    with contextlib.suppress(OperationalError, InterfaceError), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT pg_advisory_unlock({_ITEM.replace('%s', 'id')}) FROM unnest(%s::bigint[]) AS id", [list(item_ids)]
        )


def _do(run: BatchRun, item_id: int, person: User) -> None:
    """One ticket, and its mark in the same transaction."""
    try:
        with transaction.atomic():
            waiting = BatchItem.objects.filter(pk=item_id, state=ItemState.WAITING)
            item = waiting.select_for_update(skip_locked=True).first()
            if item is None:
                return
            state, said = _outcome(run, item.ticket_id, person)
            _mark(item, state, said)
    except OperationalError as problem:  # a deadlock, a lost connection: it stays waiting, and its attempts are counted
        log.warning("batch %s: ticket row %s is tried again: %s", run.pk, item_id, problem)
    except Exception:
        log.exception("batch %s: ticket row %s failed", run.pk, item_id)
        with transaction.atomic():
            for item in BatchItem.objects.filter(pk=item_id, state=ItemState.WAITING).select_for_update():
                _mark(item, ItemState.FAILED, _("Something went wrong. Try again, or tell an administrator."))


def _outcome(run: BatchRun, ticket_id: int, person: User) -> tuple[ItemState, str]:
    try:
        with transaction.atomic():
            return ItemState.DONE, batch_verbs.perform(run, _ticket_of(ticket_id, person), person)
    except BusinessError as refusal:
        return ItemState.REFUSED, _reason(refusal)


def _ticket_of(ticket_id: int, person: User) -> Ticket:
    """The ticket as it is now, if the person sees it now."""
    ticket = _tickets_of([ticket_id], person).first()
    if ticket is None:
        raise batch_rights.OutOfSight
    return ticket


def _tickets_of(ticket_ids: list[int], person: User) -> QuerySet[Ticket]:
    seen = Ticket.objects.visible_to(person).select_related(
        "category", "severity", "customer", "region", "unit", "process_instance"
    )
    return seen.filter(pk__in=ticket_ids).order_by("pk")


def _reason(refusal: BusinessError) -> str:
    """The sentence for the report; of several faults all, without the general one before them."""
    errors = refusal.errors.values() if isinstance(refusal, InvalidInput) else ()
    return " ".join(clean(" ".join(map(str, errors)) or str(refusal)).split())[:LONGEST_REASON]


def _mark(item: BatchItem, state: ItemState, reason: str) -> None:
    item.state, item.reason, item.done_at = state, reason[:LONGEST_REASON], clock.now()
    item.save(update_fields=["state", "reason", "done_at", "attempts"])


@transaction.atomic
def end_batch(run: BatchRun, *, by: User | None) -> bool:
    """Note that nothing waits any more, once; True if it was this call. Others may still be at their last ticket."""
    locked = BatchRun.objects.select_for_update().get(pk=run.pk)
    if not locked.is_running or BatchItem.objects.filter(run=run, state=ItemState.WAITING).exists():
        return False
    locked.state, locked.ended_at = BatchState.DONE, clock.now()
    locked.save(update_fields=["state", "ended_at"])
    counts = batches.counts_of(run)
    audit.record(
        "batch.ended", by=by, subject_type="ticket_batch", subject_id=run.pk, done=counts[ItemState.DONE],
        refused=counts[ItemState.REFUSED], failed=counts[ItemState.FAILED],
    )  # fmt: skip
    facts = {"count": str(counts[ItemState.DONE]), "left": str(run.total - counts[ItemState.DONE])}
    for language, name in (("zh-hans", "what"), ("en", "what_en")):
        with translation.override(language):
            facts[name] = str(BatchVerb(run.verb).label)
    notify(
        ENDED, [run.started_by_id], key=f"batch-{run.pk}-{locked.ended_at.isoformat()}", facts=facts,
        subject=("ticket_batch", run.pk), url=run.get_absolute_url(), by=None,
    )  # fmt: skip
    return True


def continue_batches(*, by: User | None) -> int:
    """Give batches that lost their worker to another one; how many."""
    stuck = list(batches.stuck_batches(clock.now() - LOST_AFTER))
    for run_id in stuck:
        with transaction.atomic():
            BatchRun.objects.filter(pk=run_id).update(moved_at=clock.now())
            jobs.defer("tickets.run_batch", run_id=run_id)
    return len(stuck)
