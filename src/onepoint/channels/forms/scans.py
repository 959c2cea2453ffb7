"""Forms of faxes and letters."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import OrgUnit
from onepoint.channels.forms.journal import ANY
from onepoint.channels.models import ScanSource
from onepoint.channels.states import Channel, ScanState
from onepoint.core import clock
from onepoint.core.pickers import PickedSelect

_CHANNELS = [(one.value, one.label) for one in (Channel.FAX, Channel.LETTER)]


class ScanFilter(forms.Form):
    channel = forms.ChoiceField(label=_("Channel"), required=False, choices=[ANY, *_CHANNELS])
    state = forms.ChoiceField(label=_("State"), required=False, choices=[ANY, *ScanState.choices])
    since = forms.DateField(label=_("From date"), required=False, widget=forms.DateInput)
    until = forms.DateField(label=_("To date"), required=False, widget=forms.DateInput)

    def __init__(self, *arguments: Any, only_open: bool = False, **named: Any) -> None:
        super().__init__(*arguments, **named)
        if only_open:
            del self.fields["state"]

    def criteria(self) -> dict[str, Any]:
        """What the query takes; a filter nobody understands filters nothing."""
        values = self.cleaned_data if self.is_valid() else {}
        until = values.get("until")
        return {
            "state": values.get("state", ""),
            "channel": values.get("channel", ""),
            "start": clock.day_start(since) if (since := values.get("since")) else None,
            "end": clock.day_end(until) if until else None,
        }


class ScanForm(forms.Form):
    """What stands on the paper, as far as the intake does not ask for it."""

    sender_name = forms.CharField(label=_("Sender"), required=False, max_length=160)
    sender_number = forms.CharField(label=_("Sender's number"), required=False, max_length=40)
    letter_date = forms.DateField(label=_("Date of the letter"), required=False, widget=forms.DateInput)
    post_number = forms.CharField(label=_("Post number"), required=False, max_length=60)


class ScanUploadForm(forms.Form):
    channel = forms.ChoiceField(label=_("Channel"), choices=_CHANNELS)
    file = forms.FileField(label=_("Scanned file"), help_text=_("TIFF, PDF, JPEG or PNG."))


class ScanSourceForm(forms.ModelForm):
    unit = forms.ModelChoiceField(OrgUnit.objects.active(), label=_("Unit that takes them in"), widget=PickedSelect)

    class Meta:
        model = ScanSource
        fields = ["name", "name_en", "channel", "folder", "unit", "is_active"]
        help_texts = {"folder": _("Its name below “scans” in the data folder; it is made if it is not there.")}
