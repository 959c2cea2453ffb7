"""What every write to calendars does at its end: new stamp, journal, and, where working time changed, a report with a job."""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from onepoint.accounts.models import User
from onepoint.core import audit, clock, jobs
from onepoint.sla import signals
from onepoint.sla.models import BusinessCalendar, CalendarChange, CalendarStamp
from onepoint.sla.services.clock_recomputing import recompute_clocks
from onepoint.sla.states import ChangeState


def journal(verb: str, calendar: BusinessCalendar, *, by: User | None, **facts: Any) -> None:
    """Note a write in the calendar's timeline, and let every process load calendars anew."""
    audit.record(
        verb,
        by=by,
        subject_type="calendar",
        subject_id=calendar.pk,
        name=calendar.name,
        name_en=calendar.name_en,
        **facts,
    )
    renew_stamp()


def renew_stamp() -> None:
    """What processes keep loaded is out of date when this commits."""
    CalendarStamp.objects.update_or_create(pk=1, defaults={"stamp": uuid4().hex})


def announce_change(
    what: str, calendar: BusinessCalendar | None, *, affected: Iterable[int], name: str, by: User | None, **facts: Any
) -> CalendarChange:
    """Working time is no longer what it was: open a report, have the running clocks set right, tell others."""
    ids = sorted(set(affected))
    change = CalendarChange.objects.create(
        calendar=calendar, calendar_name=name[:80], affected_ids=ids, what=what, facts=facts, at=clock.now(), by=by
    )
    jobs.defer_after_commit("sla.recompute_clocks")
    signals.calendar_changed.send(sender=BusinessCalendar, calendar_ids=ids, by=by)
    return change


def followers_of(calendar: BusinessCalendar) -> list[int]:
    """The calendar with those that keep its days."""
    return [calendar.pk, *calendar.followers.values_list("pk", flat=True)]


def settle_changes(*, by: User | None) -> int:
    """Set the running clocks right after every change that still waits for it, oldest first. Returns how many there were.

    Each ends with its report; one that is interrupted is begun again, which changes nothing twice.
    """
    count = 0
    while change := CalendarChange.objects.filter(state=ChangeState.WAITING).order_by("pk").first():
        done = recompute_clocks(change.affected_ids, by=by)
        CalendarChange.objects.filter(pk=change.pk).update(
            state=ChangeState.DONE,
            done_at=clock.now(),
            looked_count=done.looked_count,
            moved_count=done.moved_count,
            earliest_shift=done.earliest_shift,
            latest_shift=done.latest_shift,
        )
        count += 1
    return count
