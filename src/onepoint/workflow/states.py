"""Choices of workflow, and the transition table of a user task."""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class VersionStatus(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("process version", "Draft")
    PUBLISHED = "published", pgettext_lazy("process version", "Published")
    RETIRED = "retired", pgettext_lazy("process version", "Retired")


class InstanceStatus(models.TextChoices):
    ACTIVE = "active", pgettext_lazy("process instance", "Running")
    INCIDENT = "incident", pgettext_lazy("process instance", "Stuck")
    COMPLETED = "completed", pgettext_lazy("process instance", "Completed")
    TERMINATED = "terminated", pgettext_lazy("process instance", "Terminated")


class TaskStatus(models.TextChoices):
    OPEN = "open", _("Waiting to be claimed")
    CLAIMED = "claimed", _("In work")
    COMPLETED = "completed", _("Completed")
    SENT_BACK = "sent_back", _("Sent back")
    CANCELLED = "cancelled", _("Cancelled")


class Arrival(models.TextChoices):
    """How a task came to be."""

    ARRIVED = "arrived", _("New")
    RETURNED = "returned", _("Returned")
    RESUMED = "resumed", _("Back from the return")
    RECALLED = "recalled", _("Recalled")


class CallStatus(models.TextChoices):
    PENDING = "pending", _("Waiting")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


LIVE_TASK = (TaskStatus.OPEN, TaskStatus.CLAIMED)
LIVE_INSTANCE = (InstanceStatus.ACTIVE, InstanceStatus.INCIDENT)


@dataclass(frozen=True)
class Transition:
    """What a verb does to a user task; ``permission`` is needed unless the task is one's own ("" means only that)."""

    verb: str
    from_states: tuple[TaskStatus, ...]
    to: TaskStatus
    permission: str = ""


#: Verb → transition. ``recall`` is the exception: it acts on a completed task and puts a new one in its place.
TASK_TRANSITIONS = {
    transition.verb: transition
    for transition in (
        Transition("claim", (TaskStatus.OPEN,), TaskStatus.CLAIMED),
        Transition("release", (TaskStatus.CLAIMED,), TaskStatus.OPEN),
        Transition("complete", LIVE_TASK, TaskStatus.COMPLETED),
        Transition("reassign", LIVE_TASK, TaskStatus.CLAIMED, "task.reassign"),
        Transition("send_back", LIVE_TASK, TaskStatus.SENT_BACK),
        Transition("recall", (TaskStatus.COMPLETED,), TaskStatus.CLAIMED),
        Transition("cancel", LIVE_TASK, TaskStatus.CANCELLED),
    )
}
