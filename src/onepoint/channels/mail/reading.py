"""One e-mail from bytes to facts."""

import hashlib
import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32

from onepoint.channels.mail import caps, coded_files, headers, html, quoting, tnef
from onepoint.channels.mail.bounces import Bounce, bounce_of
from onepoint.channels.mail.charsets import decoded
from onepoint.channels.mail.headers import parts_of
from onepoint.channels.mail.robots import LOOP_HEADER, must_not_be_answered, robot_mark

#: compat32 and not the newer policy: that one fails on fields real mails have, and costs several times as much.
_PARSER = BytesParser(policy=compat32)
_COUNTING_PARSER = BytesParser(caps.CountedPart, policy=compat32)
MOST_TEXT = 1024 * 1024
_TAG_OF_ANSWER = re.compile(
    r"^(?:\s*(?:re|aw|sv|fwd?|fw|回复|答复|回覆|转发|轉寄|回)\s*(?:\[\d{1,3}\])?\s*[:：])+\s*", re.I
)
_NUMBER_OF_OURS = re.compile(r"\s{0,5}\[TS\d{14}\]\s{0,5}$")


@dataclass(frozen=True)
class MailFile:
    """A file of the mail. ``content_id`` where the text shows it in its place (without ``<>``).

    ``is_sealed`` for an envelope of Outlook (winmail.dat) that holds what could not be taken out of it.
    """

    name: str
    content_type: str
    content: bytes
    content_id: str = ""
    is_inline: bool = False
    is_sealed: bool = False


@dataclass(frozen=True)
class Mail:
    """What an e-mail says. ``text`` is what was written, ``quoted`` what was cut off below, ``html`` the whole as it came."""

    fingerprint: str
    message_id: str
    answers: tuple[str, ...]  # Message-IDs, the nearest first
    sender: str  # address in lower case, empty where there is none
    sender_name: str
    reply_to: str
    recipients: tuple[str, ...]
    subject: str
    sent_at: datetime | None
    text: str
    quoted: str
    html: str
    files: tuple[MailFile, ...] = ()
    loop_mark: str = ""  # the address of a house like this one that sent it
    robot: str = ""  # by what it shows that no person wrote it
    may_be_answered: bool = True
    bounce: Bounce | None = None
    authentication: tuple[str, ...] = ()  # what servers on its way say about the sender, the last one first
    defects: tuple[str, ...] = field(default=())

    @property
    def plain_subject(self) -> str:
        """Without the Re: and 回复: mail programs pile up."""
        return without_answer_marks(self.subject)


def without_answer_marks(subject: str) -> str:
    """A subject without the Re: and 回复: before it, and without the number we put behind it."""
    return _NUMBER_OF_OURS.sub("", _TAG_OF_ANSWER.sub("", subject[:400])).strip()


def read_mail(raw: bytes) -> Mail:
    """Everything about one e-mail. Raises :class:`caps.TooMuch`; whatever else is wrong with it is read as well as can be."""
    caps.check(raw)
    mail = _COUNTING_PARSER.parsebytes(raw)
    reader = _Parts()
    reader.read(mail, 0)
    reader.read_envelopes()
    whole = "\n\n".join(part for part in reader.texts if part.strip())[:MOST_TEXT]
    if not whole.strip() and reader.htmls:
        whole = html.as_text("<hr>".join(reader.htmls))[:MOST_TEXT]
    mark = robot_mark(mail)
    bounce = bounce_of(mail, whole, mark)
    text, quoted = (whole.strip(), "") if bounce else quoting.parted(whole)
    senders = headers.addresses(mail, "from", 5) or headers.addresses(mail, "sender", 1)
    sender_name, sender = senders[0] if senders else ("", "")
    replies = headers.addresses(mail, "reply-to", 1)
    message_id = next(iter(headers.message_ids(mail, "message-id")), "")
    return Mail(
        fingerprint=_fingerprint(mail, raw, message_id, sender), message_id=message_id,
        answers=_answered(mail), sender=sender, sender_name=sender_name, reply_to=replies[0][1] if replies else "",
        recipients=tuple(dict.fromkeys(one[1] for name in ("to", "cc") for one in headers.addresses(mail, name))),
        subject=headers.field(mail, "subject")[:200], sent_at=headers.moment(mail), text=text, quoted=quoted,
        html="<hr>".join(reader.htmls), files=tuple(reader.files), robot=mark,
        loop_mark=headers.field(mail, LOOP_HEADER).lower()[:254],
        may_be_answered=not must_not_be_answered(mail, mark), bounce=bounce,
        authentication=tuple(headers.fields(mail, "authentication-results")[:10]),
        defects=tuple(sorted({type(one).__name__ for part in mail.walk() for one in part.defects}))[:20],
    )  # fmt: skip


