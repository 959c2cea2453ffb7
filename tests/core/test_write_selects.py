"""Inputs and selects written without a template for each are the ones Django would have written."""

import re

import pytest
from django import forms

from onepoint.accounts.models import Region
from onepoint.core.pickers import PickedSelect
from onepoint.core.templatetags.ui_forms import SearchInput, _written


class Wishes(forms.Form):
    plain = forms.ChoiceField(choices=[("", "any"), ("a", "<b>"), ("b&c", "B & C")], required=False)
    must = forms.ChoiceField(choices=[("", "—"), ("a", "A")], widget=forms.Select(attrs={"data-island": "picker"}))
    grouped = forms.ChoiceField(choices=[("", "any"), ("G<", [("1", "one"), ("2", "two")])], required=False)
    number = forms.TypedChoiceField(choices=[(1, "one"), (2, "two")], coerce=int, initial=2)
    region = forms.ModelChoiceField(Region.objects.all(), required=False)
    words = forms.CharField(required=False, max_length=20)
    asked = forms.CharField(widget=SearchInput(attrs={"placeholder": 'a "b" & c'}), help_text="h")
    day = forms.DateField(required=False)
    picked = forms.ModelChoiceField(
        Region.objects.all(), required=False, widget=PickedSelect(attrs={"data-url": "/x/"})
    )


def _parts(html: str) -> list[tuple[str, list[str]]]:
    """Tags with their attributes, whatever their order and the space between."""
    found = re.findall(r"<(/?\w+)((?:\s+[\w-]+(?:=\"[^\"]*\")?)*)\s*>([^<]*)", html)
    return [(f"{tag} {text.strip()}", sorted(re.findall(r"[\w-]+(?:=\"[^\"]*\")?", attributes))) for tag, attributes, text in found]  # fmt: skip


@pytest.mark.parametrize(
    "sent",
    [
        None,
        {},
        {"plain": "b&c", "must": "a", "grouped": "2", "number": "1"},
        {"plain": "nothing known"},
        {"words": '<"&>', "asked": "'x'", "day": "2026-11-23", "picked": "no number"},
        {"day": "soon"},
    ],
)
@pytest.mark.parametrize("name", Wishes.base_fields)
def test_the_same_as_djangos(cast, sent, name) -> None:
    data = (
        sent if sent is None or "region" in sent else {"picked": str(cast.east.pk), **sent, "region": str(cast.east.pk)}
    )
    for prefix in (None, "items"):
        given = data if prefix is None or data is None else {f"{prefix}-{key}": value for key, value in data.items()}
        bound = Wishes(given, prefix=prefix)[name]
        attributes = {"class": "form-select"}
        assert _parts(_written(bound, dict(attributes))) == _parts(bound.as_widget(attrs=dict(attributes)))
