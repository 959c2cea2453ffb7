"""Forms of the counter."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import OrgUnit
from onepoint.channels.models import CounterQueue
from onepoint.core.pickers import PickedSelect


class TakeNumberForm(forms.Form):
    request_key = forms.UUIDField(widget=forms.HiddenInput)
    phone = forms.CharField(
        label=_("Mobile number (may be left empty)"), required=False, max_length=40,
        help_text=_("We send the number by SMS, with a page that shows how many are before you."),
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )  # fmt: skip
    name = forms.CharField(
        label=_("Name (may be left empty)"), required=False, max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    matter = forms.CharField(required=False, max_length=80, widget=forms.HiddenInput)


class CounterQueueForm(forms.ModelForm):
    unit = forms.ModelChoiceField(OrgUnit.objects.active(), label=_("Business hall"), widget=PickedSelect)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = CounterQueue
        fields = ["name", "name_en", "unit", "prefix", "matters", "level_minutes", "is_active"]
        widgets = {"matters": forms.Textarea(attrs={"rows": 5})}
        help_texts = {
            "prefix": _("One to three Latin letters, such as A."),
            "matters": _("One a line: the buttons of the kiosk. Empty: one button."),
            "level_minutes": _(
                "A customer of level 2 with 10 minutes each is called as if 20 minutes had been waited."
            ),
        }

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        return {**self.cleaned_data, "version": self.cleaned_data["version"] or 0}

    def _post_clean(self) -> None:
        """The rules are the service's, and the row is written by it."""


class WindowForm(forms.Form):
    name = forms.CharField(label=_("New window"), max_length=40)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
