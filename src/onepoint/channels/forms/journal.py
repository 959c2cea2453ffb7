"""Forms of the contact journal."""

from datetime import date
from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import OrgUnit, User
from onepoint.channels import category_names, queries
from onepoint.channels.models import ContactResult, JournalRule
from onepoint.channels.states import Channel, ContactOutcome, Direction
from onepoint.core import clock
from onepoint.core.filtering import ANY, PERIODS, KeptFilterForm, first_day_of
from onepoint.core.pickers import PickedSelect
from onepoint.core.templatetags.ui_forms import SearchInput


class ContactFilter(KeptFilterForm):
    #: The others appear when one asks for them, or when they are in use.
    first_fields = frozenset({"text", "channel", "outcome", "category", "agent", "began_within"})

    text = forms.CharField(
        label=_("Number, caller, customer or what was said"), required=False, max_length=120, widget=SearchInput
    )
    mine = forms.ChoiceField(required=False, choices=[ANY, ("1", "")], widget=forms.HiddenInput)
    channel = forms.ChoiceField(label=_("Channel"), required=False, choices=[ANY, *Channel.choices])
    outcome = forms.ChoiceField(label=_("Outcome"), required=False, choices=[ANY, *ContactOutcome.choices])
    agent = forms.CharField(label=_("Agent (name, pinyin or staff number)"), required=False, max_length=80)
    direction = forms.ChoiceField(label=_("Direction"), required=False, choices=[ANY, *Direction.choices])
    category = forms.ChoiceField(
        label=_("Category"), required=False, widget=forms.Select(attrs={"data-island": "picker"})
    )
    result = forms.ChoiceField(label=_("Solved how"), required=False)
    unit = forms.ModelChoiceField(
        OrgUnit.objects.all(),
        label=_("Unit"),
        required=False,
        widget=PickedSelect(attrs={"data-island": "picker", "data-url": reverse_lazy("unit-options")}),
    )
    began_within = forms.ChoiceField(label=_("Began"), required=False, choices=[ANY, *PERIODS])
    since = forms.DateField(label=_("From date"), required=False, widget=forms.DateInput)
    until = forms.DateField(label=_("To date"), required=False, widget=forms.DateInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        results = [(str(one.pk), one.label) for one in queries.contact_results(only_in_use=False)]
        self.fields["result"].choices = [ANY, *results]  # type: ignore[attr-defined]
        self.fields["category"].choices = [ANY, *category_names.choices()]  # type: ignore[attr-defined]

    def criteria(self, reader: User) -> dict[str, Any]:
        """What the query takes; a filter nobody understands filters nothing."""
        self.full_clean()
        values = self.cleaned_data if self.is_bound else {}
        since, until, period = values.get("since"), values.get("until"), values.get("began_within")
        if period:
            since = max(first_day_of(period), since or date.min)
        is_mine = bool(values.get("mine"))
        return {
            "text": values.get("text", ""),
            "channel": values.get("channel", ""),
            "direction": values.get("direction", ""),
            "outcome": ContactOutcome.OPEN if is_mine else values.get("outcome", ""),
            "agent_id": reader.pk if is_mine else None,
            "result": int(values["result"]) if values.get("result") else None,
            "agent": values.get("agent", ""),
            "unit": values.get("unit"),
            "category": values.get("category", ""),
            "start": clock.day_start(since) if since else None,
            "end": clock.day_end(until) if until else None,
        }


class SolveForm(forms.Form):
    """What came of a contact that needs no ticket."""

    result = forms.ModelChoiceField(
        ContactResult.objects.filter(is_active=True), label=_("Solved how"), required=False, empty_label="—"
    )
    result_text = forms.CharField(
        label=_("What was said or done"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
    category = forms.ChoiceField(label=_("Category"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = [("", "—"), *category_names.choices()]  # type: ignore[attr-defined]


class ResultChangeForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    position_order = forms.IntegerField(label=_("Order"), min_value=0, max_value=9999, initial=0)
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)


class ResultForm(forms.Form):
    code = forms.SlugField(label=_("Code"), max_length=40)
    name = forms.CharField(label=_("Name"), max_length=80)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    position_order = forms.IntegerField(label=_("Order"), min_value=0, max_value=9999, initial=0)


JournalRuleForm = forms.modelform_factory(
    JournalRule, fields=["needs_result", "correct_hours", "repeat_days", "repeat_count"]
)
