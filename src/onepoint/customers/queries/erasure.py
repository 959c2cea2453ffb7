"""Reads of erasures."""

from onepoint.customers.models import Customer, Erasure


def last_erasure(customer: Customer) -> Erasure | None:
    """The newest request about a customer."""
    return customer.erasures.select_related("customer", "asked_by", "decided_by").order_by("-pk").first()
