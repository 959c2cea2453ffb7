"""A workbook's first sheet, row by row, read by a process of its own that may be killed over it.

What reads workbooks keeps a sheet as a full rectangle: two cells far apart, in a file of one kilobyte, ask for gigabytes,
and where it gets none it ends the process it runs in. Nothing of the house is imported here; run as a program it writes
one line of JSON for each row.
"""

import json
import re
import resource
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

MOST_COLUMNS = 200
LONGEST_CELL = 5000
SECONDS = 120  # of work; 200,000 rows of thirty columns take about ten
BYTES = 1024 * 1024 * 1024  # of addresses
#: Marks a number of which the spreadsheet has thrown digits away: ``3.30106E+17``.
ROUNDED = "≈"
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+\d+")
_EXACT = 2**53


class NotReadable(Exception):
    """It is no workbook, it is damaged, or it asks for too much."""


def as_text(value: Any) -> str:
    """A cell as people typed it: whole numbers without the ``.0`` of spreadsheets, dates as 2026-01-31."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        if value.is_integer():
            return f"{ROUNDED}{value:.0f}" if abs(value) >= _EXACT else f"{value:.0f}"
        return repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, date | time):
        return value.isoformat()
    text = "" if value is None else str(value).strip()
    return f"{ROUNDED}{text}" if _SCIENTIFIC.fullmatch(text) else text


def narrowed(row: list[Any]) -> list[Any]:
    """The columns that may be read, and one more where something stands beyond them."""
    kept = row[:MOST_COLUMNS]
    return [*kept, "…"] if any(cell not in ("", None) for cell in row[MOST_COLUMNS:]) else kept


def rows_of(path: Path) -> Iterator[list[str]]:
    """The rows as texts, with one column more than is allowed at most. Raises NotReadable, perhaps after some rows."""
    reading = subprocess.Popen(
        [sys.executable, "-I", __file__, str(path)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert reading.stdout is not None
    try:
        for line in reading.stdout:
            try:
                row: list[str] = json.loads(line)
            except ValueError as cut_off:
                raise NotReadable from cut_off
            yield row
        if reading.wait() != 0:
            raise NotReadable
    finally:
        reading.kill()
        reading.stdout.close()
        reading.wait()


def main(path: str) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0)
    for row in sheet.iter_rows():
        sys.stdout.write(json.dumps([as_text(cell)[:LONGEST_CELL] for cell in narrowed(row)]) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
