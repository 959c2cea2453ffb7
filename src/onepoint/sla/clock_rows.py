"""Clocks as rows: derived columns, and the statements that write clock, segment and due moment together.

One statement each, because clocks change with nearly every step of a process. A moment that a worker is at is skipped, not
waited for: the worker asks the clock whether it still holds (``revision``), so nobody ever waits for the other in a circle.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import DEFAULT_DB_ALIAS, connection

from onepoint.accounts.models import User
from onepoint.core import clock as time
from onepoint.core.prepared import NamedStatement, Value
from onepoint.sla import clock_arithmetic
from onepoint.sla.calendars import calendar_of
from onepoint.sla.clock_arithmetic import Entry
from onepoint.sla.models import Clock, ClockSegment
from onepoint.sla.states import AfterReopening, ClockState
from onepoint.sla.working_time import ROUND_THE_CLOCK, NoWorkingTime, WorkingTime

WARN, BREACH = "clock.warn", "clock.breach"


@dataclass(frozen=True)
class NewClock:
    """A clock about to start; ``carried`` is what an earlier clock of the same work had counted."""

    kind: str
    limit: timedelta
    in_working_time: bool = False
    calendar_id: int | None = None
    time: WorkingTime = ROUND_THE_CLOCK
    subject_id: int = 0  # where one call starts clocks of several subjects
    name: str = ""
    name_en: str = ""
    stage: str = ""
    unit_id: int | None = None
    region_id: int | None = None
    policy_id: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    warnings: Sequence[int] = ()
    pauses_on_hold: bool = True
    pauses_on_waiting: bool = True
    after_reopening: str = AfterReopening.CONTINUE
    reopened_limit: timedelta | None = None
    carried: timedelta | None = None
    began: datetime | None = None  # it has run since then, unnoticed: what is past is not told any more

    def due_at(self, at: datetime) -> datetime | None:
        """When it will be due if it starts at ``at`` and never pauses; None in a calendar that never opens."""
        return reached([self.entry(at)], self.limit)

    def entry(self, at: datetime) -> Entry:
        return Entry(at, True, self.limit, self.time, self.carried)

    def moment_of(self, seconds: int, at: datetime) -> datetime | None:
        """When so much will be counted if it starts at ``at``."""
        return reached([self.entry(at)], timedelta(seconds=seconds))

    def since(self, began: datetime, subject_id: int) -> "NewClock":
        """The clock of a subject as if it had run since ``began``."""
        return replace(self, subject_id=subject_id, began=began)


@dataclass(frozen=True)
class Derived:
    """What follows from the entries of a running clock."""

    due_at: datetime | None
    warn_at: datetime | None
    next_kind: str = ""  # what comes next: a warning, the breach, or nothing
    next_at: datetime | None = None
    next_number: int = 0


NOTHING_DUE = Derived(None, None)


def reached(entries: Sequence[Entry], span: timedelta) -> datetime | None:
    """As the arithmetic has it; None too where the calendar never opens again."""
    try:
        return clock_arithmetic.reached(entries, span)
    except NoWorkingTime:
        return None


def derive(entries: Sequence[Entry], warnings: Sequence[int], warned: int, *, is_breached: bool) -> Derived:
    """Due moment, first warning and the next thing to happen of a clock whose last entry runs."""
    due_at = reached(entries, entries[-1].limit)
    marks = [reached(entries, timedelta(seconds=second)) for second in warnings]
    warn_at = marks[0] if marks else None
    if is_breached or due_at is None:
        return Derived(due_at, warn_at)
    for number, mark in enumerate(marks[warned:], start=warned + 1):
        if mark is not None and mark < due_at:
            return Derived(due_at, warn_at, WARN, mark, number)
    return Derived(due_at, warn_at, BREACH, due_at, len(warnings) + 1)


def passed_warnings(entries: Sequence[Entry], warnings: Sequence[int], now: datetime) -> int:
    """How many warnings are behind; after a change of the limit only the last of them is still told."""
    counted = clock_arithmetic.elapsed(entries, now).total_seconds()
    return sum(1 for second in warnings if second <= counted)


def entries_of(segments: Iterable[ClockSegment], times: dict[int | None, WorkingTime] | None = None) -> list[Entry]:
    """Segments, in their order, as the arithmetic takes them; ``times`` keeps calendars asked for before."""
    known: dict[int | None, WorkingTime] = {} if times is None else times
    known.setdefault(None, ROUND_THE_CLOCK)
    entries: list[Entry] = []
    for segment in segments:
        if segment.calendar_id not in known:
            known[segment.calendar_id] = calendar_of(segment.calendar_id).time
        # Machines disagree by moments about the time; what was written later did not happen earlier.
        at = max(segment.from_at, entries[-1].at) if entries else segment.from_at
        runs = segment.state == ClockState.RUNNING
        entries.append(Entry(at, runs, segment.limit, known[segment.calendar_id], segment.carried))
    return entries


_FIELDS = Clock._meta.concrete_fields


def _columns(rows: str) -> str:
    return ", ".join(f'{rows}."{field.column}"' for field in _FIELDS)


def _clocks(rows: list[tuple[Any, ...]]) -> list[Clock]:
    """What a statement gave of ``_columns``."""
    names = [field.attname for field in _FIELDS]
    facts = names.index("facts")
    return [
        Clock.from_db(DEFAULT_DB_ALIAS, names, (*row[:facts], json.loads(row[facts]), *row[facts + 1 :]))
        for row in rows
    ]


# --- starting ---------------------------------------------------------------------------------------------------

_START = NamedStatement(
    "start_clocks",
    f"""
