"""Time: when people work, and what a limit measured in working time comes to.

Owns working calendars (`BusinessCalendar`: bands of working time for each weekday, a time zone), the days that differ from
the week (`Holiday`: holidays, make-up workdays, days with bands of their own; for one calendar or shared by a country) and
which unit or region works by which calendar (`CalendarAssignment`, inherited down both trees).

Owns the due moments, too (`DueMoment`, ``moments.py``): rows indexed by time, each happening once in effect whatever dies.

For others: `calendars.calendar_for(unit_id=…, region_id=…)` and `calendars.calendar_of(id)` give what `working_time`
calls a `WorkingTime`: `later`, `between`, `next_open`, `explain`. Announces ``calendar_changed``.
"""
