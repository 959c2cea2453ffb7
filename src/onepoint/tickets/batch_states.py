"""Choices of batches of tickets and of mass incidents, with the table of what moves an incident."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class BatchState(models.TextChoices):
    """Where a batch stands."""

    RUNNING = "running", pgettext_lazy("batch", "Running")
    DONE = "done", pgettext_lazy("batch", "Done")
    CANCELLED = "cancelled", pgettext_lazy("batch", "Stopped")


class ItemState(models.TextChoices):
    """What became of one ticket of a batch."""

    WAITING = "waiting", pgettext_lazy("batch", "Waiting")
    DONE = "done", pgettext_lazy("batch", "Done")
    REFUSED = "refused", pgettext_lazy("batch", "Refused")
    FAILED = "failed", pgettext_lazy("batch", "Failed")


class BatchVerb(models.TextChoices):
    """What can be done to many tickets at once."""

    CLAIM = "claim", _("Claim the present step")
    REASSIGN = "reassign", _("Give the present step to somebody")
    COMPLETE = "complete", _("Finish the present step")
    REPLY = "reply", _("Write to the customers")
    TAG = "tag", _("Add a tag")
    UNTAG = "untag", _("Take a tag off")
    CORRECT = "correct", _("Change severity, urgency or category")
    HOLD = "hold", _("Put on hold")
    RESUME = "resume", _("Let go on")
    URGE = "urge", _("Urge")
    SUPERVISE = "supervise", _("Put under supervision")
    UNSUPERVISE = "unsupervise", _("End the supervision")
    LINK = "link", _("Link to a ticket")
    MERGE = "merge", _("Merge into one ticket")
    CLOSE = "close", _("Close what is resolved")
    ATTACH = "attach", _("Attach to a mass incident")
    DETACH = "detach", _("Detach from the mass incident")
    # Of a mass incident only; not offered in the list.
    TELL = "tell", _("Tell the customers how it stands")
    SETTLE = "settle", _("Answer the customers and close")


class IncidentState(models.TextChoices):
    """Where a mass incident stands."""

    DECLARED = "declared", pgettext_lazy("mass incident", "Declared")
    HANDLING = "handling", pgettext_lazy("mass incident", "Being handled")
    RESOLVED = "resolved", pgettext_lazy("mass incident", "Resolved")
    CLOSED = "closed", pgettext_lazy("mass incident", "Closed")


#: New tickets are offered or attached only while the cause is still there.
OPEN_INCIDENT = (IncidentState.DECLARED, IncidentState.HANDLING)

#: Verb → (from, to).
INCIDENT_MOVES: dict[str, tuple[tuple[IncidentState, ...], IncidentState]] = {
    "start_handling": ((IncidentState.DECLARED,), IncidentState.HANDLING),
    "resolve": (OPEN_INCIDENT, IncidentState.RESOLVED),
    "take_up_again": ((IncidentState.RESOLVED,), IncidentState.HANDLING),
    "close": ((IncidentState.RESOLVED,), IncidentState.CLOSED),
}


class AttachmentState(models.TextChoices):
    """What a ticket is to a mass incident."""

    SUGGESTED = "suggested", pgettext_lazy("mass incident", "Suggested")
    ATTACHED = "attached", pgettext_lazy("mass incident", "Attached")
    SETTLED = "settled", pgettext_lazy("mass incident", "Answered and closed")
    DETACHED = "detached", pgettext_lazy("mass incident", "Detached")
    REJECTED = "rejected", pgettext_lazy("mass incident", "Not part of it")


class AnswerState(models.TextChoices):
    """Whether the customer of an attached ticket has the final answer."""

    NONE = "", pgettext_lazy("mass incident", "Not yet")
    TOLD = "told", pgettext_lazy("mass incident", "Told")
    TO_CALL = "to_call", pgettext_lazy("mass incident", "To be called")
