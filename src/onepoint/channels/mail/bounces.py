"""Mails that came back (RFC 3464 and those who never read it): which one, to whom, why, and whether for good."""

import re
from dataclasses import dataclass
from email.message import Message

from onepoint.channels.mail.charsets import decoded
from onepoint.channels.mail.headers import message_ids, parts_of, unfolded

_ID_IN_TEXT = re.compile(r"^\s{0,20}message-id\s{0,5}:\s{0,5}(<[^<>\s]{1,250}>)", re.I | re.M)
_STATUS_IN_TEXT = re.compile(r"(?<![\d.])([245])\.\d{1,3}\.\d{1,3}(?![\d.])")
_CODE_IN_TEXT = re.compile(r"(?<!\d)([45])\d\d(?=[ -])")
_SEARCHED = 20_000


@dataclass(frozen=True)
class Bounce:
    """``message_ids`` are of what came back; ``is_final`` says that it will never arrive."""

    message_ids: tuple[str, ...]
    recipient: str
    reason: str
    is_final: bool


def bounce_of(mail: Message, text: str, mark: str) -> Bounce | None:
    """What a report says; None where the mail reports no failure."""
    parts = list(mail.walk())
    status = next((part for part in parts if part.get_content_type() == "message/delivery-status"), None)
    if status is None and mark not in ("report", "null_sender", "daemon"):
        return None
    facts = _facts_of(status) if status is not None else {}
    if facts.get("action") in ("delivered", "relayed", "expanded"):
        return None
    ids = _ids_of_returned(parts) or tuple(_ID_IN_TEXT.findall(text[:_SEARCHED]))[:5] or _ids_of_thread(mail, mark)
    if status is None and not ids:
        return None
    code = facts.get("status", "")
    if not code and (match := _STATUS_IN_TEXT.search(text[:_SEARCHED])):
        code = match[0]
    is_delay = facts.get("action") == "delayed" or code.startswith("4")
    if not code and not facts.get("action"):
        is_delay = (match := _CODE_IN_TEXT.search(text[:_SEARCHED])) is not None and match[1] == "4"
    reason = " ".join(one for one in (code, facts.get("diagnostic-code", "")) if one) or _first_line(text)
    return Bounce(ids, facts.get("final-recipient", "").lower()[:254], reason[:300], not is_delay)


def _facts_of(status: Message) -> dict[str, str]:
    """The fields of all blocks of a delivery status together; the first value of each counts."""
    found: dict[str, str] = {}
    for block in parts_of(status) or ():
        for name, value in block.raw_items():
            text = unfolded(str(value))
            if name.lower() in ("final-recipient", "original-recipient", "diagnostic-code"):
                text = text.partition(";")[2].strip() or text
            if name.lower() in ("action", "status"):
                text = text.partition(" ")[0].lower().strip()
            found.setdefault(name.lower(), text)
    return found


def _ids_of_returned(parts: list[Message]) -> tuple[str, ...]:
    """From the mail that is sent back whole, or its headers."""
    for part in parts[1:]:
        if part.get_content_type() == "message/rfc822":
            inner = parts_of(part)
            if inner:
                return tuple(message_ids(inner[0], "message-id"))
        if part.get_content_type() == "text/rfc822-headers":
            payload = part.get_payload(decode=True)
            return tuple(_ID_IN_TEXT.findall(decoded(payload if isinstance(payload, bytes) else b"")))[:5]
    return ()


def _ids_of_thread(mail: Message, mark: str) -> tuple[str, ...]:
    return tuple(message_ids(mail, "in-reply-to") + message_ids(mail, "references"))[:5] if mark == "report" else ()


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")
