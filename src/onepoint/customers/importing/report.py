"""The report of an import as CSV or XLSX: one line per row of the file."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import xlsxwriter
from django.utils.translation import gettext as _

from onepoint.customers.models import ImportedRow

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def _safe(text: str) -> str:
    """A cell that a spreadsheet does not take for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _lines(rows: Iterable[ImportedRow]) -> Iterator[list[str]]:
    yield [_("Row"), _("Customer in the file"), _("Outcome"), _("Customer number"), _("Reason")]
    for row in rows:
        number = row.customer.number if row.customer else ""
        yield [str(row.row), _safe(row.key), str(row.get_outcome_display()), number, _safe(row.reason)]


class _Line:
    """Takes what the CSV writer writes and hands it on."""

    def write(self, text: str) -> str:
        return text


def as_csv(rows: Iterable[ImportedRow]) -> Iterator[bytes]:
    """UTF-8 with the mark by which spreadsheets know it; line by line."""
    writer = csv.writer(_Line())
    yield "\ufeff".encode()
    for line in _lines(rows):
        yield writer.writerow(line).encode()


def as_workbook(rows: Iterable[ImportedRow]) -> bytes:
    """A workbook written in constant memory."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "report.xlsx"
        with xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False}) as workbook:
            sheet = workbook.add_worksheet()
            sheet.set_column(1, 4, 24)
            for number, line in enumerate(_lines(rows)):
                sheet.write_row(number, 0, line)
        return path.read_bytes()
