"""The forms of the designer's pages."""

from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from onepoint.dynamic_forms.fields import TYPES, Field


class FormNameForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)


class FormCreateForm(FormNameForm):
    key = forms.CharField(
        label=_("Key"),
        max_length=40,
        help_text=_("Small letters, digits and _; categories refer to it, so it stays for ever."),
    )
    field_order = ["key", "name", "name_en"]


class FieldRowForm(forms.Form):
    """One field of a schema in the table editor."""

    use_required_attribute = False

    key = forms.CharField(label=_("Key"), max_length=40, required=False)
    label = forms.CharField(label=_("Label"), max_length=200, required=False)
    label_en = forms.CharField(label=_("English label"), max_length=200, required=False)
    type = forms.ChoiceField(label=_("Type"), choices=[(name, kind.label) for name, kind in TYPES.items()])
    required = forms.BooleanField(label=_("Must be filled in"), required=False)
    choices = forms.CharField(
        label=_("Choices"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea,
        help_text=_("One a line: value | Chinese label | English label"),
    )
    min = forms.CharField(label=_("Least"), max_length=40, required=False)
    max = forms.CharField(label=_("Greatest"), max_length=40, required=False)
    max_length = forms.IntegerField(label=_("Characters at most"), min_value=1, max_value=10_000, required=False)
    default = forms.CharField(label=_("Filled in beforehand"), max_length=500, required=False)
    pattern = forms.CharField(
        label=_("Pattern"),
        max_length=200,
        required=False,
        help_text=_("A regular expression the whole value must match"),
    )
    pattern_message = forms.CharField(label=_("Message when it does not match"), max_length=200, required=False)
    pattern_message_en = forms.CharField(label=_("The message in English"), max_length=200, required=False)
    help = forms.CharField(label=_("Help"), max_length=500, required=False)
    help_en = forms.CharField(label=_("English help"), max_length=500, required=False)
    visible_if = forms.CharField(
        label=_("Shown only if"),
        max_length=1000,
        required=False,
        help_text=_('A FEEL condition over fields above, like: wants = "refund" and amount > 100'),
    )
    required_if = forms.CharField(label=_("Must be filled in if"), max_length=1000, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = TYPES.get(str(self["type"].value() or ""), TYPES["text"])
        self.kind = kind
        for name, has in (
            ("choices", kind.has_choices),
            ("min", kind.has_limits),
            ("max", kind.has_limits),
            ("max_length", kind.has_length),
            ("pattern", kind.has_pattern),
            ("pattern_message", kind.has_pattern),
            ("pattern_message_en", kind.has_pattern),
        ):
            if not has:
                del self.fields[name]

    @property
    def details(self) -> list[BoundField]:
        """What stands in the folded part: everything beyond the first line."""
        return [self[name] for name in self.fields if name not in ("key", "label", "label_en", "type", "required")]

    def as_schema_field(self) -> dict[str, Any]:
        """The field for the schema, without what was left empty."""
        facts = {
            name: value for name, value in self.cleaned_data.items() if value not in ("", None) and value is not False
        }
        if "choices" in facts:
            facts["choices"] = read_choices(facts["choices"])
        return facts


def read_choices(text: str) -> list[dict[str, str]]:
    """Choices from their lines; a line of one word is value and label in one."""
    choices = []
    for line in text.splitlines():
        parts = [part.strip() for part in line.split("|")]
        if any(parts):
            choice = {"value": parts[0], "label": parts[1] if len(parts) > 1 else parts[0]}
            if len(parts) > 2 and parts[2]:
                choice["label_en"] = parts[2]
            choices.append(choice)
    return choices


def row_initial(field: Field) -> dict[str, Any]:
    """A field of a schema as the table editor shows it."""
    facts = dict(field)
    if "choices" in facts:
        lines = [(choice["value"], choice["label"], choice.get("label_en", "")) for choice in facts["choices"]]
        facts["choices"] = "\n".join(" | ".join(part for part in line if part) for line in lines)
    if isinstance(facts.get("default"), bool):
        facts["default"] = str(facts["default"]).lower()
    if isinstance(facts.get("default"), list):
        facts["default"] = ", ".join(map(str, facts["default"]))
    return facts
