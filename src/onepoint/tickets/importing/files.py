"""Rows of CSV and XLSX files as dictionaries by column head."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from onepoint.customers.importing import workbook
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
        reader = csv.DictReader(file)
        try:
            yield from reader
        except csv.Error as problem:
            raise MappingProblem(f"{path.name}, line {reader.line_num}: {problem}") from problem


def _workbook_rows(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open("rb") as file:
            is_archive = file.read(2) == b"PK"  # XLSX; the older XLS is none
        if is_archive:
            workbook.look_into(path)
        rows = workbook.typed_rows_of(path)
        head = [str(cell).strip() for cell in next(rows, [])]
        for row in rows:
            yield dict(zip(head, row, strict=False))
    except workbook.NotReadable as problem:
        raise MappingProblem(f"{path.name} cannot be opened as a workbook, or it is too large") from problem


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a file, one dictionary each. Raises MappingProblem for a file that cannot be read."""
    if not path.is_file():
        raise MappingProblem(f"there is no file {path.name}")
    if path.suffix.lower() in (".xlsx", ".xls"):
        return _workbook_rows(path)
    return _csv_rows(path)


def count_rows(path: Path) -> int:
    """How many rows a file has, for the progress bar."""
    return sum(1 for _row in read_rows(path))
