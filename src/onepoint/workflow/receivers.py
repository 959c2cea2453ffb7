"""What workflow does when clocks of its steps move or are over."""

from typing import Any

from django.dispatch import receiver

from onepoint.core import jobs
from onepoint.sla import signals as sla_signals
from onepoint.sla.models import Clock
from onepoint.workflow import limits


@receiver(sla_signals.clocks_moved)
def follow_moved_clocks(clocks: list[Clock], **_more: Any) -> None:
    """A changed calendar moved due moments: later and by itself, so as not to lock tasks after clocks."""
    if ids := sorted({one.subject_id for one in clocks if one.subject_type == limits.SUBJECT}):
        jobs.defer("workflow.sync_due", task_ids=ids)


@receiver(sla_signals.clock_breached)
def note_late_task(clock: Clock, **_more: Any) -> None:
    """The limit of a step is over: the timeline of its subject says so."""
    if clock.subject_type == limits.SUBJECT:
        limits.note_late_task(clock.subject_id, by=None)