WITH given AS MATERIALIZED (
    SELECT nextval(pg_get_serial_sequence('sla_clock', 'id')) AS id, g.*
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS g (
        place integer, subject_id bigint, kind text, name text, name_en text, stage text, "limit" interval,
        in_working_time boolean, calendar_id bigint, unit_id bigint, region_id bigint, policy_id bigint, facts jsonb,
        warnings bigint[], pauses_on_hold boolean, pauses_on_waiting boolean, after_reopening text,
        reopened_limit interval, carried interval, due_at timestamptz, warn_at timestamptz, next_kind text,
        next_at timestamptz, next_number integer, began timestamptz, warned_count integer, breached_at timestamptz
    )
),
made AS (
    INSERT INTO sla_clock (
        id, subject_type, subject_id, kind, name, name_en, stage, state, "limit", in_working_time, calendar_id, unit_id,
        region_id, policy_id, facts, warnings, pauses_on_hold, pauses_on_waiting, after_reopening, reopened_limit,
        started_at, due_at, warn_at, warned_count, breached_at
    )
    SELECT id, %(subject_type)s::text, subject_id, kind, name, name_en, stage, 'running', "limit", in_working_time,
        calendar_id, unit_id, region_id, policy_id, facts, warnings, pauses_on_hold, pauses_on_waiting, after_reopening, reopened_limit,
        COALESCE(began, %(at)s::timestamptz), due_at, warn_at, warned_count, breached_at
    FROM given RETURNING *
),
noted AS (
    INSERT INTO sla_clocksegment (clock_id, number, state, what, reason, from_at, by_id, "limit", calendar_id, carried)
    SELECT id, 1, 'running', 'started', %(reason)s::text, COALESCE(began, %(at)s::timestamptz), %(by)s::bigint, "limit",
        calendar_id, carried
    FROM given
),
planned AS (
    INSERT INTO sla_duemoment (kind, key, subject_type, subject_id, facts, due_at)
    SELECT next_kind, 'clock-' || id || '-1-' || next_number, 'clock', id,
        jsonb_build_object('revision', 1, 'number', next_number), next_at
    FROM given WHERE next_at IS NOT NULL
)
SELECT {_columns("made")} FROM made ORDER BY made.id
""",
)


def insert_clocks(
    subject_type: str, clocks: Sequence[NewClock], *, at: datetime, reason: str, by: User | None
) -> list[Clock]:
    """Start them all in one statement."""
    if not clocks:
        return []
    told: dict[str, Value] = {
        "rows": _json([_new_row(place, new, at) for place, new in enumerate(clocks)]),
        "subject_type": subject_type, "at": at, "reason": reason[:300], "by": by.pk if by else None,
    }  # fmt: skip
    return _clocks(_START.rows(told))


def _new_row(place: int, new: NewClock, at: datetime) -> dict[str, Any]:
    entries, warned, breached_at = [new.entry(new.began or at)], 0, None
    if new.began is not None:
        due_at = reached(entries, new.limit)
        warned = passed_warnings(entries, new.warnings, at)
        breached_at = due_at if due_at is not None and due_at <= at else None
    derived = derive(entries, new.warnings, warned, is_breached=breached_at is not None)
    return {
        "place": place, "subject_id": new.subject_id, "kind": new.kind, "name": new.name[:80], "name_en": new.name_en[:120],
        "stage": new.stage, "limit": _interval(new.limit), "in_working_time": new.in_working_time,
        "calendar_id": new.calendar_id, "unit_id": new.unit_id, "region_id": new.region_id, "policy_id": new.policy_id,
        "facts": dict(new.facts), "warnings": list(new.warnings), "pauses_on_hold": new.pauses_on_hold,
        "pauses_on_waiting": new.pauses_on_waiting, "after_reopening": str(new.after_reopening),
        "reopened_limit": _interval(new.reopened_limit), "carried": _interval(new.carried), **_due_columns(derived),
        "began": new.began, "warned_count": warned, "breached_at": breached_at,
    }  # fmt: skip


def _due_columns(derived: Derived) -> dict[str, Any]:
    return {
        "due_at": derived.due_at, "warn_at": derived.warn_at, "next_kind": derived.next_kind,
        "next_at": derived.next_at, "next_number": derived.next_number,
    }  # fmt: skip


# --- ending -----------------------------------------------------------------------------------------------------

_CANCEL_MOMENTS = """
gone AS (
    UPDATE sla_duemoment SET status = 'cancelled', settled_at = %(at)s::timestamptz, not_before = NULL
    WHERE id IN (
        SELECT id FROM sla_duemoment
        WHERE status = 'waiting' AND subject_type = 'clock' AND subject_id IN (SELECT id FROM {changed})
        FOR UPDATE SKIP LOCKED
    )
)
"""
_END = NamedStatement(
    "end_clocks",
    f"""
