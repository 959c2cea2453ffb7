"""Due moments: who registered what is to happen, and the firing.

A moment fires once in effect: its row is marked in the same transaction as all its effects. Workers take small batches
(SKIP LOCKED) in short transactions, so that ten thousand moments due at once keep nobody's page waiting. A moment that
fails rests and is tried again by itself, alone; the third failure parks it for a person. A worker that dies counts as a
failure: what kills workers is parked too.
"""

import json
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from onepoint.core import clock
from onepoint.core.text import clean

log = logging.getLogger(__name__)

BATCH = 10
#: How long a worker may be at a batch before another one takes it over.
LEASE = timedelta(minutes=1)
#: Rests after the first, second, … failure.
RESTS = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=10))
MOST_ATTEMPTS = 3
#: One tick of a worker spends no more than this here, so that its other ticks come in time.
TICK_SECONDS = 3.0
#: Between two batches the processor is left to the pages for this part of the time a batch took.
YIELD = 0.25


@dataclass(frozen=True, slots=True)
class FiredMoment:
    """What the function of a kind is given; ``due_at`` is when it was to be, which may be long ago."""

    id: int
    kind: str
    key: str
    subject: tuple[str, int]
    facts: Mapping[str, Any]
    due_at: datetime


MomentFunction = Callable[[FiredMoment], None]
_functions: dict[str, MomentFunction] = {}


class UnknownKind(LookupError):
    """Nobody registered what is to happen at moments of this kind."""


class NeverLater(ValueError):
    """A moment put itself off, but not into the future: it would come again and again."""


def register_moment(kind: str, function: MomentFunction) -> None:
    """Let ``function(moment)`` happen at moments of ``kind``: inside the firing transaction, in a savepoint of its own.

    What it writes happens once; what cannot be taken back (a message to the outside) it must leave to an outbox. It may
    schedule its own moment anew, under the same key, for later: then this one is moved, not fired.
    """
    _functions[kind] = function


def known_kinds() -> frozenset[str]:
    """The kinds somebody registered."""
    return frozenset(_functions)


#: The key of the moment that is happening, and whether its own function has moved it.
_happening: ContextVar[tuple[str, list[bool]] | None] = ContextVar("happening", default=None)


def note_moved(keys: Iterable[str]) -> None:
    """Moments with these keys are being scheduled; the one that happens just now is thereby moved."""
    happening = _happening.get()
    if happening is not None and happening[0] in set(keys):
        happening[1].append(True)


# Fresh moments are taken together. Those tried before are taken one by one: a moment that kills its worker must not
# count against its neighbours.
_TAKE = """
UPDATE sla_duemoment SET attempts = attempts + 1, not_before = %(lease)s
WHERE id IN (
    SELECT id FROM sla_duemoment
    WHERE status = 'waiting' AND due_at <= %(now)s AND {which}
    ORDER BY due_at, id LIMIT %(most)s FOR UPDATE SKIP LOCKED
)
RETURNING id, attempts, kind, key, subject_type, subject_id, facts, due_at
"""
_TAKE_FRESH = _TAKE.format(which="attempts = 0")
_TAKE_TRIED = _TAKE.format(
    which="attempts > 0 AND (not_before IS NULL OR not_before <= %(now)s OR not_before > %(impossible)s)"
)
# After the effect, not before: whoever cancels holds the subject first and the moment second, and so does the firing. A
# moment cancelled, moved or taken over meanwhile is not marked, and what it did is rolled back.
_MARK = """
UPDATE sla_duemoment SET status = 'fired', settled_at = %(now)s, not_before = NULL, last_error = ''
WHERE id = %(id)s AND status = 'waiting' AND attempts = %(attempt)s AND due_at <= %(now)s
"""
_FAIL = """
UPDATE sla_duemoment SET last_error = %(problem)s, not_before = %(rest)s,
    status = CASE WHEN %(park)s THEN 'parked' ELSE status END,
    settled_at = CASE WHEN %(park)s THEN %(now)s ELSE settled_at END
WHERE id = %(id)s AND status = 'waiting' AND attempts = %(attempt)s
"""


