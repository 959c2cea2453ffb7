"""Reads of records that may be one customer."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import connection
from django.db.models import Count, Q, QuerySet

from onepoint.accounts.models import Region, User
from onepoint.accounts.scope import scope_of
from onepoint.accounts.states import RegionKind
from onepoint.core import clock
from onepoint.customers import likeness
from onepoint.customers.models import Asset, ContactPerson, Customer, CustomerAccount, CustomerMerge, LikelyPair
from onepoint.customers.states import AccountStatus, CustomerKind, Likeness, PairState

#: How long a merge can be undone.
UNDO_PERIOD = timedelta(days=1)

# One look-up per key by index, each cut off where a number is held by too many; closed and retired rows do not count.
_HOLDERS = """
SELECT wanted.key, holder.customer_id
FROM unnest(%(keys)s::text[]) AS wanted(key)
CROSS JOIN LATERAL (
    {source} LIMIT %(limit)s
) AS holder
"""
_BY_ACCOUNT = """
    SELECT a.customer_id FROM customers_customeraccount a JOIN customers_customer c ON c.id = a.customer_id AND c.is_active
    WHERE a.value_key = wanted.key AND a.status <> 'closed'"""
_BY_PERSON = """
    SELECT p.customer_id FROM customers_contactperson p JOIN customers_customer c ON c.id = p.customer_id AND c.is_active
    WHERE p.phone_key = wanted.key AND p.phone_key <> '' AND p.is_active"""
_BY_SERIAL = """
    SELECT a.customer_id FROM customers_asset a JOIN customers_customer c ON c.id = a.customer_id AND c.is_active
    WHERE a.serial_key = wanted.key AND a.serial_key <> '' AND a.is_active"""
_BY_ID = """
    SELECT c.id AS customer_id FROM customers_customer c
    WHERE c.id_key = wanted.key AND c.id_key <> '' AND c.is_active"""


@dataclass
class Likely:
    """One record found to be like another, and why."""

    customer_id: int
    reasons: set[str] = field(default_factory=set)


class Places:
    """The tree of regions, read once: what a place is called with those above it, and what lies in the same city."""

    def __init__(self) -> None:
        self._regions = {region.pk: region for region in Region.objects.only("pk", "path", "kind", "name")}

    def _way(self, region_id: int) -> list[Region]:
        return [self._regions[int(part)] for part in self._regions[region_id].path.strip("/").split("/")]

    def names(self, region_id: int) -> list[str]:
        """The names from the province down to the region."""
        return [region.name for region in self._way(region_id)]

    def same_city(self, region_id: int) -> list[int]:
        """The city the region lies in with all of its regions; of a region outside cities itself and those below."""
        way = self._way(region_id)
        top = next((region for region in way if region.kind == RegionKind.CITY), way[-1])
        return [region.pk for region in self._regions.values() if region.path.startswith(top.path)]


def _holders(source: str, keys: Iterable[str]) -> dict[str, list[int]]:
    """Key → the records that hold it; keys held by too many are left out."""
    wanted = sorted({key for key in keys if key})
    if not wanted:
        return {}
    found: dict[str, list[int]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_HOLDERS.format(source=source), {"keys": wanted, "limit": 2 * likeness.SHARED_BY_TOO_MANY})
        for key, customer_id in cursor.fetchall():
            if customer_id not in found[key]:
                found[key].append(customer_id)
    return {key: ids for key, ids in found.items() if len(ids) <= likeness.SHARED_BY_TOO_MANY}


def _keys_of(model: type, column: str, ids: Sequence[int], condition: Q) -> dict[int, set[str]]:
    keys: dict[int, set[str]] = defaultdict(set)
    rows = model.objects.filter(condition, customer__in=ids).exclude(**{column: ""})  # type: ignore[attr-defined]
    for customer_id, key in rows.values_list("customer_id", column):
        keys[customer_id].add(key)
    return keys


def likely_ones(customers: Sequence[Customer], places: Places) -> dict[int, dict[int, Likely]]:
    """For each of some records the others that may be the same customer, by id; whoever asks: the whole house counts."""
    ids = [customer.pk for customer in customers]
    phones = _keys_of(CustomerAccount, "value_key", ids, ~Q(status=AccountStatus.CLOSED))
    for customer_id, keys in _keys_of(ContactPerson, "phone_key", ids, Q(is_active=True)).items():
        phones[customer_id] |= keys
    phones = {pk: {key for key in keys if len(key) >= likeness.SHORTEST_PHONE_KEY} for pk, keys in phones.items()}
    serials = _keys_of(Asset, "serial_key", ids, Q(is_active=True))
    id_keys = {customer.pk: {customer.id_key} for customer in customers if customer.id_key}
    found: dict[int, dict[int, Likely]] = {pk: {} for pk in ids}
    for own_keys, sources, reason in (
        (phones, (_BY_ACCOUNT, _BY_PERSON), Likeness.PHONE),
        (serials, (_BY_SERIAL,), Likeness.SERIAL),
        (id_keys, (_BY_ID,), Likeness.ID_NUMBER),
    ):
        for source in sources:
            holders = _holders(source, (key for keys in own_keys.values() for key in keys))
            for customer_id, keys in own_keys.items():
                _note(found[customer_id], customer_id, (pk for key in keys for pk in holders.get(key, [])), reason)
    for customer in customers:
        _note_names(found[customer.pk], customer, places)
    return found


def _note(found: dict[int, Likely], own_id: int, others: Iterable[int], reason: str) -> None:
    for other in others:
        if other != own_id:
            found.setdefault(other, Likely(other)).reasons.add(reason)


def _note_names(found: dict[int, Likely], customer: Customer, places: Places) -> None:
    """Names that sound alike in the same city; of people only where the address is alike too."""
    if not customer.name_form:
        return
    rows = (
        Customer.objects.active()
        .filter(name_form=customer.name_form, region__in=places.same_city(customer.region_id), kind=customer.kind)
        .exclude(pk=customer.pk)
        .order_by("-pk")
        .values_list("pk", "address")[: likeness.NAMES_COMPARED]
    )
    for pk, address in rows:
        similar = likeness.is_similar_address(customer.address, address)
        if similar or customer.kind == CustomerKind.COMPANY or pk in found:
            reasons = {Likeness.NAME, Likeness.ADDRESS} if similar else {Likeness.NAME}
            found.setdefault(pk, Likely(pk)).reasons.update(reasons)


def pairs_visible_to(user: User) -> QuerySet[LikelyPair]:
    """Pairs of which the person may see both records."""
    scope = scope_of(user, "customer.merge")
    both = Q()
    for side in ("first", "second"):
        condition = scope.by_unit_and_region(
            unit=f"{side}__unit", region=f"{side}__region", person=f"{side}__created_by"
        )
        both &= condition
    pairs = LikelyPair.objects.filter(both)
    return pairs.select_related("first__region", "first__level", "second__region", "second__level", "decided_by")


def filtered_pairs(*, visible_to: User, state: str = PairState.OPEN, reason: str = "") -> QuerySet[LikelyPair]:
    """Pairs of the worklist."""
    pairs = pairs_visible_to(visible_to).filter(state=state)
    if state == PairState.OPEN:
        pairs = pairs.filter(first__is_active=True, second__is_active=True)
    return pairs.filter(reasons__contains=[reason]) if reason else pairs


def find_pair(pair_id: int, *, visible_to: User) -> LikelyPair | None:
    return pairs_visible_to(visible_to).filter(pk=pair_id).first()


def open_pairs_of(customer: Customer, *, visible_to: User, limit: int = 5) -> list[LikelyPair]:
    """Records that may be the same as this one, the likeliest first; for its page."""
    pairs = filtered_pairs(visible_to=visible_to).filter(Q(first=customer) | Q(second=customer))
    return list(pairs.order_by("-score", "-pk")[:limit])


def merges_of(customer: Customer) -> list[CustomerMerge]:
    """Merges in which the record was kept and that still hold, newest first."""
    merges = customer.merges.filter(undone_at=None).select_related("merged", "by")
    return list(merges.order_by("-pk"))


def find_merge(merge_id: int, *, visible_to: User) -> CustomerMerge | None:
    """A merge whose kept record the person may see."""
    visible = Customer.objects.visible_to(visible_to)
    merges = CustomerMerge.objects.select_related("survivor__region", "merged__region", "by")
    return merges.filter(pk=merge_id, survivor__in=visible).first()


def merge_by_id(merge_id: int) -> CustomerMerge | None:
    """A merge for the system itself (jobs); no scope."""
    return CustomerMerge.objects.select_related("survivor", "merged", "by").filter(pk=merge_id).first()


def merged_ones(customer: Customer) -> list[tuple[int, str]]:
    """Id and number of every record this one took up, also by way of another; usually one query."""
    found: list[tuple[int, str]] = []
    level = [customer.pk]
    while level:
        rows = list(Customer.objects.filter(merged_into__in=level).order_by("pk").values_list("pk", "number"))
        found += rows
        level = [pk for pk, _number in rows]
    return found


def merged_numbers(customer: Customer) -> list[str]:
    return [number for _pk, number in merged_ones(customer)]


def find_successor(customer: Customer, *, visible_to: User) -> Customer | None:
    """The record that stands for a merged one today, if the person may see it."""
    seen = {customer.pk}
    while customer.merged_into_id and customer.merged_into_id not in seen:
        seen.add(customer.merged_into_id)
        customer = Customer.objects.get(pk=customer.merged_into_id)
    return Customer.objects.visible_to(visible_to).filter(pk=customer.pk).first()


def can_be_undone(merge: CustomerMerge) -> bool:
    return merge.undone_at is None and clock.now() - merge.at <= UNDO_PERIOD


def size_of(customer: Customer) -> dict[str, int]:
    """How much hangs on a record within its own capability, to help choosing which one to keep."""
    counts = Customer.objects.filter(pk=customer.pk).aggregate(
        accounts=Count("accounts", distinct=True),
        assets=Count("assets", distinct=True),
        contact_persons=Count("contact_persons", distinct=True),
    )
    return dict(counts)