WITH chosen AS MATERIALIZED (
    SELECT id FROM sla_clock
    WHERE subject_type = %(subject_type)s::text AND subject_id = ANY(%(ids)s::bigint[]) AND state IN ('running', 'paused')
        AND (%(kinds)s::text[] IS NULL OR kind = ANY(%(kinds)s::text[]))
    ORDER BY id FOR UPDATE
),
ended AS (
    UPDATE sla_clock SET state = %(state)s::text, settled_at = %(at)s::timestamptz, revision = revision + 1,
        breached_at = CASE WHEN state = 'running' AND due_at < %(at)s::timestamptz
            THEN COALESCE(breached_at, due_at) ELSE breached_at END
    WHERE id IN (SELECT id FROM chosen) RETURNING *
),
noted AS (
    INSERT INTO sla_clocksegment (clock_id, number, state, what, reason, from_at, by_id, "limit", calendar_id)
    SELECT id, revision, state, state, %(reason)s::text, %(at)s::timestamptz, %(by)s::bigint, "limit", calendar_id
    FROM ended
),
{_CANCEL_MOMENTS.format(changed="ended")}
SELECT {_columns("ended")} FROM ended ORDER BY ended.id
""",
)


def end_clocks(
    subject_type: str, subject_ids: Iterable[int], state: ClockState, *, kinds: Iterable[str] | None, reason: str,
    by: User | None,
) -> list[Clock]:  # fmt: skip
    """Settle or cancel the open clocks of some subjects in one statement, whatever they have counted."""
    told: dict[str, Value] = {
        "subject_type": subject_type, "ids": list(subject_ids), "state": state.value, "at": time.now(),
        "kinds": None if kinds is None else [str(kind) for kind in kinds], "reason": reason[:300],
        "by": by.pk if by else None,
    }  # fmt: skip
    return _clocks(_END.rows(told)) if told["ids"] else []


# --- changing ---------------------------------------------------------------------------------------------------

_CHANGE = f"""
WITH given AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb) AS g (
        id bigint, revision integer, state text, what text, "limit" interval, calendar_id bigint, carried interval,
        in_working_time boolean, unit_id bigint, region_id bigint, policy_id bigint, name text, name_en text, facts jsonb,
        warnings bigint[], warned_count integer, pauses_on_hold boolean, pauses_on_waiting boolean, after_reopening text,
        reopened_limit interval, breached_at timestamptz, settled_at timestamptz, due_at timestamptz, warn_at timestamptz,
        next_kind text, next_at timestamptz, next_number integer
    )
),
changed AS (
    UPDATE sla_clock c SET state = g.state, revision = g.revision, "limit" = g."limit", calendar_id = g.calendar_id,
        in_working_time = g.in_working_time, unit_id = g.unit_id, region_id = g.region_id, policy_id = g.policy_id,
        name = g.name, name_en = g.name_en, facts = g.facts, warnings = g.warnings, warned_count = g.warned_count,
        pauses_on_hold = g.pauses_on_hold, pauses_on_waiting = g.pauses_on_waiting, after_reopening = g.after_reopening,
        reopened_limit = g.reopened_limit, breached_at = g.breached_at, settled_at = g.settled_at, due_at = g.due_at,
        warn_at = g.warn_at
    FROM given g WHERE c.id = g.id
),
noted AS (
    INSERT INTO sla_clocksegment (clock_id, number, state, what, reason, from_at, by_id, "limit", calendar_id, carried)
    SELECT id, revision, state, what, %(reason)s, %(at)s, %(by)s, "limit", calendar_id, carried FROM given
),
{_CANCEL_MOMENTS.format(changed="given")}
INSERT INTO sla_duemoment (kind, key, subject_type, subject_id, facts, due_at)
SELECT next_kind, 'clock-' || id || '-' || revision || '-' || next_number, 'clock', id,
    jsonb_build_object('revision', revision, 'number', next_number), next_at
