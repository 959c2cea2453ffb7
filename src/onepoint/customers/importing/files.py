"""Files of rows: CSV in the encodings and separators of daily life, and XLSX, read row by row."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from onepoint.core.errors import InvalidInput
from onepoint.customers.importing import workbook
from onepoint.customers.importing.workbook import LONGEST_CELL, MOST_COLUMNS, as_text, narrowed

ENCODINGS = ("utf-8-sig", "gb18030")  # gb18030 takes in GBK and GB2312
SEPARATORS = (",", "\t", ";", "|")
MOST_ROWS = 200_000
_CHUNK = 1024 * 1024
_NO_WORKBOOK = _("This is not a workbook that can be opened; it may be damaged or protected.")


class FileNotReadable(InvalidInput):
    """The file is no table this house can read; the sentence says why."""

    code = "file_not_readable"
    message = _("The file cannot be read.")


def _refuse(sentence: Any, **details: Any) -> FileNotReadable:
    return FileNotReadable({"file": sentence % details if details else sentence})


@dataclass(frozen=True)
class Shape:
    """How a file is to be read. ``encoding`` empty: a workbook."""

    encoding: str
    separator: str
    heads: tuple[str, ...]


def _encoding_of(path: Path) -> str:
    for encoding in ENCODINGS:
        try:
            with path.open(encoding=encoding, newline="") as file:
                while chunk := file.read(_CHUNK):
                    if "\x00" in chunk:
                        raise _refuse(_("This is not a text file."))
            return encoding
        except UnicodeDecodeError:
            continue
    raise _refuse(_("The text is neither UTF-8 nor GB18030 (GBK). Save it as “CSV UTF-8”."))


def _separator_of(path: Path, encoding: str) -> str:
    """The separator that gives the most columns of the same number in the first lines."""
    with path.open(encoding=encoding, newline="") as file:
        lines = list(islice(file, 20))

    def columns(separator: str) -> int:
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=separator) if row]
        except csv.Error:
            return 0
        return widths[0] if widths and widths.count(widths[0]) * 2 >= len(widths) else 0

    return max(SEPARATORS, key=columns)


def _check_unpacked_size(path: Path) -> None:
    try:
        workbook.look_into(path)
    except workbook.TooLarge as error:
        raise _refuse(_("The workbook is too large. Save it as CSV, or divide it.")) from error
    except workbook.NotReadable as error:
        raise _refuse(_NO_WORKBOOK) from error


def _workbook_rows(path: Path) -> Iterator[list[Any]]:
    try:
        yield from workbook.rows_of(path)
    except workbook.NotReadable as error:
        raise _refuse(_NO_WORKBOOK) from error


def _text_rows(path: Path, encoding: str, separator: str) -> Iterator[list[Any]]:
    with path.open(encoding=encoding, newline="") as file:
        reader = csv.reader(file, delimiter=separator)
        while True:
            try:
                yield next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise _refuse(_("Line %(line)s is not proper CSV: %(problem)s."), line=reader.line_num,
                              problem=error) from error  # fmt: skip


def _heads_of(row: list[Any]) -> tuple[str, ...]:
    """The column heads: trimmed, none empty, none twice."""
    heads: list[str] = []
    for number, cell in enumerate(row, 1):
        name = as_text(cell)[:80] or f"#{number}"
        twice = sum(1 for head in heads if head == name or re.fullmatch(rf"{re.escape(name)} \(\d+\)", head))
        heads.append(f"{name} ({twice + 1})" if twice else name)
    while heads and heads[-1].startswith("#"):
        heads.pop()
    return tuple(heads)


def read_shape(path: Path, name: str) -> Shape:
    """Find out how the file is to be read. Raises FileNotReadable."""
    if name.lower().endswith(".xlsx"):
        _check_unpacked_size(path)
        encoding, separator = "", ""
        rows = _workbook_rows(path)
    elif name.lower().endswith((".csv", ".txt")):
        encoding = _encoding_of(path)
        separator = _separator_of(path, encoding)
        rows = _text_rows(path, encoding, separator)
    else:
        raise _refuse(_("Only CSV and XLSX files can be read here."))
    heads = _heads_of(narrowed(next(rows, [])))
    if not heads:
        raise _refuse(_("The first row must hold the column heads."))
    if len(heads) > MOST_COLUMNS:
        raise _refuse(_("The file has more than %(count)s columns."), count=MOST_COLUMNS)
    return Shape(encoding, separator, heads)


def read_rows(path: Path, shape: Shape, *, skip: int = 0) -> Iterator[dict[str, str]]:
    """The data rows after the first ``skip``, as head → text; rows without any text count but come empty."""
    rows = _text_rows(path, shape.encoding, shape.separator) if shape.encoding else _workbook_rows(path)
    for row in islice(rows, skip + 1, None):
        yield {head: as_text(cell)[:LONGEST_CELL] for head, cell in zip(shape.heads, row, strict=False)}


def count_rows(path: Path, shape: Shape) -> int:
    """How many data rows there are. Raises FileNotReadable, also when there are none or too many."""
    count = sum(1 for _row in islice(read_rows(path, shape), MOST_ROWS + 1))
    if count > MOST_ROWS:
        raise _refuse(_("The file has more than %(count)s rows. Divide it."), count=MOST_ROWS)
    if not count:
        raise _refuse(_("There are no rows below the column heads."))
    return count
