"""Hints from what the customer owns: a warranty that is about to end, or ended lately; a wish not to be contacted."""

from datetime import timedelta

from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core import clock, masking
from onepoint.customers.hints import Hint, register_hints
from onepoint.customers.models import Asset, Customer

SOON = timedelta(days=30)
#: A customer with a hundred machines is told of the first ones.
MOST = 3


def belonging_hints(customer: Customer, visible_to: User) -> list[Hint]:
    hints = []
    if not customer.consent_to_contact:
        hints.append(Hint(_("The customer does not want to be contacted."), "warn"))
    if not masking.shows_field("customer.assets", visible_to):
        return hints
    today = clock.today()
    ending = Asset.objects.filter(
        customer=customer, is_active=True, warranty_until__gte=today - SOON, warranty_until__lte=today + SOON
    )
    for asset in ending.order_by("warranty_until", "pk")[:MOST]:
        facts = {"asset": str(asset), "day": asset.warranty_until}
        if asset.warranty_until and asset.warranty_until >= today:
            hints.append(Hint(_("The warranty of %(asset)s ends on %(day)s.") % facts, "accent"))
        else:
            hints.append(Hint(_("The warranty of %(asset)s ended on %(day)s.") % facts, ""))
    return hints


register_hints("belongings", "", belonging_hints)
