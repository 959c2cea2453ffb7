"""Reads of households and companies."""

from django.db import connection

from onepoint.accounts.models import User
from onepoint.customers.models import Customer

#: More than this is not drawn on a page.
LARGEST_TREE = 500

_TREE = """
WITH RECURSIVE above(id, parent_id, height) AS (
    SELECT id, parent_id, 0 FROM customers_customer WHERE id = %(id)s
    UNION ALL SELECT c.id, c.parent_id, height + 1 FROM customers_customer c JOIN above ON c.id = above.parent_id
    WHERE height < 50
), below(id, depth) AS (
    (SELECT id, 0 FROM above ORDER BY height DESC LIMIT 1)
    UNION ALL SELECT c.id, depth + 1 FROM customers_customer c JOIN below ON c.parent_id = below.id
    WHERE depth < 50
)
SELECT id FROM below ORDER BY depth, id LIMIT %(limit)s
"""


def ids_of_tree(customer: Customer) -> list[int]:
    """The whole household or company a record belongs to, the one on top first; only itself where it has none."""
    with connection.cursor() as cursor:
        cursor.execute(_TREE, {"id": customer.pk, "limit": LARGEST_TREE})
        return [pk for (pk,) in cursor.fetchall()]


def tree_of(customer: Customer, *, visible_to: User) -> list[Customer]:
    """The records of the household or company within the person's scope, parents before children; empty without one."""
    ids = ids_of_tree(customer)
    if len(ids) < 2:
        return []
    rows = Customer.objects.visible_to(visible_to).filter(pk__in=ids).select_related("region")
    order = {pk: place for place, pk in enumerate(ids)}
    return sorted(rows, key=lambda row: order[row.pk])
