"""What capabilities above do with short messages that come in: read answers, and say which ticket is meant.

A reply reader is asked before a text is matched: a survey claims its "5", a confirmation its "Y". The first reader that
answers True has dealt with it; the text is journaled and goes nowhere else. Readers are called inside the transaction that
files the text, once for each text that was stored, however often the gateway delivered it.
"""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from onepoint.accounts.models import OrgUnit, Region, User
from onepoint.channels.models import OutgoingMessage
from onepoint.core.text import normal_form
from onepoint.customers.models import Customer

_DIGIT = re.compile(r"([0-9])\s*(?:分|星|颗星|points?|stars?)?")


@dataclass(frozen=True)
class Reply:
    """A text somebody sent us. ``key`` names it for good; ``answers`` are what we wrote to that number, the newest first.

    ``answers`` reach back as many days as the rules say, and are ten at most.
    """

    key: str
    sender: str  # canonical, see customers.phone_numbers
    text: str
    received_at: datetime
    answers: tuple[OutgoingMessage, ...] = ()

    @property
    def about(self) -> tuple[str, int] | None:
        """What the newest message to that number was about, as ``send_message`` was told."""
        first = next((one for one in self.answers if one.about_type and one.about_id), None)
        return (first.about_type, first.about_id) if first and first.about_id else None

    @property
    def digit(self) -> int | None:
        """The one digit the text consists of: ``5``, ``５``, ``“5”``, ``5分``, ``5.``; None for anything else."""
        plain = normal_form("NFKC", self.text).strip(" \t\r\n.,;:!?。，；：！？\"'“”‘’【】[]()")
        found = _DIGIT.fullmatch(plain.lower())
        return int(found[1]) if found else None


ReplyReader = Callable[[Reply], bool]
_readers: list[ReplyReader] = []


def register_reply_reader(reader: ReplyReader) -> None:
    """Let ``reader`` look at each text that comes in; called from ``AppConfig.ready``."""
    if reader not in _readers:
        _readers.append(reader)


def read_reply(reply: Reply) -> bool:
    """Whether one of the readers dealt with it."""
    return any(reader(reply) for reader in _readers)


@dataclass(frozen=True)
class Matter:
    """A ticket as the contact journal knows it: what a contact about it is journaled with."""

    number: str
    customer: Customer | None = None
    region: Region | None = None
    unit: OrgUnit | None = None


class Matters(Protocol):
    """What tickets tell about themselves. The first two are for the system itself, without scope."""

    def meant_by(self, about: tuple[str, int]) -> Matter | None:
        """The ticket a message was about; of one that was merged, the ticket it went on in."""

    def open_of(self, customer: Customer, limit: int) -> list[Matter]:
        """The customer's open tickets, at most ``limit``."""

    def find(self, number: str, *, visible_to: User) -> Matter | None:
        """The ticket of this number, if the person sees it."""

    def seen_of(self, numbers: Collection[str], *, visible_to: User) -> Collection[str]:
        """Those of the numbers whose tickets the person may open, by one query."""


_matters: list[Matters] = []


def register_matters(matters: Matters) -> None:
    """Called once by the capability that keeps tickets."""
    _matters[:] = [matters]


def matters() -> Matters | None:
    """Who knows tickets; None in a house without them."""
    return _matters[0] if _matters else None


def tickets_open_to(person: User, numbers: Iterable[str]) -> frozenset[str]:
    """Those of the numbers a page may link for this person: one query a page, none where it names no ticket."""
    named, known = {number for number in numbers if number}, matters()
    return frozenset(known.seen_of(named, visible_to=person)) if named and known else frozenset()
