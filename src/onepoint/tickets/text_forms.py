"""The form of a short message to the customer."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

#: Fifteen parts: more is a letter, and each part costs.
LONGEST = 1000


class TextForm(forms.Form):
    text = forms.CharField(
        label=_("Message text"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 5, "data-island": "sms-length"}),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        return {"text": self.cleaned_data["text"], "key": f"sms-{self.cleaned_data['key']}"}
