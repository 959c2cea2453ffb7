"""Erasing a customer: asked for by one person, confirmed by another, carried out by a job in batches."""

from django.db import transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core import audit, clock, jobs
from onepoint.core.errors import InvalidInput, require
from onepoint.core.text import clean
from onepoint.customers import erasing, phone_numbers, policies, queries, signals
from onepoint.customers.erasing import Erased, Holding
from onepoint.customers.known_values import KnownValues, pattern_of
from onepoint.customers.models import Customer, Erasure
from onepoint.customers.services.writing import check, save_if_unchanged
from onepoint.customers.states import AccountKind, ErasureState

MOST_WORDS = 300
_PROGRESS = ["state", "known", "step", "last_id", "is_proving", "looked_at", "changed", "finished_at"]


@transaction.atomic
def set_legal_hold(customer: Customer, *, reason: str, version: int, by: User | None) -> None:
    """Keep a customer from being erased, with the reason; an empty one lifts the hold.

    Raises NotPermitted, OutsideYourScope, CustomerErased, SomebodyWasFaster.
    """
    require(policies.why_not_hold(customer, by))
    words = clean(reason)[:MOST_WORDS]
    if words == customer.legal_hold:
        return
    save_if_unchanged(customer, version, {"legal_hold": words})
    verb = "customer.hold_set" if words else "customer.hold_lifted"
    audit.record(verb, by=by, subject_type="customer", subject_id=customer.pk, reason=words)


@transaction.atomic
def ask_for_erasure(customer: Customer, *, reason: str, by: User) -> Erasure:
    """Ask that a customer be erased; somebody else decides. Raises NotPermitted, OutsideYourScope, CustomerErased,
    NotErasable with everything that stands against it, ErasureUnderWay, InvalidInput.
    """
    Customer.objects.select_for_update().only("pk").get(pk=customer.pk)
    require(policies.why_not_ask_for_erasure(customer, by))
    words = clean(reason)[:MOST_WORDS]
    if not words:
        raise InvalidInput({"reason": _("Please say who asked for it and how.")})
    erasure = Erasure(customer=customer, reason=words, asked_at=clock.now(), asked_by=by)
    check(erasure)
    erasure.save(force_insert=True)
    audit.record("customer.erasure_asked", by=by, subject_type="customer", subject_id=customer.pk, reason=words)
    signals.erasure_asked.send(Erasure, erasure=erasure)
    return erasure


@transaction.atomic
def refuse_erasure(erasure: Erasure, *, by: User) -> None:
    """Not to be done, or taken back by whoever asked. Raises NotPermitted, OutsideYourScope, ErasureNotWaiting."""
    require(policies.why_not_refuse_erasure(erasure, by))
    waiting = Erasure.objects.filter(pk=erasure.pk, state=ErasureState.ASKED)
    if not waiting.update(state=ErasureState.REFUSED, decided_at=clock.now(), decided_by=by):
        raise policies.ErasureNotWaiting
    audit.record("customer.erasure_refused", by=by, subject_type="customer", subject_id=erasure.customer_id)
    _tell_decision(erasure, by)


@transaction.atomic
def confirm_erasure(erasure: Erasure, *, by: User) -> None:
    """Let it be done: from here on there is no way back. Raises as :func:`ask_for_erasure`, and NotYourOwnErasure."""
    customer = Customer.objects.select_for_update().get(pk=erasure.customer_id)
    require(policies.why_not_confirm_erasure(erasure, by))
    known = known_values([customer.pk, *(pk for pk, _number in queries.merged_ones(customer))])
    waiting = Erasure.objects.filter(pk=erasure.pk, state=ErasureState.ASKED)
    if not waiting.update(state=ErasureState.RUNNING, decided_at=clock.now(), decided_by=by, known=known.as_json()):
        raise policies.ErasureNotWaiting
    audit.record("customer.erasure_confirmed", by=by, subject_type="customer", subject_id=customer.pk)
    _tell_decision(erasure, by)
    jobs.defer("customers.erase_customer", lock=f"erasure:{erasure.pk}", erasure=erasure.pk)


