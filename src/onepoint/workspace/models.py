"""What the desk keeps of its own: who has just arrived at whom."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.channels.models import Contact
from onepoint.customers.models import Customer


class Arrival(models.Model):
    """A customer has arrived at an agent: a call answered, a chat accepted, a number called at the counter."""

    agent = models.ForeignKey(User, models.CASCADE, related_name="arrivals", db_index=False, verbose_name=_("Agent"))
    contact = models.ForeignKey(Contact, models.CASCADE, null=True, related_name="+", verbose_name=_("Contact"))
    customer = models.ForeignKey(
        Customer, models.SET_NULL, null=True, related_name="+", db_index=False, verbose_name=_("Customer")
    )
    number = models.CharField(_("Number"), max_length=80, blank=True)  # as given by the channel
    at = models.DateTimeField(_("At"))
    opened_at = models.DateTimeField(_("Opened"), null=True)

    class Meta:
        verbose_name = _("Arrival")
        verbose_name_plural = _("Arrivals")
        indexes = [models.Index(fields=["agent", "-at"], name="arrival_agent")]
        constraints = [
            models.UniqueConstraint(
                fields=["agent", "contact"], condition=models.Q(contact__isnull=False), name="arrival_once_per_contact"
            )
        ]