def identity_of(raw: bytes) -> tuple[str, str]:
    """What is the same for one mail wherever it is found, and its sender, without reading its parts.

    It costs nothing even for a bomb.
    """
    head = _PARSER.parsebytes(raw[: caps.MOST_HEADER_BYTES], headersonly=True)
    senders = headers.addresses(head, "from", 1) or headers.addresses(head, "sender", 1)
    sender = senders[0][1] if senders else ""
    return _fingerprint(head, raw, next(iter(headers.message_ids(head, "message-id")), ""), sender), sender


def key_of_words(text: str) -> str:
    """The same for texts that differ only in numbers, dates and spaces, as the letters of a robot do; empty for none."""
    words = re.sub(r"[\W\d_]+", "", text[:20_000]).casefold()
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest() if words else ""


def _fingerprint(mail: Message, raw: bytes, message_id: str, sender: str) -> str:
    """Not the Message-ID alone: some programs write the same one into every mail, and nobody may block another's.

    Two copies of one mail differ in what the servers on their way added, so the headers as a whole do not count.
    """
    parts = [message_id, sender, headers.field(mail, "date"), headers.field(mail, "subject")]
    if not message_id:
        split = re.search(rb"\r?\n\r?\n", raw)
        parts.append(hashlib.sha256(raw[split.end() :] if split else raw).hexdigest())
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()


def _answered(mail: Message) -> tuple[str, ...]:
    """In-Reply-To first, then References from the nearest to the oldest."""
    nearest = headers.message_ids(mail, "in-reply-to", 5)
    return tuple(dict.fromkeys([*nearest, *reversed(headers.message_ids(mail, "references"))]))