class _NoLongerDue(Exception):
    """It was cancelled, moved or taken over by another worker while it happened."""


@dataclass(frozen=True, slots=True)
class _Taken:
    moment: FiredMoment
    attempt: int


def fire_due(now: datetime | None = None, batch: int = BATCH, seconds: float | None = None) -> int:
    """Everything due, batch by batch, for at most ``seconds``; returns how many happened. ``now`` pins the clock."""
    if now is not None:
        with clock.at(now):
            return fire_due(batch=batch, seconds=seconds)
    until = None if seconds is None else time.monotonic() + seconds
    fired = 0
    while True:
        began = time.monotonic()
        taken = _take(batch)
        if not taken:
            return fired
        fired += _fire_taken(taken)
        if until is not None:
            time.sleep((time.monotonic() - began) * YIELD)
            if time.monotonic() >= until:
                return fired


def fire_for_a_while() -> int:
    """One tick of a worker."""
    return fire_due(seconds=TICK_SECONDS)


def _take(batch: int) -> list[_Taken]:
    """The next moments: fresh ones together, else one that was tried before."""
    now = clock.now()
    told = {"now": now, "lease": now + LEASE, "impossible": now + max(LEASE, RESTS[-1])}
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_FRESH, {**told, "most": batch})
        rows = cursor.fetchall()
        if not rows:
            cursor.execute(_TAKE_TRIED, {**told, "most": 1})
            rows = cursor.fetchall()
    taken = [
        _Taken(FiredMoment(pk, kind, key, (about, about_id), json.loads(facts), due_at), attempt)
        for pk, attempt, kind, key, about, about_id, facts, due_at in rows
    ]
    return sorted(taken, key=lambda one: (one.moment.due_at, one.moment.id))


def _fire_taken(taken: Sequence[_Taken]) -> int:
    alive = []
    for one in taken:
        if one.attempt > MOST_ATTEMPTS:
            _note_failure(one, "a worker was lost each time this was to happen")
        else:
            alive.append(one)
    try:
        return _fire_together(alive)
    except Exception as problem:  # of the transaction as a whole, such as a lost connection: each will be tried alone
        log.exception("due moments %s could not happen", [one.moment.key for one in alive])
        for one in alive:
            _note_failure(one, _sentence(problem))
        return 0


def _fire_together(taken: Sequence[_Taken]) -> int:
    """One transaction: each happens and is marked in a savepoint of its own."""
    fired = 0
    with transaction.atomic():
        for one in taken:
            try:
                with transaction.atomic():
                    _happen(one)
                fired += 1
            except _NoLongerDue:
                continue
            except Exception as problem:  # one that cannot happen must not keep the others from happening
                if _note_failure(one, _sentence(problem)):  # else another worker has it by now
                    log.exception("the due moment %s could not happen", one.moment.key)
    return fired


def _happen(one: _Taken) -> None:
    moment = one.moment
    function = _functions.get(moment.kind)
    if function is None:
        raise UnknownKind(moment.kind)
    moved: list[bool] = []
    token = _happening.set((moment.key, moved))
    try:
        function(moment)
    finally:
        _happening.reset(token)
    with connection.cursor() as cursor:
        if moved:
            cursor.execute("SELECT due_at > %s FROM sla_duemoment WHERE id = %s", [clock.now(), moment.id])
            if cursor.fetchone() == (True,):
                return
            raise NeverLater(moment.key)
        cursor.execute(_MARK, {"id": moment.id, "attempt": one.attempt, "now": clock.now()})
        if cursor.rowcount != 1:
            raise _NoLongerDue


def _note_failure(one: _Taken, problem: str) -> bool:
    """False when the moment is no longer this worker's."""
    now = clock.now()
    told: dict[str, Any] = {
        "id": one.moment.id, "attempt": one.attempt, "now": now, "problem": problem,
        "park": one.attempt >= MOST_ATTEMPTS, "rest": now + RESTS[min(one.attempt, len(RESTS)) - 1],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_FAIL, told)
        return bool(cursor.rowcount == 1)


def _sentence(problem: BaseException) -> str:
    return clean(f"{type(problem).__name__}: {problem}")[:2000]
