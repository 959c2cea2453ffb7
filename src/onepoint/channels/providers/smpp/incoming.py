"""What somebody sent us: headers of parts, alphabets. What is broken is read as far as it can be; nothing is lost."""

from onepoint.channels.providers.interface import Arrived
from onepoint.channels.providers.smpp import alphabet, pdu

_LETTERS = {raw: char for char, raw in alphabet.GSM.items()}
#: Codings of SMPP 3.4 §5.2.19; 15 and 4 are what centres in China use for GB18030.
_CODECS = {1: "ascii", 3: "latin-1", 6: "iso8859-5", 7: "iso8859-8", 14: "euc-kr", 15: "gb18030"}
_CONCATENATED, _CONCATENATED_16 = 0x00, 0x08


def arrived_of(delivered: pdu.Delivered, uses_gsm: bool) -> Arrived:
    """The message, or the part of one: numbered by its user data header, or by the sar options."""
    content, place = delivered.text, None
    if delivered.esm_class & pdu.UDHI:
        content, place = split_header(content)
    place = place or _by_options(delivered.options)
    reference, count, number = place if place and place[1] > 1 and 1 <= place[2] <= place[1] else (None, 1, 1)
    return Arrived(
        source=delivered.source, destination=delivered.destination, content=recoded(content, delivered.coding, uses_gsm),
        reference=reference, count=count, number=number,
    )  # fmt: skip


def split_header(content: bytes) -> tuple[bytes, tuple[int, int, int] | None]:
    """The text without its header (3GPP TS 23.040 §9.2.3.24), and reference, count and number of the part."""
    length = content[0] if content else 0
    if not content or length + 1 > len(content):
        return content, None
    header, place = content[1 : length + 1], None
    while len(header) >= 2:
        kind, size = header[0], header[1]
        value, header = header[2 : 2 + size], header[2 + size :]
        if kind == _CONCATENATED and len(value) == 3:
            place = (value[0], value[1], value[2])
        elif kind == _CONCATENATED_16 and len(value) == 4:
            place = (value[0] << 8 | value[1], value[2], value[3])
    return content[length + 1 :], place


def _by_options(options: dict[int, bytes]) -> tuple[int, int, int] | None:
    reference, count, number = (options.get(tag, b"") for tag in pdu.TAG_SAR)
    if len(reference) != 2 or len(count) != 1 or len(number) != 1:
        return None
    return int.from_bytes(reference), count[0], number[0]


def recoded(content: bytes, coding: int, uses_gsm: bool) -> bytes:
    """In UTF-16-BE, whatever it came in."""
    if _is_ucs2(coding):
        return content[: len(content) // 2 * 2]
    if coding == 0 or coding & 0xC0 or 0x10 <= coding <= 0x3F:
        text = _gsm(content) if uses_gsm else _guessed(content)
    elif coding in _CODECS:
        text = content.decode(_CODECS[coding], "replace")
    else:
        text = _guessed(content)
    return text.encode("utf-16-be", "replace")


def _is_ucs2(coding: int) -> bool:
    """Plain, or with a message class (3GPP TS 23.038 §4)."""
    return coding == 8 or (0x10 <= coding <= 0x3F and coding & 0x0C == 0x08) or coding & 0xF0 == 0xE0


def _gsm(content: bytes) -> str:
    found, place = [], 0
    while place < len(content):
        size = 2 if content[place] == 27 and content[place : place + 2] in _LETTERS else 1
        found.append(_LETTERS.get(content[place : place + size], " " if content[place] == 27 else "\ufffd"))
        place += size
    return "".join(found)


def _guessed(content: bytes) -> str:
    """Nobody said what it is."""
    for codec in ("utf-8", "gb18030"):
        try:
            return content.decode(codec)
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1")
