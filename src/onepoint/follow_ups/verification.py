"""What ``./onepoint verify`` proves of return visits: every closing a rule covers has one, and nobody is asked twice."""

from datetime import timedelta

from onepoint.core import clock
from onepoint.core.verifying import Report, count_rows, find_overdue, find_rows, register_check
from onepoint.follow_ups.states import VisitState

#: A job makes visits of closings every minute.
GRACE = timedelta(minutes=10)

_WAITING = """
SELECT 'closing ' || id, 'was not looked at since ' || closed_at::timestamp(0) FROM follow_ups_closing
WHERE looked_at IS NULL AND closed_at < %(before)s
UNION ALL
SELECT 'visit ' || id, 'was to end at ' || expires_at::timestamp(0) FROM follow_ups_followup
WHERE state = %(waiting)s AND expires_at < %(before)s
"""
_MISSING = """
SELECT 'closing ' || closing.id, 'its rule wants a visit, and there is none' FROM follow_ups_closing closing
WHERE closing.is_chosen AND NOT EXISTS (SELECT 1 FROM follow_ups_followup visit
    WHERE visit.ticket_id = closing.ticket_id AND visit.closing_number = closing.number)
UNION ALL
SELECT 'visit ' || visit.id, 'a rule made it for a closing that is not there' FROM follow_ups_followup visit
WHERE visit.rule_version_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM follow_ups_closing closing
    WHERE closing.ticket_id = visit.ticket_id AND closing.number = visit.closing_number)
"""


@register_check("follow_ups.visits", "Every closing a rule covers has its one visit", "closings")
def check_visits(report: Report) -> None:
    find_overdue(report, _WAITING, {"waiting": VisitState.WAITING.value, "before": clock.now() - GRACE})
    find_rows(report, _MISSING, {}, "{1}")
    report.look(count_rows("SELECT count(*) FROM follow_ups_closing"))
