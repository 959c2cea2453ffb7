"""Scheduling and cancelling due moments: bookkeeping of the writes that call it, in their transaction."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from onepoint.accounts.models import User
from onepoint.core import audit, clock
from onepoint.core.errors import require
from onepoint.core.prepared import NamedStatement, Statement
from onepoint.sla import policies
from onepoint.sla.models import DueMoment
from onepoint.sla.moments import note_moved
from onepoint.sla.states import MomentStatus

#: Settled moments are kept for a while, so that one can look up what happened.
KEPT = timedelta(days=30)
REMOVED_AT_ONCE = 5_000

_SCHEDULE = Statement(
    "schedule_moments",
    """
INSERT INTO sla_duemoment (kind, key, subject_type, subject_id, facts, due_at)
SELECT kind, key, subject_type, subject_id, facts, due_at
FROM jsonb_to_recordset($1::jsonb)
    AS planned (kind text, key text, subject_type text, subject_id bigint, facts jsonb, due_at timestamptz)
ORDER BY key
ON CONFLICT (key) DO UPDATE SET kind = excluded.kind, facts = excluded.facts, due_at = excluded.due_at, status = 'waiting',
    attempts = 0, not_before = NULL, last_error = '', settled_at = NULL
WHERE sla_duemoment.status <> 'fired'
""",
)
_CANCEL = NamedStatement(
    "cancel_moments",
    """
UPDATE sla_duemoment SET status = 'cancelled', settled_at = %(now)s::timestamptz, not_before = NULL
WHERE id IN (
    SELECT id FROM sla_duemoment
    WHERE status IN ('waiting', 'held') AND subject_type = %(subject_type)s::text AND subject_id = ANY(%(ids)s::bigint[])
        AND (%(kinds)s::text[] IS NULL OR kind = ANY(%(kinds)s::text[]))
    ORDER BY id FOR UPDATE SKIP LOCKED
)
RETURNING id
""",
)
_HOLD = NamedStatement(
    "hold_moments",
    """
UPDATE sla_duemoment SET status = 'held', settled_at = %(now)s::timestamptz, not_before = NULL
WHERE id IN (
    SELECT id FROM sla_duemoment
    WHERE status = 'waiting' AND subject_type = %(subject_type)s::text AND subject_id = ANY(%(ids)s::bigint[])
        AND (%(kinds)s::text[] IS NULL OR kind = ANY(%(kinds)s::text[]))
    ORDER BY id FOR UPDATE SKIP LOCKED
)
RETURNING id
""",
)
_LET_GO = NamedStatement(
    "let_go_moments",
    """
UPDATE sla_duemoment SET status = 'waiting', settled_at = NULL, attempts = 0,
    due_at = CASE WHEN %(moved)s::boolean THEN due_at + (%(now)s::timestamptz - settled_at) ELSE due_at END
