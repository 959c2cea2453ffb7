"""The form of an e-mail to the customer."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from onepoint.core.models import Attachment
from onepoint.tickets.services.writing import LONGEST_SUBJECT, LONGEST_TEXT

_BETWEEN = re.compile(r"[\s,;，；、]+")


class MailForm(forms.Form):
    to = forms.CharField(label=_("Recipient of the mail"), max_length=254)
    copies_to = forms.CharField(
        label=_("Copies to"), required=False, max_length=2000, help_text=_("Several are parted by commas.")
    )
    subject = forms.CharField(label=_("Subject"), max_length=LONGEST_SUBJECT)
    text = forms.CharField(
        label=_("Text of the mail"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 10})
    )
    files = forms.MultipleChoiceField(  # type: ignore[assignment]  # a declared field, not what was uploaded
        label=_("Files of the ticket"), required=False, widget=forms.CheckboxSelectMultiple
    )
    key = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *arguments: Any, files: list[Attachment], **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.fields["files"].choices = [(str(file.pk), file.name) for file in files]  # type: ignore[attr-defined]
        if not files:
            del self.fields["files"]

    @property
    def values(self) -> dict[str, Any]:
        """What the service takes."""
        typed = self.cleaned_data
        return {
            **{name: typed[name] for name in ("to", "subject", "text", "key")},
            "copies_to": [one for one in _BETWEEN.split(typed["copies_to"]) if one],
            "files": [int(pk) for pk in typed.get("files", [])],
        }
