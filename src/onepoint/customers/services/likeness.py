"""Writes about records that may be one customer: comparing them, and noting that they are not."""

from django.db import transaction

from onepoint.accounts.models import User
from onepoint.core import audit, clock
from onepoint.core.errors import SomebodyWasFaster, require
from onepoint.customers import likeness, policies
from onepoint.customers.models import Customer, LikelyPair
from onepoint.customers.queries import likeness as queries
from onepoint.customers.states import Likeness, PairState

#: So many are locked while they are compared. Where very many are alike that takes 30 ms each, and whoever saves one waits.
BATCH = 40


def compare_all(*, by: User | None, most: int = 50_000) -> int:
    """Compare records changed since they were last compared, batch by batch, each its own transaction."""
    done = 0
    while done < most and (count := compare_customers(by=by)):
        done += count
    return done


@transaction.atomic
def compare_customers(*, by: User | None, limit: int = BATCH) -> int:
    """Look for records like some of those not yet compared; gives how many were looked at.

    Two workers at once take different ones. Only ``by`` None (the system) compares: it looks at the whole house.
    """
    require(policies.why_not_compare(by))
    waiting = Customer.objects.filter(is_compared=False).order_by("pk")
    ids = list(waiting.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True)[:limit])
    if not ids:
        return 0
    customers = list(Customer.objects.filter(pk__in=ids))
    places = queries.Places()
    for customer in customers:
        customer.name_form = likeness.name_form(customer.name, customer.kind, places.names(customer.region_id))
        customer.is_compared = True
    Customer.objects.bulk_update(customers, ["name_form", "is_compared"])
    _keep_pairs([customer for customer in customers if customer.is_active], places)
    gone = [customer.pk for customer in customers if not customer.is_active]
    LikelyPair.objects.filter(state=PairState.OPEN, first__in=gone).delete()
    LikelyPair.objects.filter(state=PairState.OPEN, second__in=gone).delete()
    return len(ids)


def _keep_pairs(customers: list[Customer], places: queries.Places) -> None:
    found = queries.likely_ones(customers, places)
    others = {pk for likely in found.values() for pk in likely}
    facts = {pk: id_key for pk, id_key in Customer.objects.filter(pk__in=others).values_list("pk", "id_key")}
    pairs: dict[tuple[int, int], LikelyPair] = {}
    for customer in customers:
        for other, likely in found[customer.pk].items():
            other_id = facts.get(other, "")
            ids_differ = bool(customer.id_key and other_id and customer.id_key != other_id)
            score = likeness.likelihood(likely.reasons, kind=customer.kind, ids_differ=ids_differ)
            if score >= likeness.WORTH_A_LOOK:
                first, second = sorted((customer.pk, other))
                reasons = [reason for reason in Likeness.values if reason in likely.reasons]
                pairs[first, second] = LikelyPair(
                    first_id=first, second_id=second, reasons=reasons, score=score, found_at=clock.now()
                )
    _drop_what_no_longer_holds([customer.pk for customer in customers], set(pairs))
    LikelyPair.objects.bulk_create(
        [pairs[key] for key in sorted(pairs)],
        update_conflicts=True,
        unique_fields=["first", "second"],
        update_fields=["reasons", "score"],  # what was decided stays decided
    )


def _drop_what_no_longer_holds(ids: list[int], kept: set[tuple[int, int]]) -> None:
    stale = []
    for side in ("first", "second"):
        rows = LikelyPair.objects.filter(state=PairState.OPEN, **{f"{side}__in": ids})
        stale += [pk for pk, first, second in rows.values_list("pk", "first", "second") if (first, second) not in kept]
    LikelyPair.objects.filter(pk__in=stale, state=PairState.OPEN).delete()


@transaction.atomic
def tell_apart(pair: LikelyPair, *, by: User | None) -> None:
    """Note that two records are not the same customer; they are not proposed again.

    Raises NotPermitted, SomebodyWasFaster.
    """
    require(policies.why_not_decide_pair(pair, by))
    decided = {"state": PairState.DIFFERENT, "decided_at": clock.now(), "decided_by": by}
    if not LikelyPair.objects.filter(pk=pair.pk, state=PairState.OPEN).update(**decided):
        raise SomebodyWasFaster
    for one, other in ((pair.first, pair.second), (pair.second, pair.first)):
        audit.record("customer.told_apart", by=by, subject_type="customer", subject_id=one.pk, other=other.number)


@transaction.atomic
def propose_again(pair: LikelyPair, *, by: User | None) -> None:
    """Put a pair that was told apart back on the worklist. Raises NotPermitted, SomebodyWasFaster."""
    require(policies.why_not_decide_pair(pair, by))
    again = {"state": PairState.OPEN, "decided_at": None, "decided_by": None}
    if not LikelyPair.objects.filter(pk=pair.pk, state=PairState.DIFFERENT).update(**again):
        raise SomebodyWasFaster
    for one, other in ((pair.first, pair.second), (pair.second, pair.first)):
        audit.record("customer.proposed_again", by=by, subject_type="customer", subject_id=one.pk, other=other.number)
