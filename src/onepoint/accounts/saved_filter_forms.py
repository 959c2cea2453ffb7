"""Form of the filters people keep."""

from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import OrgUnit, Role, User
from onepoint.accounts.services import FilterItems
from onepoint.core.pickers import PickedSelectMultiple


class SavedFilterForm(forms.Form):
    """Name of a filter and with whom it is shared."""

    name = forms.CharField(label=_("Name"), max_length=40)
    is_first = forms.BooleanField(label=_("Open the list with it"), required=False)
    units = forms.ModelMultipleChoiceField(
        OrgUnit.objects.filter(is_active=True), label=_("For these units and everything below them"), required=False,
        widget=PickedSelectMultiple(attrs={"data-island": "picker", "data-url": reverse_lazy("unit-options")}),
    )  # fmt: skip
    roles = forms.ModelMultipleChoiceField(
        Role.objects.filter(is_active=True), label=_("For these roles"), required=False,
        widget=forms.SelectMultiple(attrs={"data-island": "picker"}),
    )  # fmt: skip
    people = forms.ModelMultipleChoiceField(
        User.objects.filter(is_active=True), label=_("For these people"), required=False,
        widget=PickedSelectMultiple(attrs={"data-island": "picker", "data-url": reverse_lazy("person-options")}),
    )  # fmt: skip

    def __init__(self, *args: Any, may_share: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_share:
            for name in ("units", "roles", "people"):
                del self.fields[name]

    def items(self) -> FilterItems:
        values = self.cleaned_data
        return FilterItems(
            name=values["name"],
            is_first=values["is_first"],
            units=list(values.get("units", ())),
            roles=list(values.get("roles", ())),
            people=list(values.get("people", ())),
        )
