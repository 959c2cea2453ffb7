"""The tables of time."""

from onepoint.sla.models.calendars import (
    BusinessCalendar,
    CalendarAssignment,
    CalendarChange,
    CalendarStamp,
    Holiday,
    HolidayYear,
)

__all__ = [
    "BusinessCalendar",
    "CalendarAssignment",
    "CalendarChange",
    "CalendarStamp",
    "Holiday",
    "HolidayYear",
]
