"""The format of a form's schema, and what is wrong with one. `docs/how-to/special_items.md` describes it for people."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from onepoint.core.errors import InvalidInput
from onepoint.core.explaining import explain_feel_error
from onepoint.core.feel import FeelSyntaxError, compile_expression
from onepoint.core.feel.lexer import KEYWORDS
from onepoint.core.feel.regexes import PatternError, compile_pattern
from onepoint.dynamic_forms.fields import TYPES, Field, is_empty
from onepoint.dynamic_forms.validation import canonical_value

MAX_FIELDS: Final = 60
MAX_CHOICES: Final = 300
MAX_PATTERN: Final = 200
MAX_BYTES: Final = 200_000
#: NUL as JSON writes it (not a backslash and the same letters), and half a letter.
_UNSTORED: Final = re.compile(r"(?<!\\)(?:\\\\)*\\u0000|[\ud800-\udfff]")

_TEXT: Final = {"type": "string", "maxLength": 200, "pattern": r"\S"}
_OPTIONAL_TEXT: Final = {"type": "string", "maxLength": 500}
_LIMIT: Final = {"type": ["number", "string"], "maxLength": 40}
_CHOICE: Final = {
    "type": "object",
    "required": ["value", "label"],
    "additionalProperties": False,
    "properties": {
        "value": {"type": "string", "pattern": r"^[0-9A-Za-z_.\-]{1,40}$"},
        "label": _TEXT,
        "label_en": _OPTIONAL_TEXT,
    },
}
_FIELD: Final = {
    "type": "object",
    "required": ["key", "label", "type"],
    "additionalProperties": False,
    "properties": {
        "key": {"type": "string", "pattern": r"^[a-z][a-z0-9_]{0,39}$"},
        "label": _TEXT,
        "label_en": _OPTIONAL_TEXT,
        "type": {"enum": list(TYPES)},
        "required": {"type": "boolean"},
        "pattern": {"type": "string", "maxLength": MAX_PATTERN},
        "pattern_message": _OPTIONAL_TEXT,
        "pattern_message_en": _OPTIONAL_TEXT,
        "min": _LIMIT,
        "max": _LIMIT,
        "max_length": {"type": "integer", "minimum": 1, "maximum": 10_000},
        "choices": {"type": "array", "items": _CHOICE, "minItems": 1, "maxItems": MAX_CHOICES},
        "default": {"type": ["string", "number", "boolean", "array"]},
        "help": _OPTIONAL_TEXT,
        "help_en": _OPTIONAL_TEXT,
        "visible_if": {"type": "string", "maxLength": 1000},
        "required_if": {"type": "string", "maxLength": 1000},
    },
}
SCHEMA: Final = {
    "type": "object",
    "required": ["fields"],
    "additionalProperties": False,
    "properties": {"fields": {"type": "array", "items": _FIELD, "maxItems": MAX_FIELDS}},
}
_REQUIRED: Final = ("fields", "key", "label", "type", "value")
_VALIDATOR: Final = Draft202012Validator(SCHEMA)


def stored_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema as JSON keeps it, without entries that say nothing. Raises InvalidInput when it cannot be stored."""
    try:
        text = json.dumps(schema, ensure_ascii=False, allow_nan=False)
    except ValueError as problem:  # a number that is none
        raise InvalidInput({"schema": _("The form holds a number that cannot be kept.")}) from problem
    if len(text) > MAX_BYTES or _UNSTORED.search(text):
        raise InvalidInput({"schema": _("The form is too long, or holds letters that cannot be kept.")})
    stored: dict[str, Any] = json.loads(text)
    return stored


def schema_problems(schema: Any) -> list[str]:
    """Sentences saying why the schema cannot be published; empty when it can."""
    problems = [
        _sentence(error) for error in sorted(_VALIDATOR.iter_errors(schema), key=lambda error: list(error.path))
    ]
    if problems:
        return problems
    fields: list[Field] = schema["fields"]
    if not fields:
        return [_("The form has no fields.")]
    seen: list[str] = []
    for number, field in enumerate(fields, start=1):
        for problem in _field_problems(field, seen):
            problems.append(_about(number, field, problem))
        seen.append(field["key"])
    return problems


