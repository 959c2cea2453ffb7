"""The report of an import as CSV or XLSX: one line per row of the file."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from django.utils.translation import gettext as _

from onepoint.core.spreadsheets import Cell, XlsxWriter, csv_cells
from onepoint.customers.models import ImportedRow


def _head() -> list[str]:
    return [_("Row"), _("Customer in the file"), _("Outcome"), _("Customer number"), _("Reason")]


def _lines(rows: Iterable[ImportedRow]) -> Iterator[list[Cell]]:
    for row in rows:
        number = row.customer.number if row.customer else ""
        yield [row.row, row.key, str(row.get_outcome_display()), number, row.reason]


class _Line:
    """Takes what the CSV writer writes and hands it on."""

    def write(self, text: str) -> str:
        return text


def as_csv(rows: Iterable[ImportedRow]) -> Iterator[bytes]:
    """UTF-8 with the mark by which spreadsheets know it; line by line."""
    writer = csv.writer(_Line())
    yield "\ufeff".encode()
    yield writer.writerow(csv_cells(_head())).encode()
    for line in _lines(rows):
        yield writer.writerow(csv_cells(line)).encode()


def as_workbook(rows: Iterable[ImportedRow]) -> bytes:
    """A workbook written in constant memory."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "report.xlsx"
        writer = XlsxWriter(path, _head(), title=_("Import"))
        for line in _lines(rows):
            writer.write(line)
        writer.close()
        return path.read_bytes()
