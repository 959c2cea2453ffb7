"""Timers that are due: claimed in small batches, each fired in a transaction of its own under its instance's lock.

A timer fires once in effect: what counts is its row, changed in the same transaction as all that follows. A worker that
dies leaves a lease that runs out; a clock that is set back cannot keep a lease alive.
"""

import logging
from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from onepoint.accounts.models import User
from onepoint.core import clock
from onepoint.core.errors import require
from onepoint.core.text import clean
from onepoint.workflow import kernel, policies
from onepoint.workflow.engine.events import TimerFired
from onepoint.workflow.kernel import Loaded, Notes
from onepoint.workflow.models import Timer
from onepoint.workflow.moments import Place, next_due
from onepoint.workflow.services.starts import NOWHERE, start_by_event
from onepoint.workflow.services.suspending import end_suspension
from onepoint.workflow.states import LIVE_INSTANCE, InstanceStatus, TimerStatus

log = logging.getLogger(__name__)

BATCH = 50
LEASE = timedelta(minutes=1)
#: Pauses after the first, second, … failure; the last for all further ones.
PAUSES = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=10))

_CLAIM = """
UPDATE workflow_timer SET leased_at = %(now)s, attempts = attempts + 1
WHERE id IN (
    SELECT id FROM workflow_timer
    WHERE status = 'waiting' AND due_at <= %(now)s
        AND (leased_at IS NULL OR leased_at < %(expired)s OR leased_at > %(impossible)s)
    ORDER BY due_at LIMIT %(batch)s FOR UPDATE SKIP LOCKED
)
RETURNING id
"""


def fire_due_timers(*, by: User | None = None) -> int:
    """One tick of a worker: everything due now, batch by batch. Returns how many were tried."""
    tried = 0
    while claimed := _claim():
        for timer_id in claimed:
            fire_timer(timer_id, by=by)
        tried += len(claimed)
    return tried


def _claim() -> list[int]:
    now = clock.now()
    told: dict[str, Any] = {"now": now, "expired": now - LEASE, "impossible": now + PAUSES[-1], "batch": BATCH}
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, told)
        return sorted(row[0] for row in cursor.fetchall())


def fire_timer(timer_id: int, *, by: User | None) -> bool:
    """Let what waits for a due timer go on. False when it was not due any more, or failed and will be tried again."""
    try:
        with transaction.atomic():
            return _fire(timer_id)
    except Exception as error:  # one timer that cannot fire must not keep the others from firing
        log.exception("timer %s could not fire", timer_id)
        _note_failure(timer_id, clean(f"{type(error).__name__}: {error}")[:2000])
        return False


def retry_timer(timer: Timer, *, by: User | None) -> bool:
    """Fire a stuck timer now, whatever pause its failures asked for. Raises NotPermitted."""
    require(policies.why_not_manage(by))
    return fire_timer(timer.pk, by=by)


def _note_failure(timer_id: int, problem: str) -> None:
    timer = Timer.objects.filter(pk=timer_id, status=TimerStatus.WAITING).first()
    if timer is not None:
        pause = PAUSES[min(timer.attempts, len(PAUSES)) - 1] if timer.attempts else PAUSES[0]
        again_at = clock.now() + pause - LEASE  # the lease of this failure runs out after the pause
        Timer.objects.filter(pk=timer_id).update(last_error=problem, leased_at=again_at)


def _fire(timer_id: int) -> bool:
    timer = Timer.objects.filter(pk=timer_id).first()
    if timer is None:
        return False
    loaded = kernel.load(instance_id=timer.instance_id) if timer.instance_id else None
    # Asked again under the lock: it may have been cancelled or frozen, or another worker may have been first.
    timer = Timer.objects.select_for_update().filter(pk=timer_id, status=TimerStatus.WAITING).first()
    if timer is None or timer.due_at > clock.now():
        return False
    if timer.version_id:
        return _start(timer)
    if loaded is None or loaded.instance_status not in LIVE_INSTANCE:
        Timer.objects.filter(pk=timer_id).update(status=TimerStatus.CANCELLED)
        return False
    if timer.kind == "resume":
        Timer.objects.filter(pk=timer_id).update(status=TimerStatus.FIRED, fired_at=clock.now())
        end_suspension(loaded, by=None)
        return True
    if loaded.instance_status == InstanceStatus.SUSPENDED:
        return False
    return _go_on(timer, loaded)


def _go_on(timer: Timer, loaded: Loaded) -> bool:
    following = _next_round(timer, Place(loaded.region_id, loaded.unit_id))
    node = loaded.compiled.process.nodes.get(timer.node_id)
    told = {
        "step": (node.name if node else "") or timer.node_id,
        "step_en": (node.extension.attribute("op:nameEn") if node else "") or "",
    }
    notes = Notes(journal=[("process.timer_fired", told)], fired=timer.pk, next_round=following)
    event = TimerFired(timer.visit_seq, timer.node_id, more=following is not None)
    if kernel.perform(loaded, event, by=None, notes=notes).replayed:
        Timer.objects.filter(pk=timer.pk).update(status=TimerStatus.CANCELLED)
        return False
    return True


def _next_round(timer: Timer, place: Place) -> dict[str, object] | None:
    if timer.kind != "cycle":
        return None
    moment = next_due(timer.value, timer.calendar, timer.round, timer.rounds, timer.due_at, place)
    if moment is None:
        return None
    return {
        "visit_seq": timer.visit_seq, "node_id": timer.node_id, "kind": timer.kind, "value": timer.value,
        "calendar": timer.calendar, "round": timer.round + 1, "rounds": timer.rounds, "due_at": moment,
    }  # fmt: skip


def _start(timer: Timer) -> bool:
    """The time of a process has come; a cycle waits for its next one."""
    assert timer.version_id is not None
    following = _next_round(timer, NOWHERE)
    Timer.objects.filter(pk=timer.pk).update(status=TimerStatus.FIRED, fired_at=clock.now(), last_error="")
    if following is not None:
        Timer.objects.create(version_id=timer.version_id, created_at=clock.now(), **following)
    start_by_event(timer.version_id, timer.node_id, {}, notes=Notes(), key=f"timer-{timer.pk}")
    return True
