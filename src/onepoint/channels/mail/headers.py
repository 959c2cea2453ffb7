"""Header fields as they really come: encoded words torn apart, raw bytes, file names encoded in three ways."""

import re
from base64 import b64decode
from collections.abc import Iterable
from datetime import UTC, datetime
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from quopri import decodestring
from urllib.parse import unquote_to_bytes

from onepoint.channels.mail.charsets import decoded
from onepoint.core.text import normal_form

LONGEST = 4000  # characters of one field we look at
_WORD = re.compile(r"=\?([^?*\s]{1,60})(?:\*[^?\s]{0,20})?\?([bBqQ])\?([^?\s]{0,4000})\?=")
_BETWEEN_WORDS = re.compile(r"(\?=)\s+(?==\?)")
_NO_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")
_ID = re.compile(r"<[^<>\s]{1,250}>")


def field(mail: Message, name: str) -> str:
    """The first field of that name as text on one line; empty when there is none."""
    return next(iter(fields(mail, name)), "")


def fields(mail: Message, name: str) -> list[str]:
    """All fields of that name."""
    wanted = name.lower()
    return [unfolded(str(value)) for key, value in mail.raw_items() if key.lower() == wanted]


def unfolded(value: str) -> str:
    """One field's text: unfolded, encoded words decoded, control characters gone."""
    raw = value[:LONGEST].replace("\r", "").replace("\n", "")
    if any("\udc80" <= char <= "\udcff" for char in raw):
        raw = decoded(raw.encode("utf-8", "surrogateescape"))
    text = words_decoded(raw)
    text = "".join(char for char in text.replace("\t", " ") if char.isprintable())
    return normal_form("NFC", text).strip()  # as it will be kept: some letters become several


def words_decoded(text: str) -> str:
    """RFC 2047, forgiving: neighbours in one set are joined before decoding, as senders cut characters in two."""
    if "=?" not in text:
        return text
    text = _BETWEEN_WORDS.sub(r"\1", text)
    shown: list[str] = []
    pending: tuple[str, bytes] | None = None
    end = 0
    for match in _WORD.finditer(text):
        if match.start() > end:
            shown += [decoded(pending[1], pending[0])] if pending else []
            pending = None
            shown.append(text[end : match.start()])
        charset, content = match[1].lower(), _word_bytes(match[2], match[3])
        if pending and pending[0] == charset:
            pending = (charset, pending[1] + content)
        else:
            shown += [decoded(pending[1], pending[0])] if pending else []
            pending = (charset, content)
        end = match.end()
    shown += [decoded(pending[1], pending[0])] if pending else []
    return "".join([*shown, text[end:]])


def _word_bytes(encoding: str, text: str) -> bytes:
    raw = text.encode("ascii", "replace")
    if encoding in "qQ":
        return decodestring(raw.replace(b"_", b" "))
    letters = _NO_BASE64.sub(b"", raw.partition(b"=")[0])
    usable = letters[: len(letters) - (len(letters) % 4 == 1)]  # of one letter alone nothing can be made
    return b64decode(usable + b"=" * (-len(usable) % 4))


def addresses(mail: Message, name: str, most: int = 100) -> list[tuple[str, str]]:
    """(name, address) of a field; addresses in lower case, what is no address left out."""
    raw = [value[:LONGEST] for value in _raw_fields(mail, name)][:20]
    found = []
    try:
        pairs = getaddresses([_plain(value) for value in raw])
    except (ValueError, IndexError, TypeError, RecursionError):  # the last one: comments within comments
        pairs = []
    for shown, address in pairs[:most]:
        address = address.strip().strip("<>").lower()
        local, _at, domain = address.rpartition("@")
        if local and domain and len(address) <= 254 and not any(char.isspace() or char in ",;<>" for char in address):
            found.append((unfolded(shown)[:160], address))
    return found


def _raw_fields(mail: Message, name: str) -> Iterable[str]:
    return (str(value) for key, value in mail.raw_items() if key.lower() == name.lower())


def _plain(value: str) -> str:
    """Unfolded, raw bytes read; encoded words stay as they are, as a decoded comma would tear the address list."""
    raw = value.replace("\r", "").replace("\n", "")
    if any("\udc80" <= char <= "\udcff" for char in raw):
        raw = decoded(raw.encode("utf-8", "surrogateescape"))
    return "".join(char for char in raw if char.isprintable() or char == " ")


def parts_of(part: Message) -> list[Message] | None:
    """What the part is made of; None where it is one piece.

    That piece is asked for as bytes only: as text the library reads it by a label that may name anything, and fails.
    """
    found = part.get_payload() if part.is_multipart() else None
    return [one for one in found if isinstance(one, Message)] if isinstance(found, list) else None


def message_ids(mail: Message, name: str, most: int = 50) -> list[str]:
    """Message-IDs of a field, in their order; of very many the first and the last ones."""
    found = list(dict.fromkeys(_ID.findall(" ".join(fields(mail, name)))))
    return found if len(found) <= most else [found[0], *found[1 - most :]]


def moment(mail: Message) -> datetime | None:
    """When the sender says it was written."""
    try:
        found = parsedate_to_datetime(field(mail, "date"))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    try:
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def file_name(part: Message) -> str:
    """The name of a part's file, however it is encoded; empty when it has none."""
    for header, parameter in (("content-disposition", "filename"), ("content-type", "name")):
        try:
            found = _readable(part, header).get_param(parameter, header=header)
        except (ValueError, IndexError, TypeError, UnicodeError):
            found = None
        if isinstance(found, tuple):
            charset, _language, text = found
            return unfolded(decoded(str(text).encode("latin-1", "replace"), str(charset or "")))[:200]
        if found:
            text = unfolded(str(found))
            if "%" in text and "=?" not in str(found) and _is_percent_encoded(text):
                text = decoded(unquote_to_bytes(text))
            return text[:200]
    return ""


def _readable(part: Message, header: str) -> Message:
    """The part itself; where the field holds raw bytes, a stand-in with that field as text (the library masks them)."""
    raw = next((str(value) for name, value in part.raw_items() if name.lower() == header), "")
    if not any("\udc80" <= char <= "\udcff" for char in raw):
        return part
    stand_in = Message()
    stand_in[header] = decoded(raw[:LONGEST].encode("utf-8", "surrogateescape")).replace("\n", " ")
    return stand_in


def _is_percent_encoded(text: str) -> bool:
    """Some clients write file names as in an address, without saying so."""
    return re.search(r"(?:%[0-9A-Fa-f]{2}){3}", text) is not None
