"""Reads of imports."""

from collections.abc import Iterator
from pathlib import Path

from django.core.files.storage import default_storage
from django.db.models import QuerySet

from onepoint.accounts.models import User
from onepoint.accounts.scope import scope_of
from onepoint.core.models import Attachment
from onepoint.customers.importing.files import Shape
from onepoint.customers.models import Customer, CustomerImport, ImportedRow, ImportMapping
from onepoint.customers.states import ImportState


def imports_visible_to(user: User) -> QuerySet[CustomerImport]:
    """The person's own imports; all of them for those whose right to import reaches the whole house."""
    imports = CustomerImport.objects.select_related("created_by")
    scope = scope_of(user, "customer.import")
    if not scope.has_permission:
        return imports.none()
    return imports if scope.everything else imports.filter(created_by=user)


def find_import(import_id: int, *, visible_to: User) -> CustomerImport | None:
    return imports_visible_to(visible_to).filter(pk=import_id).first()


def import_by_id(import_id: int) -> CustomerImport | None:
    """An import for the system itself (jobs); no scope."""
    return CustomerImport.objects.select_related("created_by__unit__region").filter(pk=import_id).first()


def is_rehearsed(source: CustomerImport) -> bool:
    """Whether the rows to show are those of the rehearsal: nothing was really brought in yet."""
    return source.state in (ImportState.CHECKING, ImportState.CHECKED, ImportState.READY) or (source.started_at is None)


def rows_of(source: CustomerImport, *, outcome: str = "") -> QuerySet[ImportedRow]:
    """What became of the rows, in order of the file."""
    rows = ImportedRow.objects.filter(source=source, is_rehearsal=is_rehearsed(source)).select_related("customer")
    return (rows.filter(outcome=outcome) if outcome else rows).order_by("row")


def all_rows_of(source: CustomerImport) -> Iterator[ImportedRow]:
    """The same in portions, for reports of any length."""
    return rows_of(source).iterator(chunk_size=2000)


def mappings() -> list[ImportMapping]:
    return list(ImportMapping.objects.all())


def find_mapping(name: str) -> ImportMapping | None:
    return ImportMapping.objects.filter(name=name).first()


def file_of(source: CustomerImport) -> Path:
    """Where the uploaded bytes lie."""
    attachment = Attachment.objects.get(pk=source.attachment_id or 0)
    return Path(default_storage.path(attachment.storage_name))


def shape_of(source: CustomerImport) -> Shape:
    return Shape(source.encoding, source.separator, tuple(source.heads))


def _standing(customer: Customer | None) -> Customer | None:
    """The record itself, or the one that took it up."""
    while customer is not None and customer.merged_into_id:
        customer = Customer.objects.select_related("region").get(pk=customer.merged_into_id)
    return customer


def customer_by_number(number: str) -> Customer | None:
    """For imports: the record with this number or its successor, whoever asks; the services check the scope."""
    return _standing(Customer.objects.select_related("region").filter(number=number).first())


def customer_by_source(source: str, external_number: str) -> Customer | None:
    """For imports: the record that came from this source under this number, or its successor."""
    rows = Customer.objects.select_related("region")
    return _standing(rows.filter(external_source=source, external_number=external_number).first())
