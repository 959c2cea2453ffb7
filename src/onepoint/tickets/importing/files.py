"""Rows of CSV and XLSX files as dictionaries by column head."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

from onepoint.tickets.importing.mapping import MappingProblem

ENCODINGS = ("utf-8-sig", "gb18030")


def _encoding_of(path: Path) -> str:
    for encoding in ENCODINGS:
        try:
            with path.open(encoding=encoding) as file:
                for _line in file:
                    pass
            return encoding
        except UnicodeDecodeError:
            continue
    raise MappingProblem(f"{path.name} is neither UTF-8 nor GB18030 text")


def _csv_rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding=_encoding_of(path), newline="") as file:
        yield from csv.DictReader(file)


def _xlsx_rows(path: Path) -> Iterator[dict[str, Any]]:
    rows = iter(CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python())
    head = [str(cell).strip() for cell in next(rows, [])]
    for row in rows:
        yield dict(zip(head, row, strict=False))


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a file, one dictionary each. Raises MappingProblem for a file that cannot be read."""
    if not path.is_file():
        raise MappingProblem(f"there is no file {path.name}")
    if path.suffix.lower() in (".xlsx", ".xls"):
        return _xlsx_rows(path)
    return _csv_rows(path)


def count_rows(path: Path) -> int:
    """How many rows a file has, for the progress bar."""
    return sum(1 for _row in read_rows(path))
