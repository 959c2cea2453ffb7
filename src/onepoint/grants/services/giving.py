"""Granting, deciding, settling, taking back.

Limits are counted under locks of the customer and the person, so that grants given at the same moment never exceed them
together.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.accounts.queries import own_keys, users_by_id
from onepoint.accounts.queries.superiors import deputies_of, people_answering
from onepoint.channels.models import Contact
from onepoint.core import audit, clock, live
from onepoint.core.errors import InvalidInput, SomebodyWasFaster, require
from onepoint.core.numbering import next_number
from onepoint.core.text import clean
from onepoint.customers.models import Customer
from onepoint.grants import limits, policies, queries, signals
from onepoint.grants.limits import Place, Used
from onepoint.grants.models import Authority, Grant, GrantKind
from onepoint.grants.services.auditing import queue_audit
from onepoint.grants.services.recording import record, tell
from onepoint.grants.states import TRANSITIONS, GrantState, GrantUnit
from onepoint.tickets.models import Ticket

HIGHEST = Decimal("9999999999")
#: So many of those who may approve are told.
MOST_TOLD = 30


@dataclass(frozen=True)
class NewGrant:
    """What somebody wants to grant. ``key`` names the filled-in form: sent twice, it grants once."""

    key: UUID
    kind: GrantKind
    amount: Decimal
    reason: str
    customer: Customer | None
    ticket: Ticket | None = None
    contact: Contact | None = None


def _lock(*names: str) -> None:
    """Let whoever counts the same limits wait until this transaction has ended."""
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def _lock_limits(customer: Customer, kind: GrantKind, *person_ids: int) -> None:
    """Let everybody who counts the same limits end first; always in the same order, so that nobody waits in a circle."""
    people = [f"grants:person:{person_id}:{kind.pk}" for person_id in sorted(set(person_ids))]
    _lock(f"grants:customer:{customer.pk}:{kind.pk}", *people)


def _used(customer: Customer, kind: GrantKind, person_id: int) -> Used:
    """What is used of the limits; the caller holds their locks."""
    month = limits.given_to_customer(customer, [kind.pk])
    day = limits.given_by_person(person_id, [kind.pk])
    return Used(month.get(kind.pk, Decimal()), day.get(kind.pk, Decimal()))


def _checked(new: NewGrant) -> NewGrant:
    errors = {}
    amount = new.amount
    if not amount.is_finite() or not 0 < amount < HIGHEST:
        errors["amount"] = _("Please give an amount above zero.")
    elif amount != amount.quantize(Decimal("0.01")):
        errors["amount"] = _("At most two decimals.")
    elif new.kind.unit == GrantUnit.COUNT and amount != amount.to_integral_value():
        errors["amount"] = _("Please give a whole number.")
    if not new.kind.is_active:
        errors["kind"] = _("This kind is out of use.")
    if not clean(new.reason):
        errors["reason"] = _("Please give a reason.")
    if new.customer is None:
        errors["customer"] = _("Only a known customer can be granted something. Please register the customer first.")
    if errors:
        raise InvalidInput(errors)
    return new


def give_grant(new: NewGrant, *, by: User) -> Grant:
    """Grant on the spot what the person's authority covers; what is above it waits for approval.

    The same ``key`` again gives the grant made the first time. Raises NotPermitted, InvalidInput, NobodyMayApprove.
    """
    require(policies.why_not_give(by))
    _checked(new)
    try:
        return _give(new, by)
    except IntegrityError:
        if existing := queries.already_given(new.key):
            return existing
        raise


@transaction.atomic
def _give(new: NewGrant, by: User) -> Grant:
    _lock(f"grants:form:{new.key}")
    if existing := queries.already_given(new.key):
        return existing
    assert new.customer is not None
    place = queries.place_of(new.customer, new.ticket, new.contact, by=by)
    rows = limits.authorities_in_force(new.kind)
    _lock_limits(new.customer, new.kind, by.pk)
    used = _used(new.customer, new.kind, by.pk)
    own = limits.rows_answered(rows, place, own_keys(by))
    authority = next((row for row in own if limits.covers(row, new.amount, used)), None)
    keys = [] if authority else _keys_of_approvers(rows, replace(place, unit=by.unit), new.amount, used, by)
    now = clock.now()
    grant = Grant(
        number=next_number("SQ"), key=new.key, kind=new.kind, customer=new.customer, ticket=new.ticket,
        contact=new.contact, category=place.category, region=place.region, unit=by.unit, amount=new.amount,
        reason=clean(new.reason)[:500], granted_by=by, given_at=now, needs_approval=authority is None,
        state=GrantState.GRANTED if authority else GrantState.WAITING, approver_keys=keys, authority=authority,
        decided_by=by if authority else None, decided_at=now if authority else None,
        effective_at=now if authority else None,
    )  # fmt: skip
    grant.save(force_insert=True)
    record("grant.given" if authority else "grant.asked", grant, by=by, reason=grant.reason)
    if authority:
        queue_audit(grant)
    else:
        _ask(grant, by)
    signals.grant_given.send(sender=Grant, grant=grant, by=by)
    return grant


def _keys_of_approvers(rows: list[Authority], place: Place, amount: Decimal, used: Used, by: User) -> list[str]:
    """The candidate keys of the roles whose authority covers it; somebody else than the granter must hold one."""
    higher = [row for row in limits.rows_of_roles(rows, place) if limits.covers(row, amount, Used(used.month))]
    keys = sorted({key for row in higher for key in limits.keys_of_role(row.role, place)})
    if set(people_answering(keys, MOST_TOLD)) <= {by.pk}:
        raise policies.NobodyMayApprove
    return keys


def _ask(grant: Grant, by: User) -> None:
    people = people_answering(grant.approver_keys, MOST_TOLD)
    tell("grant.waiting", grant, {*people, *deputies_of(people)}, key="asked", by=by, reason=grant.reason)
    live.publish(grant.approver_keys, "todo", grant=grant.pk)


def _locked(grant: Grant) -> Grant:
    rows = Grant.objects.select_for_update(of=("self",))
    return rows.select_related("kind", "customer__level", "category", "region", "unit", "ticket").get(pk=grant.pk)


def _move(grant: Grant, verb: str, **values: object) -> None:
    """Compare and set: whoever comes second is told so."""
    transition = TRANSITIONS[verb]
    changes = {"state": transition.target, **values}
    moved = Grant.objects.filter(pk=grant.pk, state__in=transition.sources).update(**changes)
    if not moved:
        raise SomebodyWasFaster
    for name, value in changes.items():
        setattr(grant, name, value)


@transaction.atomic
def approve_grant(grant: Grant, *, words: str = "", by: User) -> Grant:
    """Let a grant above the granter's authority hold, within one's own or that of whom one stands in for.

    Raises NotPermitted, NotYourDecision, OwnGrant, GrantStateForbids, AboveYourAuthority.
    """
    grant = _locked(grant)
    require(policies.why_not_decide(grant, by))
    principal_id, authority = _covering(grant, by)
    now = clock.now()
    with audit.acting_for(principal_id):
        said = clean(words)[:500]
        _move(
            grant, "approve", decided_by=by, on_behalf_of_id=principal_id, decided_at=now, effective_at=now, decision=said,
            authority=authority,
        )  # fmt: skip
        record("grant.approved", grant, by=by, words=said)
        queue_audit(grant)
        _tell_decision(grant, by)
    signals.grant_decided.send(sender=Grant, grant=grant, by=by)
    return grant


def _covering(grant: Grant, by: User) -> tuple[int | None, Authority]:
    """In whose name and by which authority a grant is approved. Raises AboveYourAuthority."""
    rows = limits.authorities_in_force(grant.kind)
    place = limits.place_of(grant)
    # In one's own name first; whoever asked for it can be nobody's principal here.
    names = [name for name in policies.deciders_of(grant, by) if name != grant.granted_by_id]
    found: list[Authority] = []
    absentees = users_by_id([name for name in names if name is not None])
    people = [by if name is None else absentees[name] for name in names]
    _lock_limits(grant.customer, grant.kind, *(person.pk for person in people))
    for name, person in zip(names, people, strict=True):
        used = _used(grant.customer, grant.kind, person.pk)
        answered = limits.rows_answered(rows, place, own_keys(person))
        found += answered
        if authority := next((row for row in answered if limits.covers(row, grant.amount, used)), None):
            return name, authority
    raise policies.AboveYourAuthority(limits=_limits_in_words(found))


def _limits_in_words(rows: list[Authority]) -> str:
    parts = []
    for row in rows:
        parts.append(_("%(amount)s per grant") % {"amount": row.spoken_amount})
        if row.customer_month is not None:
            parts.append(_("%(amount)s per customer and month") % {"amount": row.spoken_month})
        if row.agent_day is not None:
            parts.append(_("%(amount)s per person and day") % {"amount": row.spoken_day})
    return ", ".join(dict.fromkeys(parts)) or _("none")


@transaction.atomic
def refuse_grant(grant: Grant, *, words: str, by: User) -> Grant:
    """Turn down what was asked for, with the reason. Raises as approve_grant, InvalidInput."""
    grant = _locked(grant)
    require(policies.why_not_decide(grant, by, "refuse"))
    said = clean(words)[:500]
    if not said:
        raise InvalidInput({"words": _("Please give a reason.")})
    names = [name for name in policies.deciders_of(grant, by) if name != grant.granted_by_id]
    with audit.acting_for(names[0]):
        _move(grant, "refuse", decided_by=by, on_behalf_of_id=names[0], decided_at=clock.now(), decision=said)
        record("grant.refused", grant, by=by, words=said)
        _tell_decision(grant, by)
    signals.grant_decided.send(sender=Grant, grant=grant, by=by)
    return grant


def _tell_decision(grant: Grant, by: User) -> None:
    event = "grant.approved" if grant.state == GrantState.APPROVED else "grant.refused"
    tell(event, grant, [grant.granted_by_id], key="decided", by=by, words=grant.decision)
    live.publish([*grant.approver_keys, f"P{grant.granted_by_id}"], "todo", grant=grant.pk)


@transaction.atomic
def settle_grant(grant: Grant, *, voucher: str, by: User | None) -> Grant:
    """Note that the customer got it, under a voucher number: once for each grant, and one grant for each voucher.

    Raises NotPermitted, OwnGrant, GrantStateForbids, InvalidInput.
    """
    grant = _locked(grant)
    require(policies.why_not_settle(grant, by))
    number = clean(voucher)[:60]
    if not number:
        raise InvalidInput({"voucher": _("Please give the voucher number.")})
    _lock(f"grants:voucher:{number}")
    if Grant.objects.filter(voucher=number).exists():
        raise InvalidInput({"voucher": _("Another grant was settled with this voucher number.")})
    _move(grant, "settle", settled_by=by, settled_at=clock.now(), voucher=number)
    record("grant.settled", grant, by=by, voucher=number)
    tell("grant.settled", grant, [grant.granted_by_id], key="settled", by=by, voucher=number)
    signals.grant_settled.send(sender=Grant, grant=grant, by=by)
    return grant


@transaction.atomic
def cancel_grant(grant: Grant, *, reason: str, by: User | None) -> Grant:
    """Take a grant back before it is settled; the limits are free again. Raises NotYourGrant, GrantStateForbids, InvalidInput."""
    grant = _locked(grant)
    require(policies.why_not_cancel(grant, by))
    said = clean(reason)[:500]
    if not said:
        raise InvalidInput({"reason": _("Please give a reason.")})
    was_waiting = grant.state == GrantState.WAITING
    _move(grant, "cancel")
    record("grant.cancelled", grant, by=by, reason=said)
    tell("grant.cancelled", grant, [grant.granted_by_id], key="cancelled", by=by, reason=said)
    if was_waiting:
        live.publish(grant.approver_keys, "todo", grant=grant.pk)
    signals.grant_cancelled.send(sender=Grant, grant=grant, by=by)
    return grant
