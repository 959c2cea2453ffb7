"""What stands in the file somebody is given of a list."""

import csv
from io import StringIO

from onepoint.accounts.models import Role, User
from onepoint.core import exporting
from onepoint.core.models import ExportStatus


def let_export(*roles: str, also: tuple[str, ...] = ()) -> None:
    """Give roles the right to export, and others."""
    for role in Role.objects.filter(code__in=roles):
        role.permissions = sorted({*role.permissions, exporting.PERMISSION, *also})
        role.save(update_fields=["permissions"])


def file_of(code: str, by: User, query: str = "") -> list[dict[str, str]]:
    """Every column of every line, by the words of its head."""
    exported = exporting.find_list(code)
    assert exported is not None
    every = [column.key for column in exported.columns]
    person = User.objects.get(pk=by.pk)
    export = exporting.start_export(code, query=query, columns=every, file_format="csv", by=person)
    exporting.write_export(export.pk)
    export.refresh_from_db()
    assert export.status == ExportStatus.READY, export.problem
    return list(csv.DictReader(StringIO(exporting.file_of(export).read_text(encoding="utf-8-sig"))))


def is_offered(page: bytes, code: str) -> bool:
    """Whether a page offers the list as a file."""
    return f'name="list" value="{code}"' in page.decode()
