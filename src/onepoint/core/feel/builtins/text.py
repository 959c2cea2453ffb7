"""Functions on strings."""

from __future__ import annotations

import re
import time
from decimal import Decimal
from typing import Any

from ..conversion import to_text
from ..numbers import whole
from ..regexes import PatternError, compile_pattern, run_pattern
from ..runtime import AT_A_STEP, MAX_CHARACTERS, MAX_STEPS, Run, require_size
from .registry import builtin

#: Of one evaluation, for all its patterns together.
PATTERN_SECONDS = 1.0


@builtin("substring", "string: string, start position: number, length: number?")
def _substring(run: Run, string: str, start: Decimal, length: Decimal | None = None) -> str | None:
    position = whole(start.to_integral_value("ROUND_DOWN"))
    if not position or (abs(position) > len(string) > 0):
        return None
    begin = position - 1 if position > 0 else len(string) + position
    if length is None:
        return string[begin:]
    count = whole(length.to_integral_value("ROUND_DOWN"))
    return string[begin : begin + count] if count is not None and count >= 1 else None


@builtin("string length", "string: string")
def _string_length(run: Run, string: str) -> Decimal:
    return Decimal(len(string))


@builtin("upper case", "string: string")
def _upper_case(run: Run, string: str) -> str:
    return string.upper()


@builtin("lower case", "string: string")
def _lower_case(run: Run, string: str) -> str:
    return string.lower()


@builtin("trim", "string: string")
def _trim(run: Run, string: str) -> str:
    return string.strip()


@builtin("substring before", "string: string, match: string")
def _substring_before(run: Run, string: str, match: str) -> str:
    found = string.find(match)
    return string[:found] if found > 0 else ""


@builtin("substring after", "string: string, match: string")
def _substring_after(run: Run, string: str, match: str) -> str:
    found = string.find(match)
    return string[found + len(match) :] if found >= 0 else ""


@builtin("contains", "string: string, match: string")
def _contains(run: Run, string: str, match: str) -> bool:
    return match in string


@builtin("starts with", "string: string, match: string")
def _starts_with(run: Run, string: str, match: str) -> bool:
    return string.startswith(match)


@builtin("ends with", "string: string, match: string")
def _ends_with(run: Run, string: str, match: str) -> bool:
    return string.endswith(match)


def _run(run: Run, pattern: Any, method: str, *arguments: Any) -> Any:
    """Time spent on patterns counts as steps: one may take long, many must not."""
    begun = time.thread_time()
    try:
        return run_pattern(pattern, method, *arguments)
    finally:
        run.spend(int((time.thread_time() - begun) / PATTERN_SECONDS * MAX_STEPS))


@builtin("matches", "input: string, pattern: string, flags: string~?")
def _matches(run: Run, text: str, pattern: str, flags: str | None = None) -> bool | None:
    try:
        return _run(run, compile_pattern(pattern, flags or ""), "search", text) is not None
    except PatternError as error:
        run.warn(f"matches(): {error}")
        return None


@builtin("replace", "input: string, pattern: string, replacement: string, flags: string~?")
def _replace(run: Run, text: str, pattern: str, replacement: str, flags: str | None = None) -> str | None:
    try:
        compiled = compile_pattern(pattern, flags or "")
        template = re.escape(replacement) if flags and "q" in flags else _template(replacement, compiled.groups)
        replaced: str = _run(run, compiled, "sub", template, text)
    except PatternError as error:
        run.warn(f"replace(): {error}")
        return None
    return replaced if len(replaced) <= MAX_CHARACTERS else None


def _template(replacement: str, groups: int) -> Any:
    """`$1` names a group, `\\$` and `\\\\` stand for themselves; a group that took no part is empty."""
    parts: list[str | int] = []
    index = 0
    while index < len(replacement):
        char = replacement[index]
        following = replacement[index + 1 : index + 2]
        if char == "\\" and following in ("\\", "$") and following:
            parts.append(following)
            index += 2
        elif char == "$" and following.isdecimal():
            end = index + 2
            # The longest number that still names a group; what follows is text.
            while replacement[end : end + 1].isdecimal() and int(replacement[index + 1 : end + 1]) <= groups:
                end += 1
            parts.append(int(replacement[index + 1 : end]))
            index = end
        elif char in "\\$":
            raise PatternError(f"{char} in the replacement must be followed by a group or escaped")
        else:
            parts.append(char)
            index += 1
    return lambda match: "".join(
        part if isinstance(part, str) else (match[part] or "" if part <= groups else "") for part in parts
    )


@builtin("split", "string: string, delimiter: string")
def _split(run: Run, string: str, delimiter: str) -> list[str] | None:
    try:
        parts = _run(run, compile_pattern(delimiter), "split", string)
    except PatternError as error:
        run.warn(f"split(): {error}")
        return None
    run.spend(len(parts) // AT_A_STEP)
    return ["" if part is None else part for part in parts]


@builtin("string join", "list: list, delimiter: string~?")
def _string_join(run: Run, items: list[Any], delimiter: str | None = None) -> str | None:
    if any(item is not None and type(item) is not str for item in items):
        return None
    run.spend(len(items))
    joined = (delimiter or "").join(item for item in items if item is not None)
    return joined if len(joined) <= MAX_CHARACTERS else None


@builtin("string", "from: any~")
def _string(run: Run, value: Any) -> str | None:
    require_size(value)
    text = to_text(value)
    return text if text is None or len(text) <= MAX_CHARACTERS else None
