"""Writes to the attention list."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from onepoint.accounts.models import User
from onepoint.core import audit, clock
from onepoint.core.errors import InvalidInput, require
from onepoint.customers import policies, signals
from onepoint.customers.models import AttentionEntry, Customer
from onepoint.customers.services.writing import as_facts, changed_fields, check, copy_with, save_if_unchanged, tidy


@transaction.atomic
def put_on_attention_list(
    customer: Customer,
    *,
    by: User | None,
    kind: str,
    reason: str,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> AttentionEntry:
    """Let everybody who meets the customer know; from today and without an end unless dates are given.

    Raises NotPermitted, CustomerNotInUse, InvalidInput.
    """
    require(policies.why_not_put_on_attention_list(customer, by))
    values = tidy({"kind": kind, "reason": reason, "starts_on": starts_on or clock.today(), "ends_on": ends_on})
    _check_dates(values["starts_on"], ends_on)
    entry = AttentionEntry(customer=customer, created_at=clock.now(), created_by=by, **values)
    check(entry)
    entry.save(force_insert=True)
    _tell(entry, "attention_added", by, kind=entry.kind)
    return entry


@transaction.atomic
def change_attention(
    entry: AttentionEntry,
    *,
    by: User | None,
    version: int,
    kind: str,
    reason: str,
    starts_on: date,
    ends_on: date | None,
) -> AttentionEntry:
    """Change an entry that still counts. Raises NotPermitted, NoLongerOnTheList, InvalidInput, SomebodyWasFaster."""
    require(policies.why_not_change_attention(entry, by))
    values = tidy({"kind": kind, "reason": reason, "starts_on": starts_on, "ends_on": ends_on})
    _check_dates(starts_on, ends_on)
    changes = changed_fields(entry, values)
    check(copy_with(entry, values))
    save_if_unchanged(entry, version, values)
    if changes:
        _tell(entry, "attention_changed", by, kind=entry.kind, changes=as_facts(changes, frozenset({"reason"})))
    return entry


@transaction.atomic
def take_off_attention_list(entry: AttentionEntry, *, by: User | None, version: int) -> None:
    """The entry no longer counts; it stays for the history. Raises NotPermitted, NoLongerOnTheList, SomebodyWasFaster."""
    require(policies.why_not_change_attention(entry, by))
    save_if_unchanged(entry, version, {"removed_at": clock.now(), "removed_by": by})
    _tell(entry, "attention_removed", by, kind=entry.kind)


def _check_dates(starts_on: date, ends_on: date | None) -> None:
    if ends_on is not None and ends_on < starts_on:
        raise InvalidInput({"ends_on": _("It ends before it begins.")})


def _tell(entry: AttentionEntry, verb: str, by: User | None, **facts: Any) -> None:
    """The reason stays out of the journal: the list has a permission of its own."""
    audit.record(f"customer.{verb}", by=by, subject_type="customer", subject_id=entry.customer_id, **facts)
    signals.customer_changed.send(Customer, customer=entry.customer, by=by, changes={"attention"})
