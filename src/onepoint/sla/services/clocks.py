"""What happens to clocks: started, paused, resumed, re-targeted, settled, reopened. Called by whoever has subjects with limits.

Who may do it is decided there: a clock only follows its subject. Each function writes one entry into the subject's timeline
where there is something to tell, announces every clock it touched, and returns those.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.dispatch import Signal

from onepoint.accounts.models import User
from onepoint.core import audit, clock
from onepoint.core.errors import SomebodyWasFaster
from onepoint.sla import clock_arithmetic, clock_plans, clock_rows, signals
from onepoint.sla.clock_arithmetic import Entry
from onepoint.sla.clock_rows import NOTHING_DUE, Change, Derived, NewClock
from onepoint.sla.models import Clock, ClockSegment
from onepoint.sla.states import OPEN_CLOCK, AfterReopening, ClockKind, ClockState
from onepoint.sla.working_time import WorkingTime

Subject = tuple[str, int]


def start_clocks(
    subject: Subject,
    planned: Sequence[NewClock],
    *,
    at: datetime | None = None,
    reason: str = "",
    told: bool = True,
    by: User | None,
) -> list[Clock]:
    """Let clocks run from ``at`` (now) on. ``told``: one line of the timeline says so."""
    new = [replace(one, subject_id=subject[1]) for one in planned]
    started = clock_rows.insert_clocks(subject[0], new, at=at or clock.now(), reason=reason, by=by)
    _tell("clock.started", subject, started if told else [], by=by)
    _announce(signals.clock_started, started, by=by)
    return started


def start_clocks_of_many(subject_type: str, planned: Sequence[NewClock], *, by: User | None) -> list[Clock]:
    """Clocks of several subjects (``subject_id`` of each) in one statement, without a line in any timeline."""
    started = clock_rows.insert_clocks(subject_type, planned, at=clock.now(), reason="", by=by)
    _announce(signals.clock_started, started, by=by)
    return started


def settle_clocks(
    subject: Subject | tuple[str, Iterable[int]],
    *,
    kinds: Iterable[str] | None = None,
    reason: str = "",
    by: User | None,
) -> list[Clock]:
    """What they measured has been done. Nothing for clocks that are over already."""
    return _end(subject, ClockState.SETTLED, kinds, reason, by)


def cancel_clocks(
    subject: Subject | tuple[str, Iterable[int]],
    *,
    kinds: Iterable[str] | None = None,
    reason: str = "",
    by: User | None,
) -> list[Clock]:
    """What they measured will not be done; they count neither as kept nor as missed."""
    return _end(subject, ClockState.CANCELLED, kinds, reason, by)


def _end(
    subject: tuple[str, int | Iterable[int]],
    state: ClockState,
    kinds: Iterable[str] | None,
    reason: str,
    by: User | None,
) -> list[Clock]:
    subject_type, ids = subject
    given = [ids] if isinstance(ids, int) else ids
    ended = clock_rows.end_clocks(subject_type, given, state, kinds=kinds, reason=reason, by=by)
    _announce(signals.clock_settled, ended, by=by)
    return ended


@transaction.atomic
def settle_one(one: Clock, *, reason: str = "", by: User | None) -> Clock:
    """The same for a single clock of several of its kind. Raises SomebodyWasFaster when it is over already."""
    for locked, _segments in with_segments(list(Clock.objects.open().filter(pk=one.pk).select_for_update())):
        if locked.due_at is not None and locked.due_at < clock.now():
            locked.breached_at = locked.breached_at or locked.due_at
        locked.state, locked.settled_at = ClockState.SETTLED, clock.now()
        change = replace(_changed(locked, "settled", NOTHING_DUE), derived=Derived(locked.due_at, locked.warn_at))
        clock_rows.write_changes([change], at=clock.now(), reason=reason, by=by)
        _announce(signals.clock_settled, [locked], by=by)
        return locked
    raise SomebodyWasFaster


@transaction.atomic
def pause_clocks(
    subject: Subject | tuple[str, Sequence[int]], *, reason: str, waiting: bool = False, always: bool = False,
    told: bool = True, by: User | None,
) -> list[Clock]:  # fmt: skip
    """Let the clocks whose rule says so stand still: while on hold, or (``waiting``) while the customer is waited for."""
    chosen = []
    for one, segments in _locked(subject, ClockState.RUNNING):
        if always or (one.pauses_on_waiting if waiting else one.pauses_on_hold):
            chosen.append((one, segments))
    changes = []
    for one, _segments in chosen:
        if one.breached_at is None and one.due_at is not None and one.due_at <= clock.now():
            note_breach(one, by=None)  # nobody had come to tell it yet
        one.state, one.due_at, one.warn_at = ClockState.PAUSED, None, None
        changes.append(_changed(one, "paused", NOTHING_DUE))
    clock_rows.write_changes(changes, at=clock.now(), reason=reason, by=by)
    return _done("clock.paused", signals.clock_paused, subject, changes, told=told, by=by, reason=reason)


@transaction.atomic
def resume_clocks(
    subject: Subject | tuple[str, Sequence[int]], *, reason: str = "", told: bool = True, by: User | None
) -> list[Clock]:
    """Let the clocks that stood still run on."""
    times: dict[int | None, WorkingTime] = {}
    changes = []
    for one, segments in _locked(subject, ClockState.PAUSED):
        one.state = ClockState.RUNNING
        entries = _and_now(clock_rows.entries_of(segments, times), one, times)
        changes.append(_changed(one, "resumed", _derived(one, entries)))
    clock_rows.write_changes(changes, at=clock.now(), reason=reason, by=by)
    return _done("clock.resumed", signals.clock_resumed, subject, changes, told=told, by=by, reason=reason)


@transaction.atomic
def retarget_clocks(
    subject: Subject, facts: Mapping[str, Any], *, reason: str = "", stage: str = "", by: User | None
) -> list[Clock]:
    """The subject is not what it was (graver, another category): the rules are asked again, what has elapsed stays.

    Clocks no rule asks for any more are cancelled, new ones begin now; promises are not touched.
    """
    wanted = {(new.kind, new.stage): new for new in clock_plans.plan_clocks(facts, stage=stage)}
    rows = _locked(subject, *OPEN_CLOCK)
    over = set(Clock.objects.of(*subject).filter(state=ClockState.SETTLED).values_list("kind", "stage"))
    times: dict[int | None, WorkingTime] = {}
    changes, was = [], {}
    for one, segments in rows:
        if one.kind in (ClockKind.PROMISE, ClockKind.STEP):
            continue
        new = wanted.pop((one.kind, one.stage), None)
        if new is None:
            if one.kind != ClockKind.STAGE or not stage:
                cancel_clocks(subject, kinds=[one.kind], reason=reason, by=by)
            continue
        if _is_same(one, new):
            continue
        was[one.pk] = one.limit
        times[new.calendar_id] = new.time
        changes.append(_take_over(one, new, clock_rows.entries_of(segments, times)))
    clock_rows.write_changes(changes, at=clock.now(), reason=reason, by=by)
    changed = [change.clock for change in changes]
    _tell("clock.retargeted", subject, changed, by=by, was=was, reason=reason)
    for one in changed:
        signals.clock_retargeted.send(sender=Clock, clock=one, by=by, was=was[one.pk])
    fresh = [new for key, new in wanted.items() if key not in over]
    return changed + (start_clocks(subject, fresh, reason=reason, by=by) if fresh else [])


@transaction.atomic
def retarget_each(subject_type: str, wanted: Mapping[int, NewClock | None], *, by: User | None) -> "Retargeted":
    """The same for subjects with one clock each (steps): None cancels it, where there is none one begins.

    What has elapsed stays. Whoever has the subjects tells of it.
    """
    without = set(wanted)
    times: dict[int | None, WorkingTime] = {}
    changes, was, gone = [], {}, []
    for one, segments in _locked((subject_type, list(wanted)), *OPEN_CLOCK):
        without.discard(one.subject_id)
        new = wanted[one.subject_id]
        if new is None:
            gone.append(one.subject_id)
        elif not _is_same(one, new) and (one.policy_id or new.policy_id):  # what is drawn stays as it was counted
            times[new.calendar_id] = new.time
            was[one.pk] = one.limit
            changes.append(_take_over(one, new, clock_rows.entries_of(segments, times)))
    clock_rows.write_changes(changes, at=clock.now(), reason="", by=by)
    changed = [(change.clock, was[change.clock.pk]) for change in changes]
    for one, limit in changed:
        signals.clock_retargeted.send(sender=Clock, clock=one, by=by, was=limit)
    ended = cancel_clocks((subject_type, gone), by=by) if gone else []
    fresh = [new for pk, new in wanted.items() if new is not None and pk in without]
    begun = start_clocks_of_many(subject_type, fresh, by=by) if fresh else []
    return Retargeted(changed, begun, ended)


@dataclass(frozen=True)
class Retargeted:
    """What became of the clocks of several subjects: ``changed`` with their former limits, ``begun``, ``ended``."""

    changed: Sequence[tuple[Clock, timedelta]]
    begun: Sequence[Clock]
    ended: Sequence[Clock]


def _is_same(one: Clock, new: NewClock) -> bool:
    return (one.limit, one.calendar_id, one.in_working_time, one.policy_id, one.warnings) == (
        new.limit, new.calendar_id, new.in_working_time, new.policy_id, list(new.warnings),
    )  # fmt: skip


def _take_over(one: Clock, new: NewClock, entries: list[Entry], *, carried: timedelta | None = None) -> Change:
    """Give a clock another rule: limit, calendar, warnings; what it has counted stays unless ``carried`` says otherwise."""
    now = clock.now()
    one.limit, one.in_working_time, one.calendar_id = new.limit, new.in_working_time, new.calendar_id
    one.unit_id, one.region_id, one.policy_id = new.unit_id, new.region_id, new.policy_id
    one.name, one.name_en = new.name[:80], new.name_en[:120]
    one.facts, one.warnings = dict(new.facts), list(new.warnings)
    one.pauses_on_hold, one.pauses_on_waiting = new.pauses_on_hold, new.pauses_on_waiting
    one.after_reopening, one.reopened_limit = new.after_reopening, new.reopened_limit
    runs = one.state == ClockState.RUNNING
    entries = [*entries, Entry(max(now, entries[-1].at), runs, one.limit, new.time, carried)]
    one.warned_count = max(clock_rows.passed_warnings(entries, one.warnings, now) - 1, 0)
    derived = _derived(one, entries) if runs else NOTHING_DUE
    return _changed(one, "retargeted", derived, carried)


@transaction.atomic
def reopen_clocks(
    subject: Subject, *, kinds: Iterable[str] | None = None, reason: str = "", by: User | None
) -> list[Clock]:
    """The subject lives again: each clock that had been settled counts on or begins anew, as its rule said."""
    times: dict[int | None, WorkingTime] = {}
    changes = []
    only = None if kinds is None else set(kinds)
    rows = [row for row in _locked(subject, ClockState.SETTLED) if not only or row[0].kind in only]
    latest = {(one.kind, one.stage, one.name): (one, segments) for one, segments in rows}
    for one, segments in latest.values():
        if (
            one.kind in (ClockKind.PROMISE, ClockKind.STEP, ClockKind.STAGE)
            or one.after_reopening == AfterReopening.STAY
        ):
            continue
        carried = None if one.after_reopening == AfterReopening.CONTINUE else timedelta()
        if one.after_reopening == AfterReopening.NEW_LIMIT and one.reopened_limit:
            shares = [second / one.limit.total_seconds() for second in one.warnings]
            one.limit = one.reopened_limit
            one.warnings = [int(share * one.limit.total_seconds()) for share in shares]
        one.state, one.settled_at = ClockState.RUNNING, None
        entries = _and_now(clock_rows.entries_of(segments, times), one, times, carried)
        one.warned_count = clock_rows.passed_warnings(entries, one.warnings, clock.now())
        changes.append(_changed(one, "reopened", _derived(one, entries), carried))
    clock_rows.write_changes(changes, at=clock.now(), reason=reason, by=by)
    return _done("clock.reopened", signals.clock_started, subject, changes, by=by, told=True)


def note_breach(one: Clock, *, by: User | None) -> None:
    """The limit is over: set on the object (the caller writes it), told and announced."""
    one.breached_at = one.due_at
    if one.kind != ClockKind.STEP:  # told by whoever has the step
        _tell("clock.breached", (one.subject_type, one.subject_id), [one], by=by)
    signals.clock_breached.send(sender=Clock, clock=one, by=by)


# --- pieces -----------------------------------------------------------------------------------------------------


def _locked(subject: tuple[str, int | Sequence[int]], *states: ClockState) -> list[tuple[Clock, list[ClockSegment]]]:
    """The clocks of a subject in these states, locked, with their segments: two statements."""
    subject_type, ids = subject
    given = [ids] if isinstance(ids, int) else list(ids)
    if not given:
        return []
    rows = Clock.objects.of(subject_type, *given).filter(state__in=states).order_by("pk").select_for_update()
    return with_segments(list(rows))


def with_segments(rows: Sequence[Clock]) -> list[tuple[Clock, list[ClockSegment]]]:
    """Clocks with their segments in order: one statement."""
    found: dict[int, list[ClockSegment]] = {one.pk: [] for one in rows}
    if rows:
        for segment in ClockSegment.objects.filter(clock__in=list(found)).order_by("clock", "number"):
            found[segment.clock_id].append(segment)
    return [(one, found[one.pk]) for one in rows]


def _and_now(
    entries: list[Entry], one: Clock, times: Mapping[int | None, WorkingTime], carried: timedelta | None = None
) -> list[Entry]:
    """The entries with one more from now on, as the clock now stands; its calendar is the last entry's."""
    time = times.get(one.calendar_id, entries[-1].time)
    at = max(clock.now(), entries[-1].at)
    return [*entries, Entry(at, one.state == ClockState.RUNNING, one.limit, time, carried)]


