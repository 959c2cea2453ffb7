"""Tables of supervision; ``models`` shows them as its own."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.core import clock


class Supervision(models.Model):
    """A superior (or the clock, by escalation) watches a ticket until it is settled, and is owed reports of progress."""

    ticket = models.ForeignKey("tickets.Ticket", models.CASCADE, related_name="supervisions")
    started_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("Supervised by")
    )
    reason = models.CharField(_("Why"), max_length=500)
    interval_hours = models.PositiveSmallIntegerField(_("A report every … working hours"), default=8)
    receivers = ArrayField(models.BigIntegerField(), default=list, verbose_name=_("Reports go to"))
    started_at = models.DateTimeField(_("Since"))
    report_due_at = models.DateTimeField(_("Next report"), null=True)  # null once it is over
    reported_at = models.DateTimeField(_("Last report"), null=True)
    ended_at = models.DateTimeField(_("Ended"), null=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    conclusion = models.CharField(_("Conclusion"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("Supervision")
        verbose_name_plural = _("Supervisions")
        constraints = [
            models.UniqueConstraint(fields=["ticket"], condition=Q(ended_at=None), name="supervised_once_at_a_time")
        ]
        indexes = [
            models.Index(fields=["report_due_at"], name="supervision_report_due", condition=Q(ended_at=None)),
            models.Index(fields=["-started_at"], name="supervision_newest"),
        ]

    @property
    def is_open(self) -> bool:
        return self.ended_at is None

    @property
    def is_overdue(self) -> bool:
        return self.is_open and self.report_due_at is not None and self.report_due_at < clock.now()


class ProgressReport(models.Model):
    """What a handler told his superior about a supervised ticket."""

    supervision = models.ForeignKey(Supervision, models.CASCADE, related_name="reports")
    text = models.CharField(_("Progress"), max_length=1000)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    made_at = models.DateTimeField(_("At"))
    is_late = models.BooleanField(_("Late"), default=False)

    class Meta:
        verbose_name = _("Progress report")
        verbose_name_plural = _("Progress reports")
        ordering = ["-pk"]
