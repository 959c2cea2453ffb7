"""Tables as files a spreadsheet opens: CSV and XLSX, row by row in constant memory, and never a formula.

XLSX is written here and not by a library because a list of a hundred thousand rows is to take seconds: the one plain
sheet it needs is a short piece of XML, about six times as quick as cell by cell.
"""

import csv
import math
import re
import zipfile
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Protocol
from xml.sax.saxutils import escape

from django.utils import timezone
from django.utils.translation import gettext as _

_NUMBERS = (int, float, Decimal)
Cell = str | int | float | Decimal | bool | datetime | date | None

#: A reader of XML takes a bare carriage return for a line feed.
_KEPT_BREAKS = {"\r": "&#13;"}
#: What a spreadsheet takes for the beginning of a formula, in its plain and its full-width form.
_FORMULA = re.compile(r"^[\s\u200b-\u200f\u2060\ufeff]*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]")
#: Numbers, and telephone numbers as people write them: harmless, and to be read as they are.
_NUMBER = re.compile(r"^(?:[+-]?\d{1,30}(?:[.,]\d{1,12})?%?|\+\d[\d ]{3,24})$")
#: What nobody sees and no XML holds, what moves a terminal, and what turns the letters after it around: half a file, if
#: a text leaves it open.
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
#: Excel reads ``_x003D_`` in a sheet as the letter of that number; people write it and mean it.
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
#: UTF-16 units Excel keeps in a cell. What is beyond goes into the next row when it reads a CSV, where it might be calculated.
LONGEST_CELL = 32_767
_LONGEST_TEXT = LONGEST_CELL - 1  # and an apostrophe
MOST_ROWS = 1_048_575  # of one sheet, beside its head


def is_risky(text: str) -> bool:
    """Whether a spreadsheet might calculate ``text`` instead of showing it."""
    return bool(_FORMULA.match(text)) and not _NUMBER.match(text)


def harmless(text: str) -> str:
    """``text`` for a CSV cell: an apostrophe before what might be calculated, so that it is shown as it is."""
    return f"'{text}" if is_risky(text) else text


def as_written(text: str) -> str:
    """The original of a cell that :func:`harmless` wrote: for whoever reads such a file in again."""
    return text[1:] if text.startswith("'") and is_risky(text[1:]) else text


def readable(text: str) -> str:
    """``text`` as a cell shows it: without what is not seen, and with a mark at its end where a cell cannot hold it all."""
    text = _UNSEEN.sub("", text)
    if len(text) * 2 <= _LONGEST_TEXT or len(text.encode("utf-16-le")) // 2 <= _LONGEST_TEXT:
        return text
    mark = _("… [cut: a cell holds no more]")
    kept = text.encode("utf-16-le")[: (_LONGEST_TEXT - len(mark)) * 2]
    return kept.decode("utf-16-le", errors="ignore") + mark


def _local(moment: datetime) -> datetime:
    return timezone.localtime(moment).replace(tzinfo=None) if timezone.is_aware(moment) else moment


def csv_cells(row: Sequence[Cell]) -> list[str | int | float | Decimal]:
    """A row for whoever writes CSV; nothing in it is calculated."""
    return [_csv_cell(value) for value in row]


def _csv_cell(value: Cell) -> str | int | float | Decimal:
    if isinstance(value, datetime):
        return f"{_local(value):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, _NUMBERS):
        return value
    return "" if value is None else harmless(readable(str(value)))


class Writer(Protocol):
    """Takes rows one after the other; ``close`` completes the file."""

    def write(self, row: Sequence[Cell]) -> None: ...

    def close(self) -> None: ...


class CsvWriter:
    """UTF-8 with the mark by which Excel knows it, comma, Windows line ends (RFC 4180)."""

    def __init__(self, path: Path, head: Sequence[str]) -> None:
        self._file = path.open("w", encoding="utf-8-sig", newline="", errors="replace")
        self._writer = csv.writer(self._file)
        self._writer.writerow(csv_cells(head))

    def write(self, row: Sequence[Cell]) -> None:
        self._writer.writerow(csv_cells(row))

    def close(self) -> None:
        self._file.close()


