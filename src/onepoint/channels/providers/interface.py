"""What a provider is given, what it answers, and how it may fail."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.utils.functional import Promise

#: Connecting, logging in and greeting take no longer; nor does handing over one message. A peer that only hangs is left
#: alone after three tries, which is to be within half a minute.
MOST_SECONDS = 9.0


@dataclass(frozen=True)
class Setting:
    """One field of the gateway's form. ``kind``: text, number, bool, choice, lines, or secret (write-only, stored sealed)."""

    name: str
    label: str | Promise
    kind: str = "text"
    default: Any = ""
    is_required: bool = False
    choices: tuple[tuple[str, str | Promise], ...] = ()
    help: str | Promise = ""
    low: int = 0
    high: int = 65535


def because(sentence: str, detail: object) -> str:
    """What happened, and what the other side or the system said about it."""
    return f"{sentence} {detail}".strip()[:380]


@dataclass(frozen=True)
class LetterFile:
    """A file that goes with a letter; read only when it is sent."""

    name: str
    content_type: str
    read: Callable[[], bytes]


@dataclass(frozen=True)
class Letter:
    """One message as a provider sees it. ``id`` is the same however often it is tried: tell it to the peer."""

    id: str
    number: int
    address: str
    text: str
    subject: str = ""
    html: str = ""
    language: str = ""
    written_at: datetime | None = None
    copies_to: tuple[str, ...] = ()
    reply_to: str = ""
    origin: str = "house"  # "person" and "reply" are told apart from what the house says by itself
    answers: str = ""
    references: str = ""
    files: tuple[LetterFile, ...] = ()
    parts_taken: frozenset[int] = frozenset()  # parts an earlier attempt handed over: not to be sent again


@dataclass(frozen=True)
class Part:
    """A piece of a message the peer took over, and the number it gave it."""

    number: int
    peer_id: str


@dataclass(frozen=True)
class Taken:
    """The peer took the message over. ``parts`` only where receipts will come for them."""

    peer_id: str = ""
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Report:
    """News of a part handed over earlier: it arrived, or never will."""

    peer_id: str
    is_delivered: bool
    error: str = ""


@dataclass(frozen=True)
class Arrived:
    """A message somebody sent to us, or one part of it. ``content`` is UTF-16-BE: parts may tear an emoji in two.

    ``peer_id`` is the peer's number for it, where it has one; ``reference`` is the same for all parts of a message.
    """

    source: str
    destination: str
    content: bytes
    peer_id: str = ""
    reference: int | None = None
    count: int = 1
    number: int = 1


@dataclass(frozen=True)
class IncomingCall:
    """What a peer posted to us. ``at`` is the moment of the house's clock."""

    headers: Mapping[str, str]  # names in lower case
    body: bytes
    content_type: str
    at: datetime


class CallRefused(Exception):
    """What was posted is not from the peer (401) or cannot be understood (400)."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class SendError(Exception):
    """The message was not handed over, or nobody knows.

    ``is_uncertain``: the peer may have it all the same, so no other gateway may try it. ``is_ill``: the peer itself is in
    trouble, not this message. ``parts``: those it did take.
    """

    def __init__(
        self,
        reason: str,
        *,
        is_uncertain: bool = False,
        is_ill: bool = False,
        wait: float | None = None,
        parts: tuple[Part, ...] = (),
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_uncertain = is_uncertain
        self.is_ill = is_ill
        self.wait = wait  # seconds the peer asks us to leave it alone
        self.parts = parts


class PeerDown(SendError):
    """Not even begun: no connection, login refused, told to slow down. No attempt of the message's is used up."""

    def __init__(self, reason: str, *, wait: float | None = None, parts: tuple[Part, ...] = ()) -> None:
        super().__init__(reason, is_ill=True, wait=wait, parts=parts)


class FailedForNow(SendError):
    """Worth another try later."""


class Refused(SendError):
    """Never going to work: wrong address, refused content."""


class EndpointGone(Refused):
    """The receiver wants nothing any more, now and later."""


class Session(Protocol):
    """An open way to one peer; used by one thread."""

    def send(self, letter: Letter) -> Taken:
        """Hand the letter over. Raises SendError."""

    def idle(self, seconds: float) -> None:
        """Nothing to send for the moment: listen for receipts, keep the connection alive. Raises SendError when lost."""

    def close(self) -> None: ...


@dataclass(frozen=True)
class Provider:
    """A kind of gateway. ``open`` makes a session from settings and secrets (both by the names of ``settings``)."""

    code: str
    label: str | Promise
    medium: str
    settings: tuple[Setting, ...]
    open: Callable[[Mapping[str, Any], Mapping[str, str], Callable[[Report | Arrived], None]], Session]
    complain: Callable[[Mapping[str, Any]], dict[str, str]] = field(default=lambda settings: {})
    stays_open: bool = False  # receipts come by the same connection
    #: What the webhooks' circuits are told apart by: each address is a peer of its own.
    has_many_peers: bool = False
    #: Judges what the peer posted to the gateway's own address, and says what to answer it. Raises CallRefused.
    receive: Callable[[Mapping[str, Any], Mapping[str, str], IncomingCall], tuple[list[Arrived], str]] | None = None
