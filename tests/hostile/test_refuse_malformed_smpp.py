"""A short message centre that sends garbage: each unit is read or refused, none breaks or holds up the house (reliability X12)."""

import random
import struct
import time

import pytest

from onepoint.channels.providers.smpp import pdu
from onepoint.channels.providers.smpp.session import report_of

DICE = random.Random(20261122)


def deliver(text: bytes = b"hi", options: bytes = b"", coding: int = 0, esm_class: int = 0) -> bytes:
    """The body of a well-formed ``deliver_sm``."""
    return b"".join((
        b"\0", b"\1\1", b"13800138000\0", b"\1\1", b"10086\0", bytes([esm_class, 0, 0]), b"\0", b"\0",
        bytes([0, 0, coding, 0]), bytes([len(text)]), text, options,
    ))  # fmt: skip


def malformed() -> list[bytes]:
    """Bodies cut at every place, with every length wrong, with bytes changed, and plain noise."""
    whole = deliver(b"id:1 stat:DELIVRD err:000", pdu.option(pdu.TAG_RECEIPTED_MESSAGE_ID, b"abc\0"), esm_class=4)
    cut = [whole[:end] for end in range(len(whole))]
    changed = []
    for _number in range(300):
        one = bytearray(whole)
        for _byte in range(DICE.randint(1, 6)):
            one[DICE.randrange(len(one))] = DICE.randrange(256)
        changed.append(bytes(one))
    noise = [DICE.randbytes(DICE.randint(0, 400)) for _number in range(200)]
    lying = [whole + struct.pack(">HH", tag, length) for tag in (0x0424, 0x001E, 0xFFFF) for length in (1, 255, 65535)]
    http = [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\0" * 5000]
    return [*cut, *changed, *noise, *lying, *http]


def test_every_body_is_read_or_refused() -> None:
    bodies = malformed()
    assert len(bodies) > 521
    read = 0
    for body in bodies:
        try:
            delivered = pdu.parse_deliver(body)
        except pdu.Malformed:
            continue
        read += 1
        assert delivered.is_receipt in (True, False)
        report_of(delivered)
    assert 0 < read < len(bodies)
    for body in bodies:
        try:
            assert len(pdu.parse_message_id(body)) <= 65
        except pdu.Malformed:
            pass


@pytest.mark.parametrize("length", [0, 1, 15, 70_001, 2**31, 2**32 - 1, 0x47455420])
def test_a_length_that_cannot_be_is_refused_before_anything_is_read(length: int) -> None:
    with pytest.raises(pdu.Malformed) as refusal:
        pdu.length_of(struct.pack(">IIII", length, pdu.DELIVER_SM, 0, 77))
    assert refusal.value.sequence == 77


def test_a_receipt_of_endless_text_costs_nothing() -> None:
    text = b"id:" * 20_000
    body = deliver(b"", pdu.option(pdu.TAG_MESSAGE_PAYLOAD, text), esm_class=4)
    began = time.process_time()
    assert report_of(pdu.parse_deliver(body)) is None
    assert time.process_time() - began < 2
