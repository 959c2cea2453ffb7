"""The form a person fills special items in with; other capabilities show it on their own pages."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from onepoint.dynamic_forms import queries
from onepoint.dynamic_forms.fields import TEXT_LENGTH, Field, in_language
from onepoint.dynamic_forms.models import FormVersion
from onepoint.dynamic_forms.validation import shown_and_required, validate_items

YES_NO = [("", "—"), ("true", _("Yes")), ("false", _("No"))]


class RawField(forms.Field):
    """Hands on what was entered; `validate_items` judges it. `required` only draws the mark."""

    def validate(self, value: Any) -> None:
        pass


@dataclass(frozen=True)
class ItemRow:
    """One field as the template draws it."""

    bound: BoundField
    key: str
    is_shown: bool
    is_wide: bool
    is_picked: bool
    condition: str


class ItemsForm(forms.Form):
    """The special items of one form version. After `is_valid()`, `items` holds the canonical items."""

    use_required_attribute = False  # what is hidden must not keep the browser from sending

    def __init__(self, version: FormVersion, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.version = version
        self.items: dict[str, Any] = {}
        english = (get_language() or "").startswith("en")
        for field in version.fields:
            self.fields[field["key"]] = _form_field(field, english)
        self.shown, required = shown_and_required(version.schema, self._entered())
        for key in required:
            self.fields[key].required = True

    def _entered(self) -> dict[str, Any]:
        if self.is_bound:
            return {key: self[key].data for key in self.fields}
        return {key: self.initial[key] for key in self.fields if key in self.initial}

    def clean(self) -> dict[str, Any]:
        self.items, errors = validate_items(self.version.schema, self.cleaned_data)
        for key, sentence in errors.items():
            self.add_error(key if key in self.fields else None, sentence)
        return self.cleaned_data

    @property
    def rows(self) -> Iterator[ItemRow]:
        for field in self.version.fields:
            yield ItemRow(
                bound=self[field["key"]],
                key=field["key"],
                is_shown=field["key"] in self.shown,
                is_wide=field["type"] in ("long_text", "multi_choice"),
                is_picked=field["type"] == "region" or len(field.get("choices", [])) > 12,
                condition=field.get("visible_if", ""),
            )

    @property
    def controlling_keys(self) -> list[str]:
        """Fields whose value decides about others: only their change needs a word with the server."""
        conditions = " ".join(f"{f.get('visible_if', '')} {f.get('required_if', '')}" for f in self.version.fields)
        return [field["key"] for field in self.version.fields if field["key"] in conditions]


def build_form(
    version: FormVersion,
    data: Mapping[str, Any] | None = None,
    initial: Mapping[str, Any] | None = None,
    prefix: str = "items",
) -> ItemsForm:
    """The form of a version. `data` is what was posted (names `items-<key>`), `initial` are canonical items; without
    both the defaults of the schema stand in it."""
    if initial is None:
        initial = {field["key"]: field["default"] for field in version.fields if "default" in field}
    fields = {field["key"]: field for field in version.fields}
    entered = {key: _as_entered(fields[key], value) for key, value in initial.items() if key in fields}
    return ItemsForm(version, data=data, initial=entered, prefix=prefix)


def _as_entered(field: Field, value: Any) -> Any:
    """A canonical value in the words of its input."""
    if field["type"] == "boolean":
        return "true" if value is True or str(value).lower() == "true" else "false"
    if field["type"] == "datetime" and isinstance(value, str):
        try:
            return datetime.fromisoformat(value).strftime("%Y-%m-%dT%H:%M")
        except ValueError:
            return value
    return value


def _form_field(field: Field, english: bool) -> RawField:
    return RawField(
        label=in_language(field, "label", english),
        help_text=in_language(field, "help", english),
        required=False,
        widget=_widget(field, english),
    )


def _number_attributes(field: Field) -> dict[str, Any]:
    step = {"integer": "1", "money": "0.01"}.get(field["type"], "any")
    return {"step": step, "inputmode": "numeric" if field["type"] == "integer" else "decimal", **_limits(field)}


def _limits(field: Field) -> dict[str, Any]:
    return {name: field[name] for name in ("min", "max") if field.get(name) is not None}


def _widget(field: Field, english: bool) -> forms.Widget:
    match field["type"]:
        case "long_text":
            return forms.Textarea(attrs={"maxlength": field.get("max_length", 10_000)})
        case "integer" | "decimal" | "money":
            return forms.NumberInput(attrs=_number_attributes(field))
        case "date":
            return forms.DateInput(attrs=_limits(field))
        case "datetime":
            return forms.DateTimeInput()
        case "time":
            return forms.TimeInput(attrs=_limits(field))
        case "boolean":
            return forms.Select(choices=YES_NO)
        case "choice":
            return forms.Select(choices=[("", "—"), *_choices(field, english)])
        case "multi_choice":
            return forms.CheckboxSelectMultiple(choices=_choices(field, english))
        case "region":
            return forms.Select(choices=[("", "—"), *queries.regions_in_use()])
        case "email":
            return forms.EmailInput()
        case "phone":
            return forms.TextInput(attrs={"type": "tel", "maxlength": 40})
        case _:
            return forms.TextInput(attrs={"maxlength": field.get("max_length", TEXT_LENGTH)})


def _choices(field: Field, english: bool) -> list[tuple[str, str]]:
    return [(choice["value"], in_language(choice, "label", english)) for choice in field.get("choices", [])]