def _about(number: int, field: Mapping[str, Any], problem: str) -> str:
    name = field.get("label") or field.get("key") or ""
    return _("Field %(number)d “%(name)s”: %(problem)s") % {"number": number, "name": name, "problem": problem}


def _sentence(error: ValidationError) -> str:
    """The library's finding in our own words, so that it can be read in the person's language."""
    path = list(error.absolute_path)
    place = ".".join(str(part + 1 if isinstance(part, int) else part) for part in path) or "fields"
    match error.validator:
        case "required":
            missing = next((name for name in _REQUIRED if f"'{name}'" in error.message), "")
            return _("%(place)s: “%(name)s” is missing.") % {"place": place, "name": missing}
        case "additionalProperties":
            return _("%(place)s: holds something this format does not know.") % {"place": place}
        case "enum":
            return _("%(place)s: “%(value)s” is no type of field.") % {"place": place, "value": error.instance}
        case "maxItems" | "maxLength" | "maximum":
            return _("%(place)s: too long or too many.") % {"place": place}
        case "minItems" | "minimum":
            return _("%(place)s: too few.") % {"place": place}
        case "pattern" if path and path[-1] in ("key", "value"):
            return _("%(place)s: letters, digits and _ only.") % {"place": place}
        case "pattern":
            return _("%(place)s: must not be empty.") % {"place": place}
        case _:
            return _("%(place)s: not of the expected type.") % {"place": place}


def _field_problems(field: Field, earlier: list[str]) -> Iterator[str]:
    if field["key"] in earlier:
        yield _("the key is used twice.")
    if field["key"] in KEYWORDS or field["key"] in ("true", "false", "null"):
        yield _("this key means something else in conditions.")
    yield from _option_problems(field)
    yield from _choice_problems(field)
    yield from _pattern_problems(field)
    yield from _value_problems(field)
    for name in ("visible_if", "required_if"):
        if field.get(name):
            yield from _condition_problems(field[name], earlier)


def _option_problems(field: Field) -> Iterator[str]:
    kind = TYPES[field["type"]]
    for allowed, names in (
        (kind.has_limits, ("min", "max")),
        (kind.has_length, ("max_length",)),
        (kind.has_pattern, ("pattern",)),
        (kind.has_choices, ("choices",)),
    ):
        for name in names:
            if not allowed and field.get(name) not in (None, ""):
                yield _("“%(option)s” has no meaning for this type.") % {"option": name}


def _choice_problems(field: Field) -> Iterator[str]:
    if not TYPES[field["type"]].has_choices:
        return
    values = [choice["value"] for choice in field.get("choices", [])]
    if not values:
        yield _("there is nothing to choose from.")
    if len(set(values)) < len(values):
        yield _("two choices have the same value.")


def _pattern_problems(field: Field) -> Iterator[str]:
    if not field.get("pattern"):
        return
    try:
        compile_pattern(field["pattern"])
    except PatternError:
        yield _("the pattern is no valid regular expression.")


def _value_problems(field: Field) -> Iterator[str]:
    kind = TYPES[field["type"]]
    limits = {}
    for name in ("min", "max"):
        if kind.has_limits and field.get(name) is not None:
            try:
                limits[name] = kind.typed(kind.canonical(field, field[name]))
            except ValueError:
                yield _("“%(option)s” is no value of this type.") % {"option": name}
    if len(limits) == 2 and limits["min"] > limits["max"]:
        yield _("the least value is above the greatest.")
    if not is_empty(field.get("default")) and not any(_pattern_problems(field)):
        try:
            canonical_value(field, field["default"])
        except (ValueError, KeyError) as error:
            yield _("the default is not accepted: %(reason)s") % {"reason": error}


def _condition_problems(condition: str, earlier: list[str]) -> Iterator[str]:
    try:
        expression = compile_expression(condition)
    except FeelSyntaxError as error:
        yield _("the condition “%(text)s” cannot be read: %(reason)s") % {
            "text": condition,
            "reason": explain_feel_error(error),
        }
        return
    for name in sorted(expression.free_names - set(earlier)):
        yield _("the condition speaks of “%(name)s”, which is no field before this one.") % {"name": name}
