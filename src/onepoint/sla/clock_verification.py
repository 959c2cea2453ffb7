"""Whether what is kept of clocks is what follows from their segments (reliability I9): to the microsecond."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from onepoint.sla import clock_rows
from onepoint.sla.models import Clock, ClockSegment, DueMoment
from onepoint.sla.services.clocks import with_segments
from onepoint.sla.states import ClockState, MomentStatus
from onepoint.sla.working_time import WorkingTime

BATCH = 500


@dataclass(frozen=True)
class WrongClock:
    """A clock and what is wrong with it, in the words of those who mend it."""

    clock: Clock
    faults: tuple[str, ...]


def find_wrong_clocks() -> Iterator[WrongClock]:
    """Every open clock whose columns or moments are not those its segments give; three statements per 500 clocks."""
    times: dict[int | None, WorkingTime] = {}
    last = 0
    while rows := list(Clock.objects.open().filter(pk__gt=last).order_by("pk")[:BATCH]):
        waiting = _waiting([one.pk for one in rows])
        for one, segments in with_segments(rows):
            entries = clock_rows.entries_of(segments, times)
            if faults := tuple(_faults(one, segments, entries, waiting.get(one.pk, []))):
                yield WrongClock(one, faults)
        last = rows[-1].pk


def _waiting(ids: list[int]) -> dict[int, list[DueMoment]]:
    found: dict[int, list[DueMoment]] = {}
    for moment in DueMoment.objects.filter(subject_type="clock", subject_id__in=ids, status=MomentStatus.WAITING):
        found.setdefault(moment.subject_id, []).append(moment)
    return found


def _faults(
    one: Clock, segments: list[ClockSegment], entries: list[clock_rows.Entry], waiting: list[DueMoment]
) -> Iterator[str]:
    numbers = [segment.number for segment in segments]
    if numbers != list(range(1, one.revision + 1)):
        yield f"segments {numbers} do not make revision {one.revision}"
        return
    # By night the due moment alone would not tell.
    if segments[0].from_at != one.started_at:
        yield f"started at {one.started_at}, its first segment says {segments[0].from_at}"
    if entries[-1].limit != one.limit:
        yield f"limit {one.limit}, its last segment says {entries[-1].limit}"
    runs = one.state == ClockState.RUNNING
    if entries[-1].runs != runs:
        yield f"{one.state}, its last segment says otherwise"
        return
    if not runs:
        if one.due_at is not None:
            yield f"stands still and is due at {one.due_at}"
        return
    due_at = clock_rows.reached(entries, one.limit)
    if due_at != one.due_at:
        yield f"due at {one.due_at}, its segments say {due_at}"
    first = clock_rows.reached(entries, timedelta(seconds=one.warnings[0])) if one.warnings else None
    if first != one.warn_at:
        yield f"at risk from {one.warn_at}, its segments say {first}"
    derived = clock_rows.derive(entries, one.warnings, one.warned_count, is_breached=one.breached_at is not None)
    if derived.next_at is not None and [moment.due_at for moment in waiting] != [derived.next_at]:
        yield f"waits for {[str(moment.due_at) for moment in waiting]}, its segments say {derived.next_at}"
