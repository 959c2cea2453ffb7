"""Whose an e-mail address is, for the house itself: no scope."""

from onepoint.core.search_keys import squeeze
from onepoint.customers.lookup_keys import account_key
from onepoint.customers.models import ContactPerson, Customer, CustomerAccount
from onepoint.customers.states import AccountKind

_LOOKED_AT = 20


def customers_of_email(address: str) -> list[Customer]:
    """The customers who have this address themselves or by a contact person; few, the oldest record first."""
    key = account_key(AccountKind.EMAIL, address)
    if "@" not in key:
        return []
    own = CustomerAccount.objects.filter(kind=AccountKind.EMAIL, value_key=key, customer__merged_into=None)
    ids = set(own.values_list("customer", flat=True)[:_LOOKED_AT])
    # Persons' addresses have no index of their own: the customer's keys hold them.
    likely = Customer.objects.filter(search_keys__contains=[squeeze(address)[:80]], merged_into=None)
    likely_ids = list(likely.values_list("pk", flat=True)[:_LOOKED_AT])
    persons = ContactPerson.objects.filter(customer__in=likely_ids, is_active=True, email__iexact=address)
    ids |= set(persons.values_list("customer", flat=True))
    return list(Customer.objects.filter(pk__in=ids).order_by("pk"))


def has_email(customer: Customer, address: str) -> bool:
    """Whether the address is the customer's or one of his contact persons'."""
    key = account_key(AccountKind.EMAIL, address)
    own = CustomerAccount.objects.filter(customer=customer, kind=AccountKind.EMAIL, value_key=key)
    return own.exists() or ContactPerson.objects.filter(customer=customer, email__iexact=address).exists()