_PARTS = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/xl/workbook.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        '<Override PartName="/xl/styles.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r1" Target="xl/workbook.xml" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>'
    ),
    "xl/_rels/workbook.xml.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r1" Target="worksheets/sheet1.xml" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"/>'
        '<Relationship Id="r2" Target="styles.xml" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles"/></Relationships>'
    ),
    # Formats: 0 plain, 1 date with time, 2 date, 3 head, 4 text that stays text when somebody edits it.
    "xl/styles.xml": (
        '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        '<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/>'
        '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd"/></numFmts>'
        '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
        '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
        '</fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
        '<cellXfs count="5"><xf/><xf numFmtId="164" applyNumberFormat="1"/><xf numFmtId="165" applyNumberFormat="1"/>'
        '<xf fontId="1" applyFont="1"/><xf numFmtId="49" quotePrefix="1" applyNumberFormat="1"/></cellXfs></styleSheet>'
    ),
}
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_EPOCH = date(1899, 12, 30)
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_FORBIDDEN_IN_TITLES = re.compile(r"[\[\]:*?/\\']")


class XlsxWriter:
    """One sheet with a fixed head; texts are texts, numbers numbers, moments real dates in the house's time."""

    def __init__(self, path: Path, head: Sequence[str], title: str = "") -> None:
        self._exits = ExitStack()
        self._archive = self._exits.enter_context(zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=3))
        for name, content in _PARTS.items():
            self._archive.writestr(name, _DECLARATION + content)
        shown = escape(_FORBIDDEN_IN_TITLES.sub(" ", title)[:31].strip() or "1", {'"': "&quot;"})
        self._archive.writestr(
            "xl/workbook.xml",
            f"{_DECLARATION}<workbook {_MAIN} "
            'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
            f'<sheets><sheet name="{shown}" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        self._sheet: IO[bytes] = self._exits.enter_context(
            self._archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True)
        )
        self._rows: list[str] = []
        self._begin(head)

    def _begin(self, head: Sequence[str]) -> None:
        widths = "".join(
            f'<col min="{place}" max="{place}" width="{max(12, 2 * len(text) + 4)}" customWidth="1"/>'
            for place, text in enumerate(head, 1)
        )
        self._put(
            f'{_DECLARATION}<worksheet {_MAIN}><sheetViews><sheetView workbookViewId="0">'
            '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
            f"<cols>{widths}</cols><sheetData>"
        )
        self._put("<row>" + "".join(_text_cell(text, 3) for text in head) + "</row>")

    def _put(self, xml: str) -> None:
        self._rows.append(xml)
        if len(self._rows) >= 200:
            self._flush()

    def _flush(self) -> None:
        self._sheet.write("".join(self._rows).encode())
        self._rows.clear()

    def write(self, row: Sequence[Cell]) -> None:
        self._put("<row>" + "".join([_cell(value) for value in row]) + "</row>")

    def close(self) -> None:
        with self._exits:
            self._put("</sheetData></worksheet>")
            self._flush()


def _text_cell(text: str, style: int = 0) -> str:
    text = readable(text)
    style = style or (4 if is_risky(text) else 0)
    text = escape(_ESCAPE.sub("_x005F_", text), _KEPT_BREAKS)
    return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return _text_cell(value) if value else "<c/>"
    if value is None:
        return "<c/>"
    if isinstance(value, bool):
        return f'<c t="b"><v>{int(value)}</v></c>'
    if isinstance(value, _NUMBERS) and math.isfinite(value):
        return f"<c><v>{value}</v></c>"
    if isinstance(value, date) and value.year >= 1901:  # before, no two spreadsheets count the days alike
        return _date_cell(value)
    return _text_cell(str(value))


def _date_cell(value: date) -> str:
    if not isinstance(value, datetime):
        return f'<c s="2"><v>{(value - _EPOCH).days}</v></c>'
    moment = _local(value)
    seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
    return f'<c s="1"><v>{(moment.date() - _EPOCH).days + seconds / 86400:.9f}</v></c>'


def writer_for(file_format: str, path: Path, head: Sequence[str], *, title: str = "") -> Writer:
    """A writer of ``csv`` or ``xlsx``."""
    return CsvWriter(path, head) if file_format == "csv" else XlsxWriter(path, head, title)
