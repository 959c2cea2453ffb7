"""Forms of the contact journal."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from onepoint.channels.states import Channel, ContactOutcome
from onepoint.core.templatetags.ui_forms import SearchInput

ANY = ("", _("any"))


def midnight(day: date | None) -> datetime | None:
    """When the day begins in the house's time zone."""
    return timezone.make_aware(datetime.combine(day, time.min)) if day else None


class ContactFilter(forms.Form):
    text = forms.CharField(
        label=_("Number, caller, customer or what was said"), required=False, max_length=120, widget=SearchInput
    )
    channel = forms.ChoiceField(label=_("Channel"), required=False, choices=[ANY, *Channel.choices])
    outcome = forms.ChoiceField(label=_("Outcome"), required=False, choices=[ANY, *ContactOutcome.choices])
    agent = forms.CharField(label=_("Agent (name, pinyin or staff number)"), required=False, max_length=80)
    since = forms.DateField(label=_("From date"), required=False, widget=forms.DateInput)
    until = forms.DateField(label=_("To date"), required=False, widget=forms.DateInput)

    def criteria(self) -> dict[str, Any]:
        """What the query takes; a filter nobody understands filters nothing."""
        values = self.cleaned_data if self.is_valid() else {}
        until = values.get("until")
        return {
            "text": values.get("text", ""),
            "channel": values.get("channel", ""),
            "outcome": values.get("outcome", ""),
            "agent": values.get("agent", ""),
            "start": midnight(values.get("since")),
            "end": midnight(until + timedelta(days=1)) if until and until < date.max else None,
        }
