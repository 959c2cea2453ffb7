"""What ``./onepoint verify`` proves of customers: sealed ID numbers can be read, and are found by what they say."""

from datetime import timedelta
from pathlib import Path

from django.core.files.storage import default_storage
from django.db import connection
from django.db.models import Count, Sum

from onepoint.core import clock
from onepoint.core.models import Attachment
from onepoint.core.sealed_fields import is_sealed, unseal_text
from onepoint.core.sealing import SealBroken
from onepoint.core.verifying import Report, count_rows, register_check
from onepoint.customers import erasing, lookup_keys
from onepoint.customers.erasing import Erased
from onepoint.customers.models import Customer, Erasure
from onepoint.customers.states import ErasureState

#: Content goes in the night in which its file is removed, or in the next; so much later nobody cleans up.
CLEANING_TIME = timedelta(days=3)
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


@register_check("customers.erased", "Nothing is left of erased customers in the tables that held something", "rows")
def check_erased(report: Report) -> None:
    """Columns that are cleared are empty, and what is removed is gone; texts were proved when the erasure ended."""
    ids = list(Customer.objects.filter(erased_at__isnull=False).values_list("pk", flat=True))
    running = set(Erasure.objects.filter(state=ErasureState.RUNNING).values_list("customer", flat=True))
    for holding in erasing.holdings() if ids else []:
        rows = holding.rows(Erased([pk for pk in ids if pk not in running]))
        for row in rows.order_by("pk").iterator(chunk_size=2000):
            report.look()
            left = [holding.code] if holding.removed else sorted(erasing.left_in(holding, row, None))
            if left:
                report.fault(f"{holding.code} {row.pk}", f"still holds {', '.join(left)} of an erased customer")
    proved = Erasure.objects.filter(state=ErasureState.DONE).aggregate(rows=Sum("looked_at"), count=Count("pk"))
    report.note(
        f"{proved['count']:,} erasures, whose end looked through {proved['rows'] or 0:,} rows and found nothing"
    )


#: Of a file that was removed: whether the row says all of it, whether its time was over, whether a form holds its content.
_REMOVED = """
SELECT id, name, removed_sha256, removed_at, sha256 <> '' OR removed_sha256 = '' OR kept_months IS NULL,
    removed_at < uploaded_at + make_interval(months => coalesce(kept_months, 0)),
    EXISTS (SELECT 1 FROM core_stagedfile staged WHERE staged.sha256 = removed_sha256)
FROM core_attachment WHERE removed_at IS NOT NULL ORDER BY id
"""


@register_check(
    "customers.retention",
    "Removed files had been kept as long as the rule said, and nothing of them is stored",
    "files",
)
def check_retention(report: Report) -> None:
    """That nothing under a hold went cannot be proved from tables: holds and what files are about change afterwards."""
    with connection.cursor() as cursor:
        cursor.execute(_REMOVED)
        removed = cursor.fetchall()
    stored = {sha256 for _pk, _name, sha256, *_rest in removed if sha256 and _is_stored(sha256)}
    shared = set(Attachment.objects.filter(sha256__in=stored).values_list("sha256", flat=True)) if stored else set()
    for pk, name, sha256, removed_at, is_torn, was_early, is_staged in removed:
        report.look()
        if is_torn:
            report.fault(f"{pk} {name}", "is noted as removed, but not all of what that means is written")
        elif was_early:
            report.fault(f"{pk} {name}", "was removed before its months were over")
        elif sha256 in stored - shared and not is_staged and removed_at < clock.now() - CLEANING_TIME:
            report.fault(f"{pk} {name}", "was removed, but its content is still stored")


def _is_stored(sha256: str) -> bool:
    return Path(default_storage.path(f"{sha256[:2]}/{sha256}")).is_file()


def _fault_of(stored: str, key: str) -> str:
    if not is_sealed(stored):
        return "the ID number is not sealed"
    try:
        plain = unseal_text(stored)
    except SealBroken:
        return "the ID number cannot be read with the present key"
    return "" if lookup_keys.id_key(plain) == key else "the ID number is not found by its digest"
