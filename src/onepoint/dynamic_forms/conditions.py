"""The FEEL conditions of a schema: under which a field is shown or must be filled in."""

from collections.abc import Mapping
from typing import Any

from onepoint.core.feel import FeelError, compile_expression
from onepoint.dynamic_forms.fields import TYPES, Field


def typed_items(fields: list[Field], items: Mapping[str, Any]) -> dict[str, Any]:
    """The canonical items as FEEL sees them; a field without a value is null."""
    typed: dict[str, Any] = {}
    for field in fields:
        value = items.get(field["key"])
        typed[field["key"]] = None if value is None else TYPES[field["type"]].typed(value)
    return typed


def holds(condition: str, typed: Mapping[str, Any]) -> bool:
    """Whether the condition is true; false and null are both "no". Published conditions compile, so nothing is raised."""
    try:
        return compile_expression(condition)(typed) is True
    except FeelError:
        return False


def is_shown(field: Field, typed: Mapping[str, Any]) -> bool:
    condition = field.get("visible_if")
    return not condition or holds(condition, typed)


def is_required(field: Field, typed: Mapping[str, Any]) -> bool:
    condition = field.get("required_if")
    return bool(field.get("required")) or bool(condition and holds(condition, typed))
