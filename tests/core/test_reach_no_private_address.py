"""Addresses people type never lead into the house's own network: a listener there hears nothing, however it is spelled."""

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from onepoint.core import outgoing_http
from onepoint.core.outgoing_http import AddressForbidden, NoAnswer


class Ear:
    """Listens on the loopback of both families and counts who comes."""

    def __init__(self) -> None:
        self.heard = 0
        self.sockets: list[socket.socket] = []
        first = socket.create_server(("127.0.0.1", 0))
        self.port = first.getsockname()[1]
        self.sockets.append(first)
        try:
            self.sockets.append(socket.create_server(("::1", self.port), family=socket.AF_INET6))
        except OSError:  # a machine without IPv6: then nothing can be sent there either
            pass
        for one in self.sockets:
            threading.Thread(target=self._listen, args=(one,), daemon=True).start()

    def _listen(self, one: socket.socket) -> None:
        while True:
            try:
                connection, _where = one.accept()
            except OSError:
                return
            self.heard += 1
            connection.close()


@pytest.fixture(scope="module")
def ear() -> Iterator[Ear]:
    listening = Ear()
    yield listening
    for one in listening.sockets:
        one.close()


LOOPBACKS = (
    "127.0.0.1", "127.1", "127.0.1", "127.127.127.127", "0", "0.0.0.0", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001",
    "2130706433", "0x7f.1", "0300.0250.1.1", "[::1]", "[0:0:0:0:0:0:0:1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:127.0.0.1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[::ffff:0:127.0.0.1]", "localhost",
    "LOCALHOST", "localhost.", "127.0.0.1.", "①②⑦.⓪.⓪.①", "127。0。0。1", "１２７.0.0.1", "[::1%25lo]", "[fe80::1%25lo]",
)  # fmt: skip
PRIVATE = (
    "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.254", "192.168.0.1", "169.254.169.254", "169.254.0.1", "100.64.0.1",
    "100.127.255.254", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250",
    "240.0.0.1", "255.255.255.255", "0xa9fea9fe", "2852039166", "0251.0376.0251.0376", "[fc00::1]", "[fd00:ec2::254]", "[fe80::1]",
    "[ff02::1]", "[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]", "[64:ff9b::a9fe:a9fe]", "[2002:a9fe:a9fe::]", "[2001:db8::1]",
    "[fec0::1]", "[2001:0:7f00:1:0:0:5601:5601]",
)  # fmt: skip


@pytest.mark.parametrize("host", LOOPBACKS)
def test_no_spelling_of_this_machine_is_called(ear: Ear, host: str) -> None:
    before = ear.heard
    with pytest.raises((AddressForbidden, NoAnswer)):
        outgoing_http.post(f"http://{host}:{ear.port}/", b"", {}, seconds=2)
    assert ear.heard == before


@pytest.mark.parametrize("host", PRIVATE)
def test_no_address_of_a_private_network_is_called(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[Any] = []
    monkeypatch.setattr(socket.socket, "connect", lambda self, where: tried.append(where))
    with pytest.raises((AddressForbidden, NoAnswer)):
        outgoing_http.post(f"http://{host}/latest/meta-data/", b"", {}, seconds=2)
    assert tried == []


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "gopher://127.0.0.1/", "ftp://127.0.0.1/", "dict://127.0.0.1:11211/", "ldap://127.0.0.1", "//127.0.0.1/",
        "http://user@127.0.0.1/", "http://example.com@127.0.0.1/", "http://127.0.0.1#@example.com/", "http://127.0.0.1\\@example.com/",
        "http:///127.0.0.1/", "http://", "http://[::1", "http://127.0.0.1:0/", "http://127.0.0.1:99999/", "http://127.0.0.1 example.com/",
        "http://example.com\r\nHost: 127.0.0.1/", "http://127.0.0.1\t/", "jar:http://127.0.0.1!/", "unix:///var/run/docker.sock",
    ],
)  # fmt: skip
def test_what_is_no_plain_web_address_is_not_called(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[Any] = []
    monkeypatch.setattr(socket.socket, "connect", lambda self, where: tried.append(where))
    with pytest.raises((AddressForbidden, NoAnswer)):
        outgoing_http.post(url, b"", {}, seconds=2)
    assert tried == []


@pytest.mark.parametrize(
    "answers", [["127.0.0.1"], ["93.184.216.34", "127.0.0.1"], ["::ffff:10.0.0.1"], ["169.254.169.254"]]
)
def test_a_name_that_leads_inside_is_refused_even_if_it_leads_outside_too(
    ear: Ear, answers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def resolve(host: str, port: int, **_more: Any) -> list[Any]:
        return [
            (socket.AF_INET6 if ":" in one else socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port))
            for one in answers
        ]

    before = ear.heard
    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    for seconds in (2.0,):
        with pytest.raises(AddressForbidden):
            outgoing_http.connect("inside.example", ear.port, seconds=seconds, allows_private=False)
    assert ear.heard == before


def test_a_name_that_answers_differently_the_second_time_gains_nothing(
    ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    called: list[Any] = []

    def resolve(host: str, port: int, **_more: Any) -> list[Any]:
        asked.append(host)
        address = "93.184.216.34" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def connect(self: socket.socket, where: Any) -> None:
        called.append(where)
        raise OSError("not in a test")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(NoAnswer):
        outgoing_http.post(f"http://rebinding.example:{ear.port}/", b"", {}, seconds=2)
    assert (asked, called) == (["rebinding.example"], [("93.184.216.34", ear.port)])
