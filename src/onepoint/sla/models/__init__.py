"""The tables of time."""

from onepoint.sla.models.calendars import (
    BusinessCalendar,
    CalendarAssignment,
    CalendarChange,
    CalendarStamp,
    Holiday,
    HolidayYear,
)
from onepoint.sla.models.moments import DueMoment

__all__ = [
    "BusinessCalendar",
    "CalendarAssignment",
    "CalendarChange",
    "CalendarStamp",
    "DueMoment",
    "Holiday",
    "HolidayYear",
]
