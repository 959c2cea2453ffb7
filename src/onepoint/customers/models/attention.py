"""The attention list: customers to be met with special care, or with caution."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.core import clock
from onepoint.customers.models.record import Customer
from onepoint.customers.states import AttentionKind


class AttentionQuerySet(models.QuerySet["AttentionEntry"]):
    def in_force(self) -> "AttentionQuerySet":
        """Entries that count today (house time zone); the last day counts."""
        today = clock.today()
        return self.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gte=today), removed_at__isnull=True, starts_on__lte=today
        )


class AttentionEntry(models.Model):
    """One reason, with its dates, why everybody who meets a customer should know something about them."""

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="attention", db_index=False, verbose_name=_("Customer")
    )
    kind = models.CharField(_("Kind"), max_length=10, choices=AttentionKind.choices)
    reason = models.CharField(_("Reason"), max_length=500)
    starts_on = models.DateField(_("From date"))
    ends_on = models.DateField(_("To date"), null=True, blank=True)
    created_at = models.DateTimeField(_("Entered"))
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("Entered by"))
    removed_at = models.DateTimeField(_("Taken off the list"), null=True, blank=True)
    removed_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("Taken off the list by")
    )
    version = models.PositiveIntegerField(default=1)

    objects = AttentionQuerySet.as_manager()

    class Meta:
        verbose_name = _("Entry of the attention list")
        verbose_name_plural = _("Attention list")
        indexes = [
            models.Index(fields=["customer"], name="attention_customer"),
            models.Index(fields=["-created_at", "-id"], name="attention_kept", condition=Q(removed_at__isnull=True)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")), name="attention_dates"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.reason}"

    @property
    def is_in_force(self) -> bool:
        today = clock.today()
        return self.removed_at is None and self.starts_on <= today and (self.ends_on is None or self.ends_on >= today)
