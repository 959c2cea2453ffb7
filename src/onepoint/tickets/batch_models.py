"""Tables of batches; ``models`` shows them as its own."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.tickets.batch_states import BatchState, BatchVerb, ItemState


class BatchRun(models.Model):
    """One thing done to many tickets by a job, in the name and with the rights of whoever started it."""

    verb = models.CharField(_("What is done"), max_length=20, choices=BatchVerb.choices)
    parameters = models.JSONField(default=dict)
    state = models.CharField(_("State"), max_length=10, choices=BatchState.choices, default=BatchState.RUNNING)
    started_by = models.ForeignKey(
        User, models.PROTECT, related_name="ticket_batches", db_index=False, verbose_name=_("Started by")
    )
    language = models.CharField(max_length=10)  # of what is written down for whoever started it
    incident = models.ForeignKey(
        "tickets.MassIncident", models.PROTECT, null=True, related_name="batches", verbose_name=_("Mass incident")
    )
    request_key = models.UUIDField(null=True, unique=True)  # a form sent twice starts one batch
    total = models.PositiveIntegerField(_("Tickets"), default=0)
    started_at = models.DateTimeField(_("Started"))
    moved_at = models.DateTimeField()  # a batch that has not moved for long has lost its worker
    ended_at = models.DateTimeField(_("Ended"), null=True)

    class Meta:
        verbose_name = _("Batch")
        verbose_name_plural = _("Batches")
        indexes = [
            models.Index(fields=["started_by", "-id"], name="batch_of_person"),
            models.Index(fields=["moved_at"], name="batch_running", condition=models.Q(state="running")),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("batch-detail", args=[self.pk])

    @property
    def is_running(self) -> bool:
        return self.state == BatchState.RUNNING


class BatchItem(models.Model):
    """One ticket of a batch. Its state changes in the same transaction as the ticket, so nothing is done twice."""

    run = models.ForeignKey(BatchRun, models.CASCADE, related_name="items", db_index=False)
    ticket = models.ForeignKey("tickets.Ticket", models.CASCADE, related_name="+", db_index=False)
    state = models.CharField(_("Outcome"), max_length=10, choices=ItemState.choices, default=ItemState.WAITING)
    reason = models.CharField(_("Reason"), max_length=500, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(_("At"), null=True)

    class Meta:
        verbose_name = _("Ticket of a batch")
        verbose_name_plural = _("Tickets of batches")
        constraints = [models.UniqueConstraint(fields=["run", "ticket"], name="batch_ticket_once")]
        indexes = [models.Index(fields=["run", "state", "id"], name="batch_item_state")]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.ticket_id}: {self.state}"
