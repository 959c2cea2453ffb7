"""Forms of mass incidents: they translate input; every rule is in the services."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import Region
from onepoint.core.templatetags.ui_forms import SearchInput
from onepoint.tickets.batch_states import AnswerState, AttachmentState, IncidentState
from onepoint.tickets.forms import picked
from onepoint.tickets.models import Category, MassIncident
from onepoint.tickets.services.mass_incidents import IncidentItems
from onepoint.tickets.states import ReplyChannel

LONGEST_TEXT = 2000


class IncidentForm(forms.Form):
    """What is known of a mass incident."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    title = forms.CharField(label=_("Title"), max_length=200)
    category = picked(Category.objects.filter(is_active=True), "category-options", _("Category and below"))
    regions = forms.ModelMultipleChoiceField(
        Region.objects.active(), label=_("Regions and below"),
        widget=forms.SelectMultiple(attrs={"data-island": "picker"}),
    )  # fmt: skip
    keywords = forms.CharField(
        label=_("Words"), required=False, max_length=400,
        help_text=_("Separated by spaces or commas. A ticket matches if one of them is in its title or text."),
    )  # fmt: skip
    since = forms.DateTimeField(label=_("Since"))
    expected_end = forms.DateTimeField(label=_("Expected to end"), required=False)
    cause = forms.CharField(
        label=_("What is known about it"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )
    public_words = forms.CharField(
        label=_("What customers are told meanwhile"), required=False, max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    public_words_en = forms.CharField(
        label=_("The same in English"), required=False, max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    attaches_by_itself = forms.BooleanField(
        label=_("New matching tickets are attached by themselves"), required=False,
        help_text=_("Otherwise they are only suggested."),
    )  # fmt: skip
    clocks_stand_still = forms.BooleanField(
        label=_("Attached tickets rest as if on hold"), required=False,
        help_text=_("Which of their clocks stand still meanwhile is a matter of the rules for limits. Otherwise all run on."),
    )  # fmt: skip

    @classmethod
    def of(cls, incident: MassIncident) -> "IncidentForm":
        """The form with what the incident has now."""
        names = ("title", "category", "since", "expected_end", "cause", "public_words", "public_words_en", "version")
        initial = {name: getattr(incident, name) for name in (*names, "attaches_by_itself", "clocks_stand_still")}
        return cls(initial={**initial, "regions": incident.regions.all(), "keywords": " ".join(incident.keywords)})

    def items(self) -> IncidentItems:
        """What was entered."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        words = re.split(r"[\s,，、;；]+", values["keywords"])
        return IncidentItems(
            **{**values, "regions": list(values["regions"]), "keywords": [word for word in words if word]}
        )


class WordsForm(forms.Form):
    """What is said to all customers of a mass incident."""

    request_key = forms.UUIDField(widget=forms.HiddenInput)
    text = forms.CharField(
        label=_("What the customer is told"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 5})
    )
    text_en = forms.CharField(
        label=_("The same in English"), required=False, max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip
    way = forms.ChoiceField(label=_("Way"), required=False, choices=[
        ("", _("as promised, else as the customer wishes")),
        (ReplyChannel.SMS, ReplyChannel.SMS.label),
        (ReplyChannel.EMAIL, ReplyChannel.EMAIL.label),
    ])  # fmt: skip


class AnswerForm(WordsForm):
    """The final answer."""

    closes = forms.BooleanField(label=_("Close the attached tickets"), required=False, initial=True)


class IncidentFilterForm(forms.Form):
    """What the list is narrowed to."""

    q = forms.CharField(label=_("Number or title"), required=False, widget=SearchInput, max_length=60)
    state = forms.ChoiceField(
        label=_("State"), required=False,
        choices=[("", _("any")), ("open", _("in progress")), *IncidentState.choices],
    )  # fmt: skip

    def criteria(self) -> dict[str, Any]:
        self.is_valid()
        return {"text": self.cleaned_data.get("q", "").strip(), "state": self.cleaned_data.get("state", "")}


class AttachedFilterForm(forms.Form):
    """Which of its tickets are shown."""

    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("any")), *AttachmentState.choices])
    answer = forms.ChoiceField(
        label=_("Answer"), required=False,
        choices=[("", _("any")), (AnswerState.TOLD, AnswerState.TOLD.label), (AnswerState.TO_CALL, AnswerState.TO_CALL.label)],
    )  # fmt: skip

    def criteria(self) -> dict[str, Any]:
        self.is_valid()
        return {name: self.cleaned_data.get(name, "") for name in ("state", "answer")}
