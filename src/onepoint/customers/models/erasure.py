"""Erasing a customer: the request of one person, the consent of another, and how far the work has come."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.core.sealed_fields import SealedTextField
from onepoint.customers.models.record import Customer
from onepoint.customers.states import ErasureState


class Erasure(models.Model):
    """One request to erase a customer; ``known`` holds the values to look for, only while the work goes on."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="erasures", verbose_name=_("Customer"))
    state = models.CharField(_("State"), max_length=10, choices=ErasureState.choices, default=ErasureState.ASKED)
    reason = models.CharField(_("Reason"), max_length=300)
    asked_at = models.DateTimeField(_("Asked for"))
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("Asked for by"))
    decided_at = models.DateTimeField(_("Decided"), null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("Decided by"))
    known = SealedTextField(blank=True, default="")
    step = models.CharField(max_length=60, blank=True, default="")  # what is being gone through; empty: not begun
    last_id = models.BigIntegerField(default=0)  # of that, the last row that is done
    is_proving = models.BooleanField(default=False)  # going through all of it once more: nothing may be found
    looked_at = models.PositiveBigIntegerField(_("Rows looked at"), default=0)
    changed = models.PositiveBigIntegerField(_("Rows changed"), default=0)
    finished_at = models.DateTimeField(_("Finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("Erasure of a customer")
        verbose_name_plural = _("Erasures of customers")
        constraints = [
            models.UniqueConstraint(
                fields=["customer"], condition=Q(state__in=["asked", "running", "done"]), name="customer_erased_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.state}"
