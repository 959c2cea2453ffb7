"""Texts of short messages: the GSM alphabet (3GPP TS 23.038), UCS-2, and cutting long ones (TS 23.040 §9.2.3.24.1).

Emoji need UTF-16 surrogates, which telephones take in messages declared as UCS-2; a pair is never torn.
"""

from dataclasses import dataclass

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_FURTHER = {"\f": 10, "^": 20, "{": 40, "}": 41, "\\": 47, "[": 60, "~": 61, "]": 62, "|": 64, "€": 101}
GSM: dict[str, bytes] = {char: bytes([code]) for code, char in enumerate(_BASIC) if char != "\x1b"}
GSM |= {char: bytes([27, code]) for char, code in _FURTHER.items()}

GSM_CODING, UCS2_CODING = 0, 8
#: Characters that fit: one message alone, and each part beside its header of six bytes.
GSM_ALONE, GSM_PART = 160, 153
UCS2_ALONE, UCS2_PART = 70, 67
MOST_PARTS = 255


class TooLong(ValueError):
    """The text does not fit 255 parts."""


@dataclass(frozen=True)
class Encoded:
    """A text cut into the bytes of its parts, without headers."""

    coding: int
    parts: tuple[bytes, ...]


def encode(text: str, *, uses_gsm: bool = True) -> Encoded:
    """In the GSM alphabet where every character is of it, else in UCS-2. Raises TooLong."""
    if uses_gsm and all(char in GSM for char in text):
        units = [GSM[char] for char in text]
        return Encoded(GSM_CODING, _cut(units, GSM_ALONE, GSM_PART))
    units = [char.encode("utf-16-be", "replace") for char in text]
    return Encoded(UCS2_CODING, _cut(units, UCS2_ALONE * 2, UCS2_PART * 2))


def _cut(units: list[bytes], alone: int, part: int) -> tuple[bytes, ...]:
    """Whole characters only: an escaped one and a surrogate pair stay together. Limits in bytes."""
    whole = b"".join(units)
    if len(whole) <= alone:
        return (whole,)
    parts: list[bytearray] = [bytearray()]
    for unit in units:
        if len(parts[-1]) + len(unit) > part:
            parts.append(bytearray())
        parts[-1] += unit
    if len(parts) > MOST_PARTS:
        raise TooLong
    return tuple(bytes(piece) for piece in parts)


def header(reference: int, count: int, number: int) -> bytes:
    """The user data header of one part of a concatenated message; ``reference`` is the same for all its parts."""
    return bytes([5, 0, 3, reference & 0xFF, count, number])
