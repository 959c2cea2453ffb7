"""First-asked responsibility (首问责任): who was asked first answers for a ticket until it is settled, whoever handles it."""

from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import User
from onepoint.accounts.queries import delegated_keys
from onepoint.core.errors import BusinessError
from onepoint.tickets import queries, urging_rights
from onepoint.tickets.models import Ticket
from onepoint.tickets.states import OwnerRule


class OwnerConfirms(BusinessError):
    """By the rule of the category only the first-asked person settles the ticket."""

    code = "owner_confirms"
    message = _("%(owner)s was asked first and has to confirm that it is settled, or somebody who leads or stands in.")
    status = 403


def confirms_alone(ticket: Ticket) -> bool:
    """Whether the category, or the nearest one above that says so, leaves the settling to the first-asked person."""
    return queries.inherited(ticket.category, "owner_rule") == OwnerRule.CONFIRMS


def why_not_confirm(ticket: Ticket, by: User | None) -> OwnerConfirms | None:
    """Settling or closing where the rule asks for the first-asked person: he himself, his deputy, or who leads here.

    Nobody is asked for where the owner may no longer log in: then anybody who may settle it does.
    """
    if by is None or ticket.owner_id in (None, by.pk) or not confirms_alone(ticket):
        return None
    owner = ticket.owner
    assert owner is not None
    if not owner.is_active or f"P{owner.pk}" in delegated_keys(by).get(owner.pk, ()):
        return None
    return None if urging_rights.leads(ticket, by) else OwnerConfirms(owner=owner.label)
