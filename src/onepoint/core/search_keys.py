"""Keys that make Chinese and Latin text findable through one indexed array column.

A row carries an array of keys; a query becomes a list of keys of which the row must carry **all** (``contains``).
Chinese is found by any character or run of characters (bigrams), by pinyin from any syllable on, and by initials;
other words by their beginning. No extension and no stemming: the same on every PostgreSQL.
"""

import re
import unicodedata
from collections.abc import Iterator

from pypinyin import Style, lazy_pinyin

from onepoint.core.text import normal_form

#: Beginnings are kept up to this length; a longer word is looked up by its first letters.
PREFIX_LENGTH = 10
INITIALS_LENGTH = 8

_HAN = r"\u3400-\u9fff\u3007\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+")
_IS_HAN = re.compile(rf"[{_HAN}]")
_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """``text`` with full-width and compatibility forms made plain, in lower case, without control characters."""
    plain = normal_form("NFKC", text).casefold()
    return "".join(
        character for character in plain if unicodedata.category(character)[0] != "C" or character in "\t\n\r"
    )


def squeeze(text: str) -> str:
    """Only the letters and digits of ``text``, folded: ``"SMTCL-26/001 a"`` → ``"smtcl26001a"``."""
    return _NOT_ALPHANUMERIC.sub("", fold(text))


def is_han(text: str) -> bool:
    """Whether ``text`` begins with a Chinese character."""
    return bool(_IS_HAN.match(text))


def runs(text: str, *, folded: bool = False) -> Iterator[tuple[str, bool]]:
    """Runs of Chinese characters and other words, in order; True marks a Chinese one."""
    for match in _RUN.finditer(text if folded else fold(text)):
        yield match[0], is_han(match[0])


def _bigrams(run: str) -> list[str]:
    return [run[index : index + 2] for index in range(len(run) - 1)]


def _beginnings(word: str) -> Iterator[str]:
    """``"network"`` → ``"ne", "net", …`` (a word of one letter stands for itself)."""
    for length in range(min(2, len(word)), min(len(word), PREFIX_LENGTH) + 1):
        yield word[:length]


def _pinyin_keys(run: str) -> Iterator[str]:
    """Beginnings of the pinyin and of the initials, from each syllable on."""
    syllables = lazy_pinyin(run, errors="ignore")
    initials = "".join(lazy_pinyin(run, style=Style.FIRST_LETTER, errors="ignore"))
    for start in range(len(syllables)):
        yield from _beginnings("".join(syllables[start : start + PREFIX_LENGTH]))
        yield from _beginnings(initials[start : start + INITIALS_LENGTH])


def name_keys(*names: str) -> set[str]:
    """Everything by which a short name (a person, a company, a category) may be looked up."""
    keys: set[str] = set()
    for name in names:
        for run, han in runs(name):
            if han:
                keys.update(run, _bigrams(run), _pinyin_keys(run))
            else:
                keys.update(_beginnings(run))
    return keys


def text_keys(*texts: str, length: int = 4000) -> set[str]:
    """Keys of running text: characters and bigrams of Chinese, other words whole; the first ``length`` characters count."""
    keys: set[str] = set()
    for text in texts:
        for run, han in runs(text[:length]):
            keys.update((*run, *_bigrams(run)) if han else (run[:PREFIX_LENGTH],))
    return keys


def query_keys(text: str) -> list[str]:
    """The keys a row must all carry to match what somebody typed; empty when there is nothing to search for.

    A row found by :func:`name_keys` matches ``"王小"``, ``"wangxiao"``, ``"wang xiao"``, ``"wxm"``, ``"int dep"``.
    """
    keys: dict[str, None] = {}
    for run, han in runs(text[:200]):
        for key in (_bigrams(run) or [run]) if han else [run[:PREFIX_LENGTH]]:
            keys[key] = None
    return list(keys)
