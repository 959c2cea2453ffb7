"""A small reader of the `${…}` expressions in files of other engines, for running their scenarios only."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from typing import Any

WHOLE = re.compile(r"^[$#]\{([^{}]*)\}$")
PART = re.compile(r"[$#]\{([^{}]*)\}")
# Names of scripts in other languages that no scenario depends on; they are run as doing nothing.
LANGUAGES = ("", "feel", "groovy", "juel", "javascript", "python", "ruby")

_WORDS = ((r"&&", " and "), (r"\|\|", " or "), (r"!(?!=)", " not "), (r"\beq\b", "=="), (r"\bne\b", "!="))
_NAMES = {"true": True, "false": False, "null": None}


class Names(dict[str, Any]):
    """Variables; a missing one is null."""

    def __missing__(self, name: str) -> Any:
        return None


class Text(str):
    def concat(self, other: str) -> Text:
        return Text(self + other)


def compile_vendor(text: str) -> Callable[[Mapping[str, Any]], Any]:
    """A whole `${…}`, a text with such parts, a name, or a literal."""
    whole = WHOLE.match(text)
    if whole:
        return _compile(whole.group(1))
    if PART.search(text):
        pieces = [(text[: m.start()], m) for m in PART.finditer(text)]
        return lambda view: _fill(text, view) if pieces else text
    if re.fullmatch(r"[A-Za-z_]\w*", text):
        return lambda view: view.get(text)
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return lambda view: text
    return lambda view: value


def _fill(text: str, view: Mapping[str, Any]) -> str:
    return PART.sub(lambda match: str(_compile(match.group(1))(view)), text)


def _compile(text: str) -> Callable[[Mapping[str, Any]], Any]:
    text = re.sub(r"\bvars?:(\w+)\((\w+)\s*,", r'__\1("\2",', text)
    for pattern, word in _WORDS:
        text = re.sub(pattern, word, text)
    try:
        code = compile(ast.parse(text.strip(), mode="eval"), "expression", "eval")
    except SyntaxError:
        return lambda view: None

    def evaluate(view: Mapping[str, Any]) -> Any:
        names = Names({**_NAMES, **{k: Text(v) if isinstance(v, str) else v for k, v in view.items()}})
        names["__equals"] = lambda name, value: view.get(name) == value
        try:
            return eval(code, {"__builtins__": {}}, names)
        except Exception:
            return None

    return evaluate
