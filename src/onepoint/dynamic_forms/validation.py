"""Checking special items on the server: the one judge, whatever the page showed."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from onepoint.core.feel.regexes import PatternError, compile_pattern, run_pattern
from onepoint.dynamic_forms import queries
from onepoint.dynamic_forms.conditions import is_required, is_shown
from onepoint.dynamic_forms.fields import TYPES, Field, in_language, is_empty

Errors = dict[str, str]

#: More than this many entries is no form any more; the rest is not even looked at.
MAX_ITEMS: Final = 200


def validate_items(schema: Mapping[str, Any], raw: Mapping[str, Any]) -> tuple[dict[str, Any], Errors]:
    """The canonical items and the errors, each by key of the field; items without an error are right on their own.

    Fields are judged in their order, so a condition sees the fields before it as they were accepted. What is not shown is
    dropped without a word, an unknown key is an error. The only thing read besides the arguments are region codes.
    """
    fields: list[Field] = list(schema.get("fields", []))
    errors = _unknown_keys(fields, raw)
    clean: dict[str, Any] = {}
    typed: dict[str, Any] = dict.fromkeys(field["key"] for field in fields)
    for field in fields:
        key = field["key"]
        if not is_shown(field, typed):
            continue
        if is_empty(raw.get(key)):
            if is_required(field, typed):
                errors[key] = _("Please fill this in.")
            continue
        try:
            clean[key] = canonical_value(field, raw[key])
        except ValueError as error:
            errors[key] = str(error)
        else:
            typed[key] = TYPES[field["type"]].typed(clean[key])
    return clean, errors


def shown_and_required(schema: Mapping[str, Any], raw: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """The keys of the fields to show and of those to fill in, given what has been entered so far."""
    fields: list[Field] = list(schema.get("fields", []))
    clean, _errors = validate_items(schema, {key: raw[key] for key in raw if any(key == f["key"] for f in fields)})
    typed = {
        field["key"]: TYPES[field["type"]].typed(clean[field["key"]]) if field["key"] in clean else None
        for field in fields
    }
    shown = [field["key"] for field in fields if is_shown(field, typed)]
    return shown, [field["key"] for field in fields if field["key"] in shown and is_required(field, typed)]


def _unknown_keys(fields: list[Field], raw: Mapping[str, Any]) -> Errors:
    known = {field["key"] for field in fields}
    unknown = [str(key) for key in list(raw)[:MAX_ITEMS] if key not in known]
    errors = {key[:80]: _("This form has no such item.") for key in unknown}
    if len(raw) > MAX_ITEMS:
        errors[""] = _("Too many items.")
    return errors


def canonical_value(field: Field, raw: Any) -> Any:
    """The stored form of what was entered. Raises ValueError with a sentence."""
    _refuse_unstorable(raw)
    kind = TYPES[field["type"]]
    value = kind.canonical(field, raw)
    if kind.has_limits:
        _check_limits(field, value)
    if kind.has_pattern and field.get("pattern"):
        _check_pattern(field, value)
    if field["type"] == "region" and not queries.is_region_in_use(value):
        raise ValueError(_("Please choose one of the offered values."))
    return value


def _refuse_unstorable(raw: Any) -> None:
    """PostgreSQL stores neither NUL nor half a surrogate pair."""
    for text in raw if isinstance(raw, list | tuple) else [raw]:
        if isinstance(text, str) and any(char == "\0" or "\ud800" <= char <= "\udfff" for char in text):
            raise ValueError(_("This holds characters that cannot be stored."))


def _check_limits(field: Field, value: Any) -> None:
    kind = TYPES[field["type"]]
    for name, is_beyond, sentence in (
        ("min", lambda number, limit: number < limit, _("Not less than %(limit)s.")),
        ("max", lambda number, limit: number > limit, _("Not more than %(limit)s.")),
    ):
        limit = field.get(name)
        if limit is None:
            continue
        canonical = kind.canonical(field, limit)
        if is_beyond(kind.typed(value), kind.typed(canonical)):
            raise ValueError(sentence % {"limit": limit})


def _check_pattern(field: Field, value: str) -> None:
    """The whole value must match. Matching runs under a time limit, since designers write the patterns (see regexes)."""
    try:
        matches = run_pattern(compile_pattern(field["pattern"]), "fullmatch", value) is not None
    except PatternError:
        matches = False
    if not matches:
        english = (get_language() or "").startswith("en")
        raise ValueError(in_language(field, "pattern_message", english) or _("This does not have the expected form."))
