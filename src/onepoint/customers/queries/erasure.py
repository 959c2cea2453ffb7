"""Reads of erasures."""

from django.db.models import QuerySet

from onepoint.accounts.models import User
from onepoint.accounts.scope import scope_of
from onepoint.customers.models import Customer, Erasure


def erasures(*, visible_to: User) -> QuerySet[Erasure]:
    """Requests about customers whose erasure the person may confirm."""
    scope = scope_of(visible_to, "customer.confirm_erasure").by_unit_and_region(
        unit="customer__unit", region="customer__region", person="customer__created_by"
    )
    return Erasure.objects.filter(scope).select_related("customer", "asked_by", "decided_by")


def last_erasure(customer: Customer) -> Erasure | None:
    """The newest request about a customer."""
    return customer.erasures.select_related("customer", "asked_by", "decided_by").order_by("-pk").first()
