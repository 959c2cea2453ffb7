"""Tables of hidden risks (隐患)."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import Named, OrgUnit, Region, User
from onepoint.accounts.scope import scope_of
from onepoint.core import clock
from onepoint.quality.hidden_risk_states import LIMITED_RISKS, OPEN_RISKS, RiskState
from onepoint.tickets.models import Category, Ticket


class RiskKind(Named):
    """One kind of hidden risk, such as "network and equipment"; what is out of use stays with the risks that have it."""

    code = models.SlugField(_("Code"), max_length=40, unique=True)
    position_order = models.PositiveSmallIntegerField(_("Order"), default=0)
    is_active = models.BooleanField(_("In use"), default=True)

    class Meta:
        verbose_name = _("Kind of hidden risks")
        verbose_name_plural = _("Kinds of hidden risks")
        ordering = ["position_order", "code"]


class HiddenRiskQuerySet(models.QuerySet["HiddenRisk"]):
    def visible_to(self, user: User) -> "HiddenRiskQuerySet":
        """Risks of the person's units and regions, and those he raised or has to remove (spec §2)."""
        return self.filter(scope_of(user, "hidden_risk.view").by_audience())


class HiddenRisk(models.Model):
    """Something that will bring complaints if nobody sees to it, found by somebody at work and followed until it is gone."""

    number = models.CharField(_("Number"), max_length=20, unique=True)
    request_key = models.UUIDField(unique=True, editable=False)  # one form raises once, however often it is sent
    kind = models.ForeignKey(
        RiskKind, models.PROTECT, to_field="code", db_column="kind", related_name="+", db_index=False,
        verbose_name=_("Kind"),
    )  # fmt: skip
    title = models.CharField(_("In one line"), max_length=200)
    words = models.TextField(_("What was found"))
    ticket = models.ForeignKey(
        Ticket, models.PROTECT, null=True, related_name="hidden_risks", verbose_name=_("Found at ticket")
    )
    category = models.ForeignKey(
        Category, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("Category")
    )
    place = models.CharField(_("Place"), max_length=200, blank=True)
    product = models.CharField(_("Product or equipment"), max_length=200, blank=True)
    region = models.ForeignKey(
        Region, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("Region")
    )
    unit = models.ForeignKey(
        OrgUnit, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("Unit concerned")
    )
    raised_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("Raised by")
    )
    raised_unit = models.ForeignKey(
        OrgUnit, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("Raised in")
    )
    raised_at = models.DateTimeField(_("Raised"))
    state = models.CharField(_("State"), max_length=10, choices=RiskState.choices, default=RiskState.RAISED)
    owner_unit = models.ForeignKey(
        OrgUnit, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("Removed by unit")
    )
    owner = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("Responsible person")
    )
    due_at = models.DateTimeField(_("Due"), null=True)
    accepted_at = models.DateTimeField(_("Accepted"), null=True)
    removed_at = models.DateTimeField(_("Removed"), null=True)
    removed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    removal = models.TextField(_("How it was removed"), blank=True)
    closed_at = models.DateTimeField(_("Closed"), null=True)  # verified or refused
    verdict = models.CharField(_("Last word"), max_length=1000, blank=True)  # why refused, sent back; how verified
    audience = ArrayField(models.TextField(), default=list)
    version = models.PositiveIntegerField(default=1)

    objects = HiddenRiskQuerySet.as_manager()

    class Meta:
        verbose_name = _("Hidden risk")
        verbose_name_plural = _("Hidden risks")
        indexes = [
            GinIndex(fields=["audience"], name="hidden_risk_audience"),
            models.Index(fields=["-raised_at", "-id"], name="hidden_risk_newest"),
            models.Index(fields=["raised_by", "-raised_at"], name="hidden_risk_raiser"),
            models.Index(
                fields=["due_at"], name="hidden_risk_due", condition=Q(state__in=[s.value for s in LIMITED_RISKS])
            ),
            models.Index(
                fields=["owner", "due_at"], name="hidden_risk_owner",
                condition=Q(state__in=[s.value for s in OPEN_RISKS]),
            ),
            models.Index(
                fields=["-raised_at", "-id"], name="hidden_risk_open", condition=Q(state__in=[s.value for s in OPEN_RISKS])
            ),
        ]  # fmt: skip
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=[s.value for s in LIMITED_RISKS])
                | Q(due_at__isnull=False, owner_unit__isnull=False),
                name="hidden_risk_accepted_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("hidden-risk-detail", args=[self.number])

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_RISKS

    @property
    def has_limit(self) -> bool:
        return self.state in LIMITED_RISKS

    @property
    def is_late(self) -> bool:
        return self.has_limit and self.due_at is not None and self.due_at < clock.now()

    @property
    def tone(self) -> str:
        """The colour of its state."""
        return {"raised": "accent", "accepted": "warn", "removing": "warn", "removed": "accent", "closed": "good"}.get(
            self.state, "muted"
        )
