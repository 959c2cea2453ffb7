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
    SUSPENDED = "suspended", pgettext_lazy("process instance", "Suspended")
    COMPLETED = "completed", pgettext_lazy("process instance", "Completed")
    TERMINATED = "terminated", pgettext_lazy("process instance", "Terminated")


class TaskStatus(models.TextChoices):
    OPEN = "open", _("Waiting to be claimed")
    CLAIMED = "claimed", _("In work")
    WAITING = "waiting", _("Waiting for added signers")
    COMPLETED = "completed", _("Completed")
    SENT_BACK = "sent_back", _("Sent back")
    CANCELLED = "cancelled", _("Cancelled")


class Arrival(models.TextChoices):
    """How a task came to be."""

    ARRIVED = "arrived", _("New")
    RETURNED = "returned", _("Returned")
    RESUMED = "resumed", _("Back from the return")
    RECALLED = "recalled", _("Recalled")
    REOPENED = "reopened", _("Reopened")
    MOVED = "jumped", _("Moved here")
    ASKED = "asked", _("Asked to sign")
    HANDED_BACK = "handed_back", _("Handed back")


class Position(models.TextChoices):
    """When an added signer is heard: before the holder, after him, or beside him."""

    BEFORE = "before", pgettext_lazy("added signer", "Before")
    BESIDE = "beside", pgettext_lazy("added signer", "Beside")
    AFTER = "after", pgettext_lazy("added signer", "After")


class CallStatus(models.TextChoices):
    PENDING = "pending", _("Waiting")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class TimerStatus(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("timer", "Waiting")
    FROZEN = "frozen", pgettext_lazy("timer", "Standing still")
    FIRED = "fired", pgettext_lazy("timer", "Fired")
    CANCELLED = "cancelled", pgettext_lazy("timer", "Cancelled")


class MessageStatus(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("message", "Waiting")
    TAKEN = "taken", pgettext_lazy("message", "Taken")
    EXPIRED = "expired", pgettext_lazy("message", "Expired")


class MoveStatus(models.TextChoices):
    """What became of one instance that was to move to another version."""

    WAITING = "waiting", pgettext_lazy("move to another version", "Waiting")
    MOVED = "moved", pgettext_lazy("move to another version", "Moved")
    REFUSED = "refused", pgettext_lazy("move to another version", "Not possible")


class ReminderKind(models.TextChoices):
    """Who demands that something be done."""

    CLOCK = "clock", pgettext_lazy("reminder", "the clock")
    PERSON = "person", pgettext_lazy("reminder", "a colleague")
    CUSTOMER = "customer", pgettext_lazy("reminder", "the customer")


class EscalationCause(models.TextChoices):
    """Why something was carried upwards."""

    CLOCK = "clock", pgettext_lazy("escalation", "it waited too long")
    COUNT = "count", pgettext_lazy("escalation", "it was urged too often")


#: Somebody may act on it now.
WORKABLE = (TaskStatus.OPEN, TaskStatus.CLAIMED)
LIVE_TASK = (*WORKABLE, TaskStatus.WAITING)
LIVE_INSTANCE = (InstanceStatus.ACTIVE, InstanceStatus.INCIDENT, InstanceStatus.SUSPENDED)


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
        Transition("complete", WORKABLE, TaskStatus.COMPLETED),
        Transition("reassign", LIVE_TASK, TaskStatus.CLAIMED, "task.reassign"),
        Transition("delegate", WORKABLE, TaskStatus.CLAIMED),
        Transition("hand_back", (TaskStatus.CLAIMED,), TaskStatus.CLAIMED),
        Transition("add_signers", (TaskStatus.CLAIMED,), TaskStatus.WAITING),
        Transition("send_back", WORKABLE, TaskStatus.SENT_BACK),
        Transition("recall", (TaskStatus.COMPLETED,), TaskStatus.CLAIMED),
        Transition("cancel", LIVE_TASK, TaskStatus.CANCELLED),
    )
}
