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
from PIL import Image

from onepoint.channels import scan_pages
from onepoint.core import attachments
from onepoint.core.attachments import FileNotAccepted
from onepoint.core.errors import InvalidInput
from onepoint.customers.importing.files import count_rows, read_shape
from onepoint.tickets.importing.files import count_rows as count_ticket_rows
from onepoint.tickets.importing.mapping import MappingProblem

MEGABYTE = 1024 * 1024


def packed(*entries: tuple[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", packing) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return made.getvalue()


def with_bytes_changed(whole: bytes, changes: dict[int, bytes]) -> bytes:
    made = bytearray(whole)
    for place, content in changes.items():
        made[place : place + len(content)] = content
    return bytes(made)


def parts(count: int) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for number in range(count):
            archive.writestr(f"xl/{number}", b"")
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

#: Packed as no spreadsheet program does, or damaged where only unfolding shows it.
_WORDS = packed(("xl/workbook.xml", " ".join(str(number * number) for number in range(300)).encode()))
_SHARED = f"<si><t>{'x' * 200}</t></si>" * 100_000
DAMAGED = {
    "damaged inside": with_bytes_changed(_WORDS, {60: b"\xff" * 30}),
    "a name in no letters": with_bytes_changed(
        packed(("xl/\u738b.xml", b"x")), {33: b"\xff\xff\xff", packed(("xl/\u738b.xml", b"x")).rindex(b"xl/") + 3: b"\xff\xff\xff"}
    ),
    "encrypted": with_bytes_changed(_WORDS, {6: b"\1", _WORDS.index(b"PK\1\2") + 8: b"\1"}),
    "of an unknown packing": with_bytes_changed(_WORDS, {8: b"\x63", _WORDS.index(b"PK\1\2") + 10: b"\x63"}),
    "packed with bzip2": packed(("xl/workbook.xml", b"\0" * MEGABYTE), packing=zipfile.ZIP_BZIP2),
    "of sixty thousand parts": parts(60_000),
    "of texts that unfold three hundredfold": workbook(f'<row r="1">{cell("A1")}</row>', _SHARED),
}  # fmt: skip

WORKBOOKS = RECTANGLES | DAMAGED | {
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


@pytest.mark.parametrize("name", WORKBOOKS)
def test_nor_does_the_import_of_tickets_take_it(name: str, tmp_path: Path) -> None:
    path = tmp_path / "tickets.xlsx"
    path.write_bytes(WORKBOOKS[name])
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    with pytest.raises(MappingProblem):
        count_ticket_rows(path)
    assert time.process_time() - began < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 1024  # kilobytes


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


def png(width: int, height: int, lines: int = 0, moving: bool = False) -> bytes:
    """A black picture of that size, of which so many lines are there; ``moving``: with a second frame."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    def frame(number: int) -> bytes:
        return chunk(b"fcTL", struct.pack(">IIIIIHHBB", number, width, height, 0, 0, 1, 1, 0, 0))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packer = zlib.compressobj(1)
    drawn = b"".join(packer.compress(bytes(width * 3 + 1)) for _line in range(lines)) + packer.flush()
    first = chunk(b"acTL", struct.pack(">II", 2, 0)) + frame(0) if moving else b""
    second = frame(1) + chunk(b"fdAT", struct.pack(">I", 2) + drawn) if moving else b""
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + first + chunk(b"IDAT", drawn) + second + chunk(b"IEND", b"")


def jpeg_of_passes(passes: int) -> bytes:
    """A picture drawn over and over: some hundred kilobytes that take a minute to unpack."""
    made = io.BytesIO()
    Image.new("RGB", (4000, 4000)).save(made, "JPEG", progressive=True)
    whole = made.getvalue()[:-2]
    return whole + whole[whole.rindex(b"\xff\xda") :] * passes + b"\xff\xd9"


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


def test_a_large_picture_is_drawn_in_a_process_of_its_own() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    shown = scan_pages.page_as_png(io.BytesIO(png(7700, 7700, lines=7700)), "image/png", 0)
    assert shown is not None
    assert Image.open(io.BytesIO(shown)).size == (1400, 1400)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024  # unpacked it is 240 MB


def test_a_picture_that_takes_a_minute_is_given_up() -> None:
    content = jpeg_of_passes(2000)
    began = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    assert scan_pages.count_pages(io.BytesIO(content), "image/jpeg") == 1
    with pytest.raises(FileNotAccepted):
        scan_pages.page_as_png(io.BytesIO(content), "image/jpeg", 0)
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - began < 5


def test_a_moving_picture_is_one_page() -> None:
    content = png(300, 200, lines=200, moving=True)
    assert scan_pages.count_pages(io.BytesIO(content), "image/png") == 1
    assert scan_pages.page_as_png(io.BytesIO(content), "image/png", 0)
    assert scan_pages.page_as_png(io.BytesIO(content), "image/png", 1) is None


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_a_page_that_lies_on_its_side_is_turned(kind: str) -> None:
    made, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6
    Image.new("L", (3000, 1000), 255).save(made, kind, exif=exif)
    shown = scan_pages.page_as_png(io.BytesIO(made.getvalue()), f"image/{kind.lower()}", 0)
    assert shown is not None
    assert Image.open(io.BytesIO(shown)).size == (1000, 3000)


def test_the_pages_of_a_pdf_are_counted_no_further_than_it_matters() -> None:
    began = time.process_time()
    with pytest.raises(FileNotAccepted):
        scan_pages.count_pages(io.BytesIO(b"%PDF-1.7\n" + b"/Type/Page " * 2_000_000 + b"%%EOF"), "application/pdf")
    assert time.process_time() - began < 1


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
