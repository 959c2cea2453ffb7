"""What ``./onepoint verify`` proves of customers: sealed ID numbers can be read, and are found by what they say."""

from django.db import connection

from onepoint.core.sealed_fields import is_sealed, unseal_text
from onepoint.core.sealing import SealBroken
from onepoint.core.verifying import Report, count_rows, register_check
from onepoint.customers import lookup_keys

#: Without --deep only the newest so many are opened.
SAMPLE = 20_000
_NUMBERS = "SELECT number, id_number, id_key FROM customers_customer WHERE id_number <> '' ORDER BY id DESC"


@register_check("customers.id-numbers", "ID numbers are sealed, can be read, and are found by their digest", "numbers")
def check_id_numbers(report: Report) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_NUMBERS if report.is_deep else f"{_NUMBERS} LIMIT {SAMPLE}")
        while rows := cursor.fetchmany(2000):
            for number, stored, key in rows:
                report.look()
                if fault := _fault_of(stored, key):
                    report.fault(number, fault)
    total = count_rows("SELECT count(*) FROM customers_customer WHERE id_number <> ''") if not report.is_deep else 0
    if total > SAMPLE:
        report.note(f"{total:,} numbers in all; --deep opens every one")


def _fault_of(stored: str, key: str) -> str:
    if not is_sealed(stored):
        return "the ID number is not sealed"
    try:
        plain = unseal_text(stored)
    except SealBroken:
        return "the ID number cannot be read with the present key"
    return "" if lookup_keys.id_key(plain) == key else "the ID number is not found by its digest"
