"""Tables of answers to customers: what the house asks of one, and each try to give it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.channels.models import Contact
from onepoint.follow_ups.states import AfterFailure, AttemptOutcome
from onepoint.tickets.models import Ticket
from onepoint.tickets.states import ReplyChannel, TicketKind


class ReplyRule(models.Model):
    """What an answer to tickets of one kind must say, how often a telephone is dialled, and what follows in vain."""

    kind = models.CharField(_("Kind of ticket"), max_length=20, choices=TicketKind.choices, unique=True)
    first_way = models.CharField(
        _("First by"), max_length=10, choices=ReplyChannel.choices, blank=True, default=ReplyChannel.PHONE,
        help_text=_("What the customer was promised comes before. Empty: as the customer prefers."),
    )  # fmt: skip
    wants_result = models.BooleanField(_("States the result"), default=True)
    wants_reason = models.BooleanField(_("States the reason"), default=True)
    wants_promise = models.BooleanField(_("States what was promised"), default=False)
    most_attempts = models.PositiveSmallIntegerField(_("Attempts by telephone"), default=3)
    gap_hours = models.PositiveSmallIntegerField(_("Hours between attempts"), default=2)
    then = models.CharField(
        _("After that"), max_length=10, choices=AfterFailure.choices, default=AfterFailure.FINISH
    )  # fmt: skip
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("Rule of answers")
        verbose_name_plural = _("Rules of answers")
        ordering = ["kind"]

    def __str__(self) -> str:
        return str(self.get_kind_display())


class ReplyAttempt(models.Model):
    """One try to tell the customer of a ticket what came of it."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="reply_attempts", db_index=False)
    task_id = models.BigIntegerField(_("Step"))  # tries are counted for each answering step anew
    at = models.DateTimeField(_("At"))
    way = models.CharField(_("By"), max_length=10, choices=ReplyChannel.choices)
    outcome = models.CharField(_("Outcome"), max_length=14, choices=AttemptOutcome.choices)
    result = models.TextField(_("Result"), blank=True)
    reason = models.TextField(_("Reason"), blank=True)
    promise = models.CharField(_("Promised"), max_length=500, blank=True)
    note = models.CharField(_("Note"), max_length=500, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, related_name="+", db_index=False)
    key = models.CharField(max_length=120, unique=True)

    class Meta:
        verbose_name = _("Try to answer")
        verbose_name_plural = _("Tries to answer")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["ticket", "task_id"], name="reply_attempt_step")]