def _tell_decision(erasure: Erasure, by: User) -> None:
    erasure.refresh_from_db(fields=["state", "decided_at", "decided_by"])
    signals.erasure_decided.send(Erasure, erasure=erasure, by=by)


def known_values(ids: list[int]) -> KnownValues:
    """Every value that names these records now."""
    known = KnownValues()
    for customer in Customer.objects.filter(pk__in=ids):
        known.names += [customer.name, customer.name_en]
        known.others += [customer.id_number, customer.address, customer.external_number]
    for kind, value, key in queries.account_values(ids):
        if kind == AccountKind.EMAIL:
            known.emails += [value, key]
        elif kind in (AccountKind.MOBILE, AccountKind.LANDLINE):
            known.phones += [value, key]
        else:
            known.others.append(value)
        known.addresses += [value, key]
    for name, phone, email in queries.contact_persons_with_names(ids):
        known.names.append(name)
        known.phones.append(phone)
        known.emails.append(email)
        known.addresses += [phone, email, phone_numbers.normalise(phone)]
    for serial, contract, address in queries.asset_values(ids):
        known.others += [serial, contract, address]
    known.add(erasing.further_values(ids))
    return known.tidy()


def run_erasure(erasure_id: int, *, by: None, most_batches: int | None = None) -> None:
    """Do the batches that are left; nothing where it is done. Killed anywhere it goes on after the last whole batch."""
    count = 0
    while (most_batches is None or count < most_batches) and _next_batch(erasure_id):
        count += 1


def resume_erasures(*, by: None) -> int:
    """Go on with what a killed worker left."""
    waiting = list(Erasure.objects.filter(state=ErasureState.RUNNING).order_by("pk").values_list("pk", flat=True))
    for pk in waiting:
        run_erasure(pk, by=by)
    return len(waiting)


@transaction.atomic
def _next_batch(erasure_id: int) -> bool:
    """One batch and how far it came, together. False when all is done or somebody else is at it."""
    erasure = Erasure.objects.select_for_update(skip_locked=True).filter(pk=erasure_id).first()
    if erasure is None or erasure.state != ErasureState.RUNNING:
        return False
    known = KnownValues.from_json(erasure.known)
    ids = [erasure.customer_id, *(pk for pk, _number in queries.merged_ones(Customer(pk=erasure.customer_id)))]
    erased = Erased(ids, known.addresses)
    steps = erasing.holdings()
    place = next((index for index, holding in enumerate(steps) if holding.code == erasure.step), 0)
    batch = erasing.erase_batch(steps[place], erased, pattern_of(known), erasure.last_id)
    erasure.looked_at += batch.looked_at
    erasure.changed += batch.changed
    erasure.step, erasure.last_id = steps[place].code, batch.last_id
    if batch.changed and erasure.is_proving:
        erasure.is_proving = False  # written meanwhile: gone through once more from the beginning
        erasure.step, erasure.last_id = steps[0].code, 0
    elif batch.is_last:
        _turn_to_next(erasure, steps, place)
    erasure.save(update_fields=_PROGRESS)  # its reason may just have been marked
    return erasure.state == ErasureState.RUNNING


def _turn_to_next(erasure: Erasure, steps: list[Holding], place: int) -> None:
    erasure.last_id = 0
    if place + 1 < len(steps):
        erasure.step = steps[place + 1].code
    elif not erasure.is_proving:
        erasure.is_proving, erasure.step, erasure.looked_at = True, steps[0].code, 0
    else:
        _finish(erasure)


def _finish(erasure: Erasure) -> None:
    """The values are forgotten too."""
    erasure.state, erasure.known, erasure.step, erasure.finished_at = ErasureState.DONE, "", "", clock.now()
    audit.record(
        "customer.erased", by=None, subject_type="customer", subject_id=erasure.customer_id,
        looked_at=erasure.looked_at, changed=erasure.changed,
    )  # fmt: skip
    customer = Customer.objects.get(pk=erasure.customer_id)
    signals.customer_changed.send(Customer, customer=customer, by=None, changes={"name"})
