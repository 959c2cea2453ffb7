"""Tables of urging: reminders, escalations, and what the house says where a drawing is silent."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from onepoint.workflow.models.running import USER, UserTask
from onepoint.workflow.states import EscalationCause, ReminderKind


class Reminder(models.Model):
    """One demand to act: by the clock, by a person, or by the customer. A person is owed an answer to his."""

    subject_type = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    subject_number = models.CharField(max_length=40, blank=True)
    task = models.ForeignKey(UserTask, models.PROTECT, null=True, related_name="reminders", db_index=False)
    kind = models.CharField(_("From"), max_length=10, choices=ReminderKind.choices)
    number = models.PositiveIntegerField(
        _("Which one"), default=1
    )  # of the task by the clock, of the subject by people
    text = models.CharField(_("What is asked"), max_length=500, blank=True)
    by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+", db_index=False)
    people = ArrayField(models.BigIntegerField(), default=list)  # who was told
    made_at = models.DateTimeField(_("At"))
    answer_due_at = models.DateTimeField(_("Answer owed until"), null=True)  # null: no answer is owed
    answered_at = models.DateTimeField(_("Answered"), null=True)
    answered_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+", db_index=False)
    answer = models.CharField(_("Answer"), max_length=500, blank=True)
    key = models.CharField(max_length=200, unique=True, null=True)  # one moment or one form makes one reminder

    class Meta:
        verbose_name = _("Reminder")
        verbose_name_plural = _("Reminders")
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "-id"], name="reminder_of_subject"),
            models.Index(
                fields=["subject_type", "subject_id"],
                name="reminder_owed",
                condition=Q(answered_at=None, answer_due_at__isnull=False),
            ),
        ]

    @property
    def is_owed(self) -> bool:
        return self.answer_due_at is not None and self.answered_at is None


class Escalation(models.Model):
    """A matter was carried upwards because it waited too long or was urged too often: what was done, from whom to whom."""

    subject_type = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    subject_number = models.CharField(max_length=40, blank=True)
    task = models.ForeignKey(UserTask, models.PROTECT, null=True, related_name="escalations", db_index=False)
    cause = models.CharField(_("Because of"), max_length=10, choices=EscalationCause.choices)
    rung = models.PositiveIntegerField(_("Rung"), default=1)
    deeds = ArrayField(models.CharField(max_length=20), default=list)  # beside telling; see urging.drawn.DEEDS
    people = ArrayField(models.BigIntegerField(), default=list)  # who was told, and who may take over
    held_by = models.ForeignKey(
        USER, models.PROTECT, null=True, related_name="+", db_index=False
    )  # who had it till then
    made_at = models.DateTimeField(_("At"))
    key = models.CharField(max_length=200, unique=True, null=True)

    class Meta:
        verbose_name = _("Escalation")
        verbose_name_plural = _("Escalations")
        indexes = [models.Index(fields=["subject_type", "subject_id", "-id"], name="escalation_of_subject")]


class ReminderRule(models.Model):
    """What the house, or a unit and everything below it, does about steps whose drawing says nothing, and about urging
    by people. The rule that names the most counts, whole."""

    process_key = models.CharField(_("Process"), max_length=60, blank=True)
    kind = models.CharField(_("Kind of ticket"), max_length=20, blank=True)
    severity = models.CharField(_("Severity"), max_length=40, blank=True)
    unit = models.ForeignKey(
        "accounts.OrgUnit", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("Unit and below")
    )
    after = models.CharField(_("First reminder after"), max_length=20, blank=True)  # ISO 8601; "" is none
    every = models.CharField(_("Then every"), max_length=20, blank=True)
    times = models.PositiveSmallIntegerField(_("How often"), default=1)
    remind_to = models.CharField(_("Reminds"), max_length=12, default="handler")
    remind_ways = ArrayField(models.CharField(max_length=10), default=list, verbose_name=_("Reminded by"))
    escalate_after = models.CharField(_("Escalates after"), max_length=20, blank=True)
    escalate_to = models.CharField(_("Escalates to"), max_length=12, default="superior")
    escalate_ways = ArrayField(models.CharField(max_length=10), default=list, verbose_name=_("Told by"))
    deeds = ArrayField(models.CharField(max_length=20), default=list, blank=True, verbose_name=_("And then"))
    always = models.BooleanField(_("At any hour"), default=False)
    # Urging by people.
    pause_minutes = models.PositiveSmallIntegerField(_("Minutes between two of one person"), default=30)
    answer_minutes = models.PositiveSmallIntegerField(_("Answer owed within minutes"), default=120)
    escalate_count = models.PositiveSmallIntegerField(_("Escalates from the … time on"), default=3)  # 0: never
    is_active = models.BooleanField(_("In use"), default=True)

    class Meta:
        verbose_name = _("Reminder rule")
        verbose_name_plural = _("Reminder rules")
        constraints = [
            models.UniqueConstraint(
                fields=["process_key", "kind", "severity", "unit"], nulls_distinct=False, name="one_rule_per_condition"
            )
        ]
