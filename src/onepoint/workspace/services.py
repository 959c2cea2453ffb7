"""Writes of the desk: who has arrived at whom."""

from datetime import timedelta

from django.db import transaction

from onepoint.accounts.models import User
from onepoint.channels import services as channel_services
from onepoint.channels.models import Contact
from onepoint.core import clock, live
from onepoint.core.text import clean
from onepoint.customers.models import Customer
from onepoint.workspace.models import Arrival

#: The agent's older arrivals are swept when the next one comes.
KEPT = timedelta(days=1)


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
