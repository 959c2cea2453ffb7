"""The tables of time."""

from onepoint.sla.models.calendars import (
    BusinessCalendar,
    CalendarAssignment,
    CalendarChange,
    CalendarStamp,
    Holiday,
    HolidayYear,
)
from onepoint.sla.models.clock_policies import ClockPolicy
from onepoint.sla.models.clocks import Clock, ClockQuerySet, ClockSegment
from onepoint.sla.models.moments import DueMoment

__all__ = [
    "BusinessCalendar",
    "CalendarAssignment",
    "CalendarChange",
    "CalendarStamp",
    "Clock",
    "ClockPolicy",
    "ClockQuerySet",
    "ClockSegment",
    "DueMoment",
    "Holiday",
    "HolidayYear",
]
