"""Full text in Chinese and English on plain PostgreSQL: words for speed and rank, pairs of characters for recall.

A subject keeps two ``tsvector`` columns. ``seg`` holds the words a dictionary finds, with weight and position; ``bigram``
holds every pair of neighbouring Chinese characters, so that a word the dictionary cut differently is found all the same.
Both are written as literals here and cast in SQL: PostgreSQL's own parser takes a whole Chinese clause for one word.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import rjieba

from onepoint.core.search_keys import fold, is_han, runs

#: The order of weights says how much a word counts where: A title, B names, C the text, D what others added.
Part = tuple[str, str]  # weight, text

LONGEST_TEXT = 20_000  # characters of one document that are looked at
LONGEST_QUERY = 200
LONGEST_WORD = 40
MOST_TERMS = 16
_LAST_POSITION = 16_383  # PostgreSQL keeps no higher one
_POSITIONS_OF_A_WORD = 4
_POSITIONS_OF_A_PAIR = 60
#: Words that say nothing by themselves; they are dropped from a question that has others.
_EMPTY_WORDS = frozenset("的了和是在也就都与及或被把对向从到着过吗呢吧啊这那")
#: Telephone numbers and codes written with spaces or hyphens are kept in one piece as well.
_CODE = re.compile(r"\+?\d[\d -]{5,}\d(?![a-z0-9])|(?<![a-z0-9])[a-z0-9]+(?:[-_/.][a-z0-9]+)+(?![a-z0-9])")
_NOT_ALPHANUMERIC = re.compile(r"[^a-z0-9]")
_QUOTED = re.compile(r"[\"“”「『]([^\"“”「」『』]+)[\"“”」』]")


@dataclass(frozen=True, slots=True)
class Literals:
    """What the two columns of a document hold, ready for a cast to ``tsvector``."""

    seg: str
    bigram: str


def _written(lexemes: dict[str, list[str]]) -> str:
    """A ``tsvector`` literal. Lexemes are made of letters and digits only, so nothing in them needs escaping."""
    return " ".join(f"'{word}':{','.join(places)}" if places else f"'{word}'" for word, places in lexemes.items())


def literals(parts: Iterable[Part]) -> Literals:
    """The document of some texts with their weights; pure and quick (about 0.1 ms for 300 characters)."""
    words: dict[str, list[str]] = {}
    pairs: dict[str, list[str]] = {}
    word_at = pair_at = 1
    left = LONGEST_TEXT
    for weight, text in parts:
        text = fold(text[:left])
        left -= len(text)
        for run, han in runs(text, folded=True):
            for word in rjieba.cut_for_search(run) if han else (run[:LONGEST_WORD],):
                places = words.setdefault(word, [])
                if len(places) < _POSITIONS_OF_A_WORD and word_at <= _LAST_POSITION:
                    places.append(f"{word_at}{weight}")
                word_at += 1
            for pair in _pairs(run) if han else (run[:LONGEST_WORD],):
                places = pairs.setdefault(pair, [])
                if len(places) < _POSITIONS_OF_A_PAIR and pair_at <= _LAST_POSITION:
                    places.append(str(pair_at))
                pair_at += 1
            pair_at += 1  # two runs never make one phrase
        for code in _codes(text):
            words.setdefault(code, [f"{min(word_at, _LAST_POSITION)}{weight}"])
            pairs.setdefault(code, [])
    return Literals(_written(words), _written(pairs))


def _pairs(run: str) -> Iterator[str]:
    """Every two neighbours, and the last character by itself, so that each character begins something."""
    for index in range(len(run)):
        yield run[index : index + 2]


def _codes(text: str) -> Iterator[str]:
    for match in _CODE.finditer(text):
        yield _NOT_ALPHANUMERIC.sub("", match[0])[:LONGEST_WORD]


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody typed, as ``tsquery`` literals. Both are empty when there is nothing to look for."""

    words: str = ""
    pairs: str = ""
    is_literal: bool = False  # typed in quotation marks: only exactly these characters
    terms: list[str] = field(default_factory=list)  # what to highlight, longest first

    def __bool__(self) -> bool:
        return bool(self.pairs)


def _wanted_words(run: str, han: bool) -> list[str]:
    if not han:
        return [run[:LONGEST_WORD]]
    words = [word for word in rjieba.cut(run) if word not in _EMPTY_WORDS]
    return words or [run]


def _word_query(word: str) -> str:
    """Chinese words whole, others by their beginning: ``'宽带'``, ``'netw':*``."""
    return f"'{word}'" if is_han(word) or len(word) < 2 else f"'{word}':*"


def _pair_query(run: str, han: bool) -> str:
    if not han or len(run) == 1:
        return f"'{run[:LONGEST_WORD]}':*"
    phrase = " <-> ".join(f"'{run[index : index + 2]}'" for index in range(min(len(run) - 1, MOST_TERMS)))
    return f"({phrase})"


def question(text: str) -> Question:
    """Understand a search: words are all wanted, those in quotation marks exactly so. Never fails, whatever is typed."""
    plain = fold(text[:LONGEST_QUERY])
    words: dict[str, None] = {}
    pairs: dict[str, None] = {}
    terms: dict[str, None] = {}
    is_literal = bool(_QUOTED.search(plain))
    for run, han in runs(plain, folded=True):
        for word in _wanted_words(run, han):
            words[_word_query(word)] = None
            terms[word] = None
        terms[run] = None
        if not (han and run in _EMPTY_WORDS):
            pairs[_pair_query(run, han)] = None
    return Question(
        words=" & ".join(list(words)[:MOST_TERMS]),
        pairs=" & ".join(list(pairs)[:MOST_TERMS]),
        is_literal=is_literal,
        terms=sorted(terms, key=len, reverse=True),
    )


# --- what is shown of a hit -------------------------------------------------------------------------------------

Piece = tuple[str, bool]  # text, whether it is one of the terms


def _same_length(text: str) -> str:
    """``text`` folded character by character, so that places in it are places in the original."""
    return "".join(map(_folded, text))


@lru_cache(maxsize=10_000)
def _folded(character: str) -> str:
    new = fold(character)
    return new if len(new) == 1 else character


def _places(plain: str, terms: Iterable[str]) -> list[tuple[int, int]]:
    """Where the terms stand, without overlap, in order; the longer ones are looked for first."""
    taken: list[tuple[int, int]] = []
    for term in terms:
        start = plain.find(term)
        while start >= 0 and len(taken) < 60:
            end = start + len(term)
            if all(end <= other_start or start >= other_end for other_start, other_end in taken):
                taken.append((start, end))
            start = plain.find(term, end)
    return sorted(taken)


def snippet(text: str, terms: list[str], length: int = 80) -> list[Piece]:
    """The stretch of ``text`` that holds most of the terms, cut into pieces; empty when none of them is in it."""
    plain = _same_length(text)
    places = _places(plain, terms)
    if not places:
        return []
    distinct = {
        start: len({plain[s:e] for s, e in places if start <= s and e <= start + length}) for start, _e in places
    }
    best = max(distinct, key=lambda start: (distinct[start], -start))
    begin = max(0, min(best - length // 4, len(text) - length))
    end = min(len(text), begin + length)
    pieces: list[Piece] = [("…", False)] if begin else []
    at = begin
    for start, stop in places:
        if start < at or stop > end:
            continue
        if start > at:
            pieces.append((text[at:start], False))
        pieces.append((text[start:stop], True))
        at = stop
    if at < end:
        pieces.append((text[at:end], False))
    if end < len(text):
        pieces.append(("…", False))
    return pieces