class _Parts:
    """Collects texts, HTML and files on the way through the tree."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.htmls: list[str] = []
        self.files: list[MailFile] = []
        self.envelopes: list[tuple[str, tnef.Envelope]] = []

    def read(self, part: Message, depth: int) -> None:
        kind = part.get_content_type()
        payload = parts_of(part)
        if depth <= caps.MOST_DEPTH and payload is not None and kind != "message/rfc822":
            if kind == "multipart/alternative":
                self._read_alternatives(payload, depth)
            else:
                for inner in payload:
                    if kind != "message/delivery-status":
                        self.read(inner, depth + 1)
            return
        name = headers.file_name(part)
        is_file = bool(name) or "attachment" in str(part.get("content-disposition", "")).lower()[:40]
        if kind in ("text/plain", "text/html") and not is_file:
            self._read_text(part, kind)
        elif kind == "text/rfc822-headers" and not is_file:
            return
        else:
            self._keep(part, kind, name)

    def _read_alternatives(self, parts: list[Message], depth: int) -> None:
        """The same in several forms: one text and one HTML of it, but every file."""
        before = len(self.texts), len(self.htmls)
        for inner in parts:
            self.read(inner, depth + 1)
        del self.texts[before[0] + 1 :]
        del self.htmls[before[1] + 1 :]

    def _read_text(self, part: Message, kind: str) -> None:
        content = _content_of(part)
        label = part.get_content_charset("") or ""
        if kind == "text/html":
            self.htmls.append(decoded(content, label or _charset_in(content))[: 4 * MOST_TEXT])
        else:
            content, coded = coded_files.taken_out(content)
            self.files += [MailFile(decoded(name, label)[:200], _OCTETS, file) for name, file in coded]
            self.texts.append(_unflowed(decoded(content, label), part)[: 4 * MOST_TEXT])

    def _keep(self, part: Message, kind: str, name: str) -> None:
        content = _content_of(part)
        kind = kind if _KIND.fullmatch(kind) else _OCTETS
        content_id = headers.unfolded(str(part.get("content-id", ""))).strip("<> ")[:250]
        if not content and not name:
            return
        if content.startswith(tnef.SIGNATURE):
            self._open(content, name)
            return
        disposition = str(part.get("content-disposition", "")).strip().lower()
        is_inline = bool(content_id) and not disposition.startswith("attachment")
        shown = name or _name_for(kind, len(self.files) + 1)
        self.files.append(MailFile(shown, kind, content, content_id, is_inline))

    def _open(self, content: bytes, name: str) -> None:
        """What Outlook packed up; the envelope itself stays in the original."""
        envelope = tnef.opened(content)
        self.envelopes.append((name, envelope))
        for file in envelope.files:
            shown = file.name or _name_for(file.content_type, len(self.files) + 1)
            self.files.append(MailFile(shown[:200], file.content_type or _OCTETS, file.content, file.content_id))

    def read_envelopes(self) -> None:
        """Outlook's own text where the mail has none beside it, with its pictures in their places; what stays in there."""
        is_read = bool(self.htmls) or any(text.strip() for text in self.texts)
        for name, envelope in self.envelopes:
            if not is_read:
                self.texts.append(envelope.text[:MOST_TEXT])
                self.htmls += [envelope.html[: 4 * MOST_TEXT]] if envelope.html else []
            if not envelope.is_whole or not (is_read or envelope.text or envelope.html or not envelope.has_rtf):
                self.files.append(MailFile(name or "winmail.dat", _TNEF, b"", is_sealed=True))
        if not is_read and self.htmls:
            self.files = [replace(file, is_inline=bool(file.content_id)) for file in self.files]


_TNEF = "application/ms-tnef"
_OCTETS = "application/octet-stream"
_KIND = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,60}")
_EXTENSIONS = {
    "image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp", "image/bmp": "bmp",
    "image/tiff": "tif", "application/pdf": "pdf", "message/rfc822": "eml", "text/calendar": "ics", "text/plain": "txt",
    "text/html": "html", "application/zip": "zip", "audio/mpeg": "mp3", "audio/wav": "wav", "audio/amr": "amr",
    "application/pgp-signature": "asc", _TNEF: "dat",
}  # fmt: skip


def _name_for(kind: str, number: int) -> str:
    return f"{kind.partition('/')[0] or 'file'}-{number}.{_EXTENSIONS.get(kind, 'bin')}"


def _content_of(part: Message) -> bytes:
    """The bytes of a part; a mail inside the mail as a whole."""
    payload = parts_of(part)
    if payload is not None:
        try:
            return payload[0].as_bytes() if payload else b""
        except (KeyError, ValueError, LookupError, AttributeError, TypeError, IndexError):
            return str(payload[0]).encode("utf-8", "replace")
    try:
        found = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError):
        found = None
    return found if isinstance(found, bytes) else b""


_META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s{0,5}=\s{0,5}[\"']?([A-Za-z0-9_-]{2,30})", re.I)


def _charset_in(content: bytes) -> str:
    match = _META_CHARSET.search(content[:4096])
    return match[1].decode() if match else ""


def _unflowed(text: str, part: Message) -> str:
    """Lines a mail program broke only for the way (RFC 3676) put together again."""
    if str(part.get_param("format", "") or "").lower() != "flowed":
        return text
    lines: list[str] = []
    for line in text.split("\n"):
        if (
            lines
            and lines[-1].endswith(" ")
            and lines[-1] != "-- "
            and line.startswith(">") == lines[-1].startswith(">")
        ):
            lines[-1] += line.lstrip("> ") if line.startswith(">") else line
        else:
            lines.append(line)
    return "\n".join(lines)
