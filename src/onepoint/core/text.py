"""Small text rules that several capabilities share."""

import re
import unicodedata

from pypinyin import lazy_pinyin

_FORBIDDEN = re.compile(r"[\x00\ud800-\udfff]")


def clean(text: str) -> str:
    """``text`` without NUL and lone surrogates, which PostgreSQL refuses, in Unicode normal form C."""
    return unicodedata.normalize("NFC", _FORBIDDEN.sub("", text)).strip()


def whole_number(text: str, most_digits: int = 18) -> int | None:
    """What plain digits say; None for anything else (``"²"`` is a digit too), and for more than a row's id ever has."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= most_digits else None


def pinyin_key(name: str, length: int = 160) -> str:
    """Sort and search key of a Chinese name: ``"王小明"`` → ``"wang xiao ming"``; other letters lower-cased."""
    return " ".join(lazy_pinyin(name)).lower()[:length]