FROM given WHERE next_at IS NOT NULL
"""


@dataclass
class Change:
    """A clock, already set to what it is to be, with the segment that makes it so."""

    clock: Clock
    what: str
    derived: Derived
    carried: timedelta | None = None


def write_changes(changes: Sequence[Change], *, at: datetime, reason: str, by: User | None) -> None:
    """One segment more for each clock, its columns and its next moment, in one statement. The caller locked the clocks."""
    if not changes:
        return
    told: dict[str, Any] = {
        "rows": _json([_changed_row(change) for change in changes]), "at": at, "reason": reason[:300],
        "by": by.pk if by else None,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_CHANGE, told)


def _changed_row(change: Change) -> dict[str, Any]:
    clock = change.clock
    return {
        "id": clock.pk, "revision": clock.revision, "state": clock.state, "what": change.what,
        "limit": _interval(clock.limit), "calendar_id": clock.calendar_id, "carried": _interval(change.carried),
        "in_working_time": clock.in_working_time, "unit_id": clock.unit_id, "region_id": clock.region_id,
        "policy_id": clock.policy_id, "name": clock.name, "name_en": clock.name_en, "facts": clock.facts,
        "warnings": clock.warnings, "warned_count": clock.warned_count, "pauses_on_hold": clock.pauses_on_hold,
        "pauses_on_waiting": clock.pauses_on_waiting, "after_reopening": clock.after_reopening,
        "reopened_limit": _interval(clock.reopened_limit), "breached_at": clock.breached_at,
        "settled_at": clock.settled_at, **_due_columns(change.derived),
    }  # fmt: skip


def _interval(length: timedelta | None) -> str | None:
    """Exact to the microsecond, whatever its size."""
    return None if length is None else f"{length // timedelta(microseconds=1)} microseconds"


def _json(rows: list[dict[str, Any]]) -> str:
    return json.dumps(rows, cls=_Exact)


class _Exact(DjangoJSONEncoder):
    """Django's encoder cuts moments to milliseconds; a due moment is kept as it was computed."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if isinstance(o, datetime) else super().default(o)