WHERE id IN (
    SELECT id FROM sla_duemoment
    WHERE status = 'held' AND subject_type = %(subject_type)s::text AND subject_id = ANY(%(ids)s::bigint[])
        AND (%(kinds)s::text[] IS NULL OR kind = ANY(%(kinds)s::text[]))
    ORDER BY id FOR UPDATE
)
RETURNING id
""",
)


@dataclass(frozen=True, slots=True)
class PlannedMoment:
    """One moment to be scheduled; ``key`` (at most 200 characters) names the effect that is to happen once."""

    kind: str
    due_at: datetime
    key: str
    subject: tuple[str, int]
    facts: dict[str, Any] = field(default_factory=dict)


def schedule_moment(
    kind: str, due_at: datetime, *, key: str, subject: tuple[str, int], facts: dict[str, Any] | None = None
) -> None:
    """Let a moment of ``kind`` come at ``due_at``; the same key again moves it, unless it has fired already."""
    schedule_moments([PlannedMoment(kind, due_at, key, subject, facts or {})])


def schedule_moments(planned: Sequence[PlannedMoment]) -> None:
    """Many at once, in one statement. Cancelled and parked ones with the same key wait again, fired ones stay fired."""
    if not planned:
        return
    rows = [
        {
            "kind": moment.kind, "key": moment.key, "subject_type": moment.subject[0], "subject_id": moment.subject[1],
            "facts": moment.facts, "due_at": moment.due_at.isoformat(),  # the encoder would cut microseconds off
        }
        for moment in {moment.key: moment for moment in planned}.values()
    ]  # fmt: skip
    note_moved(moment.key for moment in planned)
    _SCHEDULE.row(json.dumps(rows, cls=DjangoJSONEncoder))


def cancel_moments(subject: tuple[str, int], *, kind: str | None = None) -> int:
    """What a subject still waits for does not come any more; only of one kind if named. Returns how many.

    One that has just happened, in a transaction not yet over, is left out; so is, in effect, one that is happening: it
    finds its subject changed, or itself cancelled.
    """
    return cancel_moments_of(subject[0], [subject[1]], kinds=None if kind is None else [kind])


def cancel_moments_of(subject_type: str, subject_ids: Iterable[int], *, kinds: Sequence[str] | None = None) -> int:
    """The same for several subjects in one statement."""
    return _write(_CANCEL, subject_type, subject_ids, kinds)


def hold_moments(subject_type: str, subject_ids: Iterable[int], *, kinds: Sequence[str] | None = None) -> int:
    """What these subjects wait for stands still until :func:`let_moments_go`. Returns how many."""
    return _write(_HOLD, subject_type, subject_ids, kinds)


def let_moments_go(
    subject_type: str, subject_ids: Iterable[int], *, kinds: Sequence[str] | None = None, moved: bool = True
) -> int:
    """What stood still waits again, moved on by as long as it stood (or not: what came due meanwhile happens now)."""
    return _write(_LET_GO, subject_type, subject_ids, kinds, moved=moved)


def _write(
    statement: NamedStatement, subject_type: str, subject_ids: Iterable[int], kinds: Sequence[str] | None, **more: bool
) -> int:
    told = {
        "now": clock.now(), "subject_type": subject_type, "ids": list(subject_ids),
        "kinds": None if kinds is None else list(kinds), **more,
    }  # fmt: skip
    return len(statement.rows(told))


@transaction.atomic
def retry_moment(moment: DueMoment, *, by: User | None) -> None:
    """Let a parked moment be tried again, from the first attempt. Raises NotPermitted, MomentNotParked."""
    require(policies.why_not_settle_moment(moment, by))
    _move(moment, MomentStatus.WAITING, settled_at=None)
    audit.record("moment.retried", by=by, subject_type="moment", subject_id=moment.pk, kind=moment.kind, key=moment.key)


@transaction.atomic
def skip_moment(moment: DueMoment, *, by: User | None) -> None:
    """Give a parked moment up: it does not happen. Raises NotPermitted, MomentNotParked."""
    require(policies.why_not_settle_moment(moment, by))
    _move(moment, MomentStatus.CANCELLED, settled_at=clock.now())
    audit.record("moment.skipped", by=by, subject_type="moment", subject_id=moment.pk, kind=moment.kind, key=moment.key)


def _move(moment: DueMoment, status: MomentStatus, *, settled_at: datetime | None) -> None:
    """Compare and set: who comes second is told that it is no longer parked."""
    parked = DueMoment.objects.filter(pk=moment.pk, status=MomentStatus.PARKED)
    if not parked.update(status=status, attempts=0, not_before=None, last_error="", settled_at=settled_at):
        moment.refresh_from_db()
        require(policies.why_not_settle_moment(moment, None))


def remove_settled_moments(*, by: User | None) -> int:
    """Housekeeping: forget what fired or was cancelled long ago; returns how many rows went."""
    old = DueMoment.objects.filter(
        status__in=(MomentStatus.FIRED, MomentStatus.CANCELLED), settled_at__lt=clock.now() - KEPT
    )
    removed = 0
    while count := DueMoment.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:REMOVED_AT_ONCE])).delete()[
        0
    ]:
        removed += count
    return removed