def _derived(one: Clock, entries: list[Entry]) -> clock_rows.Derived:
    """Set what follows from the entries. A breach stays one while its limit is over, and is none once there is time again."""
    due_at = clock_rows.reached(entries, one.limit)
    if due_at is None or due_at > clock.now():
        one.breached_at = None
    derived = clock_rows.derive(entries, one.warnings, one.warned_count, is_breached=one.breached_at is not None)
    one.due_at, one.warn_at = derived.due_at, derived.warn_at
    return derived


def _changed(one: Clock, what: str, derived: clock_rows.Derived, carried: timedelta | None = None) -> Change:
    one.revision += 1
    return Change(one, what, derived, carried)


def _done(
    verb: str, signal: Signal, subject: tuple[str, int | Sequence[int]], changes: Sequence[Change], *, told: bool,
    by: User | None, **more: Any,
) -> list[Clock]:  # fmt: skip
    clocks = [change.clock for change in changes]
    if told:
        _tell_each(verb, subject[0], clocks, by=by, **more)
    _announce(signal, clocks, by=by, **more)
    return clocks


def _announce(signal: Signal, clocks: Iterable[Clock], *, by: User | None, **more: Any) -> None:
    for one in clocks:
        signal.send(sender=Clock, clock=one, by=by, **more)


