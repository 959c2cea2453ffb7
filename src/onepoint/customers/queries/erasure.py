"""Reads of erasures."""

from django.db.models import QuerySet

from onepoint.accounts.models import User
from onepoint.accounts.queries import people_who_may
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


def confirmers_of(erasure: Erasure) -> list[int]:
    """Ids of those who may confirm it: they hold the right for the customer, and did not ask themselves."""
    customer = erasure.customer
    return [
        person.pk
        for person in people_who_may("customer.confirm_erasure").exclude(pk=erasure.asked_by_id)
        if scope_of(person, "customer.confirm_erasure").reaches(
            unit_id=customer.unit_id,
            region_id=customer.region_id,
            person_id=customer.created_by_id,
            level_id=customer.level_id,
            has_customer=True,
        )
    ]
