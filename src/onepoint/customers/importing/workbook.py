"""A workbook's first sheet, row by row, read by a process of its own that may be killed over it.

What reads workbooks keeps a sheet as a full rectangle: two cells far apart, in a file of one kilobyte, ask for gigabytes,
and where it gets none it ends the process it runs in. Nothing of the house is imported here; run as a program it writes
one line of JSON for each row.
"""

import functools
import json
import re
import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

MOST_COLUMNS = 200
LONGEST_CELL = 5000
SECONDS = 120  # of work; 200,000 rows of thirty columns take about ten
BYTES = 1024 * 1024 * 1024  # of addresses
LARGEST_UNPACKED = 300 * 1024 * 1024  # bytes a workbook may unfold to
MOST_PARTS = 10_000
LOOKING_SECONDS = 3  # of work, to unfold as much as that once takes a third of one
#: A part that unfolds to more than so many bytes may do so a hundredfold at most: what spreadsheet programs write does
#: so thirtyfold where every row is the same.
_UNFOLDS_FREELY, _UNFOLDS_AT_MOST = 10 * 1024 * 1024, 100
_CHUNK = 1024 * 1024
_TOO_LARGE = 3  # what the program ends with
#: Marks a number of which the spreadsheet has thrown digits away: ``3.30106E+17``.
ROUNDED = "≈"
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+\d+")
_EXACT = 2**53


class NotReadable(Exception):
    """It is no workbook, it is damaged, or it asks for too much."""


class TooLarge(NotReadable):
    """It unfolds to more than is read."""


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


def look_into(path: Path) -> None:
    """Unfold a workbook once and keep nothing of it, before anything reads it whole. Raises TooLarge, NotReadable.

    A small one can unfold to gigabytes, and what its directory says of sizes need not be true.
    """
    ended = subprocess.run(
        [sys.executable, "-I", __file__, "look", str(path)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, check=False,
    ).returncode  # fmt: skip
    if ended:
        raise TooLarge if ended == _TOO_LARGE else NotReadable


def rows_of(path: Path) -> Iterator[list[str]]:
    """The rows as texts, with one column more than is allowed at most. Raises NotReadable, perhaps after some rows."""
    return _rows("texts", path, json.loads)


def typed_rows_of(path: Path) -> Iterator[list[Any]]:
    """The rows as they are kept: numbers, days and times as such, none cut. Raises NotReadable, perhaps after some rows."""
    return _rows("cells", path, functools.partial(json.loads, object_hook=_restored))


def _rows(how: str, path: Path, loaded: Callable[[bytes], Any]) -> Iterator[list[Any]]:
    reading = subprocess.Popen(
        [sys.executable, "-I", __file__, how, str(path)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert reading.stdout is not None
    try:
        for line in reading.stdout:
            try:
                row: list[Any] = loaded(line)
            except ValueError as cut_off:
                raise NotReadable from cut_off
            yield row
        if reading.wait() != 0:
            raise NotReadable
    finally:
        reading.kill()
        reading.stdout.close()
        reading.wait()


_MOMENTS: dict[str, Any] = {"datetime": datetime, "date": date, "time": time}


def _written(value: Any) -> Any:
    name = type(value).__name__
    return {name: value.isoformat()} if name in _MOMENTS else str(value)


def _restored(written: dict[str, str]) -> Any:
    ((name, text),) = written.items()
    return _MOMENTS[name].fromisoformat(text)


def _unfold(path: str) -> None:
    left = LARGEST_UNPACKED
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        if len(entries) > MOST_PARTS:
            sys.exit(_TOO_LARGE)
        for entry in entries:
            if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise NotReadable  # no spreadsheet program packs otherwise
            allowed = max(_UNFOLDS_FREELY, entry.compress_size * _UNFOLDS_AT_MOST)
            with archive.open(entry) as file:
                while chunk := file.read(_CHUNK):
                    left -= len(chunk)
                    allowed -= len(chunk)
                    if left < 0 or allowed < 0:
                        sys.exit(_TOO_LARGE)


def main(how: str, path: str) -> None:
    seconds = LOOKING_SECONDS if how == "look" else SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if how == "look":
        return _unfold(path)
    for row in CalamineWorkbook.from_path(path).get_sheet_by_index(0).iter_rows():
        cells = row if how == "cells" else [as_text(cell)[:LONGEST_CELL] for cell in narrowed(row)]
        sys.stdout.write(json.dumps(cells, default=_written) + "\n")
    return None


if __name__ == "__main__":
    main(*sys.argv[1:])
