"""What processes wait for beside people: moments, messages and signals."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from onepoint.workflow.models.definitions import ProcessVersion
from onepoint.workflow.models.running import ProcessInstance
from onepoint.workflow.states import MessageStatus, TimerStatus


class Timer(models.Model):
    """One moment a node waits for; every round of a cycle is a row of its own.

    Hangs on a visit of an instance (0: on the instance itself), or on a version, which it starts.
    """

    instance = models.ForeignKey(ProcessInstance, models.PROTECT, null=True, related_name="timers", db_index=False)
    version = models.ForeignKey(ProcessVersion, models.PROTECT, null=True, related_name="timers", db_index=False)
    visit_seq = models.IntegerField(default=0)
    node_id = models.CharField(_("Step"), max_length=120, blank=True)  # "": the end of a suspension
    kind = models.CharField(max_length=10)  # date, duration, cycle or resume
    value = models.CharField(max_length=200, blank=True)  # as drawn or as the expression yielded, ISO 8601
    calendar = models.CharField(max_length=40, blank=True)  # "" is clock time
    round = models.IntegerField(default=0)
    rounds = models.IntegerField(default=1)  # in all; 0 is without end
    due_at = models.DateTimeField(_("Due"))
    status = models.CharField(_("Status"), max_length=10, choices=TimerStatus.choices, default=TimerStatus.WAITING)
    remaining = models.DurationField(null=True)  # by the clock, when it was stopped; while it stands still
    created_at = models.DateTimeField()
    fired_at = models.DateTimeField(null=True)
    leased_at = models.DateTimeField(null=True)  # a worker is at it; after a minute another one may be
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(_("Problem"), blank=True)

    class Meta:
        verbose_name = _("Timer")
        verbose_name_plural = _("Timers")
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(status="waiting"), name="timer_due"),
            models.Index(fields=["version"], condition=models.Q(version__isnull=False), name="timer_of_version"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["instance", "visit_seq", "node_id"],
                condition=models.Q(status__in=["waiting", "frozen"]),
                name="timer_one_alive_per_visit",
            ),
            models.UniqueConstraint(
                fields=["version", "node_id"],
                condition=models.Q(status="waiting", version__isnull=False),
                name="timer_one_alive_per_start",
            ),
        ]


class Subscription(models.Model):
    """A node waits for a message or signal by name, and for messages by the value that tells cases apart."""

    instance = models.ForeignKey(
        ProcessInstance, models.PROTECT, null=True, related_name="subscriptions", db_index=False
    )
    version = models.ForeignKey(ProcessVersion, models.PROTECT, null=True, related_name="subscriptions", db_index=False)
    visit_seq = models.IntegerField(default=0)
    node_id = models.CharField(_("Step"), max_length=120)
    kind = models.CharField(max_length=10)  # message or signal
    name = models.CharField(_("Name"), max_length=120)
    correlation = models.CharField(_("Key"), max_length=200, blank=True)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("Subscription")
        indexes = [
            models.Index(
                fields=["kind", "name", "correlation"], condition=models.Q(closed_at=None), name="subscription_open"
            ),
            models.Index(
                fields=["version"],
                condition=models.Q(closed_at=None, version__isnull=False),
                name="subscription_of_version",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["instance", "visit_seq", "node_id"],
                condition=models.Q(closed_at=None),
                name="subscription_one_open_per_visit",
            )
        ]


class ProcessMessage(models.Model):
    """A message or signal on its way to processes; kept until somebody waits for it, or until its time is over."""

    kind = models.CharField(max_length=10)  # message or signal
    name = models.CharField(_("Name"), max_length=120)
    correlation = models.CharField(_("Key"), max_length=200, blank=True)
    variables = models.JSONField(default=dict)
    source = models.ForeignKey(ProcessInstance, models.PROTECT, null=True, related_name="+", db_index=False)
    key = models.CharField(
        max_length=200, unique=True, null=True
    )  # given by the sender; the same key again is nothing new
    status = models.CharField(_("Status"), max_length=10, choices=MessageStatus.choices, default=MessageStatus.WAITING)
    sent_at = models.DateTimeField(_("Sent at"))
    expires_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    taken_by = models.ForeignKey(ProcessInstance, models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        verbose_name = _("Message to processes")
        indexes = [
            models.Index(
                fields=["kind", "name", "correlation"], condition=models.Q(status="waiting"), name="message_waiting"
            )
        ]
