"""A conversation with a mail server about one folder (IMAP4rev1, RFC 3501; IDLE, RFC 2177), by the standard library's client.

It is maintained with Python itself; only waiting for new mail (IDLE) it does not know before 3.14.
"""

import base64
import imaplib
import re
import select
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from onepoint.channels.mail.caps import MOST_BYTES
from onepoint.core import outgoing_http

SECONDS = 20.0  # for one command
MOST_SECONDS = 300.0  # for one mail, however slowly it drips
LOOK_SECONDS = 1.0  # how long one who waits for news does not notice that it is to stop
#: Of one command: the largest mail, and what may be said around it.
MOST_TAKEN = MOST_BYTES + 16 * 1024 * 1024
_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,15})")
_HEAD = 64 * 1024


class MailServerError(Exception):
    """The server was not reached or said no; ``reason`` is a sentence for people."""

    def __init__(self, reason: str, detail: object = "") -> None:
        self.reason = f"{reason} {said(detail)}".strip()[:400]
        super().__init__(self.reason)


def said(detail: object) -> str:
    """What the server said, on one line."""
    if isinstance(detail, list | tuple):
        detail = detail[0] if detail else ""
    text = detail.decode("utf-8", "replace") if isinstance(detail, bytes) else str(detail)
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:300]


@dataclass(frozen=True)
class Place:
    """Where a mailbox is."""

    host: str
    port: int
    encryption: str
    verifies: bool
    username: str
    password: str
    folder: str


@dataclass(frozen=True)
class Fetched:
    """One mail of the folder; ``content`` only its beginning where it is beyond all measure."""

    uid: int
    content: bytes
    is_whole: bool


class _Connection(imaplib.IMAP4):
    """The standard client on a connection made by the house's own rules.

    The library believes a server that announces four gigabytes, and keeps all it says meanwhile: what one command may
    bring is counted here.
    """

    taken = 0  # bytes since the command

    def __init__(self, plain: socket.socket, place: Place, context: ssl.SSLContext | None) -> None:
        self._plain, self._place, self._context = plain, place, context
        super().__init__(place.host, place.port, SECONDS)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        self._plain.settimeout(SECONDS)
        return (
            self._context.wrap_socket(self._plain, server_hostname=self._place.host) if self._context else self._plain
        )

    def read(self, size: int) -> bytes:
        self._count(size)
        return super().read(size)

    def readline(self) -> bytes:
        line = super().readline()
        self._count(len(line))
        return line

    def _count(self, size: int) -> None:
        self.taken += size
        if self.taken > MOST_TAKEN:
            raise self.abort("the server says more than it was asked")


def _context(verifies: bool) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not verifies:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


