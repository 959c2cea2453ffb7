"""Writes of the desk: who has arrived at whom, who is told of exports, what is granted while a request is taken in."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from onepoint.accounts.models import User
from onepoint.channels import services as channel_services
from onepoint.channels.models import Contact
from onepoint.core import clock, exporting, live
from onepoint.core.models import Export, ExportStatus
from onepoint.core.text import clean
from onepoint.customers.models import Customer
from onepoint.grants import services as grant_services
from onepoint.grants.models import Grant, GrantKind
from onepoint.grants.services import NewGrant
from onepoint.notifications.services import notify
from onepoint.tickets import services as ticket_services
from onepoint.tickets.services import Intake, Registered
from onepoint.workspace.held_exports import approvers_of
from onepoint.workspace.models import Arrival
from onepoint.workspace.policies import GrantNeedsTicket

#: The agent's older arrivals are swept when the next one comes.
KEPT = timedelta(days=1)
_GRANTED = uuid.UUID("6f0c1a52-8f0b-5d3c-9e0a-0e5f7b8a1c64")


@dataclass(frozen=True)
class OnTheSpot:
    """What an agent grants while taking a request in."""

    kind: GrantKind
    amount: Decimal
    reason: str


@transaction.atomic
def solve_with_grant(intake: Intake, spot: OnTheSpot, *, by: User) -> Registered:
    """Solve a request at once by granting something within one's own authority, kept with the contact.

    Raises what both raise, and GrantNeedsTicket where the grant would wait for approval: then nothing is solved yet.
    """
    made = ticket_services.solve_request(intake, by=by)
    if _grant(intake, spot, made, by).needs_approval:
        raise GrantNeedsTicket
    return made


@transaction.atomic
def register_with_grant(intake: Intake, spot: OnTheSpot, *, by: User) -> Registered:
    """Make a ticket and grant something on it, or ask for it. Raises what both raise."""
    made = ticket_services.register_request(intake, by=by)
    _grant(intake, spot, made, by)
    return made


def _grant(intake: Intake, spot: OnTheSpot, made: Registered, by: User) -> Grant:
    new = NewGrant(
        key=uuid.uuid5(_GRANTED, str(intake.request_key)), kind=spot.kind, amount=spot.amount, reason=spot.reason,
        customer=intake.customer, ticket=made.ticket, contact=None if made.ticket else made.contact,
    )  # fmt: skip
    return grant_services.give_grant(new, by=by)


@transaction.atomic
def pop_customer(
    agent: User,
    *,
    number: str = "",
    customer: Customer | None = None,
    contact: Contact | None = None,
    by: User | None,
) -> Arrival | None:
    """Tell the agent's desk, and nobody else's, that a customer is there: by contact, by record, or by number alone.

    The same contact arrives once at one agent. None where nothing tells who it is.
    """
    typed = clean(number)[:80] or (contact.caller_number if contact else "")
    known = customer or (contact.customer if contact else None)
    if not (typed or known or contact):
        return None
    if contact is not None:
        arrival, is_new = Arrival.objects.get_or_create(
            agent=agent, contact=contact, defaults={"customer": known, "number": typed, "at": clock.now()}
        )
    else:
        arrival, is_new = Arrival.objects.create(agent=agent, customer=known, number=typed, at=clock.now()), True
    if is_new:
        Arrival.objects.filter(agent=agent, at__lt=clock.now() - KEPT).delete()
        live.publish([f"P{agent.pk}"], "arrival", arrival=arrival.pk)
    return arrival


@transaction.atomic
def open_arrival(arrival: Arrival, *, by: User | None) -> bool:
    """Note that the person opened it; whether nobody (no other tab) had before."""
    return bool(Arrival.objects.filter(pk=arrival.pk, agent=by, opened_at=None).update(opened_at=clock.now()))


@transaction.atomic
def recognise_customer(arrival: Arrival, customer: Customer, *, by: User | None) -> None:
    """Whoever arrived turned out to be this customer; the contact says so from now on.

    Raises NotPermitted, CustomerKnown.
    """
    Arrival.objects.filter(pk=arrival.pk, agent=by).update(customer=customer)
    if arrival.contact and arrival.contact.customer_id is None:
        channel_services.name_customer(arrival.contact, customer, by=by)


def _facts_of(export: Export) -> dict[str, Any]:
    exported = exporting.find_list(export.list_code)
    names = {}
    for language, suffix in (("zh-hans", ""), ("en", "_en")):
        with translation.override(language):
            names[f"list{suffix}"] = str(exported.label) if exported else export.list_code
            names[f"outcome{suffix}"] = str(ExportStatus(export.status).label)
    return {**names, "rows": export.done_count, "words": ""}


def tell_approvers(export: Export, *, by: User | None) -> int:
    """Tell those who may decide about an export that it waits; gives how many were told."""
    asker = User.objects.filter(pk=export.actor_id).first()
    return notify(
        "export.held", approvers_of(export), key=f"export.held/{export.pk}", facts=_facts_of(export),
        subject=("export", export.pk), url=reverse("export-approvals"), by=by or asker,
    )  # fmt: skip


def tell_asker(export: Export, *, by: User) -> None:
    """Tell whoever asked for an export what was decided."""
    facts = _facts_of(export)
    approved = export.status == ExportStatus.READY
    for language, suffix in (("zh-hans", ""), ("en", "_en")):
        with translation.override(language):
            facts[f"outcome{suffix}"] = gettext("approved") if approved else gettext("refused")
    notify(
        "export.decided", [export.actor_id], key=f"export.decided/{export.pk}",
        facts={**facts, "words": export.problem}, subject=("export", export.pk), url=reverse("export-list"), by=by,
    )  # fmt: skip
