"""A short message centre that sends garbage: each unit is read or refused, none breaks or holds up the house (reliability X12)."""

import random
import resource
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from onepoint.channels.providers.interface import Arrived, Letter, PeerDown, Report, SendError
from onepoint.channels.providers.smpp import pdu
from onepoint.channels.providers.smpp.session import SmppSession, report_of

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


# --- a whole centre


class Centre:
    """Lets everybody in and then does as it was told; what it hears is kept as (command, status, sequence)."""

    def __init__(self, act: Callable[[socket.socket], None]) -> None:
        self.act, self.heard, self.binds = act, [], 0  # type: ignore[var-annotated]
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.socket.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _address = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            bind = connection.recv(4096)
            self.binds += 1
            answer = pdu.Pdu(pdu.BIND_TRANSCEIVER | pdu.RESPONSE, 0, pdu.unpack(bind).sequence, b"c\0")
            connection.sendall(answer.pack())
            threading.Thread(target=self._listen, args=[connection], daemon=True).start()
            with suppress(OSError):
                self.act(connection)
                connection.shutdown(socket.SHUT_RDWR)

    def _listen(self, connection: socket.socket) -> None:
        pending = b""
        try:
            while piece := connection.recv(65536):
                pending += piece
                while len(pending) >= 16 and len(pending) >= (length := pdu.length_of(pending[:16])):
                    self.heard.append(pdu.HEADER.unpack(pending[:16])[1:])
                    pending = pending[length:]
        except OSError:
            pass


@contextmanager
def talking_to(act: Callable[[socket.socket], None]) -> Iterator[tuple[Centre, SmppSession, list[Any]]]:
    centre, news = Centre(act), []  # type: ignore[var-annotated]
    session = SmppSession({"host": "127.0.0.1", "port": centre.port, "system_id": "a"}, {}, news.append)
    try:
        yield centre, session, news
    finally:
        session.close()
        centre.socket.close()


def wait_until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture(autouse=True)
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onepoint.channels.providers.smpp.session.MOST_SECONDS", 0.5)


def unit(body: bytes, sequence: int) -> bytes:
    return pdu.Pdu(pdu.DELIVER_SM, 0, sequence, body).pack()


def test_a_message_that_is_none_is_refused_for_good_and_what_follows_is_taken() -> None:
    """A centre offers again what was not answered: a connection ended over it would be ended over it for ever."""
    broken = malformed()[:200]
    sent = b"".join(unit(body, number) for number, body in enumerate(broken, 1)) + unit(deliver(b"after all"), 9999)

    def act(connection: socket.socket) -> None:
        connection.sendall(sent)
        time.sleep(20)

    with talking_to(act) as (centre, session, news):
        while not any(isinstance(one, Arrived) and b"a\0l\0l" in one.content for one in news):
            session.idle(0.1)
        wait_until(lambda: (pdu.DELIVER_SM | pdu.RESPONSE, 0, 9999) in centre.heard)
        refused = [status for command, status, _sequence in centre.heard if status]
        assert set(refused) == {pdu.ESME_RX_R_APPN}
        assert len(refused) > 30
        assert centre.binds == 1


def test_a_centre_that_never_stops_talking_holds_up_nothing() -> None:
    def act(connection: socket.socket) -> None:
        while True:
            connection.sendall(pdu.Pdu(pdu.ENQUIRE_LINK, 0, 5).pack() * 500)

    with talking_to(act) as (_centre, session, _news):
        began = time.monotonic()
        session.idle(0.2)
        with pytest.raises(SendError):
            session.send(Letter("1", 1, "+8613800138000", "您好"))
        assert time.monotonic() - began < 10


def noise() -> list[bytes]:
    whole = pdu.Pdu(pdu.DELIVER_SM, 0, 1, deliver()).pack()
    return [struct.pack(">IIII", length, pdu.DELIVER_SM, 0, 1) + b"\0" * 100 for length in (0, 2**32 - 1)] + [
        b"HTTP/1.1 200 OK\r\n\r\n<html>",
        b"\x16\x03\x01" * 50,
        DICE.randbytes(3000),
        b"\0" * 3000,
        whole[:30],
        whole * 3 + b"\xff" * 64,
    ]


def test_after_noise_the_connection_is_ended_and_made_anew() -> None:
    for said in noise():
        turns: list[bytes] = [said, pdu.Pdu(pdu.DELIVER_SM, 0, 7, deliver(b"hello")).pack()]

        def act(connection: socket.socket, turns: list[bytes] = turns) -> None:
            if turns:
                connection.sendall(turns.pop(0))
                if not turns:
                    time.sleep(20)

        with talking_to(act) as (centre, session, news):
            with pytest.raises(PeerDown):
                session.idle(1.0)
                session.idle(1.0)
            news.clear()
            while not news:
                session.idle(0.1)
            assert centre.binds == 2, said[:40]


def test_a_centre_that_says_one_byte_at_a_time_costs_no_memory_and_is_left() -> None:
    def act(connection: socket.socket) -> None:
        connection.sendall(struct.pack(">IIII", 69_000, pdu.DELIVER_SM, 0, 1))
        while True:
            connection.sendall(b"a")
            time.sleep(0.02)

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with talking_to(act) as (_centre, session, _news):
        began = time.monotonic()
        session.idle(0.3)
        with pytest.raises(SendError):
            session.send(Letter("1", 1, "+8613800138000", "您好"))
        assert time.monotonic() - began < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024


def test_answers_nobody_asked_for_and_unknown_units_are_let_pass() -> None:
    commands = [pdu.GENERIC_NACK, 0x80000004, 0x80000005, 0x80000009, 0x00000102, 0x00000103, 0x0000000B, 0x7FFFFFFF, 0]

    def act(connection: socket.socket) -> None:
        for number, command in enumerate(commands):
            connection.sendall(pdu.Pdu(command, 0xFFFFFFFF, 2**32 - 1 - number, b"\0" * 9).pack())
        connection.sendall(
            unit(
                deliver(
                    b"",
                    pdu.option(pdu.TAG_RECEIPTED_MESSAGE_ID, b"m1\0") + pdu.option(pdu.TAG_MESSAGE_STATE, b"\2"),
                    esm_class=4,
                ),
                3,
            )
        )
        time.sleep(20)

    with talking_to(act) as (centre, session, news):
        while not news:
            session.idle(0.1)
        assert news == [Report("m1", True, "")]
        wait_until(lambda: (pdu.DELIVER_SM | pdu.RESPONSE, 0, 3) in centre.heard)
        assert centre.binds == 1
