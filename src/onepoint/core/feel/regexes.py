"""Regular expressions as FEEL means them (XPath/XML Schema), run by the `regex` library under a time limit.

Patterns come from people. The library matches by backtracking, so some short patterns would take hours; the limit
turns these into null instead of a stuck worker.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

import regex

MAX_PATTERN: Final = 500
MAX_INPUT: Final = 20_000
#: The library writes counted repeats out while it compiles, which no time limit ends.
MAX_WRITTEN_OUT: Final = 50_000
TIMEOUT_SECONDS: Final = 0.2

_NAME_START = "_:A-Za-z\\u00C0-\\u00D6\\u00D8-\\u00F6\\u00F8-\\u02FF\\u0370-\\u037D\\u037F-\\u1FFF\\u200C-\\u200D"
_NAME_PART = _NAME_START + "\\-.0-9\\u00B7\\u0300-\\u036F\\u203F-\\u2040"
_FLAGS: Final = {"s": regex.DOTALL, "m": regex.MULTILINE, "i": regex.IGNORECASE}
_COUNT: Final = re.compile(r"\{(\d+)(?:,(\d*))?\}")
_BLOCK: Final = re.compile(r"\\([pP])\{Is(\w[\w\-]*)\}")


class PatternError(Exception):
    """The pattern or its flags are not valid."""


@lru_cache(maxsize=512)
def compile_pattern(pattern: str, flags: str = "") -> regex.Pattern[str]:
    """The compiled pattern. Raises PatternError."""
    if len(pattern) > MAX_PATTERN:
        raise PatternError("the pattern is too long")
    options = regex.V1
    for flag in flags:
        if flag not in "smixq":
            raise PatternError(f"unknown flag {flag!r}")
        options |= _FLAGS.get(flag, 0)
    if "q" in flags:
        pattern = regex.escape(pattern)
    else:
        pattern = _translate(_without_blanks(pattern) if "x" in flags else pattern, flags)
    if _written_out(pattern) > MAX_WRITTEN_OUT:
        raise PatternError("the pattern repeats too often")
    try:
        return regex.compile(pattern, options)
    except (regex.error, OverflowError, RecursionError) as error:
        raise PatternError(str(error)) from error


def _written_out(pattern: str) -> int:
    """How many letters at most the pattern has with each counted repeat written out."""
    groups, last, index = [0], 0, 0  # by open group what it holds so far; what a count would repeat
    while index < len(pattern):
        char, length = pattern[index], 1
        if char == "(":
            groups.append(0)
        elif char == ")":
            last = groups.pop()
            groups = groups or [0]
            groups[-1] += last
        elif char == "{" and (count := _COUNT.match(pattern, index)):
            more = last * (max(map(int, filter(None, count.groups()))) - 1)
            groups[-1], last, length = groups[-1] + more, last + more, len(count[0])
        else:
            last, length = 1, 2 if char == "\\" else 1
            groups[-1] += 1
        index += length
    return sum(groups)


def _without_blanks(pattern: str) -> str:
    """Flag x removes blanks outside character classes, also within escapes like `\\ s`."""
    kept, depth, index = [], 0, 0
    while index < len(pattern):
        char = pattern[index]
        if char in " \t\r\n" and depth == 0:
            index += 1
            continue
        if char == "\\" and index + 1 < len(pattern):
            following = pattern[index + 1 :].lstrip() if depth == 0 else pattern[index + 1 :]
            kept.append(char + following[:1])
            index = len(pattern) - len(following) + 1
            continue
        depth += (char == "[") - (char == "]")
        kept.append(char)
        index += 1
    return "".join(kept)


def _translate(pattern: str, flags: str) -> str:
    """XML Schema's escapes in the words of the library; constructs XPath does not know are refused."""
    pattern = _BLOCK.sub(lambda match: f"\\{match[1]}{{Block={match[2]}}}", pattern)
    result, depth, index = [], 0, 0
    while index < len(pattern):
        char = pattern[index]
        if char == "\\":
            escape = pattern[index : index + 2]
            result.append(_translate_escape(escape, depth > 0))
            index += 2
            continue
        if char == "(" and pattern.startswith("(?", index) and not pattern.startswith("(?:", index) and not depth:
            raise PatternError("(? is not allowed")
        if char == "[":
            # A class within a class is only allowed as [a-z-[aeiou]], subtraction.
            if depth and (not result or result[-1] != "-"):
                raise PatternError("[ inside a class")
            if depth:
                result[-1] = "--"
            depth += 1
        elif char == "]":
            depth -= 1
        elif depth == 0:
            char = _outside_class(char, flags)
        result.append(char)
        index += 1
    return "".join(result)


def _outside_class(char: str, flags: str) -> str:
    """XPath's dot leaves out the carriage return too, and its $ does not stop before a final line feed."""
    if char == "." and "s" not in flags:
        return "[^\\n\\r]"
    return "\\Z" if char == "$" and "m" not in flags else char


def _translate_escape(escape: str, in_class: bool) -> str:
    letter = escape[1:]
    if letter == "" or (in_class and letter.isdecimal()) or letter == "0":
        raise PatternError("a backslash needs a letter")
    if letter in ("i", "c"):
        body = _NAME_START if letter == "i" else _NAME_PART
        return body if in_class else f"[{body}]"
    if letter in ("I", "C"):
        if in_class:
            raise PatternError(f"\\{letter} inside a class")
        return f"[^{_NAME_START if letter == 'I' else _NAME_PART}]"
    if letter.isalpha() and letter not in "nrtsSdDwWpP":
        raise PatternError(f"unknown escape \\{letter}")
    return escape


def run_pattern(pattern: regex.Pattern[str], method: str, *arguments: Any) -> Any:
    """Call a method of the pattern within the limits. Raises PatternError when it takes too long."""
    if any(isinstance(argument, str) and len(argument) > MAX_INPUT for argument in arguments):
        raise PatternError(f"more than {MAX_INPUT} characters to search")
    try:
        return getattr(pattern, method)(*arguments, timeout=TIMEOUT_SECONDS)
    except TimeoutError as error:
        raise PatternError("the pattern takes too long") from error
