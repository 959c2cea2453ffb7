"""Small text rules that several capabilities share."""

import re
import unicodedata

from pypinyin import lazy_pinyin

_FORBIDDEN = re.compile(r"[\x00\ud800-\udfff]")


def clean(text: str) -> str:
    """``text`` without NUL and lone surrogates, which PostgreSQL refuses, in Unicode normal form C."""
    return unicodedata.normalize("NFC", _FORBIDDEN.sub("", text)).strip()


def pinyin_key(name: str, length: int = 160) -> str:
    """Sort and search key of a Chinese name: ``"王小明"`` → ``"wang xiao ming"``; other letters lower-cased."""
    return " ".join(lazy_pinyin(name)).lower()[:length]
