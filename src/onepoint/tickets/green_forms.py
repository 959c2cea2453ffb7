"""The form of a green channel."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.levels import level_choices
from onepoint.accounts.models import OrgUnit
from onepoint.channels.states import Channel
from onepoint.core.pickers import PickedSelect
from onepoint.customers.states import AttentionKind
from onepoint.tickets.models import Category, GreenChannel, Tag
from onepoint.tickets.services.green_channels import GreenItems


class GreenChannelForm(forms.Form):
    """Who goes through it, when, and what follows."""

    name = forms.CharField(label=_("Name"), max_length=80)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    levels = forms.MultipleChoiceField(label=_("Customer levels"), required=False)
    attention_kinds = forms.MultipleChoiceField(
        label=_("On the attention list as"), required=False, choices=AttentionKind.choices
    )
    unit = forms.ModelChoiceField(OrgUnit.objects.all(), label=_("Unit and below"), required=False, widget=PickedSelect)
    category = forms.ModelChoiceField(
        Category.objects.active(), label=_("Category and below"), required=False, widget=PickedSelect
    )
    channels = forms.MultipleChoiceField(label=_("Channels"), required=False, choices=Channel.choices)
    valid_from = forms.DateField(label=_("From date"), required=False)
    valid_to = forms.DateField(label=_("To date"), required=False)
    priority = forms.IntegerField(
        label=_("Priority in queues"), min_value=1, max_value=9, initial=5,
        help_text=_("1 to 9; of several green channels the highest counts."),
    )  # fmt: skip
    raises_urgency = forms.BooleanField(label=_("Its tickets are urgent"), required=False, initial=True)
    tag = forms.ModelChoiceField(
        Tag.objects.filter(is_active=True), label=_("Tag of its tickets"), required=False,
        help_text=_("Rules for limits that ask for this tag make the limits tighter."),
    )  # fmt: skip
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["levels"].choices = level_choices()  # type: ignore[attr-defined]

    @classmethod
    def of(cls, row: GreenChannel, data: Any = None) -> "GreenChannelForm":
        return cls(data, initial={name: getattr(row, name) for name in cls.base_fields})

    def items(self) -> GreenItems:
        """What the services take."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        return GreenItems(**values | {name: tuple(values[name]) for name in ("levels", "attention_kinds", "channels")})
