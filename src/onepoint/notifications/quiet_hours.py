"""When somebody may be disturbed, and when collected e-mails leave: wall-clock arithmetic in one time zone."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from onepoint.notifications.states import DigestMode

_MOST_IN_A_ROW = 8  # whole quiet days of a week, one after the other


def _at(day: date, at: time, zone: ZoneInfo) -> datetime:
    """That wall-clock time as an instant (UTC); one that summer time skips is the moment after the gap."""
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def end_of_quiet(
    moment: datetime, start: time | None, end: time | None, days: Collection[int], zone: ZoneInfo
) -> datetime | None:
    """When the quiet time that ``moment`` (aware) lies in ends (UTC), or None outside one.

    ``end`` not after ``start`` lies on the next day; equal ones are a whole day. ``days`` (ISO, 1 is Monday) are those on
    which quiet time begins. Quiet times that touch count as one; where every moment is quiet, the week's end is given.
    """
    if start is None or end is None or not days:
        return None
    until: datetime | None = None
    for _round in range(_MOST_IN_A_ROW):
        found = _end_of_one(until or moment, start, end, days, zone)
        if found is None:
            break
        until = found
    return until


def _end_of_one(moment: datetime, start: time, end: time, days: Collection[int], zone: ZoneInfo) -> datetime | None:
    today = moment.astimezone(zone).date()
    for day in (today - timedelta(days=1), today):
        if day.isoweekday() in days:
            ends = _at(day if end > start else day + timedelta(days=1), end, zone)
            if _at(day, start, zone) <= moment < ends:
                return ends
    return None


def next_digest(moment: datetime, mode: str, at: time, zone: ZoneInfo) -> datetime:
    """When an e-mail that is collected at ``moment`` leaves (UTC): the next full hour, or the next ``at``."""
    if mode == DigestMode.HOURLY:
        hour = moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        return hour + timedelta(hours=1)
    if mode == DigestMode.DAILY:
        today = moment.astimezone(zone).date()
        due = _at(today, at, zone)
        return due if due > moment else _at(today + timedelta(days=1), at, zone)
    return moment
