"""Files written into the text as letters (uuencode, yEnc) become files; what only looks like one stays text."""

import binascii
import random
import time
import zlib

import pytest

from onepoint.channels.mail.coded_files import taken_out
from onepoint.channels.mail.reading import read_mail

CONTENT = random.Random(7).randbytes(10_000) + b"==\r\n\0" * 20


def uuencoded(content: bytes, name: str = "账单.pdf") -> bytes:
    rows = [binascii.b2a_uu(content[at : at + 45]).rstrip(b"\n").rstrip(b" ") for at in range(0, len(content), 45)]
    return f"begin 644 {name}\r\n".encode() + b"\r\n".join(rows) + b"\r\n`\r\nend\r\n"


def yencoded(content: bytes, name: str = "scan.tif", damage: int = 0) -> bytes:
    coded = b"".join(
        b"=" + bytes([(byte + 64) & 0xFF]) if byte in (0, 10, 13, 61) else bytes([byte])
        for byte in ((one + 42) & 0xFF for one in content)
    )
    lines, at = [], 0
    while at < len(coded):
        end = at + 128 + (coded[at + 127 : at + 128] == b"=")
        lines.append(coded[at:end])
        at = end
    head = f"=ybegin line=128 size={len(content)} name={name}".encode()
    tail = f"=yend size={len(content)} crc32={zlib.crc32(content) + damage:08x}".encode()
    return b"\r\n".join([head, *lines, tail, b""])


@pytest.mark.parametrize(("coded", "name"), [(uuencoded(CONTENT), "账单.pdf"), (yencoded(CONTENT), "scan.tif")])
def test_a_file_in_the_text_is_a_file(coded: bytes, name: str) -> None:
    text, files = taken_out(b"Hallo\r\n" + coded + b"Gruss\r\n")
    assert (text.split(), files) == ([b"Hallo", b"Gruss"], [(name.encode(), CONTENT)])


def test_a_mail_with_such_files_keeps_them_and_shows_only_what_was_written() -> None:
    raw = b"From: a@b.example\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + "见附件".encode() + b"\r\n\r\n"
    mail = read_mail(raw + uuencoded(b"%PDF-1.7") + yencoded(b"II*\0"))
    assert mail.text == "见附件"
    assert [(file.name, file.content) for file in mail.files] == [("账单.pdf", b"%PDF-1.7"), ("scan.tif", b"II*\0")]


@pytest.mark.parametrize(
    "text",
    [
        b"begin 644 x\r\nno file at all\r\nend\r\n",
        b"begin 644 x\r\n" + uuencoded(CONTENT)[20:200],  # cut off
        yencoded(CONTENT, damage=1),
        b"=ybegin part=1 line=128 size=9 name=x\r\n=ypart begin=1 end=9\r\nabc\r\n=yend size=9\r\n",
        b"we begin 644 times a day\r\n",
        b"begin-base64 644 x\r\n!!!\r\n",
    ],
)
def test_what_does_not_decode_stays_text(text: bytes) -> None:
    assert taken_out(text) == (text, [])


def test_a_bomb_of_beginnings_costs_next_to_nothing() -> None:
    began = time.process_time()
    taken_out(b"begin 644 x\n" * 40_000)
    taken_out(b"=ybegin line=1 size=1 name=x\n" * 40_000)
    assert time.process_time() - began < 2
