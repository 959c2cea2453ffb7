"""Open clocks set right after working time changed: batch by batch, each in a short transaction of its own."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from onepoint.accounts.models import User
from onepoint.core import clock
from onepoint.sla import clock_rows, signals
from onepoint.sla.calendars import LoadedCalendar, calendar_for
from onepoint.sla.clock_arithmetic import Entry
from onepoint.sla.clock_rows import NOTHING_DUE, Change, entries_of
from onepoint.sla.models import Clock
from onepoint.sla.services.clock_firing import schedule_next
from onepoint.sla.services.clocks import with_segments
from onepoint.sla.states import ClockState
from onepoint.sla.working_time import WorkingTime

BATCH = 200
Place = tuple[int | None, int | None]


@dataclass
class Recomputed:
    """What a recomputation did; shifts are of due moments, negative where something is due earlier than before."""

    looked_count: int = 0
    moved_count: int = 0
    earliest_shift: timedelta | None = None
    latest_shift: timedelta | None = None

    def note(self, was: datetime | None, now: datetime | None) -> bool:
        """Count one clock; True if it is due at another moment than before."""
        self.looked_count += 1
        if was == now:
            return False
        self.moved_count += 1
        if was is not None and now is not None:
            self.earliest_shift = min(self.earliest_shift or now - was, now - was)
            self.latest_shift = max(self.latest_shift or now - was, now - was)
        return True


def recompute_clocks(calendar_ids: Iterable[int] | None = None, *, by: User | None) -> Recomputed:
    """Every open clock that counts in one of these calendars (None: in any), or whose place now works by another one.

    A place that got another calendar counts in it from now on; a calendar that was changed counts as if it had always been
    so, until the clock is settled. May be run again at any time.
    """
    done = Recomputed()
    ids = None if calendar_ids is None else list(calendar_ids)
    places = _places_now()
    elsewhere = Q()
    for (unit_id, region_id), calendar in places.items():
        other = Q(unit=unit_id, region=region_id)
        differs = (
            ~Q(calendar=calendar.calendar_id) | Q(calendar=None) if calendar.calendar_id else Q(calendar__isnull=False)
        )
        elsewhere |= other & differs
    open_ones = Clock.objects.open().filter(in_working_time=True)
    concerned = (
        open_ones if ids is None else open_ones.filter(Q(calendar__in=ids) | (elsewhere if places else Q(pk__in=[])))
    )
    last = 0
    while batch := list(concerned.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        _recompute_some(batch, places, done, by)
        last = batch[-1]
    return done


def _places_now() -> dict[Place, LoadedCalendar]:
    """The calendar every place with open clocks works by now."""
    found = Clock.objects.open().filter(in_working_time=True).values_list("unit_id", "region_id").order_by().distinct()
    return {
        (unit_id, region_id): calendar_for(unit_id=unit_id, region_id=region_id)
        for unit_id, region_id in found
        if unit_id or region_id
    }


@transaction.atomic
def _recompute_some(ids: list[int], places: dict[Place, LoadedCalendar], done: Recomputed, by: User | None) -> None:
    times: dict[int | None, WorkingTime] = {}
    changes: list[Change] = []
    shifted: list[Clock] = []
    rows = list(Clock.objects.open().filter(pk__in=ids).order_by("pk").select_for_update())
    for one, segments in with_segments(rows):
        was = one.due_at
        entries = entries_of(segments, times)
        place = places.get((one.unit_id, one.region_id))
        was_breached = one.breached_at is not None
        if place is not None and place.calendar_id != one.calendar_id:
            one.calendar_id = place.calendar_id
            runs = one.state == ClockState.RUNNING
            entries = [*entries, Entry(max(clock.now(), entries[-1].at), runs, one.limit, place.time)]
            changes.append(_moved(one, _set(one, entries)))
        else:
            derived = _set(one, entries)
            if was_breached and one.breached_at is None:
                changes.append(_moved(one, derived))  # there is time again: its breach may come a second time
            else:
                _keep(one, derived, was)
        if done.note(was, one.due_at):
            shifted.append(one)
    clock_rows.write_changes(changes, at=clock.now(), reason="", by=by)
    if shifted:
        signals.clocks_moved.send(sender=Clock, clocks=shifted, by=by)


def _moved(one: Clock, derived: clock_rows.Derived) -> Change:
    one.revision += 1
    return Change(one, "moved", derived)


def _set(one: Clock, entries: list[Entry]) -> clock_rows.Derived:
    if one.state != ClockState.RUNNING:
        return NOTHING_DUE
    due_at = clock_rows.reached(entries, one.limit)
    if due_at is None or due_at > clock.now():
        one.breached_at = None
    derived = clock_rows.derive(entries, one.warnings, one.warned_count, is_breached=one.breached_at is not None)
    one.due_at, one.warn_at = derived.due_at, derived.warn_at
    return derived


def _keep(one: Clock, derived: clock_rows.Derived, was: datetime | None) -> None:
    if one.due_at != was:
        Clock.objects.filter(pk=one.pk).update(due_at=one.due_at, warn_at=one.warn_at, breached_at=one.breached_at)
        schedule_next(one, derived)
