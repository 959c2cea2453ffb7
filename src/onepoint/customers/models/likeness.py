"""Records that may be one customer, and records that were made one."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.customers.models.record import Customer
from onepoint.customers.states import Likeness, PairState


class LikelyPair(models.Model):
    """Two customer records that may be one and the same; ``first`` is the one with the smaller id."""

    first = models.ForeignKey(Customer, models.CASCADE, related_name="pairs_as_first", verbose_name=_("Customer"))
    second = models.ForeignKey(Customer, models.CASCADE, related_name="pairs_as_second", verbose_name=_("Customer"))
    reasons = ArrayField(models.CharField(max_length=12, choices=Likeness.choices), verbose_name=_("Why"))
    score = models.PositiveSmallIntegerField(_("Likelihood"))
    state = models.CharField(_("State"), max_length=10, choices=PairState.choices, default=PairState.OPEN)
    found_at = models.DateTimeField(_("Found"))
    decided_at = models.DateTimeField(_("Decided"), null=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("Decided by"))

    class Meta:
        verbose_name = _("Possible duplicate")
        verbose_name_plural = _("Possible duplicates")
        indexes = [
            models.Index(fields=["-score", "-id"], name="pair_open", condition=Q(state="open")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="pair_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="pair_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} = {self.second_id}?"

    @property
    def both(self) -> tuple[Customer, Customer]:
        return self.first, self.second

    @property
    def reason_labels(self) -> list[str]:
        return [str(Likeness(reason).label) for reason in self.reasons]


class CustomerMerge(models.Model):
    """One customer record taken up by another; keeps what is needed to put everything back."""

    survivor = models.ForeignKey(Customer, models.PROTECT, related_name="merges", verbose_name=_("Kept record"))
    merged = models.ForeignKey(Customer, models.PROTECT, related_name="merged_by", verbose_name=_("Merged record"))
    at = models.DateTimeField(_("At"))
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("Merged by"))
    reason = models.CharField(_("Reason"), max_length=300, blank=True)
    taken = models.JSONField(default=dict)  # field of the survivor → [before, after], as stored
    moved = models.JSONField(default=dict)  # kind of row → ids that came from the merged record
    shelved = models.JSONField(default=dict)  # kind of row → id → fields as they were before the merge
    undone_at = models.DateTimeField(_("Undone"), null=True)
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("Undone by"))

    class Meta:
        verbose_name = _("Merge of customers")
        verbose_name_plural = _("Merges of customers")
        constraints = [
            models.UniqueConstraint(fields=["merged"], condition=Q(undone_at__isnull=True), name="customer_merged_once")
        ]

    def __str__(self) -> str:
        return f"{self.merged_id} → {self.survivor_id}"
