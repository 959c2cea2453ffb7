"""Tables of sampling plans and of the draws made by them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import Named, Role, User
from onepoint.channels.states import Channel
from onepoint.quality.inspection_states import Assigning, Method, PlanFrequency, SizeRule, Stratum
from onepoint.quality.models.scorecards import Scorecard
from onepoint.tickets.states import TicketKind


class SamplingPlan(Named):
    """Which finished work is drawn for inspection, how, how often and for whom. With its seed every draw can be repeated."""

    scorecard = models.ForeignKey(Scorecard, models.PROTECT, related_name="plans", verbose_name=_("Score card"))
    is_active = models.BooleanField(_("In use"), default=True)
    seed = models.CharField(_("Seed"), max_length=32)
    # Empty lists ask for nothing. Categories and units hold for everything below them.
    kinds = ArrayField(
        models.CharField(max_length=20, choices=TicketKind.choices), default=list, verbose_name=_("Kinds of ticket")
    )
    channels = ArrayField(
        models.CharField(max_length=20, choices=Channel.choices), default=list, verbose_name=_("Channels")
    )
    category_ids = ArrayField(models.BigIntegerField(), default=list, verbose_name=_("Categories"))
    unit_ids = ArrayField(models.BigIntegerField(), default=list, verbose_name=_("Units"))

    method = models.CharField(_("How"), max_length=10, choices=Method.choices, default=Method.RANDOM)
    stratum = models.CharField(_("Strata by"), max_length=10, choices=Stratum.choices, blank=True)
    size = models.PositiveIntegerField(_("Sample size"), default=10)
    size_rule = models.CharField(_("The size is"), max_length=10, choices=SizeRule.choices, default=SizeRule.TOTAL)
    weights = models.JSONField(_("Weights of risk"), default=dict)  # {"reopened": 4}: see quality.risks
    double_share = models.PositiveSmallIntegerField(_("Share scored twice, blindly (%)"), default=0)
    tolerance = models.PositiveSmallIntegerField(_("Points two inspectors may differ"), default=10)

    frequency = models.CharField(
        _("How often"), max_length=10, choices=PlanFrequency.choices, default=PlanFrequency.ONCE
    )
    assigning = models.CharField(_("Who scores"), max_length=10, choices=Assigning.choices, default=Assigning.CLAIM)
    inspector_ids = ArrayField(models.BigIntegerField(), default=list, verbose_name=_("Inspectors"))
    role = models.ForeignKey(Role, models.PROTECT, null=True, related_name="+", verbose_name=_("Inspectors by role"))
    bans_own_unit = models.BooleanField(
        _("Nobody inspects the own unit"), default=True, help_text=_("Nor the units below it.")
    )
    starts_at = models.DateTimeField(_("Draws since"))
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    lock_version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("Sampling plan")
        verbose_name_plural = _("Sampling plans")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(double_share__lte=100), name="sampling_double_share"),
            models.CheckConstraint(condition=Q(size__gte=1), name="sampling_size"),
        ]


class SamplingDraw(models.Model):
    """What a plan drew for one period, with the rules, the population and the strata as they were then. Never changed."""

    plan = models.ForeignKey(SamplingPlan, models.PROTECT, related_name="draws", db_index=False)
    period = models.CharField(
        _("Period"), max_length=30
    )  # "2026-11-22", "2026-W47", "2026-11", "2026-11-01..2026-11-15"
    begins_at = models.DateTimeField(_("From"))
    ends_at = models.DateTimeField(_("Until"))
    seed = models.CharField(_("Seed"), max_length=80)
    rules = models.JSONField()  # the plan as it was
    population = models.PositiveIntegerField(_("Could be drawn"), default=0)
    drawn = models.PositiveIntegerField(_("Drawn"), default=0)
    strata = models.JSONField(default=list)  # [{"key", "population", "quota"}]
    drawn_at = models.DateTimeField(_("Drawn at"))
    drawn_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        verbose_name = _("Draw")
        verbose_name_plural = _("Draws")
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["plan", "period"], name="draw_once_per_period")]

    @property
    def label(self) -> str:
        """The period as it is written for people: a stretch of days with a dash."""
        return self.period.replace("..", " – ")
