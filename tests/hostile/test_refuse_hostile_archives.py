"""Archives and pictures made to hurt: what is opened is measured first, what is only kept is never opened (reliability X5)."""

import io
import resource
import struct
import time
import zipfile
import zlib
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from onepoint.channels import scan_pages
from onepoint.core import attachments
from onepoint.core.attachments import FileNotAccepted
from onepoint.core.errors import InvalidInput
from onepoint.customers.importing.files import count_rows, read_shape

MEGABYTE = 1024 * 1024


def packed(*entries: tuple[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return made.getvalue()


def bomb(unpacked: int) -> bytes:
    """A workbook whose one sheet unfolds to so many bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _number in range(unpacked // MEGABYTE):
                sheet.write(b"\0" * MEGABYTE)
    return made.getvalue()


def lying_about_its_size() -> bytes:
    """The directory says ten bytes, a hundred megabytes come out."""
    whole = bytearray(bomb(100 * MEGABYTE))
    place = whole.rfind(b"PK\x01\x02")
    struct.pack_into("<I", whole, place + 24, 10)
    return bytes(whole)


def overlapping() -> bytes:
    """Two hundred entries of the directory that all point at the same megabyte."""
    whole = packed(("a", b"\0" * MEGABYTE))
    start = whole.index(b"PK\x01\x02")
    end = whole.index(b"PK\x05\x06")
    entry = whole[start:end]
    directory = entry * 200
    tail = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 200, 200, len(directory), start, 0)
    return whole[:start] + directory + tail


_SHEET = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def workbook(cells: str, shared: str = "") -> bytes:
    """A whole workbook of one sheet, as small as it can be."""

    def links(*targets: tuple[str, str]) -> bytes:
        rows = "".join(
            f'<Relationship Id="r{number}" Target="{target}" Type="{_OFFICE}/{kind}"/>'
            for number, (kind, target) in enumerate(targets)
        )
        return f'<Relationships xmlns="{_PACKAGE}/relationships">{rows}</Relationships>'.encode()

    return packed(
        ("[Content_Types].xml", f'<Types xmlns="{_PACKAGE}/content-types"/>'.encode()),
        ("_rels/.rels", links(("officeDocument", "xl/workbook.xml"))),
        (
            "xl/_rels/workbook.xml.rels",
            links(("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml")),
        ),
        (
            "xl/workbook.xml",
            f'<workbook {_SHEET} xmlns:r="{_OFFICE}"><sheets><sheet name="s" sheetId="1" r:id="r0"/></sheets></workbook>'.encode(),
        ),
        ("xl/sharedStrings.xml", f"<sst {_SHEET}>{shared}</sst>".encode()),
        ("xl/worksheets/sheet1.xml", f"<worksheet {_SHEET}><sheetData>{cells}</sheetData></worksheet>".encode()),
    )


def cell(place: str, text: str = "a") -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


#: In the process that reads them these ended it: a rectangle is laid out from the first cell to the last.
_FIRST = f'<row r="1">{cell("A1")}</row>'
RECTANGLES = {
    "two cells far apart": workbook(f'{_FIRST}<row r="1048576">{cell("XFD1048576")}</row>'),
    "a column nobody has": workbook(f'{_FIRST}<row r="2">{cell("ZZZZZZ2")}</row>'),
    "a row nobody has": workbook(f'{_FIRST}<row r="4294967295">{cell("A4294967295")}</row>'),
    "a number beyond all": workbook(f'{_FIRST}<row r="99999999999999">{cell("AAAAAAAAAAAA99999999999999")}</row>'),
    "a long text in every cell": workbook(
        _FIRST + "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(2, 20_000)),
        f"<si><t>{'x' * 200_000}</t></si>",
    ),
}  # fmt: skip

WORKBOOKS = RECTANGLES | {
    "a bomb": bomb(300 * MEGABYTE),
    "a bomb that lies": lying_about_its_size(),
    "overlapping entries": overlapping(),
    "a path out of the folder": packed(("../../../../etc/cron.d/x", b"x"), ("/abs", b"x")),
    "an archive in an archive": packed(("a.zip", packed(("b.zip", packed(("c", b"\0" * MEGABYTE)))))),
    "a program": b"MZ" + b"\0" * 2000,
    "cut off": packed(("xl/workbook.xml", b"x" * 5000))[:300],
    "no archive": b"PK\x03\x04" + b"\0" * 500,
    "entities": packed(
        ("[Content_Types].xml", b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Types>&b;</Types>'),
        ("xl/workbook.xml", b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><workbook>&e;</workbook>'),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WORKBOOKS)
def test_a_hostile_workbook_is_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / "customers.xlsx"
    path.write_bytes(WORKBOOKS[name])
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    with pytest.raises(InvalidInput):
        count_rows(path, read_shape(path, path.name))
    assert time.process_time() - began < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 1024  # kilobytes
    assert sorted(one.name for one in tmp_path.iterdir()) == ["customers.xlsx"]


def test_a_plain_workbook_is_read(tmp_path: Path) -> None:
    path = tmp_path / "customers.xlsx"
    path.write_bytes(workbook(f'<row r="1">{cell("A1", "姓名")}</row><row r="2">{cell("A2", "王")}</row>'))
    shape = read_shape(path, path.name)
    assert (shape.heads, count_rows(path, shape)) == (("姓名",), 1)


def test_a_hundred_thousand_heads_are_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    path.write_text("a," * 100_000 + "\nb\n")
    began = time.process_time()
    with pytest.raises(InvalidInput):
        read_shape(path, path.name)
    assert time.process_time() - began < 5


def png(width: int, height: int) -> bytes:
    """A picture of that size in some dozen bytes."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


PICTURES = {
    "fifty thousand squared": (png(50_000, 50_000), "image/png"),
    "two thousand million wide": (png(2**31 - 1, 1), "image/png"),
    "no picture": (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "image/png"),
    "a script": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image/png"),
    "a TIFF that runs in a circle": (b"II*\0\x08\0\0\0" + struct.pack("<H", 0) + struct.pack("<I", 8), "image/tiff"),
    "a TIFF of nothing": (b"II*\0\xff\xff\xff\xff", "image/tiff"),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_hostile_picture_is_never_unpacked(name: str) -> None:
    content, kind = PICTURES[name]
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    with pytest.raises(FileNotAccepted):
        scan_pages.count_pages(io.BytesIO(content), kind)
    with pytest.raises(FileNotAccepted):
        scan_pages.page_as_png(io.BytesIO(content), kind, 0)
    assert time.process_time() - began < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.png", b"MZ" + b"\0" * 200), ("a.pdf", packed(("a", b"b"))), ("a.docx", b"%PDF-1.7"), ("a.svg", b"<svg/>"),
        ("a.html", b"<script>"), ("a.xhtml", b"<html/>"), ("a.jpg", b"GIF89a<script>alert(1)</script>"), ("a.txt", b"\x7fELF" + b"\0" * 300),
        ("a.png\u202egnp.exe", b"MZ"), ("a.xlsx", b"\x1f\x8b" + b"\0" * 100),
    ],
)  # fmt: skip
def test_a_file_that_is_not_what_its_name_says_is_not_taken(name: str, content: bytes) -> None:
    with pytest.raises(FileNotAccepted):
        attachments.checked_upload(SimpleUploadedFile(name, content))


def test_an_archive_is_kept_as_it_is_and_never_opened() -> None:
    began = time.process_time()
    for content in (bomb(100 * MEGABYTE), overlapping(), packed(("../x", b"x"))):
        assert attachments.checked_upload(SimpleUploadedFile("a.zip", content)) == ("a.zip", "application/zip")
    assert time.process_time() - began < 5
