"""Reads of arrivals: what has just reached a person's desk, and who it may be. Stands beside ``queries``."""

from datetime import timedelta

from django.urls import reverse
from django.utils.http import urlencode

from onepoint.accounts.models import User
from onepoint.core import clock
from onepoint.customers import phone_numbers
from onepoint.customers.models import Customer
from onepoint.customers.queries.phones import customers_of_phone
from onepoint.workspace.models import Arrival

#: Whoever arrived longer ago is not popped up any more; the desk was closed, or somebody spoke all along.
FRESH = timedelta(minutes=3)
#: A number held by more is a switchboard's; one looks further by name.
MOST_CHOICES = 12


def newest_arrival(person: User) -> Arrival | None:
    """Who has just arrived at the person and was not opened yet; one query."""
    fresh = Arrival.objects.filter(agent=person, at__gte=clock.now() - FRESH, opened_at=None)
    return fresh.select_related("customer", "contact__customer").order_by("-at", "-pk").first()


def find_arrival(pk: int, *, visible_to: User) -> Arrival | None:
    """One of the person's own arrivals."""
    own = Arrival.objects.filter(agent=visible_to, pk=pk)
    return own.select_related("customer", "contact__customer", "contact__region").first()


def customer_of(arrival: Arrival) -> Customer | None:
    """Who it is, as far as that is known: named since, or given when it was announced."""
    return (arrival.contact.customer if arrival.contact else None) or arrival.customer


def number_of(arrival: Arrival) -> str:
    return arrival.number or (arrival.contact.caller_number if arrival.contact else "")


def possible_customers(arrival: Arrival, *, visible_to: User) -> list[Customer]:
    """The customers the number belongs to, however it is written; within the person's scope."""
    number = number_of(arrival)
    region = (arrival.contact.region if arrival.contact else None) or (visible_to.unit and visible_to.unit.region)
    key = phone_numbers.normalise(number, region.area_code if region else "")
    return customers_of_phone(key, visible_to=visible_to, limit=MOST_CHOICES) if key else []


def address_of(arrival: Arrival, candidates: list[Customer], *, visible_to: User) -> str:
    """Where the desk goes: the customer's page, the choice between several, or the intake with the number filled in."""
    customer = customer_of(arrival)
    known = customer or (candidates[0] if len(candidates) == 1 else None)
    query = {"contact": arrival.contact.number} if arrival.contact else {}
    if known is not None:
        return f"{reverse('customer-360', args=[known.number])}{_asked(query)}"
    if candidates:
        return reverse("arrival-choose", args=[arrival.pk])
    return f"{reverse('intake')}{_asked(query or {'phone': number_of(arrival)})}"


def _asked(query: dict[str, str]) -> str:
    return f"?{urlencode(query)}" if query else ""
