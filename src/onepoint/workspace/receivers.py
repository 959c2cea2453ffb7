"""Open desks hear at once when somebody's to-do changes."""

from typing import Any

from django.dispatch import receiver

from onepoint.core import live
from onepoint.workflow import signals
from onepoint.workflow.news import InstanceNews, TaskNews


@receiver(
    [
        signals.task_created,
        signals.task_claimed,
        signals.task_released,
        signals.task_completed,
        signals.task_cancelled,
    ]
)
def tell_open_desks(instance: InstanceNews, tasks: tuple[TaskNews, ...], **_more: Any) -> None:
    """Whoever may take, holds or held one of the tasks looks again."""
    keys = {key for task in tasks for key in task.candidate_keys}
    keys |= {f"P{task.assignee_id}" for task in tasks if task.assignee_id}
    live.publish(keys, "todo", subject=instance.subject_id)
