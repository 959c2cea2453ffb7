"""The form of a canned text."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import OrgUnit
from onepoint.channels.states import CannedMedium
from onepoint.core.pickers import PickedSelect


class CannedTextForm(forms.Form):
    code = forms.SlugField(
        label=_("Code"), max_length=40, help_text=_("What one types after the slash, such as /hello.")
    )
    name = forms.CharField(label=_("Name"), max_length=80)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    media: Any = forms.MultipleChoiceField(
        label=_("For"), choices=CannedMedium.choices, required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("None: for all."),
    )  # fmt: skip
    unit = forms.ModelChoiceField(
        OrgUnit.objects.active(), label=_("Only for unit"), required=False, widget=PickedSelect,
        help_text=_("And the units below it. Empty: for everybody."),
    )  # fmt: skip
    text = forms.CharField(label=_("What it says"), max_length=2000, widget=forms.Textarea(attrs={"rows": 5}))
    text_en = forms.CharField(
        label=_("English text"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 5})
    )
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *arguments: Any, is_new: bool, **named: Any) -> None:
        super().__init__(*arguments, **named)
        for name in ["is_active", "revision"] if is_new else ["code"]:
            del self.fields[name]
