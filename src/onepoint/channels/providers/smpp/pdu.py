"""The few protocol data units of SMPP 3.4 that a sender of short messages needs.

Anything that is not well formed raises Malformed; lengths are judged before a byte of the body is read.
"""

import struct
from dataclasses import dataclass, field

GENERIC_NACK = 0x80000000
BIND_TRANSCEIVER = 0x00000009
UNBIND = 0x00000006
SUBMIT_SM = 0x00000004
DELIVER_SM = 0x00000005
ENQUIRE_LINK = 0x00000015
RESPONSE = 0x80000000

ESME_ROK = 0x00
ESME_RINVCMDID = 0x03
ESME_RINVCMDLEN = 0x02
ESME_RX_R_APPN = 0x66  # for good: the centre is not to offer it again
ESME_RX_T_APPN = 0x64  # temporary: the centre keeps the message and offers it again

TAG_USER_MESSAGE_REFERENCE = 0x0204
TAG_RECEIPTED_MESSAGE_ID = 0x001E
TAG_MESSAGE_STATE = 0x0427
TAG_MESSAGE_PAYLOAD = 0x0424
TAG_SAR_REFERENCE, TAG_SAR_COUNT, TAG_SAR_NUMBER = TAG_SAR = (0x020C, 0x020E, 0x020F)
UDHI = 0x40  # in esm_class: the text begins with a user data header

HEADER = struct.Struct(">IIII")
LONGEST = 70_000  # a message_payload of 64 K and its frame


class Malformed(Exception):
    """Not SMPP, or broken. ``sequence`` where at least that much could be read."""

    def __init__(self, reason: str, *, status: int = ESME_RINVCMDLEN, sequence: int = 0) -> None:
        super().__init__(reason)
        self.status = status
        self.sequence = sequence


@dataclass(frozen=True)
class Pdu:
    """One unit as it came: command, status, sequence number and its undivided body."""

    command: int
    status: int
    sequence: int
    body: bytes = b""

    def pack(self) -> bytes:
        return HEADER.pack(HEADER.size + len(self.body), self.command, self.status, self.sequence) + self.body


def length_of(head: bytes) -> int:
    """The announced length. Raises Malformed where it cannot be."""
    length, _command, _status, sequence = HEADER.unpack(head)
    if not HEADER.size <= length <= LONGEST:
        raise Malformed(f"a unit of {length} bytes", sequence=sequence)
    return length


def unpack(raw: bytes) -> Pdu:
    _length, command, status, sequence = HEADER.unpack_from(raw)
    return Pdu(command, status, sequence, raw[HEADER.size :])


def c_string(text: str, most: int) -> bytes:
    """Ends with a zero; ``most`` bytes with it."""
    raw = text.encode("latin-1", "replace").replace(b"\0", b"")
    return raw[: most - 1] + b"\0"


def option(tag: int, value: bytes) -> bytes:
    return struct.pack(">HH", tag, len(value)) + value


@dataclass
class _Reader:
    raw: bytes
    place: int = 0

    def byte(self) -> int:
        if self.place >= len(self.raw):
            raise Malformed("a body that ends early")
        self.place += 1
        return self.raw[self.place - 1]

    def text(self, most: int) -> str:
        end = self.raw.find(b"\0", self.place, self.place + most)
        if end < 0:
            raise Malformed("a text without its end")
        found = self.raw[self.place : end].decode("latin-1")
        self.place = end + 1
        return found

    def take(self, count: int) -> bytes:
        if self.place + count > len(self.raw):
            raise Malformed("a body that ends early")
        self.place += count
        return self.raw[self.place - count : self.place]

    def options(self) -> dict[int, bytes]:
        found = {}
        while self.place < len(self.raw):
            tag, length = struct.unpack(">HH", self.take(4))
            found[tag] = self.take(length)
        return found


@dataclass(frozen=True)
class Delivered:
    """A ``deliver_sm``: a receipt, or a message somebody sent to us."""

    source: str
    destination: str
    esm_class: int
    coding: int
    text: bytes
    options: dict[int, bytes] = field(default_factory=dict)

    @property
    def is_receipt(self) -> bool:
        return bool(self.esm_class & 0x3C) or TAG_RECEIPTED_MESSAGE_ID in self.options


def parse_deliver(body: bytes) -> Delivered:
    """The fields of SMPP 3.4 §4.6.1. Raises Malformed."""
    reader = _Reader(body)
    reader.text(6)
    reader.take(2)
    source = reader.text(21)
    reader.take(2)
    destination = reader.text(21)
    esm_class = reader.byte()
    reader.take(2)
    reader.text(17)
    reader.text(17)
    reader.take(2)
    coding = reader.byte()
    reader.byte()
    text = reader.take(reader.byte())
    options = reader.options()
    return Delivered(source, destination, esm_class, coding, text or options.get(TAG_MESSAGE_PAYLOAD, b""), options)


def parse_message_id(body: bytes) -> str:
    """The number of a ``submit_sm_resp``; a body may be missing where the status is an error. Raises Malformed."""
    return _Reader(body).text(65) if body else ""


def bind_body(system_id: str, password: str, system_type: str) -> bytes:
    return (
        c_string(system_id, 16)
        + c_string(password, 9)
        + c_string(system_type, 13)
        + bytes([0x34, 0, 0])
        + c_string("", 41)
    )


def submit_body(
    *, source: str, source_ton: int, destination: str, is_international: bool, esm_class: int, wants_receipt: bool,
    coding: int, text: bytes, reference: int,
) -> bytes:  # fmt: skip
    """The fields of SMPP 3.4 §4.4.1, with the reference the centre gives back in its receipts."""
    return b"".join((
        b"\0",
        bytes([source_ton, 1 if source_ton in (1, 2) else 0]), c_string(source, 21),
        bytes([1 if is_international else 0, 1]), c_string(destination, 21),
        bytes([esm_class, 0, 0]),
        b"\0", b"\0",
        bytes([1 if wants_receipt else 0, 0, coding, 0]),
        bytes([len(text)]), text,
        option(TAG_USER_MESSAGE_REFERENCE, struct.pack(">H", reference & 0xFFFF)),
    ))  # fmt: skip
