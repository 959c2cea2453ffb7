"""Small text rules that several capabilities share."""

import re
import unicodedata
from typing import Literal

from pypinyin import lazy_pinyin

_FORBIDDEN = re.compile(r"[\x00\ud800-\udfff]")
#: Marks stand upon the letter before them; no writing piles up more than thirty (Unicode standard annex 15).
_MOST_MARKS = 30
_BECOME_MARKS = "\u0f73\u0f75\u0f81\uff9e\uff9f"  # in a normal form, and are none before
#: Where so many letters follow each other that none of them is of the usual ranges without marks, a closer look is taken.
_PERHAPS_MARKS = re.compile(
    r"[^\x00-\u02ff\u2000-\u20cf\u2100-\u2cee\u2e00-\u3029\u3030-\u3098\u309b-\ua66e\uac00-\ud7a3\uff00-\uff9d\uffa0-\uffef]"
    rf"{{{_MOST_MARKS + 1},}}"
)


def normal_form(form: Literal["NFC", "NFKC"], text: str) -> str:
    """``text`` in a Unicode normal form; as it is where marks are piled up beyond all writing.

    Python puts marks into their order in a time that grows with the square of the pile: 100,000 take 17 s.
    """
    return text if _has_piled_marks(text) else unicodedata.normalize(form, text)


def _has_piled_marks(text: str) -> bool:
    if text.isascii():
        return False
    for found in _PERHAPS_MARKS.finditer(text):
        pile = 0
        for char in found[0]:
            pile = pile + 1 if unicodedata.combining(char) or char in _BECOME_MARKS else 0
            if pile > _MOST_MARKS:
                return True
    return False


def clean(text: str) -> str:
    """``text`` without NUL and lone surrogates, which PostgreSQL refuses, in Unicode normal form C."""
    return normal_form("NFC", _FORBIDDEN.sub("", text)).strip()


def whole_number(text: str, most_digits: int = 18) -> int | None:
    """What plain digits say; None for anything else (``"²"`` is a digit too), and for more than a row's id ever has."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= most_digits else None


def pinyin_key(name: str, length: int = 160) -> str:
    """Sort and search key of a Chinese name: ``"王小明"`` → ``"wang xiao ming"``; other letters lower-cased."""
    return " ".join(lazy_pinyin(name)).lower()[:length]
