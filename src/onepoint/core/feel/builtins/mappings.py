"""Functions on contexts."""

from __future__ import annotations

from typing import Any

from ..runtime import Run
from .registry import builtin


@builtin("get value", "m: context, key: string")
def _get_value(run: Run, m: dict[str, Any], key: str) -> Any:
    return m.get(key)


@builtin("get value", "context: context, keys: list")
def _get_value_deep(run: Run, context: dict[str, Any], keys: list[Any]) -> Any:
    value: Any = context
    for key in keys:
        if type(value) is not dict or type(key) is not str:
            return None
        value = value.get(key)
    return value if keys else None


@builtin("get entries", "m: context")
def _get_entries(run: Run, m: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": value} for key, value in m.items()]


@builtin("context", "entries: list")
def _context(run: Run, entries: list[Any]) -> dict[str, Any] | None:
    built: dict[str, Any] = {}
    for entry in entries:
        if type(entry) is not dict or "value" not in entry or type(entry.get("key")) is not str:
            return None
        if entry["key"] in built:
            return None
        built[entry["key"]] = entry["value"]
    return built


@builtin("context put", "context: context, key: any, value: any~")
@builtin("context put", "context: context, keys: list, value: any~")
def _context_put(run: Run, context: dict[str, Any], key: Any, value: Any) -> dict[str, Any] | None:
    keys = key if type(key) is list else [key]
    if not keys or type(keys[0]) is not str:
        return None
    if len(keys) == 1:
        return {**context, keys[0]: value}
    inner = context.get(keys[0])
    if type(inner) is not dict:
        return None
    changed = _context_put(run, inner, keys[1:], value)
    return None if changed is None else {**context, keys[0]: changed}


@builtin("context merge", "contexts: list")
def _context_merge(run: Run, contexts: list[Any]) -> dict[str, Any] | None:
    if any(type(context) is not dict for context in contexts):
        return None
    return {key: value for context in contexts for key, value in context.items()}
