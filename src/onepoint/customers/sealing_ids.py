"""ID numbers of customers sealed anew, with the fingerprints they are found by: after a change of the secret key."""

from collections.abc import Iterator

from django.db import connection, transaction

from onepoint.core.sealed_fields import seal_text, unseal_text
from onepoint.customers import lookup_keys

BATCH = 2000
_READ = """
SELECT id, id_number, id_key FROM customers_customer
WHERE id > %s AND id_number <> '' ORDER BY id LIMIT %s FOR NO KEY UPDATE
"""
_WRITE = """
UPDATE customers_customer AS customer
SET id_number = fresh.id_number, id_key = fresh.id_key,
    search_keys = array_append(array_remove(array_remove(customer.search_keys, fresh.old_key), fresh.id_key), fresh.id_key)
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) AS fresh (id, id_number, old_key, id_key)
WHERE customer.id = fresh.id
"""


def seal_id_numbers() -> Iterator[int]:
    """Batch by batch, each in a transaction of its own; numbers that stand there unsealed are sealed too."""
    last = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_READ, [last, BATCH])
            rows = cursor.fetchall()
            if not rows:
                return
            plain = [unseal_text(stored) for _pk, stored, _key in rows]
            cursor.execute(
                _WRITE,
                [
                    [pk for pk, _stored, _key in rows],
                    [seal_text(number) for number in plain],
                    [key[:80] for _pk, _stored, key in rows],
                    [lookup_keys.id_key(number) for number in plain],
                ],
            )
        last = rows[-1][0]
        yield len(rows)
