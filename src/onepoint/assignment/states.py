"""Choices of queues and agents, and how an entry moves."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Medium(models.TextChoices):
    CHAT = "chat", _("Chat")
    CALL = "call", _("Call")
    JOB = "job", _("Job")


#: How many of a medium a person takes at once unless something else is set.
USUAL_CAPACITY = {Medium.CHAT: 3, Medium.CALL: 1, Medium.JOB: 5}
#: Whoever has one of these has nothing else beside it.
EXCLUSIVE = frozenset({Medium.CALL})


class Strategy(models.TextChoices):
    LEAST_BUSY = "least_busy", _("Whoever has least in hand")
    LONGEST_IDLE = "longest_idle", _("Whoever has been free longest")
    ROUND_ROBIN = "round_robin", _("In turn")


class AgentState(models.TextChoices):
    OFFLINE = "offline", _("Not at work")
    READY = "ready", pgettext_lazy("agent", "Ready")
    BUSY = "busy", pgettext_lazy("agent", "Busy")
    PAUSED = "paused", pgettext_lazy("agent", "Paused")
    WRAP_UP = "wrap_up", _("Wrap-up")


#: In these somebody may be offered more, as far as there is room.
AT_WORK = [AgentState.READY, AgentState.BUSY, AgentState.WRAP_UP]


class PauseReason(models.TextChoices):
    BREAK = "break", _("Break")
    MEAL = "meal", _("Meal")
    MEETING = "meeting", _("Meeting")
    TRAINING = "training", _("Training")
    OTHER = "other", _("Something else")
    UNANSWERED = "unanswered", _("Did not answer")
    LOST = "lost", _("Browser closed")


#: Reasons only the house gives.
HOUSE_REASONS = frozenset({PauseReason.UNANSWERED, PauseReason.LOST})


class EntryState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    OFFERED = "offered", _("Ringing")
    ACTIVE = "active", _("In hand")
    WRAP_UP = "wrap_up", _("Wrap-up")
    DONE = "done", _("Done")
    LEFT = "left", _("Gave up waiting")


#: What counts against the capacity of its agent.
HELD = [EntryState.OFFERED, EntryState.ACTIVE, EntryState.WRAP_UP]
#: What has not found its end.
ALIVE = [EntryState.WAITING, *HELD]

#: Verb → (from, to).
ENTRY_MOVES = {
    "offer": ([EntryState.WAITING, EntryState.ACTIVE], EntryState.OFFERED),
    "accept": ([EntryState.OFFERED], EntryState.ACTIVE),
    "return": ([EntryState.OFFERED, EntryState.ACTIVE], EntryState.WAITING),
    "end": ([EntryState.ACTIVE], EntryState.WRAP_UP),
    "finish": ([EntryState.ACTIVE, EntryState.WRAP_UP], EntryState.DONE),
    "leave": ([EntryState.WAITING, EntryState.OFFERED], EntryState.LEFT),
}


class OfferResult(models.TextChoices):
    RINGING = "ringing", _("Ringing")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    UNANSWERED = "unanswered", _("Not answered")
    WITHDRAWN = "withdrawn", _("Taken back")
