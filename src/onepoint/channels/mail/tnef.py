"""The envelope Outlook puts a whole message into (winmail.dat, [MS-OXTNEF]): its files and its text are taken out.

Read here and not by a library: what there is has seen no release for years, takes time with the square of the length for
a hostile file, and fails on names that are not UTF-8. Text that is only there as compressed RTF stays in the envelope.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from onepoint.channels.mail.charsets import decoded

SIGNATURE = b"\x78\x9f\x3e\x22"
MOST_FILES = 200
MOST_DEPTH = 5  # messages within messages
MOST_ATTRIBUTES = 3000
MOST_PROPERTIES = 1000  # of one attribute

_MESSAGE, _ATTACHMENT = 1, 2
# Attributes: the lower half of their ids.
_BODY, _TITLE, _CONTENT, _BEGINS, _PROPERTIES, _MORE, _CODEPAGE = 0x800C, 0x8010, 0x800F, 0x9002, 0x9003, 0x9005, 0x9007
# Properties.
_TEXT, _HTML, _RTF = 0x1000, 0x1013, 0x1009
_DATA, _NAME, _LONG_NAME, _SHOWN_NAME, _TYPE, _CONTENT_ID = 0x3701, 0x3704, 0x3707, 0x3001, 0x370E, 0x3712
#: Bytes a value of fixed length takes, filled up to four.
_FIXED = {0x0001: 0, 0x0002: 4, 0x0003: 4, 0x0004: 4, 0x0005: 8, 0x0006: 8, 0x0007: 8, 0x000A: 4, 0x000B: 4, 0x0014: 8,
          0x0040: 8, 0x0048: 16}  # fmt: skip
_OBJECT, _STRING, _WIDE_STRING, _BINARY = 0x000D, 0x001E, 0x001F, 0x0102
_MANY = 0x1000  # a property with several values


class NotReadable(Exception):
    """It is no such envelope, or it is damaged."""


@dataclass
class TnefFile:
    """A file of the envelope."""

    name: str = ""
    content_type: str = ""
    content_id: str = ""
    content: bytes = b""
    is_message: bool = False  # its text: the files of a message within the message stand beside it


@dataclass
class Envelope:
    """What was found. ``is_whole`` is false where something stays in the envelope that nobody has seen.

    ``has_rtf`` where the text is also there, or only there, in Outlook's own form.
    """

    text: str = ""
    html: str = ""
    files: list[TnefFile] = field(default_factory=list)
    is_whole: bool = True
    has_rtf: bool = False


def opened(content: bytes, depth: int = 0) -> Envelope:
    """Everything in the envelope, in time proportional to its length; what is damaged ends the reading where it is.

    Raises NotReadable.
    """
    if content[:4] != SIGNATURE:
        raise NotReadable
    envelope, codepage, file = Envelope(), "cp1252", TnefFile()
    try:
        for level, kind, value in _attributes(memoryview(content)):
            if kind == _CODEPAGE and len(value) >= 4:
                codepage = f"cp{struct.unpack_from('<I', value)[0]}"
            elif level == _MESSAGE:
                _read_message(envelope, kind, value, codepage)
            elif kind == _BEGINS:
                if len(envelope.files) >= MOST_FILES:
                    envelope.is_whole = False
                    break
                file = TnefFile()
                envelope.files.append(file)
            elif level == _ATTACHMENT:
                _read_file(envelope, file, kind, value, codepage, depth)
    except (NotReadable, struct.error):
        envelope.is_whole = False
    envelope.files = [one for one in envelope.files if one.content]
    return envelope


def _attributes(content: memoryview) -> Iterator[tuple[int, int, memoryview]]:
    """Level, kind and value of one after the other. Raises NotReadable where one goes beyond the end."""
    at = 6  # the signature and a key nobody uses
    for _one in range(MOST_ATTRIBUTES):
        if at + 9 > len(content):
            if at == 6 or any(content[at:]):
                break  # nothing in it, or cut off
            return
        level, kind, _type, length = struct.unpack_from("<BHHI", content, at)
        at += 9
        if level not in (_MESSAGE, _ATTACHMENT) or at + length > len(content):
            raise NotReadable
        yield level, kind, content[at : at + length]
        at += length + 2  # a sum, which some programs get wrong
    raise NotReadable


def _read_message(envelope: Envelope, kind: int, value: memoryview, codepage: str) -> None:
    if kind == _BODY:
        envelope.text = envelope.text or _text(bytes(value), codepage)
    elif kind == _PROPERTIES:
        for number, type_, content in _properties(value):
            if number == _TEXT:
                envelope.text = _said(type_, content, codepage) or envelope.text
            elif number == _HTML:
                envelope.html = _said(type_, content, codepage)
            elif number == _RTF:
                envelope.has_rtf = True


def _read_file(envelope: Envelope, file: TnefFile, kind: int, value: memoryview, codepage: str, depth: int) -> None:
    if kind == _TITLE:
        file.name = file.name or _text(bytes(value), codepage)
    elif kind == _CONTENT:
        file.content = bytes(value)
    elif kind == _MORE:
        names: dict[int, str] = {}
        for number, type_, content in _properties(value):
            if number in (_NAME, _LONG_NAME, _SHOWN_NAME):
                names[number] = _said(type_, content, codepage)
            elif number == _TYPE:
                file.content_type = _said(type_, content, codepage)[:120]
            elif number == _CONTENT_ID:
                file.content_id = _said(type_, content, codepage).strip("<> ")[:250]
            elif number == _DATA and not file.content:
                _take_object(envelope, file, type_, content, depth)
        file.name = names.get(_LONG_NAME) or names.get(_NAME) or file.name or names.get(_SHOWN_NAME, "")
        if file.is_message:
            file.name = (file.name or "message") + (".html" if file.content_type == "text/html" else ".txt")


def _take_object(envelope: Envelope, file: TnefFile, type_: int, content: memoryview, depth: int) -> None:
    """A file, or a message within the message: 16 bytes that name its kind, then an envelope of its own."""
    inner = bytes(content[16:]) if type_ == _OBJECT else bytes(content)
    if inner[:4] != SIGNATURE:
        file.content = inner
        return
    if depth >= MOST_DEPTH:
        envelope.is_whole = False
        return
    found = opened(inner, depth + 1)
    is_read = bool(found.html or found.text or not found.has_rtf)
    envelope.is_whole = envelope.is_whole and found.is_whole and is_read
    envelope.files += found.files[: max(MOST_FILES - len(envelope.files), 0)]
    if found.html or found.text:
        file.is_message, file.content = True, (found.text or found.html).encode()
        file.content_type = "text/plain" if found.text else "text/html"


def _properties(value: memoryview) -> Iterator[tuple[int, int, memoryview]]:
    """Number, type and (first) value of one property after the other. Raises NotReadable."""
    (count,) = struct.unpack_from("<I", value)
    at = 4
    if count > MOST_PROPERTIES:
        raise NotReadable
    for _one in range(count):
        type_, number = struct.unpack_from("<HH", value, at)
        at = _after_name(value, at + 4) if number >= 0x8000 else at + 4
        base = type_ & ~_MANY
        if base in _FIXED:
            times = struct.unpack_from("<I", value, at)[0] if type_ & _MANY else 1
            at += 4 if type_ & _MANY else 0
            first, at = value[at : at + _FIXED[base]], at + _FIXED[base] * times
        elif base in (_OBJECT, _STRING, _WIDE_STRING, _BINARY):
            first, at = _first_of(value, at)
        else:
            raise NotReadable
        if at > len(value):
            raise NotReadable
        yield number, base, first


def _after_name(value: memoryview, at: int) -> int:
    """Some properties are named: by a number, or by words."""
    (kind,) = struct.unpack_from("<I", value, at + 16)
    at += 20
    if kind == 0:
        return at + 4
    (length,) = struct.unpack_from("<I", value, at)
    return at + 4 + _filled(length)


def _first_of(value: memoryview, at: int) -> tuple[memoryview, int]:
    (times,) = struct.unpack_from("<I", value, at)
    at += 4
    first = value[:0]
    for nth in range(times):
        (length,) = struct.unpack_from("<I", value, at)
        at += 4
        if at + length > len(value):
            raise NotReadable
        if nth == 0:
            first = value[at : at + length]
        at += _filled(length)
    return first, at


def _filled(length: int) -> int:
    return (length + 3) // 4 * 4


def _said(type_: int, content: memoryview, codepage: str) -> str:
    if type_ == _WIDE_STRING:
        return bytes(content).decode("utf-16-le", "replace").rstrip("\0")
    return _text(bytes(content), codepage)


def _text(content: bytes, codepage: str) -> str:
    """Strings end with a zero; HTML is kept as bytes and is UTF-8 more often than its codepage says."""
    return decoded(content.rstrip(b"\0"), codepage)
