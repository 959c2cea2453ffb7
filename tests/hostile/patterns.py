"""Every regular expression of the house, found in its source, tried against texts made to slow it down (reliability X10).

Run as a program with a length it tries them all, a line each; a pattern that never ends takes only that process with it.
"""

import ast
import json
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src" / "onepoint"
FUNCTIONS = {"compile", "match", "search", "sub", "subn", "findall", "finditer", "fullmatch", "split"}
SEEDS = (
    "a", "0", " ", "\t", "\n", "\r\n", "-", "_", ".", ",", ":", "：", ";", "/", "@", "=", "<", ">", "(", ")", "[", "]", "{", "}",
    '"', "'", "?", "!", "%", "&", "#", "*", "+", "中", "在", "写道", "> ", "- ", "a@", "a.", "1-", "1 ", "=?", "<a ", "x=1 ", "TS1",
    "a a", "\u3000", "A1", "$", "|", "\\", "~", "`", "0x", "--", "é",
)  # fmt: skip


#: File → how long a text its patterns meet at most, where that is less than anything; said beside them.
BOUNDED = {
    "core/catalogues.py": 1000,  # reads the house's own templates
    "core/explaining.py": 300,  # LONGEST
    "channels/providers/smpp/session.py": 300,  # LONGEST_RECEIPT
    "customers/phone_numbers.py": 200,  # LONGEST
}


@dataclass(frozen=True)
class Found:
    """One literal pattern of a file."""

    path: str
    line: int
    pattern: str
    flags: int
    is_bytes: bool
    is_search: bool  # tried at every place of a text, not at its beginning only


def patterns_of(path: Path) -> Iterator[Found]:
    """``re.compile("…")`` and its like, and what Django's validators are given."""
    source = path.read_text()
    tree = ast.parse(source)
    names = {
        id(node.value): node.targets[0].id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = node.func
        is_re = isinstance(name, ast.Attribute) and isinstance(name.value, ast.Name) and name.value.id == "re"
        is_validator = isinstance(name, ast.Name) and name.id == "RegexValidator"
        if not is_validator and not (is_re and isinstance(name, ast.Attribute) and name.attr in FUNCTIONS):
            continue
        try:
            pattern = ast.literal_eval(node.args[0])
        except ValueError:
            continue
        if isinstance(pattern, str | bytes):
            text = pattern.decode("latin-1") if isinstance(pattern, bytes) else pattern
            used = {name.attr} if isinstance(name, ast.Attribute) and name.attr != "compile" else set()
            compiled = names.get(id(node))
            if compiled and not used:
                used = set(re.findall(rf"\b{compiled}\.(\w+)\(", source))
            is_search = not used or bool(used - {"match", "fullmatch"})
            yield Found(
                str(path.relative_to(SOURCE)), node.lineno, text, _flags(node), isinstance(pattern, bytes), is_search
            )


def _flags(node: ast.Call) -> int:
    flags = 0
    for one in ast.walk(ast.Module([ast.Expr(argument) for argument in node.args[1:]], [])):
        if isinstance(one, ast.Attribute) and one.attr in re.RegexFlag.__members__:
            flags |= re.RegexFlag[one.attr].value
    return flags


def texts_against(pattern: str, length: int) -> Iterator[str]:
    """Runs of what the pattern itself is made of, begun as it begins, and ended so that it does not match."""
    words = [word for word in re.split(r"[\\^$.|?*+()\[\]{}]+", pattern) if word][:12]
    seeds = dict.fromkeys([*SEEDS, *words, *(f"{one} " for one in words)])
    heads = ["", *words[:1]]
    for seed in seeds:
        run = seed * (length // len(seed))
        for head in heads:
            yield f"{head}{run}\0"


def seconds_of(found: Found, length: int) -> tuple[float, str]:
    """The worst time of all texts, and how that text begins."""
    pattern = found.pattern.encode("latin-1") if found.is_bytes else found.pattern
    compiled = re.compile(pattern, found.flags)
    tried = compiled.search if found.is_search else compiled.match
    worst = 0.0, ""
    for text in texts_against(found.pattern, length):
        given = text.encode("utf-8", "replace") if found.is_bytes else text
        spent = 9.0
        for _again in range(2):  # a busy machine makes anything slow once
            if spent > worst[0]:
                began = time.process_time()
                tried(given)
                spent = min(spent, time.process_time() - began)
        worst = max(worst, (spent, text[:20]))
    return worst


def main(length: int) -> None:
    for path in sorted(SOURCE.rglob("*.py")):
        for found in patterns_of(path) if "re" in path.read_text() else ():
            print(f"{found.path}:{found.line}", end=" ", flush=True)
            seconds, text = seconds_of(found, min(length, BOUNDED.get(found.path, length)))
            print(json.dumps([seconds, text]), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
