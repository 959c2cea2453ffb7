"""Calls to addresses people typed: https out of the house, and never into the house's own network.

The name is resolved once, every address it has is judged, and the connection goes to the judged address, so that a name
that answers differently the second time gains nothing. No redirect is followed, no proxy of the environment is used, and
a call ends after ``seconds`` however slowly the other side talks. The standard library is enough for that, and is the only
client that lets the address be pinned without private parts.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as ResolvedTooLate
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
MOST_BYTES = 64 * 1024
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE = ipaddress.IPv6Network("::/96")
# A resolver that hangs must not hold the caller longer than it allows.
_resolver = ThreadPoolExecutor(8, thread_name_prefix="resolve")


class AddressForbidden(Exception):
    """The address lies inside a private network, or is none a call may go to."""


class NoAnswer(Exception):
    """No complete answer came; ``is_sent`` when the other side may have got the call all the same."""

    def __init__(self, reason: str, *, is_sent: bool) -> None:
        super().__init__(reason)
        self.is_sent = is_sent


@dataclass(frozen=True)
class Answer:
    """What came back; header names in lower case, at most ``MOST_BYTES`` of the body."""

    status: int
    headers: dict[str, str]
    body: bytes


def canonical(address: IPAddress) -> IPAddress:
    """The IPv4 address that an IPv6 address stands for, if it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    embedded = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
    if embedded is None and (address in _NAT64 or (address in _COMPATIBLE and int(address) > 0xFFFF)):
        embedded = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return embedded or address


def is_public(address: IPAddress) -> bool:
    """Whether the address is one of the open internet."""
    plain = canonical(address)
    if plain.is_multicast or plain.is_reserved or plain.is_unspecified or getattr(plain, "is_site_local", False):
        return False
    return plain.is_global


def resolve(host: str, port: int, *, seconds: float) -> list[tuple[int, str]]:
    """The addresses of a host, as (family, address). Raises OSError."""
    future = _resolver.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    try:
        found = future.result(timeout=seconds)
    except ResolvedTooLate as problem:
        raise OSError(f"the name {host} was not resolved in time") from problem
    except UnicodeError as problem:
        raise OSError(f"{host} is no name of a host") from problem
    return [(int(family), str(where[0])) for family, _type, _protocol, _name, where in found]


def connect(host: str, port: int, *, seconds: float, allows_private: bool) -> socket.socket:
    """A connection to one of the host's addresses. Raises AddressForbidden and OSError."""
    began = time.monotonic()
    found = resolve(host, port, seconds=seconds)
    if not allows_private:
        for _family, address in found:
            if not is_public(ipaddress.ip_address(address.partition("%")[0])):
                raise AddressForbidden(f"{host} leads into a private network")
    problem: OSError | None = None
    for family, address in found:
        left = seconds - (time.monotonic() - began)
        if left <= 0:
            break
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            connection.settimeout(left)
            connection.connect((address, port))
            return connection
        except OSError as refusal:
            connection.close()
            problem = refusal
    raise problem or OSError(f"no connection to {host} in time")


@contextmanager
def cut_after(seconds: float, socket_of: Callable[[], socket.socket | None]) -> Iterator[None]:
    """Close the connection when the time is over: a timeout of each read alone lets a peer drip bytes for ever."""

    def cut() -> None:
        if connection := socket_of():
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    timer = threading.Timer(max(seconds, 0.01), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@contextmanager
def opened_within(seconds: float, connection: socket.socket) -> Iterator[None]:
    """Cut a connection that is not ready for use when the time is over.

    By a handle of our own: for TLS the library takes the one of ``connection`` away and gives the new one back only once
    hands are shaken.
    """
    with connection.dup() as handle, cut_after(seconds, lambda: handle):
        yield


def judged(url: str) -> SplitResult:
    """The parts of an address that may be called. Raises AddressForbidden."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as problem:
        raise AddressForbidden("this is no address") from problem
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None or port == 0:
        raise AddressForbidden("only http:// and https:// addresses without a user name can be called")
    if any(ord(char) <= 32 or ord(char) == 127 for char in url):
        raise AddressForbidden("an address holds no blanks")
    return parts


def post(
    url: str, body: bytes, headers: Mapping[str, str], *, allows_private: bool = False, seconds: float = 9.0
) -> Answer:
    """Send ``body`` and return what came back, whatever its status. Raises AddressForbidden and NoAnswer."""
    parts = judged(url)
    host = parts.hostname or ""
    is_secure = parts.scheme == "https"
    port = parts.port or (443 if is_secure else 80)
    began = time.monotonic()
    call = http.client.HTTPConnection(host, port, timeout=seconds)
    is_sent = False
    try:
        call.sock = connect(host, port, seconds=seconds, allows_private=allows_private)
        with cut_after(seconds - (time.monotonic() - began), lambda: call.sock):
            if is_secure:
                # In two steps: while hands are shaken it is this socket that has to be cut.
                secure = ssl.create_default_context().wrap_socket(
                    call.sock, server_hostname=host, do_handshake_on_connect=False
                )
                call.sock = secure
                secure.do_handshake()
            path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
            is_sent = True
            call.request(
                "POST", _ascii(path), body=body, headers={**headers, "Connection": "close", "Host": _host(parts)}
            )
            answer = call.getresponse()
            held = {name.lower(): value for name, value in answer.getheaders()}
            content = answer.read(MOST_BYTES)
            if answer.length and len(content) < MOST_BYTES:  # what is missing; the library says nothing of it here
                raise http.client.IncompleteRead(content, answer.length)
            return Answer(answer.status, held, content)
    except AddressForbidden:
        raise
    except (OSError, http.client.HTTPException, ValueError) as problem:
        late = time.monotonic() - began >= seconds
        raise NoAnswer("no answer in time" if late else _short(problem), is_sent=is_sent) from problem
    finally:
        call.close()


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host.encode("idna").decode()
    return f"{host}:{parts.port}" if parts.port else host


def _ascii(path: str) -> str:
    """Letters outside ASCII in a path as their bytes in percents."""
    return "".join(char if ord(char) < 128 else "".join(f"%{byte:02X}" for byte in char.encode()) for char in path)


def _short(problem: Exception) -> str:
    return f"{type(problem).__name__}: {problem}"[:200]