def as_fact(one: Clock, **more: Any) -> dict[str, Any]:
    """A clock as the journal keeps it."""
    due_at: datetime | None = one.due_at
    return {
        "kind": one.kind, "name": one.name, "name_en": one.name_en, "due": due_at.isoformat() if due_at else "", **more,
    }  # fmt: skip


def as_changed(one: Clock, was: timedelta) -> dict[str, Any]:
    """The same for a clock whose limit was changed."""
    return as_fact(one, was=int(was.total_seconds()), limit=int(one.limit.total_seconds()))


def _tell_each(verb: str, subject_type: str, clocks: Sequence[Clock], *, by: User | None, reason: str = "") -> None:
    """One line in the timeline of each subject, for all its clocks."""
    facts: dict[int, list[dict[str, Any]]] = {}
    for one in clocks:
        facts.setdefault(one.subject_id, []).append(as_fact(one))
    told = [(subject_type, pk, {"clocks": ones, "reason": reason}) for pk, ones in facts.items()]
    if told:
        audit.record_many(verb, told, by=by)


def _tell(
    verb: str, subject: Subject, clocks: Sequence[Clock], *, by: User | None, reason: str = "",
    was: Mapping[int, timedelta] | None = None,
) -> None:  # fmt: skip
    """One line for all clocks that went the same way."""
    if not clocks:
        return
    facts = [as_changed(one, was[one.pk]) if was else as_fact(one) for one in clocks]
    audit.record(verb, by=by, subject_type=subject[0], subject_id=subject[1], clocks=facts, reason=reason)


def counted(one: Clock, segments: Sequence[ClockSegment], at: datetime) -> timedelta:
    """What a clock has counted up to a moment."""
    return clock_arithmetic.elapsed(clock_rows.entries_of(segments), at)
