"""Tables of the rules by which visits are made, and of the words that call for the crisis seats."""

from datetime import time

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import Named, User
from onepoint.follow_ups.models.questionnaires import Questionnaire, labels_of
from onepoint.follow_ups.states import Ending, VisitWay
from onepoint.tickets.states import TicketKind


class VisitRule(Named):
    """Which closings are followed by a return visit, and how it is made. What it says is kept by version."""

    is_active = models.BooleanField(_("In use"), default=True)
    seed = models.CharField(max_length=32)  # with it the sample can be drawn again

    class Meta:
        verbose_name = _("Rule of return visits")
        verbose_name_plural = _("Rules of return visits")
        ordering = ["pk"]


class VisitRuleVersion(models.Model):
    """What a rule says during some time; a closing follows the version in force when it happened."""

    rule = models.ForeignKey(VisitRule, models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    in_force_from = models.DateTimeField()
    in_force_until = models.DateTimeField(null=True)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)

    rank = models.PositiveSmallIntegerField(_("Order"), help_text=_("The first rule that fits decides."))
    # Empty lists ask for nothing. Categories and units hold for everything below them.
    endings = ArrayField(models.CharField(max_length=12, choices=Ending.choices), verbose_name=_("After a ticket was"))
    kinds = ArrayField(models.CharField(max_length=20), default=list, verbose_name=_("Kinds of ticket"))
    category_ids = ArrayField(models.BigIntegerField(), default=list, verbose_name=_("Categories"))
    severity_ids = ArrayField(models.BigIntegerField(), default=list, verbose_name=_("Severities"))
    level_ids = ArrayField(models.BigIntegerField(), default=list, verbose_name=_("Customer levels"))
    unit_ids = ArrayField(models.BigIntegerField(), default=list, verbose_name=_("Units"))
    share = models.PositiveSmallIntegerField(_("Share (%)"), default=100)

    questionnaire = models.ForeignKey(Questionnaire, models.PROTECT, related_name="+", verbose_name=_("Questionnaire"))
    ways = ArrayField(
        models.CharField(max_length=10, choices=VisitWay.choices), verbose_name=_("Ways, one after another")
    )
    first_after_hours = models.PositiveSmallIntegerField(_("First after … hours"), default=24)
    quiet_from = models.TimeField(_("Nobody is disturbed from"), default=time(20))
    quiet_until = models.TimeField(_("until"), default=time(9))
    most_attempts = models.PositiveSmallIntegerField(_("Attempts by telephone"), default=3)
    gap_hours = models.PositiveSmallIntegerField(_("Hours between attempts"), default=4)
    valid_days = models.PositiveSmallIntegerField(_("Valid for … days"), default=7)
    merges_day = models.BooleanField(_("One visit for all closings of a customer on one day"), default=True)

    class Meta:
        verbose_name = _("Version of a rule")
        verbose_name_plural = _("Versions of rules")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["rule", "number"], name="visit_rule_version_once"),
            models.UniqueConstraint(fields=["rule"], condition=Q(in_force_until=None), name="visit_rule_one_in_force"),
            models.CheckConstraint(condition=Q(share__lte=100), name="visit_rule_share"),
        ]

    @property
    def endings_in_words(self) -> str:
        return labels_of(Ending, self.endings)

    @property
    def kinds_in_words(self) -> str:
        return labels_of(TicketKind, self.kinds)

    @property
    def ways_in_words(self) -> str:
        return " → ".join(str(VisitWay(way).label) for way in self.ways)

    @property
    def link_hours(self) -> int:
        """How long an answer to a link is waited for before the next way is tried."""
        return max(self.gap_hours, 24)


class RiskWord(models.Model):
    """A word of an unsatisfied customer that brings the ticket to the crisis seats: the press, the regulator, a court."""

    word = models.CharField(_("Word"), max_length=60, unique=True)
    note = models.CharField(_("Note"), max_length=200, blank=True)
    is_active = models.BooleanField(_("In use"), default=True)

    class Meta:
        verbose_name = _("Risk word")
        verbose_name_plural = _("Risk words")
        ordering = ["word"]

    def __str__(self) -> str:
        return self.word
