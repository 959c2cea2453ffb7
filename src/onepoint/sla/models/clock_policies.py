"""The rules that say which clocks a new subject gets, and under which limits."""

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import Named, Region
from onepoint.sla.states import AfterReopening, Area, ClockKind

_CODE = models.CharField(max_length=60)


class ClockPolicy(Named):
    """One rule: for subjects that meet its conditions, a clock of one kind with a limit. The most specific one counts.

    An empty condition is met by everything. ``category`` is the code of a node of the subject's classification; it is met
    by everything below it too.
    """

    kind = models.CharField(_("Clock"), max_length=20, choices=ClockKind.choices)
    stage = models.CharField(_("Stage"), max_length=40, blank=True)  # of a stage clock: the status it measures
    subject_kinds = ArrayField(_CODE, default=list, blank=True, verbose_name=_("Kinds"))
    category = models.CharField(_("Category"), max_length=40, blank=True)
    severities = ArrayField(_CODE, default=list, blank=True, verbose_name=_("Severities"))
    levels = ArrayField(_CODE, default=list, blank=True, verbose_name=_("Customer levels"))
    channels = ArrayField(_CODE, default=list, blank=True, verbose_name=_("Channels"))
    business = models.CharField(_("Business line"), max_length=40, blank=True)
    region = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Region")
    )
    tag = models.CharField(_("Tag"), max_length=40, blank=True)
    area = models.CharField(_("Urban or rural"), max_length=10, choices=Area.choices, blank=True)
    # Of a step clock; never changed afterwards, so that whoever ends a step knows for good whether a rule may have limited it.
    process = models.CharField(_("Process"), max_length=60, blank=True)
    steps = ArrayField(
        models.CharField(max_length=120), default=list, blank=True, verbose_name=_("Steps")
    )  # keys or names
    unit_kinds = ArrayField(_CODE, default=list, blank=True, verbose_name=_("Kinds of units"))

    limit = models.DurationField(_("Limit"))
    in_working_time = models.BooleanField(
        _("In working time"), default=True, help_text=_("Otherwise by the clock, nights and holidays included.")
    )
    warnings = models.CharField(_("Warnings"), max_length=120, blank=True)  # see ``clock_rules.warning_spans``
    pauses_on_hold = models.BooleanField(_("Stands still while on hold"), default=True)
    pauses_on_waiting = models.BooleanField(_("Stands still while the customer is waited for"), default=True)
    after_reopening = models.CharField(
        _("After reopening"), max_length=10, choices=AfterReopening.choices, default=AfterReopening.CONTINUE
    )
    reopened_limit = models.DurationField(_("Limit after reopening"), null=True, blank=True)
    source = models.CharField(_("Source"), max_length=200, blank=True, help_text=_("Law, standard or contract."))
    preset = models.CharField(max_length=40, blank=True, editable=False)  # which delivered rule it was loaded from
    is_active = models.BooleanField(_("In use"), default=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("Rule for limits")
        verbose_name_plural = _("Rules for limits")
        ordering = ["kind", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["preset"], condition=~models.Q(preset=""), name="clock_policy_preset_once"),
            models.CheckConstraint(condition=models.Q(limit__gt=timedelta()), name="clock_policy_has_limit"),
        ]

    def get_absolute_url(self) -> str:
        return reverse("clock-policy-detail", args=[self.pk])
