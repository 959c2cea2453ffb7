"""How a customer came where the channel alone does not say it: through an outlet, by his account manager, on paper."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import OrgUnit, User
from onepoint.channels.models.journal import Contact


class ContactOrigin(models.Model):
    """What came with one contact that somebody else took first: an outlet, an account manager, a paper form."""

    contact = models.OneToOneField(Contact, models.CASCADE, primary_key=True, related_name="origin")
    outlet = models.ForeignKey(OrgUnit, models.PROTECT, null=True, related_name="+", verbose_name=_("Outlet"))
    clerk_number = models.CharField(_("Number of the clerk"), max_length=40, blank=True)
    document_number = models.CharField(_("Number of the paper"), max_length=60, blank=True)
    # He speaks for the customer, and hears every answer the customer is given.
    account_manager = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("Account manager")
    )

    class Meta:
        verbose_name = _("Origin of a contact")
        verbose_name_plural = _("Origins of contacts")
