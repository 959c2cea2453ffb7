"""What ``./onepoint verify`` proves of time: clocks are what their segments make them, moments come when they are due."""

from datetime import timedelta

from onepoint.core import clock
from onepoint.core.verifying import Report, count_rows, find_overdue, find_rows, register_check
from onepoint.sla.clock_verification import find_wrong_clocks
from onepoint.sla.models import Clock
from onepoint.sla.moments import known_kinds
from onepoint.sla.states import MomentStatus

#: Workers look every second; what is late by more is forgotten.
GRACE = timedelta(minutes=10)


@register_check("sla.clocks", "Every open clock is due when its segments and calendar say", "open clocks")
def check_clocks(report: Report) -> None:
    for one in find_wrong_clocks():
        report.fault(f"clock {one.clock.pk} ({one.clock})", "; ".join(one.faults))
    report.look(Clock.objects.open().count())


_MOMENTS = """
SELECT kind || ' ' || key, 'was due at ' || due_at::timestamp(0) FROM sla_duemoment
WHERE status = %(waiting)s AND due_at < %(before)s
"""
_NOT_HAPPENING = """
SELECT kind || ' ' || key, 'nobody knows what is to happen' FROM sla_duemoment
WHERE status = %(waiting)s AND NOT kind = ANY(%(known)s)
UNION ALL
SELECT kind || ' ' || key, 'has happened, but when is not noted' FROM sla_duemoment
WHERE status = %(fired)s AND settled_at IS NULL
"""
_PARKED = """
SELECT kind || ' ' || key, 'failed and waits for a person: ' || left(last_error, 200) FROM sla_duemoment
WHERE status = %(parked)s
"""


@register_check("sla.moments", "Every due moment has come, and none has failed for good", "waiting moments")
def check_moments(report: Report) -> None:
    told = {
        "waiting": MomentStatus.WAITING.value,
        "parked": MomentStatus.PARKED.value,
        "fired": MomentStatus.FIRED.value,
        "known": sorted(known_kinds()),
        "before": clock.now() - GRACE,
    }
    find_overdue(report, _MOMENTS, told)
    find_rows(report, _PARKED, told, "{1}")
    find_rows(report, _NOT_HAPPENING, told, "{1}")
    report.look(count_rows("SELECT count(*) FROM sla_duemoment WHERE status = %(waiting)s", told))
