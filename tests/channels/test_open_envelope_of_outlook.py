"""What Outlook packs into winmail.dat is taken out; what cannot be is told, and a hostile envelope costs little."""

import random
import struct
from email.message import EmailMessage

import pytest

from onepoint.channels.mail import tnef
from onepoint.channels.mail.reading import read_mail

PDF = b"%PDF-1.7 " + random.Random(7).randbytes(3000)
#: A message and its rendering place in the text, as Outlook puts before each file.
_RENDERED = struct.pack("<HIHHI", 1, 0xFFFFFFFF, 0, 0, 0)


def attribute(level: int, kind: int, value: bytes) -> bytes:
    return struct.pack("<BHHI", level, kind, 6, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def property_(number: int, type_: int, value: bytes) -> bytes:
    head = struct.pack("<HH", type_, number)
    if type_ in (0x0003, 0x0040):
        return head + value
    return head + struct.pack("<II", 1, len(value)) + value + b"\0" * (-len(value) % 4)


def properties(*ones: bytes) -> bytes:
    return struct.pack("<I", len(ones)) + b"".join(ones)


def packed(*attributes: bytes) -> bytes:
    head = tnef.SIGNATURE + b"\x01\x00" + attribute(1, 0x9006, struct.pack("<I", 0x10000))
    return head + attribute(1, 0x9007, struct.pack("<II", 936, 0)) + b"".join(attributes)


def file_of(name: str, content: bytes, *more: bytes) -> bytes:
    short = attribute(2, 0x8010, "报价~1.PDF".encode("gbk") + b"\0")
    long = properties(property_(0x3707, 0x001F, name.encode("utf-16-le") + b"\0\0"), *more)
    return attribute(2, 0x9002, _RENDERED) + short + attribute(2, 0x800F, content) + attribute(2, 0x9005, long)


def mail_with(envelope: bytes, text: str = "请见附件") -> bytes:
    mail = EmailMessage()
    mail["From"] = "a@b.example"
    mail.set_content(text)
    mail.add_attachment(envelope, maintype="application", subtype="ms-tnef", filename="winmail.dat")
    return mail.as_bytes()


def test_its_files_are_files_of_the_mail_under_their_long_names() -> None:
    named = property_(0x8001, 0x0003, b"\0" * 20 + struct.pack("<II", 7, 1))  # named by a number: left alone
    mail = read_mail(mail_with(packed(file_of("三季度报价单.pdf", PDF, named), file_of("b.txt", "价格".encode()))))
    assert [(file.name, file.content) for file in mail.files] == [("三季度报价单.pdf", PDF), ("b.txt", "价格".encode())]
    assert mail.text == "请见附件"


def test_without_a_long_name_the_short_one_is_read_in_its_own_letters() -> None:
    short = attribute(2, 0x9002, _RENDERED) + attribute(2, 0x8010, "报价.pdf".encode("gbk") + b"\0")
    assert [file.name for file in tnef.opened(packed(short + attribute(2, 0x800F, PDF))).files] == ["报价.pdf"]


def test_its_text_is_the_text_of_a_mail_that_has_none_and_its_pictures_stand_in_it() -> None:
    html = property_(0x1013, 0x0102, '<p>网速慢</p><img src="cid:p1">'.encode())
    picture = file_of("p.png", b"\x89PNG....", property_(0x3712, 0x001E, b"p1\0"))
    mail = read_mail(mail_with(packed(attribute(1, 0x9003, properties(html)), picture), text=" "))
    assert mail.text == "网速慢"
    assert "cid:p1" in mail.html
    assert [(file.content_id, file.is_inline) for file in mail.files] == [("p1", True)]


def test_a_message_in_the_message_gives_its_text_and_its_files() -> None:
    inner = packed(
        attribute(1, 0x9003, properties(property_(0x1000, 0x001F, "转来的信".encode("utf-16-le") + b"\0\0"))),
        file_of("内.pdf", PDF),
    )
    within = properties(
        property_(0x3001, 0x001F, "原信".encode("utf-16-le")), property_(0x3701, 0x000D, b"\x07" * 16 + inner)
    )
    envelope = tnef.opened(packed(attribute(2, 0x9002, _RENDERED), attribute(2, 0x9005, within)))
    assert {(file.name, file.content) for file in envelope.files} == {
        ("内.pdf", PDF),
        ("原信.txt", "转来的信".encode()),
    }
    assert envelope.is_whole


@pytest.mark.parametrize("length", [4, 45, 700])
def test_a_damaged_one_is_told_and_keeps_the_mail_readable(length: int) -> None:
    mail = read_mail(mail_with(packed(file_of("a.pdf", PDF))[:length]))
    assert mail.text == "请见附件"
    assert [(file.name, file.is_sealed) for file in mail.files][-1:] == [("winmail.dat", True)]


def test_what_is_written_in_it_only_as_compressed_rtf_is_told() -> None:
    rtf = attribute(1, 0x9003, properties(property_(0x1009, 0x0102, b"\x10\0\0\0LZFu")))
    mail = read_mail(mail_with(packed(rtf, file_of("a.pdf", PDF)), text=" "))
    assert [(file.name, file.is_sealed) for file in mail.files] == [("a.pdf", False), ("winmail.dat", True)]
    beside = read_mail(mail_with(packed(rtf, file_of("a.pdf", PDF)), text="信"))  # the same again: nothing is missing
    assert [(file.name, file.is_sealed) for file in beside.files] == [("a.pdf", False)]


def test_hostile_ones_end_soon() -> None:
    many = packed(*[attribute(1, 0x8008, b"")] * 500_000)
    counted = packed(attribute(1, 0x9003, struct.pack("<I", 0xFFFFFFFF) + b"\x01\0\x01\0" * 1_000_000))
    values = struct.pack("<HHI", 0x101E, 0x3001, 0xFFFFFFFF) + b"\0" * 4_000_000
    valued = packed(attribute(1, 0x9003, struct.pack("<I", 1) + values))
    deep = packed()
    for _depth in range(50):
        deep = packed(
            attribute(2, 0x9002, b""), attribute(2, 0x9005, properties(property_(0x3701, 0x000D, b"\0" * 16 + deep)))
        )
    # What grows with the square of the length would take hours.
    assert [tnef.opened(one).is_whole for one in (many, counted, valued, deep)] == [False] * 4
