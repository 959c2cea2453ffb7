"""Files of customers under a legal hold stay, whatever the rules say."""

from collections.abc import Sequence
from typing import Any

from django.db.models.functions import Lower

from onepoint.customers import phone_numbers
from onepoint.customers.lookup_keys import account_key
from onepoint.customers.models import ContactPerson, Customer, CustomerAccount
from onepoint.customers.retention import Standing, named, register_tie
from onepoint.customers.states import AccountKind


def _held_or_unseen(ids: set[int], locked: bool) -> set[int]:
    """Those of the customers under a hold, of their own or of a record they were merged with; or locked by others."""
    known: dict[int, tuple[int | None, str]] = {}
    wanted, seen = set(ids), set[int]()
    while wanted := wanted - seen:
        seen |= wanted
        own = Customer.objects.filter(pk__in=wanted).order_by("pk")
        if locked:  # a hold that is just being set is waited for by nobody: what it might be about stays
            own = own.select_for_update(skip_locked=True)
        columns = ("pk", "merged_into_id", "legal_hold")
        rows = [*own.values_list(*columns)]
        rows += Customer.objects.filter(merged_into__in=wanted).values_list(*columns)
        known |= {pk: (into, hold) for pk, into, hold in rows}
        wanted = {pk for pk, _into, _hold in rows} | {into for _pk, into, _hold in rows if into}
    survivors = {pk: _survivor(pk, known) for pk in {*ids, *known}}
    held = {survivors[pk] for pk, (_into, hold) in known.items() if hold}
    return {pk for pk in ids if survivors[pk] is None or survivors[pk] in held}


def _survivor(pk: int, known: dict[int, tuple[int | None, str]]) -> int | None:
    """The record a customer ended up in; None where one on the way there was not seen."""
    while pk in known:
        into = known[pk][0]
        if into is None:
            return pk
        pk = into
    return None


def _held_addresses(addresses: set[str]) -> set[str]:
    """Those that belong to a customer under a hold, or to one of the customer's contact persons."""
    keys: dict[str, set[str]] = {}
    for address in addresses:
        for key in (address, account_key(AccountKind.EMAIL, address), phone_numbers.normalise(address)):
            keys.setdefault(key, set()).add(address)
    accounts = CustomerAccount.objects.exclude(customer__legal_hold="").filter(value_key__in=keys)
    persons: Any = ContactPerson.objects.filter(customer__in=Customer.objects.exclude(legal_hold=""))
    found = set(accounts.values_list("value_key", flat=True))
    for phone, email in persons.values_list("phone_key", Lower("email")):
        found |= {phone, email}
    return {address for key in found if key for address in keys.get(key, ())}


def _let_held_stay(standings: Sequence[Standing], locked: bool) -> None:
    ids = named(standings, "customer")
    held = _held_or_unseen(ids, locked) if ids else set()
    addresses = named(standings, "address")
    held_addresses = _held_addresses(addresses) if addresses else set()
    for standing in standings:
        if standing.about["customer"] & held or standing.about["address"] & held_addresses:
            standing.stays = True


register_tie(20, _let_held_stay)
