"""The table of due moments."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from onepoint.sla.states import MomentStatus


class DueMoment(models.Model):
    """Something that is to happen at a moment, once; who registered its kind says what.

    ``key`` names the effect: the same key never happens a second time, however often it is scheduled.
    """

    kind = models.CharField(_("Kind"), max_length=60)
    key = models.CharField(_("Key"), max_length=200, unique=True)
    subject_type = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    facts = models.JSONField(default=dict)
    due_at = models.DateTimeField(_("Due"))
    status = models.CharField(
        _("Status"), max_length=10, choices=MomentStatus.choices, default=MomentStatus.WAITING, db_default="waiting"
    )
    attempts = models.PositiveSmallIntegerField(_("Attempts"), default=0, db_default=0)
    # Not before: a worker is at it, or it failed and rests. Too far ahead to be either, a clock was set back since.
    not_before = models.DateTimeField(null=True)
    last_error = models.TextField(_("Problem"), blank=True, default="", db_default="")
    settled_at = models.DateTimeField(null=True)  # fired, cancelled or parked; while held: since when

    class Meta:
        verbose_name = _("Due moment")
        verbose_name_plural = _("Due moments")
        indexes = [
            # What is settled is in neither of the first two, so looking for what is due costs the same after years.
            models.Index(fields=["due_at", "id"], condition=models.Q(status="waiting"), name="moment_due"),
            # One for both: PostgreSQL does not look in two partial indexes for ``status IN (…)``.
            models.Index(
                fields=["subject_type", "subject_id"],
                condition=models.Q(status__in=["waiting", "held"]),
                name="moment_open_of_subject",
            ),
            models.Index(fields=["settled_at"], condition=models.Q(status="parked"), name="moment_parked"),
            models.Index(
                fields=["settled_at"], condition=models.Q(status__in=["fired", "cancelled"]), name="moment_settled"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
