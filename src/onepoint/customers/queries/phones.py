"""Customers by the telephone number somebody calls from."""

from django.db.models import Q

from onepoint.accounts.models import User
from onepoint.customers.models import ContactPerson, Customer, CustomerAccount
from onepoint.customers.queries.records import customers_visible_to, with_accounts
from onepoint.customers.states import AccountStatus


def customers_of_phone(key: str, *, visible_to: User, limit: int = 12) -> list[Customer]:
    """Customers in use who have the number (normalised) as theirs or their contact person's, those in use first.

    Each carries ``shown_accounts``. Two queries, both by index.
    """
    own = CustomerAccount.objects.filter(value_key=key).exclude(status=AccountStatus.CLOSED).values("customer")
    spoken = ContactPerson.objects.filter(phone_key=key, is_active=True).exclude(phone_key="").values("customer")
    holders = Customer.objects.filter(Q(pk__in=own) | Q(pk__in=spoken), merged_into=None).values("pk")
    found = customers_visible_to(visible_to).filter(pk__in=holders, is_active=True)
    return list(with_accounts(found).order_by("name_key", "pk")[:limit])
