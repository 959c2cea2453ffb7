"""Servers of mail and short messages that drip, flood and lie: left in time, and nothing of theirs fills the memory (X7, X8)."""

import gzip
import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import pytest

from channels.peers.deaf import RawPeer
from onepoint.channels import imap
from onepoint.channels.imap import Folder, MailServerError, Place
from onepoint.channels.providers.interface import Letter, SendError
from onepoint.channels.providers.smpp.session import SmppSession
from onepoint.channels.providers.smtp.session import SmtpSession
from onepoint.core import outgoing_http

#: The beginning of an answer in TLS that announces sixteen kilobytes.
_TLS = b"\x16\x03\x03\x40\x00" + b"\x02\x00\x3f\xfc\x03\x03" + b"a" * 400


@pytest.fixture(autouse=True)
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "SECONDS", 1.0)
    monkeypatch.setattr(imap, "MOST_SECONDS", 3.0)
    for kind in ("smtp", "smpp"):
        monkeypatch.setattr(f"onepoint.channels.providers.{kind}.session.MOST_SECONDS", 1.0)


def place(port: int, encryption: str = "none") -> Place:
    return Place("127.0.0.1", port, encryption, False, "a", "b", "INBOX")


@pytest.mark.parametrize(("says", "encryption"), [(b"*", "none"), (b"* OK hello", "none"), (_TLS, "tls")])
def test_a_mail_server_that_drips_its_greeting_is_left(says: bytes, encryption: str) -> None:
    with RawPeer(says, pause=0.05) as peer:
        began = time.monotonic()
        with pytest.raises(MailServerError):
            Folder(place(peer.port, encryption))
        assert time.monotonic() - began < 8


@pytest.mark.parametrize("encryption", ["none", "starttls", "tls"])
def test_so_is_one_that_mail_is_sent_by(encryption: str) -> None:
    says = _TLS if encryption == "tls" else b"220-a\r\n"
    with RawPeer(says, pause=0.05) as peer:
        settings = {
            "host": "127.0.0.1",
            "port": peer.port,
            "encryption": encryption,
            "verifies": False,
            "sender": "a@b.cn",
        }
        began = time.monotonic()
        with pytest.raises(SendError):
            SmtpSession(settings, {}).send(Letter("1", 1, "c@d.cn", "您好", subject="a"))
        assert time.monotonic() - began < 8


def test_so_is_a_message_centre_that_drips_its_certificate() -> None:
    with RawPeer(_TLS, pause=0.05) as peer:
        settings = {"host": "127.0.0.1", "port": peer.port, "system_id": "a", "tls": True}
        began = time.monotonic()
        with pytest.raises(SendError):
            SmppSession(settings, {}, lambda _news: None).send(Letter("1", 1, "+8613800138000", "您好"))
        assert time.monotonic() - began < 8


@pytest.mark.parametrize(
    "says", [b"SSH-2.0-secret\r\n", b"-ERR secret\r\n", b"HTTP/1.1 400 secret\r\n\r\n", b"\0\0secret\r\n"]
)
def test_what_another_service_says_is_shown_to_nobody(says: bytes) -> None:
    """Mailboxes and gateways may lie inside the house, so that their settings must not serve to look about there."""
    letter = Letter("1", 1, "+8613800138000", "您好")
    settings = {"host": "127.0.0.1", "encryption": "none", "sender": "a@b.cn", "system_id": "a"}
    with RawPeer(says) as peer:
        with pytest.raises(MailServerError) as by_mail:
            Folder(place(peer.port))
        with pytest.raises(SendError) as by_letter:
            SmtpSession(settings | {"port": peer.port}, {}).send(replace(letter, address="c@d.cn"))
        with pytest.raises(SendError) as by_text:
            SmppSession(settings | {"port": peer.port}, {}, lambda _news: None).send(letter)
    for reason in (by_mail.value.reason, by_letter.value.reason, by_text.value.reason):
        assert reason
        assert "secret" not in reason


