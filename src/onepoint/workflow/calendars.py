"""The calendar timers name ``working``: that of the unit or region their process runs in."""

from datetime import datetime, timedelta

from onepoint.sla.calendars import calendar_for


def add_working_time(
    since: datetime, days: int, seconds: float, *, region_id: int | None, unit_id: int | None
) -> datetime:
    """``since`` plus working days, then working hours, in the calendar of the place. Raises NoWorkingTime (a ValueError)."""
    calendar = calendar_for(unit_id=unit_id, region_id=region_id)
    moment = calendar.days_later(since, days) if days else since
    return calendar.later(moment, timedelta(seconds=seconds)) if seconds else moment


def working_time_between(start: datetime, end: datetime, *, region_id: int | None, unit_id: int | None) -> timedelta:
    """How much working time lies between two moments in the calendar of the place."""
    return calendar_for(unit_id=unit_id, region_id=region_id).between(start, end)
