"""The values that name one customer, and where they stand in texts, however they are written there."""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

import phonenumbers

from onepoint.customers import phone_numbers

MARK = "▇"
_LONGEST_MARK = 3
MARKED = MARK * _LONGEST_MARK
_SHORTEST = 4  # characters of a value that is neither a name nor a telephone number
_GAP = r"[\s\-–—.·()（）/]{0,3}"
_PREFIX = rf"(?:(?:[+＋]|[0０]{{2}}){_GAP}[8８]{_GAP}[6６]{_GAP}|[8８]{_GAP}[6６]{_GAP})?"


@dataclass
class KnownValues:
    """What a customer is known by at the moment its erasure begins."""

    phones: list[str] = field(default_factory=list)
    emails: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)  # ID numbers, accounts, addresses, serial numbers
    names: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)  # by which messages reach the customer, as stored

    def as_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    def add(self, more: "KnownValues") -> None:
        for name, values in asdict(more).items():
            setattr(self, name, [*getattr(self, name), *values])

    def tidy(self) -> "KnownValues":
        """Each value once, without empty ones."""
        return KnownValues(
            **{name: sorted({text.strip() for text in values if text.strip()}) for name, values in asdict(self).items()}
        )

    @classmethod
    def from_json(cls, text: str) -> "KnownValues":
        return cls(**json.loads(text or "{}"))


def _digit(char: str) -> str:
    return f"[{char}{chr(ord(char) + 0xFEE0)}]"


def _apart(text: str) -> str:
    """The characters of a number, with whatever people put between them."""
    return _GAP.join(_digit(char) if char.isdecimal() and char.isascii() else re.escape(char) for char in text)


def _loosely(text: str) -> str:
    """Words with any blanks between them."""
    return r"\s*".join(re.escape(word) for word in text.split())


def _phone(text: str) -> Iterable[str]:
    """A telephone number with and without its country and area code."""
    canonical = phone_numbers.normalise(text)
    digits = re.sub(r"\D", "", canonical)
    if len(digits) < 5:
        return
    if not canonical.startswith("+"):
        yield _apart(digits)
        return
    number = phonenumbers.parse(canonical)
    national = phonenumbers.national_significant_number(number)
    if number.country_code != 86:
        yield rf"(?:[+＋]?{_GAP}{_apart(str(number.country_code))}{_GAP})?{_apart(national)}"
        return
    area = phonenumbers.length_of_geographical_area_code(number)
    zero = rf"(?:[0０]{_GAP})?"
    front = rf"(?:{zero}{_apart(national[:area])}{_GAP})?" if area else zero
    yield rf"{_PREFIX}{front}{_apart(national[area:])}"


def pattern_of(known: KnownValues) -> re.Pattern[str] | None:
    """Finds every value in a text; None where there is nothing to look for."""
    numbers = [pattern for text in known.phones for pattern in _phone(text)]
    parts = [
        rf"(?<![0-9０-９])[(（]?(?:{pattern})(?![0-9０-９])" for pattern in sorted(set(numbers), key=len, reverse=True)
    ]
    literal = [text.strip() for text in (*known.emails, *known.others) if len(text.strip()) >= _SHORTEST]
    for text in sorted(set(literal), key=len, reverse=True):
        looks_like_code = text.isascii() and "@" not in text and any(char.isdigit() for char in text)
        written = _apart(re.sub(r"[\s\-]", "", text)) if looks_like_code and " " not in text else _loosely(text)
        parts.append(rf"(?<![0-9A-Za-z]){written}(?![0-9A-Za-z])" if text.isascii() else written)
    for name in sorted({name.strip() for name in known.names if len(name.strip()) > 1}, key=len, reverse=True):
        parts.append(rf"(?<![A-Za-z]){_loosely(name)}(?![A-Za-z])" if name.isascii() else _loosely(name))
    return re.compile("|".join(parts), re.IGNORECASE) if parts else None


def marked(value: Any, pattern: re.Pattern[str]) -> Any:
    """``value`` with every known value in its texts marked out, however deep they stand; never longer than before."""
    if isinstance(value, str):
        return pattern.sub(lambda found: MARK * min(_LONGEST_MARK, len(found[0])), value)
    if isinstance(value, list):
        return [marked(part, pattern) for part in value]
    if isinstance(value, dict):
        return {marked(key, pattern): marked(part, pattern) for key, part in value.items()}
    if isinstance(value, int | float) and not isinstance(value, bool) and pattern.fullmatch(str(value)):
        return MARKED
    return value