@contextmanager
def mail_server(answer: Callable[[bytes], Iterator[bytes]]) -> Iterator[int]:
    """A mail server that lets everybody in; what it says to FETCH and SEARCH is told by ``answer``."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.sendall(b"* OK hello\r\n")
            for line in connection.makefile("rb"):
                tag, _blank, command = line.strip().partition(b" ")
                if command.startswith(b"UID"):
                    for piece in answer(command):
                        connection.sendall(piece)
                elif command.startswith(b"CAPABILITY"):
                    connection.sendall(b"* CAPABILITY IMAP4rev1\r\n")
                elif command.startswith(b"SELECT"):
                    connection.sendall(b"* 1 EXISTS\r\n* OK [UIDVALIDITY 1] a\r\n")
                connection.sendall(tag + b" OK done\r\n")

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=serve, args=[listening.accept()[0]], daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield int(listening.getsockname()[1])
    finally:
        listening.close()


def announces_gigabytes(command: bytes) -> Iterator[bytes]:
    yield b"* 1 FETCH (UID 1 RFC822.SIZE 10)\r\n" if b"SIZE" in command else b"* 1 FETCH (UID 1 BODY[] {4294967290}\r\n"
    while b"SIZE" not in command:
        yield b"a" * 1_000_000


def never_comes_to_an_end(command: bytes) -> Iterator[bytes]:
    while True:
        yield b"* 1 FETCH (FLAGS (a))\r\n" * 10_000


def has_long_lines(command: bytes) -> Iterator[bytes]:
    while True:
        yield b"a" * 1_000_000


@pytest.mark.parametrize("answer", [announces_gigabytes, never_comes_to_an_end, has_long_lines])
def test_a_mail_server_that_floods_fills_no_memory(answer: Callable[[bytes], Iterator[bytes]]) -> None:
    with mail_server(answer) as port:
        folder = Folder(place(port))
        before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
        with pytest.raises(MailServerError):
            folder.fetch(1)
        folder.close()
        assert time.monotonic() - began < 10
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 1024  # kilobytes


class Endless:
    """A web server that never comes to an end of ``piece`` after ``says``."""

    def __init__(self, says: bytes, piece: bytes) -> None:
        self.says, self.piece, self.calls = says, piece, 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.socket.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _where = self.socket.accept()
                self.calls += 1
                threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.recv(4096)
            connection.sendall(self.says)
            while self.piece:
                connection.sendall(self.piece)


_OK = b"HTTP/1.1 200 OK\r\n"
ANSWERS = {
    "a body without an end": (_OK + b"\r\n", b"a" * 100_000),
    "chunks without an end": (_OK + b"Transfer-Encoding: chunked\r\n\r\n", b"10\r\n" + b"a" * 16 + b"\r\n"),
    "a chunk of exabytes": (_OK + b"Transfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\n", b"a" * 100_000),
    "a length of exabytes": (_OK + b"Content-Length: 9223372036854775807\r\n\r\n", b"a" * 100_000),
    "a length below nothing": (_OK + b"Content-Length: -1\r\n\r\n", b"a" * 100_000),
    "headers without an end": (_OK, b"X: y\r\n" * 1000),
    "a header without an end": (_OK + b"X: ", b"y" * 100_000),
    "a status without an end": (b"HTTP/1.1 200 ", b"y" * 100_000),
    "no status": (b"\0" * 10_000 + b"\r\n", b""),
    "still to be continued": (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
    "trailers without an end": (_OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n", b"X: y\r\n" * 1000),
    "a bomb": (_OK + b"Content-Encoding: gzip\r\nContent-Length: 20000\r\n\r\n" + gzip.compress(b"\0" * 18_000_000)[:20_000], b""),
}  # fmt: skip


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_over_http_takes_its_time_and_its_bytes_and_no_more(name: str) -> None:
    server = Endless(*ANSWERS[name])
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    try:
        answer = outgoing_http.post(f"http://127.0.0.1:{server.port}/", b"a", {}, allows_private=True, seconds=1.0)
        assert len(answer.body) <= outgoing_http.MOST_BYTES
    except outgoing_http.NoAnswer:
        pass
    server.socket.close()
    assert time.monotonic() - began < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_nobody_is_followed_to_another_address(status: int) -> None:
    inside = Endless(_OK + b"Content-Length: 0\r\n\r\n", b"")
    target = f"http://127.0.0.1:{inside.port}/".encode()
    outside = Endless(b"HTTP/1.1 %d Moved\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % (status, target), b"")
    answer = outgoing_http.post(f"http://127.0.0.1:{outside.port}/", b"a", {}, allows_private=True, seconds=2.0)
    assert (answer.status, outside.calls, inside.calls) == (status, 1, 0)
