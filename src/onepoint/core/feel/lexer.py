"""Turns text into tokens. Names may hold spaces, signs and Chinese, so the longest known name wins.

Brackets are disambiguated here too: `]1..5[` uses them the other way round, which one token of lookahead decides.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from decimal import Decimal
from typing import Any, Final, NamedTuple

from .errors import FeelPunctuationError, FeelSyntaxError, FeelUnsupportedError
from .numbers import CONTEXT
from .temporal import parse_at_literal

MAX_LENGTH: Final = 4_000
MAX_NESTING: Final = 50

# The characters FEEL allows in names, without the full-width punctuation a Chinese keyboard gives by mistake.
_START = (
    "?A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3005-\u3007\u3021-\ud7ff\uf900-\ufdcf\ufdf0-\ufeff\uff10-\uff19\uff21-\uff3a\uff41-\uff5a"
    "\uff66-\uffdc\U00010000-\U000effff"
)
_PART = _START + "0-9\u00b7\u0300-\u036f\u203f-\u2040\u200d\ufe00-\ufe0f"
_WORD: Final = re.compile(f"[{_START}][{_PART}]*")
_IS_PART: Final = re.compile(f"[{_PART}]")
_KEY: Final = re.compile(rf"([{_START}](?:[{_PART}\s.\-/*'+]*[{_PART}'])?)\s*:(?!:)")
_PARAMETER: Final = re.compile(rf"([{_START}](?:[{_PART}\s]*[{_PART}])?)\s*(?=[,:)])")
_ITERATOR: Final = re.compile(rf"([{_START}](?:[{_PART} \t]*?[{_PART}])?)\s+in(?![{_PART}])")
_NUMBER: Final = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_STRING: Final = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_BLANK: Final = re.compile(r"(?:\s|//[^\n]*|/\*.*?\*/)+", re.DOTALL)
_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|([nrtfb\"'\\]))")
_SIGNS: Final = ("**", "..", "->", "<=", ">=", "!=", *"=<>+-*/()[]{},:.")
_TYPE_OPENING: Final = re.compile(r"(list|range|context|function)\s*<")
_INSTANCE_OF: Final = re.compile(rf"instance\s+of(?![{_PART}])")
_FULL_WIDTH: Final = dict(zip("（）【】，：“”‘’＜＞＝＋－＊／。", "()[],:\"\"''<>=+-*/.", strict=True))

KEYWORDS: Final = frozenset(
    ["if", "then", "else", "for", "in", "return", "some", "every", "satisfies", "and", "or", "between", "function"]
)
_CONSTANTS: Final[dict[str, Any]] = {"true": True, "false": False, "null": None}
_SIMPLE_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "b": "\b", '"': '"', "'": "'", "\\": "\\"}
# After one of these a value has ended; anything else leaves the next token at the start of a value.
_ENDS_VALUE: Final = frozenset(["LITERAL", "NAME", ")", "]", "}", "_RANGE_CLOSE"])
_STARTS_VALUE: Final = frozenset(
    ["LITERAL", "NAME", "(", "[", "{", "-", "if", "for", "some", "every", "function"],
)


class Piece(NamedTuple):
    """One token: `kind` is the terminal of the grammar."""

    kind: str
    value: Any
    position: int


class KnownNames:
    """Names to recognise, found by their first word, longest first."""

    def __init__(self, names: Collection[str]) -> None:
        self._by_first: dict[str, list[tuple[re.Pattern[str], str]]] = {}
        self._seen: set[str] = set()
        for name in names:
            self.add(name)

    def copy(self) -> KnownNames:
        twin = KnownNames(())
        twin._by_first = {first: list(patterns) for first, patterns in self._by_first.items()}
        twin._seen = set(self._seen)
        return twin

    def add(self, name: str) -> None:
        """Only names that are more than one word need to be known."""
        name = normal_name(name)
        first = _WORD.match(name)
        if first is None or first.end() == len(name) or name in self._seen:
            return
        self._seen.add(name)
        end = f"(?![{_PART}])" if _IS_PART.match(name[-1]) else ""
        pattern = re.compile(r"\s+".join(re.escape(part) for part in name.split(" ")) + end)
        known = self._by_first.setdefault(first[0], [])
        known.append((pattern, name))
        known.sort(key=lambda item: -len(item[1]))

    def match(self, text: str, position: int, word: str) -> tuple[str, int] | None:
        for pattern, name in self._by_first.get(word, ()):
            if found := pattern.match(text, position):
                return name, found.end()
        return None


def normal_name(name: str) -> str:
    return " ".join(name.split())


def unescape(text: str) -> str:
    """Undo the escapes of a string literal; an unknown one stands for itself, as regular expressions need."""
    if "\\" not in text:
        return text

    def replacement(match: re.Match[str]) -> str:
        if match[3]:
            return _SIMPLE_ESCAPES[match[3]]
        code = int(match[1] or match[2], 16)
        return chr(code) if code <= 0x10FFFF else match[0]

    joined = _ESCAPE.sub(replacement, text)
    # \ud83d\ude00 is one character written as its two UTF-16 halves; a lone half is no text at all.
    return joined.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class Lexer:
    """One pass over one text."""

    def __init__(self, text: str, known: KnownNames) -> None:
        if len(text) > MAX_LENGTH:
            raise FeelSyntaxError(f"longer than {MAX_LENGTH} characters", text, MAX_LENGTH)
        self.text = text
        self.known = known
        self.position = 0
        self.pieces: list[Piece] = []
        self.nesting = 0
        self.type_depth = 0
        self.parameters_at = -1

    def read(self) -> list[Piece]:
        while True:
            if blank := _BLANK.match(self.text, self.position):
                self.position = blank.end()
            if self.position >= len(self.text):
                break
            self._read_one()
        return list(_turn_brackets(self.pieces))

    @property
    def _previous(self) -> str:
        return self.pieces[-1].kind if self.pieces else ""

    def _add(self, kind: str, value: Any, end: int) -> None:
        self.pieces.append(Piece(kind, value, self.position))
        self.position = end

    def _read_one(self) -> None:
        char = self.text[self.position]
        if char == '"':
            self._read_string(self.position)
        elif char == "@":
            self._read_at_literal()
        elif char.isdecimal() and char.isascii() or (char == "." and self._number_follows()):
            self._read_number()
        elif self._read_expected_name():
            return
        elif word := _WORD.match(self.text, self.position):
            self._read_word(word[0], word.end())
        else:
            self._read_sign()

    def _number_follows(self) -> bool:
        return self._previous not in _ENDS_VALUE and _NUMBER.match(self.text, self.position) is not None

    def _read_number(self) -> None:
        match = _NUMBER.match(self.text, self.position)
        assert match is not None
        number: Decimal = CONTEXT.create_decimal(match[0])
        if not number.is_finite():
            raise FeelSyntaxError("number out of range", self.text, self.position)
        self._add("LITERAL", number, match.end())

    def _read_string(self, start: int) -> None:
        match = _STRING.match(self.text, start)
        if match is None:
            raise FeelSyntaxError("text without closing quote", self.text, start)
        self._add("LITERAL", unescape(match[1]), match.end())

    def _read_at_literal(self) -> None:
        match = _STRING.match(self.text, self.position + 1)
        if match is None:
            raise FeelSyntaxError('@ needs a text like @"2026-01-31"', self.text, self.position)
        # A malformed moment is null, as date("…") of the same text would be.
        self._add("LITERAL", parse_at_literal(unescape(match[1])), match.end())

    def _read_expected_name(self) -> bool:
        """Places where the grammar itself says that a new name stands, so that it need not be known yet."""
        previous = self._previous
        if self.parameters_at == self.nesting and previous in ("(", ","):
            match = _PARAMETER.match(self.text, self.position)
        elif previous in ("for", "some", "every"):
            match = _ITERATOR.match(self.text, self.position)
        elif previous == ",":
            match = self._key_here() or self._later_iterator()
        elif previous in ("{", "("):
            match = self._key_here()
        else:
            return False
        if match is None:
            return False
        name = normal_name(match[1])
        self.known.add(name)
        self._add("NAME", name, match.end(1))
        return True

    def _key_here(self) -> re.Match[str] | None:
        return _KEY.match(self.text, self.position)

    def _later_iterator(self) -> re.Match[str] | None:
        match = _ITERATOR.match(self.text, self.position)
        if match is None or KEYWORDS.intersection(match[1].split()):
            return None
        return match if self.known.match(self.text, self.position, match[1].split()[0]) is None else None

    def _read_word(self, word: str, end: int) -> None:
        if self._previous == ".":
            name, end = self.known.match(self.text, self.position, word) or (word, end)
            self._add("NAME", name, end)
            return
        if self._in_type() and (opening := _TYPE_OPENING.match(self.text, self.position)):
            self.type_depth += 1
            self._add(f"TYPE_{opening[1].upper()}", word, opening.end())
        elif found := self.known.match(self.text, self.position, word):
            self._add("NAME", found[0], found[1])
        elif instance_of := _INSTANCE_OF.match(self.text, self.position):
            self._add("instance of", "instance of", instance_of.end())
        elif word in _CONSTANTS:
            self._add("LITERAL", _CONSTANTS[word], end)
        elif word in KEYWORDS:
            self._add(word, word, end)
            if word == "function":
                self.parameters_at = self.nesting + 1
        elif word == "external" and self._previous == ")":
            raise FeelUnsupportedError("external functions", self.text, self.position)
        else:
            self._add("NAME", word, end)

    def _in_type(self) -> bool:
        previous = self._previous
        return (
            self.type_depth > 0
            or previous in ("instance of", "->")
            or (previous == ":" and self.parameters_at == self.nesting)
        )

    def _read_sign(self) -> None:
        for sign in _SIGNS:
            if self.text.startswith(sign, self.position):
                break
        else:
            self._refuse_character()
        if self.type_depth and sign == ">=":
            sign = ">"
        if sign in "([{":
            self.nesting += 1
        elif sign in ")]}":
            if sign == ")" and self.nesting == self.parameters_at:
                self.parameters_at = -1
            self.nesting -= 1
        elif sign == ">" and self.type_depth:
            self.type_depth -= 1
            self._add("type >", sign, self.position + 1)
            return
        if self.nesting > MAX_NESTING:
            raise FeelSyntaxError(f"more than {MAX_NESTING} brackets inside one another", self.text, self.position)
        self._add(sign, sign, self.position + len(sign))

    def _refuse_character(self) -> None:
        char = self.text[self.position]
        if plain := _FULL_WIDTH.get(char):
            raise FeelPunctuationError(char, plain, self.text, self.position)
        raise FeelSyntaxError(f"unexpected character {char!r}", self.text, self.position)


def _turn_brackets(pieces: list[Piece]) -> Iterator[Piece]:
    """`]` where a value must start opens a range; `[` where no value can follow closes one."""
    last = len(pieces) - 1
    for index, piece in enumerate(pieces):
        previous = pieces[index - 1].kind if index else ""
        following = pieces[index + 1].kind if index < last else ""
        if piece.kind == "]" and previous not in _ENDS_VALUE and _opens_range(previous, following):
            yield piece._replace(kind="_RANGE_OPEN")
        elif piece.kind == "[" and previous in _ENDS_VALUE and following not in _STARTS_VALUE:
            yield piece._replace(kind="_RANGE_CLOSE")
        else:
            yield piece


def _opens_range(previous: str, following: str) -> bool:
    """Right after "[", a "]" closes the empty list unless a plain value follows, which nothing else could explain."""
    return following in (("LITERAL", "NAME") if previous == "[" else _STARTS_VALUE)