class Folder:
    """An open folder. Every method raises MailServerError."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.uid_validity = 0
        self.uid_next = 1
        self.capabilities: set[str] = set()
        try:
            self.client = self._opened()
        except (OSError, imaplib.IMAP4.error, ssl.SSLError) as problem:
            if "unexpected response" in str(problem):  # as the library says it; what another service says is nobody's
                raise MailServerError(_("What answers there is no mail server.")) from problem
            raise MailServerError(_("No connection to the mail server."), problem) from problem
        try:
            self._log_in()
            # Many servers tell all they can only to whoever has logged in.
            _status, told = self._do(self.client.capability)
            self.capabilities = set(b" ".join(one for one in told if one).decode("ascii", "replace").upper().split())
            self._select()
        except BaseException:
            self.close()
            raise

    def _opened(self) -> _Connection:
        context = _context(self.place.verifies)
        plain = outgoing_http.connect(self.place.host, self.place.port, seconds=SECONDS, allows_private=True)
        with outgoing_http.opened_within(SECONDS, plain):
            client = _Connection(plain, self.place, context if self.place.encryption == "tls" else None)
            if self.place.encryption == "starttls":
                client.starttls(context)
        return client

    def _log_in(self) -> None:
        try:
            # The library quotes the password only.
            with outgoing_http.cut_after(SECONDS, lambda: self.client.sock):
                self.client.login(_quoted(self.place.username), self.place.password)
        except imaplib.IMAP4.abort as problem:
            raise MailServerError(_("The connection to the mail server broke."), problem) from problem
        except (imaplib.IMAP4.error, UnicodeEncodeError) as problem:
            raise MailServerError(_("The mail server refuses the login."), problem) from problem
        except OSError as problem:
            raise MailServerError(_("The connection to the mail server broke."), problem) from problem

    def _select(self) -> None:
        status, answer = self._do(lambda: self.client.select(_quoted(utf7(self.place.folder))))
        if status != "OK":
            raise MailServerError(_("The mail server does not open this folder."), answer)
        self.uid_validity = self._told("UIDVALIDITY")
        self.uid_next = self._told("UIDNEXT")

    def _told(self, name: str) -> int:
        _status, values = self.client.response(name)
        try:
            return int(values[0]) if values and values[0] else 0
        except (TypeError, ValueError):
            return 0

    def _do(self, command: Callable[[], tuple[str, list[Any]]], seconds: float = 0.0) -> tuple[str, list[Any]]:
        """One command; ``seconds`` where it may take longer than usual."""
        self.client.taken = 0
        try:
            with outgoing_http.cut_after(seconds or SECONDS, lambda: self.client.sock):
                return command()
        except (OSError, imaplib.IMAP4.error, ssl.SSLError) as problem:
            raise MailServerError(_("The connection to the mail server broke."), problem) from problem

    @property
    def can_wait(self) -> bool:
        return "IDLE" in self.capabilities

    def uids_after(self, last: int, *, since: date | None = None) -> list[int]:
        """The folder's mails with a higher UID, in their order; ``since`` leaves out older ones."""
        asked = f"UID {last + 1}:*" + (f" SINCE {_imap_date(since)}" if since else "")
        status, answer = self._do(lambda: self.client.uid("SEARCH", asked))
        if status != "OK":
            raise MailServerError(_("The mail server does not search the folder."), answer)
        found = sorted({int(one) for line in answer if line for one in line.split() if one.isdigit()})
        return [uid for uid in found if uid > last]  # "n:*" always gives the last one

    def fetch(self, uid: int) -> Fetched | None:
        """One mail; None where it is no longer there."""
        status, answer = self._do(lambda: self.client.uid("FETCH", str(uid), "(RFC822.SIZE)"))
        match = _SIZE.search(b" ".join(one for one in answer if isinstance(one, bytes))) if status == "OK" else None
        if match is None:
            return None
        is_whole = int(match[1]) <= MOST_BYTES
        wanted = "(BODY.PEEK[])" if is_whole else f"(BODY.PEEK[]<0.{_HEAD}>)"
        status, answer = self._do(lambda: self.client.uid("FETCH", str(uid), wanted), MOST_SECONDS)
        parts = [one[1] for one in answer if isinstance(one, tuple) and len(one) == 2]
        return Fetched(uid, bytes(parts[0]), is_whole) if status == "OK" and parts else None

    def mark(self, uid: int, flag: str) -> None:
        """Set a flag (``\\Seen``, ``\\Deleted``) on one mail."""
        self._do(lambda: self.client.uid("STORE", str(uid), "+FLAGS.SILENT", f"({flag})"))

    def expunge(self, uid: int) -> None:
        """Really remove one mail that is marked, where the server can do that for one alone (UIDPLUS)."""
        if "UIDPLUS" in self.capabilities:
            self._do(lambda: self.client.uid("EXPUNGE", str(uid)))

    def wait(self, seconds: float, is_stopped: Callable[[], bool] = lambda: False) -> bool:
        """Let the server tell of new mail; True when it told of something within ``seconds``."""
        tag = self.client._new_tag()
        self.client.taken = 0
        try:
            with outgoing_http.cut_after(seconds + SECONDS, lambda: self.client.sock):
                self.client.send(tag + b" IDLE\r\n")
                told = self._until(lambda line: line.startswith(b"+"), SECONDS)
                told = any(self._heard(seconds, is_stopped)) or told
                self.client.send(b"DONE\r\n")
                return self._until(lambda line: line.startswith(tag), SECONDS) or told
        except (OSError, imaplib.IMAP4.error, ssl.SSLError) as problem:
            raise MailServerError(_("The connection to the mail server broke."), problem) from problem

    def _until(self, is_it: Callable[[bytes], bool], seconds: float) -> bool:
        """Read lines until the one looked for; whether one before told of mail."""
        deadline, told = time.monotonic() + seconds, False
        while time.monotonic() < deadline:
            line = self._line()
            if is_it(line):
                return told
            told = told or _tells_of_mail(line)
        raise OSError("no answer in time")

    def _heard(self, seconds: float, is_stopped: Callable[[], bool]) -> Iterator[bool]:
        """Whether news came, until the time is over, the first news, or somebody wants us to stop."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0 and not is_stopped():
            if not self._pending(min(left, LOOK_SECONDS)):
                continue
            if _tells_of_mail(self._line()):
                yield True
                return

    def _pending(self, seconds: float) -> bool:
        """Whether a line can be read: what the library has read ahead counts too, and the socket does not tell of that."""
        sock = self.client.sock
        sock.setblocking(False)
        try:
            reader: Any = self.client.file  # read ahead by the library, whatever its type stubs call it
            if reader.peek(1):
                return True
        except (ssl.SSLWantReadError, BlockingIOError):
            pass
        finally:
            sock.settimeout(SECONDS)
        return bool(select.select([sock], [], [], seconds)[0])

    def _line(self) -> bytes:
        line = self.client.readline()
        if not line:
            raise OSError("the server closed the connection")
        if line.startswith(b"* BYE"):
            raise OSError(said(line))
        return line

    def close(self) -> None:
        try:
            with outgoing_http.cut_after(2.0, lambda: self.client.sock):
                self.client.logout()
        except (OSError, imaplib.IMAP4.error, ssl.SSLError, AttributeError):
            try:
                self.client.shutdown()
            except (OSError, AttributeError):
                pass


def _tells_of_mail(line: bytes) -> bool:
    return line.startswith(b"* ") and (b" EXISTS" in line or b" RECENT" in line)


def _quoted(text: str) -> str:
    if any(ord(char) < 32 or ord(char) == 127 for char in text):
        raise MailServerError(_("Names and passwords hold no line breaks."))
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


_MONTH_NAMES = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def _imap_date(day: date) -> str:
    """``23-Nov-2026``, whatever the locale."""
    return f"{day.day:02d}-{_MONTH_NAMES[day.month - 1]}-{day.year:04d}"


def utf7(name: str) -> str:
    """A folder's name as IMAP writes it (RFC 3501, 5.1.3): 投诉 is ``&YpWLyQ-``."""
    shown, pending = "", ""
    for char in [*name, ""]:
        if char and not " " <= char <= "~":
            pending += char
            continue
        if pending:
            coded = base64.b64encode(pending.encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
            shown, pending = f"{shown}&{coded}-", ""
        shown += "&-" if char == "&" else char
    return shown
