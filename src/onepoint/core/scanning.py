"""Every file that is to be kept goes past a virus scanner first, where the house has one.

The scanner is a function; without another being registered it is clamd at ``ONEPOINT_SCANNER``, spoken to by its own
protocol (INSTREAM: thirty lines, and the library for it is under the GPL). No address: nothing is scanned.
"""

import socket
import struct
import time
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from onepoint.core.errors import BusinessError, InvalidInput

SECONDS = 20.0  # for one file, from beginning to end
CHUNK = 256 * 1024
MOST_ANSWER = 4096


class FileInfected(InvalidInput):
    """The scanner found something in the file; nothing of it is kept."""

    code = "file_infected"
    message = _("The file was not accepted.")

    def __init__(self, name: str, found: str) -> None:
        self.found = found
        super().__init__(
            {"file": _("The virus scanner found “%(found)s” in “%(name)s”.") % {"name": name, "found": found}}
        )


class ScannerDown(BusinessError):
    """The house wants every file scanned, and the scanner does not answer."""

    code = "scanner_down"
    message = _("Files cannot be accepted at the moment: the virus scanner does not answer. Please try again later.")
    status = 503


class NoVerdict(Exception):
    """The scanner was not reached, or could not judge; why."""


#: Judges a file given in pieces: the name of what was found, empty for nothing. Raises NoVerdict.
Scanner = Callable[[Iterable[bytes]], str]
_registered: list[Scanner] = []


def register_scanner(scanner: Scanner) -> None:
    """Use another scanner than clamd; the last one registered counts."""
    _registered.append(scanner)


def forget_scanner(scanner: Scanner) -> None:
    """No longer use a scanner that was registered."""
    _registered.remove(scanner)


def scan(pieces: Iterable[bytes], name: str) -> bool:
    """Whether the file was scanned and found clean; False where nobody scanned it. Raises FileInfected, ScannerDown."""
    scanner = _registered[-1] if _registered else (_clamd if settings.SCANNER else None)
    if scanner is None:
        return False
    try:
        found = scanner(pieces)
    except NoVerdict as problem:
        if settings.SCANNER_REQUIRED:
            raise ScannerDown from problem
        return False
    if found:
        raise FileInfected(name, found)
    return True


def is_expected() -> bool:
    """Whether the house has a scanner: only then is a file without a verdict worth a word."""
    return bool(_registered or settings.SCANNER)


def _clamd(pieces: Iterable[bytes]) -> str:
    deadline = time.monotonic() + SECONDS
    try:
        with _connected(settings.SCANNER) as connection:
            connection.sendall(b"zINSTREAM\0")
            for piece in pieces:
                for start in range(0, len(piece), CHUNK):
                    part = piece[start : start + CHUNK]
                    connection.settimeout(max(deadline - time.monotonic(), 0.01))
                    connection.sendall(struct.pack("!L", len(part)) + part)
            connection.sendall(struct.pack("!L", 0))
            answer = _answer_of(connection, deadline)
    except (OSError, ValueError) as problem:
        raise NoVerdict(f"{type(problem).__name__}: {problem}") from problem
    text = answer.decode("utf-8", "replace").strip("\0 \r\n").removeprefix("stream: ")
    if text == "OK":
        return ""
    if text.endswith(" FOUND"):
        return text.removesuffix(" FOUND")[:100]
    raise NoVerdict(text[:200] or "no answer")


def _connected(address: str) -> socket.socket:
    """``tcp://host:port`` or ``unix:/path``."""
    parts = urlsplit(address)
    if parts.scheme == "unix":
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(SECONDS)
        connection.connect(parts.path)
        return connection
    return socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 3310), timeout=SECONDS)


def _answer_of(connection: socket.socket, deadline: float) -> bytes:
    answer = b""
    while len(answer) < MOST_ANSWER and not answer.endswith(b"\0"):
        connection.settimeout(max(deadline - time.monotonic(), 0.01))
        if not (more := connection.recv(1024)):
            break
        answer += more
    return answer
