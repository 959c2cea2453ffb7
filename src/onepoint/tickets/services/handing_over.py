"""Tickets somebody who leaves was first asked for get a new owner."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from onepoint.accounts import handover
from onepoint.accounts.models import User
from onepoint.core import audit
from onepoint.tickets.models import Ticket


def tickets_owned_by(person: User) -> QuerySet[Ticket]:
    """Tickets in progress he answers for as the first one asked."""
    return Ticket.objects.alive().filter(owner=person).order_by("pk")


@transaction.atomic
def hand_over_ticket(ticket_id: int, person: User, to: User | None, by: User | None) -> None:
    """Make ``to`` the owner of one ticket; finished or given away meanwhile it needs nobody.

    Whoever may hand over a person's work was asked before.
    """
    ticket = tickets_owned_by(person).select_for_update(of=("self",)).filter(pk=ticket_id).first()
    if ticket is None or to is None:
        return
    audience = list(dict.fromkeys([*ticket.audience, f"P{to.pk}"]))
    Ticket.objects.filter(pk=ticket_id).update(owner=to, audience=audience)
    told: dict[str, Any] = {"from": person.name, "from_en": person.name_en, "to": to.name, "to_en": to.name_en}
    audit.record("ticket.owner_changed", by=by, subject_type="ticket", subject_id=ticket_id, **told)


handover.register(
    handover.Holding(
        "ticket",
        gettext_lazy("Tickets as the first one asked"),
        20,
        tickets_owned_by,
        lambda ticket: f"{ticket.number} {ticket.title}",
        hand_over_ticket,
    )
)
