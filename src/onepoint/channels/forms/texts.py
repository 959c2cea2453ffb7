"""Forms of short messages that come in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import OrgUnit, User
from onepoint.channels.forms.journal import ANY
from onepoint.channels.models import TextRules
from onepoint.channels.states import TextState
from onepoint.core import clock
from onepoint.core.pickers import PickedSelect
from onepoint.customers import phone_numbers
from onepoint.customers.models import Customer

SHOWN_STATES = [choice for choice in TextState.choices if choice[0] not in (TextState.PARTS, TextState.NEW)]


class TextFilter(forms.Form):
    number = forms.CharField(label=_("Number (all of it)"), required=False, max_length=40)
    state = forms.ChoiceField(label=_("State"), required=False, choices=[ANY, *SHOWN_STATES])
    since = forms.DateField(label=_("From date"), required=False, widget=forms.DateInput)
    until = forms.DateField(label=_("To date"), required=False, widget=forms.DateInput)

    def __init__(self, *arguments: Any, only_unmatched: bool = False, **named: Any) -> None:
        super().__init__(*arguments, **named)
        if only_unmatched:
            del self.fields["state"]

    def criteria(self) -> dict[str, Any]:
        """What the query takes; a filter nobody understands filters nothing."""
        values = self.cleaned_data if self.is_valid() else {}
        until, number = values.get("until"), values.get("number", "").strip()
        return {
            "state": values.get("state", ""),
            "number": phone_numbers.normalise(number) or number,
            "start": clock.day_start(since) if (since := values.get("since")) else None,
            "end": clock.day_end(until) if until else None,
        }


class FileToTicketForm(forms.Form):
    ticket = forms.CharField(label=_("Ticket number"), max_length=24)


class FileToCustomerForm(forms.Form):
    customer = forms.ModelChoiceField(Customer.objects.none(), label=_("Customer"), widget=PickedSelect)

    def __init__(self, *arguments: Any, user: User, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.fields["customer"].queryset = Customer.objects.visible_to(user)  # type: ignore[attr-defined]


class TextRulesForm(forms.ModelForm):
    unit = forms.ModelChoiceField(
        OrgUnit.objects.active(), label=_("Unit that reviews"), required=False, widget=PickedSelect,
        help_text=_("Sees what came from numbers nobody knows. Empty: only people who see everything."),
    )  # fmt: skip

    class Meta:
        model = TextRules
        fields = ["reply_days", "unit", "stop_words", "start_words"]
        widgets = {
            "stop_words": forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
            "start_words": forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        }
        help_texts = {
            "reply_days": _("1 to 90. Later answers are matched by the customer's only open ticket, or by people."),
            "stop_words": _("One a line. Whoever sends one of them alone gets no advertising; their requests go on."),
            "start_words": _("One a line."),
        }
