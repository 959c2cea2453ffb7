"""What ``./onepoint verify`` proves of marks: each stands as its appeal says, and an appeal runs as long as its ticket does."""

from onepoint.core.verifying import Report, count_rows, find_rows, register_check

_APART = """
SELECT mark.number, 'is ' || mark.state || ' and its appeal ' || coalesce(appeal.state, 'is not there')
FROM quality_mark mark LEFT JOIN quality_appeal appeal ON appeal.mark_id = mark.id
WHERE (mark.state = 'appealed') <> (coalesce(appeal.state, '') = 'running')
   OR (mark.state IN ('upheld', 'overturned') AND coalesce(appeal.state, '') <> mark.state)
"""
_STRANDED = """
SELECT mark.number, 'its appeal runs, but the process of ' || coalesce(ticket.number, 'no ticket') || ' does not'
FROM quality_appeal appeal JOIN quality_mark mark ON mark.id = appeal.mark_id
LEFT JOIN tickets_ticket ticket ON ticket.id = appeal.ticket_id
LEFT JOIN workflow_processinstance instance ON instance.id = ticket.process_instance_id
WHERE appeal.state = 'running' AND (instance.id IS NULL OR instance.ended_at IS NOT NULL)
"""


@register_check("quality.appeals", "Every mark stands as its appeal says", "marks")
def check_appeals(report: Report) -> None:
    find_rows(report, _APART, {}, "{1}")
    find_rows(report, _STRANDED, {}, "{1}")
    report.look(count_rows("SELECT count(*) FROM quality_mark"))
