"""Households and companies: which record belongs to which."""

from django.db import connection, transaction

from onepoint.accounts.models import User
from onepoint.core import audit
from onepoint.core.errors import InvalidInput, require
from onepoint.customers import policies, signals
from onepoint.customers.models import Customer
from onepoint.customers.services.writing import check, copy_with, save_if_unchanged

_ABOVE = """
WITH RECURSIVE above(id, parent_id) AS (
    SELECT id, parent_id FROM customers_customer WHERE id = %s
    UNION SELECT c.id, c.parent_id FROM customers_customer c JOIN above ON c.id = above.parent_id
)
SELECT EXISTS (SELECT 1 FROM above WHERE id = %s)
"""


def lock_tree() -> None:
    """One change of place at a time: two moves at once could otherwise close a circle that neither of them saw."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('customers.tree', 0))")


def stands_below(customer_id: int | None, other_id: int) -> bool:
    """Whether ``customer_id`` is ``other_id`` or stands somewhere below it."""
    if customer_id is None:
        return False
    with connection.cursor() as cursor:
        cursor.execute(_ABOVE, [customer_id, other_id])
        return bool(cursor.fetchone()[0])


@transaction.atomic
def place_customer(
    customer: Customer, *, by: User | None, version: int, parent: Customer, member_kind: str
) -> Customer:
    """Note that the record belongs to a household or company as ``member_kind``.

    Raises NotPermitted, CustomerNotInUse, StandsBelowItself, InvalidInput, SomebodyWasFaster.
    """
    require(policies.why_not_add_to_customer(customer, by))
    lock_tree()
    parent = Customer.objects.select_for_update(no_key=True).get(pk=parent.pk)
    require(policies.why_not_stand_below(customer, parent, by))
    if not member_kind:
        raise InvalidInput({"member_kind": Customer._meta.get_field("member_kind").error_messages["blank"]})
    if stands_below(parent.pk, customer.pk):
        raise policies.StandsBelowItself(name=customer.name)
    values = {"parent": parent, "member_kind": member_kind}
    check(copy_with(customer, values))
    save_if_unchanged(customer, version, values)
    for one, other, verb in ((customer, parent, "placed"), (parent, customer, "member_added")):
        audit.record(f"customer.{verb}", by=by, subject_type="customer", subject_id=one.pk, other=other.number,
                     other_name=other.name, member_kind=member_kind)  # fmt: skip
    signals.customer_changed.send(Customer, customer=customer, by=by, changes={"parent"})
    return customer


@transaction.atomic
def take_out_customer(customer: Customer, *, by: User | None, version: int) -> Customer:
    """Note that the record belongs to nobody any more. Raises NotPermitted, CustomerNotInUse, SomebodyWasFaster."""
    require(policies.why_not_add_to_customer(customer, by))
    former = customer.parent
    save_if_unchanged(customer, version, {"parent": None, "member_kind": ""})
    if former is not None:
        for one, other, verb in ((customer, former, "taken_out"), (former, customer, "member_removed")):
            audit.record(f"customer.{verb}", by=by, subject_type="customer", subject_id=one.pk, other=other.number,
                         other_name=other.name)  # fmt: skip
        signals.customer_changed.send(Customer, customer=customer, by=by, changes={"parent"})
    return customer
