"""Files written into the text of a mail as letters, as programs did before MIME and some still do: uuencode and yEnc."""

import binascii
import re
import zlib
from collections.abc import Callable, Sequence

MOST_TRIES = 50  # each may look at the rest of the text
_BEGIN = re.compile(rb"^begin(-base64)? [0-7]{3,4} ([^\r\n]{1,200})$")
_YENC = re.compile(rb"^=ybegin [^\r\n]{0,200}?\bname=([^\r\n]{1,200})$")
_SUM = re.compile(rb"\bcrc32=([0-9a-fA-F]{1,8})\b")
#: What was read, and the number of the line after it; None where it is no such file.
Decoded = tuple[bytes, int] | None


def taken_out(text: bytes) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """The text without them, and the files (name, content). What does not decode stays text."""
    files: list[tuple[bytes, bytes]] = []
    if b"begin" not in text:
        return text, files
    kept: list[bytes] = []
    lines = text.split(b"\n")
    number = tries = 0
    while number < len(lines):
        is_tried = tries < MOST_TRIES and lines[number].startswith((b"begin", b"=ybegin"))
        tries += is_tried
        found = _file_at(lines, number) if is_tried else None
        if found is None:
            kept.append(lines[number])
            number += 1
        else:
            name, content, number = found
            files.append((name, content))
    return b"\n".join(kept), files


def _file_at(lines: Sequence[bytes], start: int) -> tuple[bytes, bytes, int] | None:
    line = lines[start].rstrip(b"\r")
    decode: Callable[[Sequence[bytes], int], Decoded]
    if match := _BEGIN.match(line):
        decode, name = (_base64 if match[1] else _uudecoded), match[2]
    elif match := _YENC.match(line):
        decode, name = _ydecoded, match[1]
    else:
        return None
    decoded = decode(lines, start + 1)
    return (name.strip(), *decoded) if decoded else None


def _uudecoded(lines: Sequence[bytes], start: int) -> Decoded:
    content = bytearray()
    for number in range(start, len(lines)):
        line = lines[number].rstrip(b"\r")
        if line.strip() == b"end":
            return (bytes(content), number + 1) if content else None
        if not line.strip() or line == b"`":
            continue
        # Some programs drop the blanks at the end of a line, some write more than there should be; its first letter tells.
        length = 1 + (((line[0] - 32) & 63) + 2) // 3 * 4
        try:
            content += binascii.a2b_uu(line[:length].ljust(length))
        except binascii.Error:
            return None
    return None


def _base64(lines: Sequence[bytes], start: int) -> Decoded:
    for number in range(start, len(lines)):
        if lines[number].strip() == b"====":
            try:
                return binascii.a2b_base64(b"".join(lines[start:number])), number + 1
            except binascii.Error:
                return None
    return None


_MINUS_42 = bytes((byte - 42) & 0xFF for byte in range(256))


def _ydecoded(lines: Sequence[bytes], start: int) -> Decoded:
    """A whole file; one in several mails stays as it is. Its sum must be right, as mail programs damage such files easily."""
    coded: list[bytes] = []
    for number in range(start, len(lines)):
        line = lines[number].rstrip(b"\r")
        if line.startswith(b"=ypart "):
            return None
        if line.startswith(b"=yend "):
            first, *escaped = b"".join(coded).split(b"=")
            shifted = [bytes([(part[0] - 64) & 0xFF]) + part[1:] for part in escaped if part]
            content = b"".join([first, *shifted]).translate(_MINUS_42)
            wanted = _SUM.search(line[:200])
            is_right = wanted is not None and int(wanted[1], 16) == zlib.crc32(content)
            return (content, number + 1) if is_right else None
        coded.append(line)
    return None
