"""Personal data shown in part to those who hold no right to the whole of it.

Values are masked on the server, before they go into a page, a list of choices, a file or an answer of the API. Who reads
is noted once per request (``reader``); where nobody is noted (a job, a mail, a page for strangers) everything is masked.

Groups: ``phone`` (telephone numbers, accounts, e-mail), ``identity`` (ID numbers), ``address``. Each has a permission,
``personal_data.see_<group>``.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

STARS = "****"
UNMASK = "personal_data.unmask"
#: Full-width digits, letters of e-mail addresses and signs are found like plain ones; each is one character wide.
_PLAIN = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {0x3000: " "}


class Reader(Protocol):
    """Whoever looks at the values: a person."""

    def may(self, permission: str) -> bool: ...


#: Whose request is being served, set by the middleware; None sees nothing in full.
reader: ContextVar[Reader | None] = ContextVar("reader", default=None)


@contextmanager
def read_by(person: Reader | None) -> Iterator[None]:
    """What is read inside is read by ``person``: for jobs that write files or messages for somebody."""
    token = reader.set(person)
    try:
        yield
    finally:
        reader.reset(token)


def mask_phone(text: str) -> str:
    """``"138 0013 8000"`` → ``"138****8000"``, ``"zhang@qq.com"`` → ``"z****@qq.com"``; accounts likewise."""
    if "@" in text:
        return mask_email(text)
    kept = re.sub(r"[\s()\-–.]", "", text.translate(_PLAIN))
    prefix = re.match(r"(\+|00)86", kept)
    if prefix and len(kept) > 10:
        return f"+86 {mask_phone(kept[prefix.end() :])}"
    if len(kept) >= 10:
        return f"{kept[:3]}{STARS}{kept[-4:]}"
    return f"{STARS}{kept[-4:]}" if len(kept) >= 7 else f"{kept[:1]}{STARS}"


def mask_email(text: str) -> str:
    """The first letter and the domain."""
    local, _at, domain = text.translate(_PLAIN).strip().rpartition("@")
    return f"{local[:1]}{STARS}@{domain}"


def mask_identity(text: str) -> str:
    """``"330106198001011234"`` → ``"330***********1234"``; short ones keep only their last character."""
    if len(text) < 9:
        return "*" * max(len(text) - 1, 3) + text[-1:]
    return f"{text[:3]}{'*' * (len(text) - 7)}{text[-4:]}"


_DISTRICT = re.compile(r"^.{0,12}?(?:省|自治区|市|州|区|县|旗)(?:.{1,8}?(?:市|州|盟|区|县|旗)){0,2}")


def mask_address(text: str) -> str:
    """``"杭州市西湖区文三路 123 号"`` → ``"杭州市西湖区****"``: province, city and county stay."""
    found = _DISTRICT.match(text)
    if found:
        return f"{found[0]}{STARS}"
    town = text.rpartition(",")[2].strip() if "," in text else ""
    return f"{STARS}, {town}" if town and not any(char.isdigit() for char in town) else STARS


_SHAPES: dict[str, Callable[[str], str]] = {"phone": mask_phone, "identity": mask_identity, "address": mask_address}
GROUPS = tuple(_SHAPES)

_IDENTITY = re.compile(
    r"(?<![0-9A-Za-z])[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[0-9Xx](?![0-9A-Za-z])"
)
_REACHES = (
    re.compile(r"[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63})+"),
    re.compile(r"(?<![0-9A-Za-z])(?:\+|00)[1-9]\d{0,2}(?:[ \-]?\d){7,12}(?![0-9A-Za-z])"),
    re.compile(r"(?<![0-9A-Za-z])(?:86[ \-]?)?1[3-9]\d(?:[ \-]?\d){8}(?![0-9A-Za-z])"),
    re.compile(r"(?<![0-9A-Za-z])\(?0\d{2,3}\)?[ \-]{0,3}[2-9]\d{2,3}[ \-]?\d{4}(?![0-9A-Za-z])"),
)


def _spans(text: str) -> Iterator[tuple[int, int, str]]:
    plain = text.translate(_PLAIN)
    for found in _IDENTITY.finditer(plain):
        yield (*found.span(), "identity")
    for pattern in _REACHES:
        for found in pattern.finditer(plain):
            yield (*found.span(), "phone")


def mask_words(text: str, groups: frozenset[str] = frozenset(GROUPS)) -> str:
    """A text people wrote with the telephone numbers, e-mail addresses and ID numbers in it masked, as far as ``groups``."""
    if len(text) < 5:
        return text
    shown, end = [], 0
    for start, stop, group in sorted(_spans(text)):
        if start < end or group not in groups:
            continue
        shown += [text[end:start], _SHAPES[group](text[start:stop])]
        end = stop
    return "".join([*shown, text[end:]]) if shown else text


def permission_for(group: str) -> str:
    """The permission to see a group of personal data in full."""
    return f"personal_data.see_{group}"


def sees(group: str, by: Reader | None = None) -> bool:
    """Whether the reader (or ``by``) sees values of this group in full."""
    person = by or reader.get()
    return person is not None and person.may(permission_for(group))


def may_unmask() -> bool:
    """Whether the reader may ask for a single value with a reason."""
    person = reader.get()
    return person is not None and person.may(UNMASK)


class FullValues:
    """How many values of personal data were shown in full."""

    count = 0


_full: ContextVar[FullValues | None] = ContextVar("full", default=None)


@contextmanager
def counting_full_values() -> Iterator[FullValues]:
    """Counts the values shown in full inside: for files, which may need a second person then."""
    full = FullValues()
    token = _full.set(full)
    try:
        yield full
    finally:
        _full.reset(token)


def _count_full(values: int = 1) -> None:
    if full := _full.get():
        full.count += values


def shown(value: Any, group: str) -> str:
    """``value`` as the reader may see it."""
    text = "" if value is None else str(value)
    if not text or sees(group):
        _count_full(bool(text))
        return text
    return _SHAPES[group](text)


def shown_words(text: Any) -> str:
    """A text people wrote as the reader may see it: numbers somebody typed into it are personal data too."""
    text = "" if text is None else str(text)
    hidden = frozenset(group for group in ("phone", "identity") if not sees(group))
    if _full.get() and len(text) >= 5:
        _count_full(sum(group not in hidden for _start, _stop, group in _spans(text)))
    return mask_words(text, hidden) if hidden else text


_may_see_field: list[Callable[[Any, str], bool]] = []


def register_field_check(check: Callable[[Any, str], bool]) -> None:
    """``check(person, "ticket.contact_phone")`` says whether a person may see a field at all."""
    _may_see_field[:] = [check]


def unchanged_if_masked(old: Any, new: Any, group: str) -> Any:
    """``old`` where ``new`` is nothing but what a reader who saw it masked sends back; else ``new``."""
    if not isinstance(old, str) or not isinstance(new, str) or new == old or not old:
        return new
    masked = mask_words(old) if group == "words" else _SHAPES[group](old)
    return old if new.strip() == masked.strip() else new


def shows_field(code: str, by: Reader | None = None) -> bool:
    """Whether the reader (or ``by``) may see a field such as ``customer.id_number`` at all, masked or not."""
    person = by or reader.get()
    return all(check(person, code) for check in _may_see_field)
