"""Forms of the worklist of duplicates, of merging, of the attention list and of the tree."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from onepoint.core.pickers import PickedSelect
from onepoint.core.templatetags.ui_forms import SearchInput
from onepoint.customers.models import AttentionEntry, Customer, CustomerQuerySet
from onepoint.customers.services.merging import LONGEST_REASON, TAKEABLE
from onepoint.customers.states import AttentionKind, Likeness, MemberKind, PairState


class PairFilter(forms.Form):
    reason = forms.ChoiceField(label=_("Why"), required=False, choices=[("", _("any")), *Likeness.choices])
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", PairState.OPEN.label), (PairState.DIFFERENT.value, PairState.DIFFERENT.label)],
    )

    def criteria(self) -> dict[str, Any]:
        """What the query takes; a filter nobody understands filters nothing."""
        values = self.cleaned_data if self.is_valid() else {}
        return {"reason": values.get("reason", ""), "state": values.get("state") or PairState.OPEN}


class OtherCustomerForm(forms.Form):
    """Which record shall be looked at beside this one."""

    other = forms.ModelChoiceField(Customer.objects.none(), label=_("Other record"), widget=PickedSelect)

    def __init__(self, *args: Any, customers: CustomerQuerySet, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["other"]
        field.queryset = customers
        field.label_from_instance = lambda row: f"{row.label} {row.number}"


class MergeForm(forms.Form):
    """Which record is kept, which values it shows, and which versions of both the person has seen."""

    keep = forms.ChoiceField(label=_("Kept record"))
    reason = forms.CharField(label=_("Reason"), max_length=LONGEST_REASON, required=False)

    def __init__(self, *args: Any, left: Customer, right: Customer, **options: Any) -> None:
        super().__init__(*args, **options)
        self.left, self.right = left, right
        numbers = [(left.number, left.number), (right.number, right.number)]
        self.fields["keep"] = forms.ChoiceField(label=_("Kept record"), choices=numbers)
        for row in (left, right):
            self.fields[f"version-{row.number}"] = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
        for name in TAKEABLE:
            self.fields[f"value-{name}"] = forms.ChoiceField(choices=numbers, required=False)

    def versions(self) -> list[Any]:
        """The hidden fields."""
        return [self[f"version-{row.number}"] for row in (self.left, self.right)]

    def kept(self) -> tuple[Customer, Customer]:
        """The record that stays and the one it takes up."""
        return (self.left, self.right) if self.cleaned_data["keep"] == self.left.number else (self.right, self.left)

    def values(self) -> dict[str, Any]:
        """Keyword arguments of ``services.merge_customers``."""
        kept, merged = self.kept()
        return {
            "versions": tuple(self.cleaned_data[f"version-{row.number}"] for row in (kept, merged)),
            "take": [name for name in TAKEABLE if self.cleaned_data[f"value-{name}"] == merged.number],
            "reason": self.cleaned_data["reason"],
        }


class AttentionFilter(forms.Form):
    text = forms.CharField(label=_("Customer"), required=False, max_length=120, widget=SearchInput)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("any")), *AttentionKind.choices])
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("In force")), ("coming", _("Not yet")), ("past", _("Over or taken off")), ("all", _("All"))],
    )

    def criteria(self) -> dict[str, Any]:
        """What the query takes; a filter nobody understands filters nothing."""
        values = self.cleaned_data if self.is_valid() else {}
        return {
            "text": values.get("text", ""), "kind": values.get("kind", ""), "state": values.get("state") or "in_force",
        }  # fmt: skip


class AttentionForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=AttentionKind.choices)
    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    starts_on = forms.DateField(label=_("From date"), widget=forms.DateInput)
    ends_on = forms.DateField(label=_("To date"), required=False, widget=forms.DateInput, help_text=_("Empty: no end."))


class AttentionChangeForm(AttentionForm):
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    @classmethod
    def initial_of(cls, entry: AttentionEntry) -> dict[str, Any]:
        return {name: getattr(entry, name) for name in cls.base_fields}


class PlaceForm(forms.Form):
    """Whom the record belongs to."""

    parent = forms.ModelChoiceField(Customer.objects.none(), label=_("Belongs to"), widget=PickedSelect)
    member_kind = forms.ChoiceField(label=_("Belongs to it as"), choices=MemberKind.choices)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *args: Any, customers: CustomerQuerySet, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["parent"]
        field.queryset = customers
        field.label_from_instance = lambda row: f"{row.label} {row.number}"


class HistoryQuery(forms.Form):
    kind = forms.CharField(required=False, max_length=20)

    def kind_wanted(self) -> str:
        return self.cleaned_data["kind"] if self.is_valid() else ""
