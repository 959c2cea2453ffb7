"""Asking for a rectification, handing it in, deciding on it, and what the list is narrowed to."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import OrgUnit, User
from onepoint.core.pickers import PickedSelect
from onepoint.core.templatetags.ui_forms import SearchInput
from onepoint.quality.hidden_risk_forms import FilesField
from onepoint.quality.models import Mark
from onepoint.quality.queries.rectifications import RectificationFilter
from onepoint.quality.states import RectificationState


class RectificationForm(forms.Form):
    """What is to be put right, by whom, until when."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    title = forms.CharField(label=_("What is to be put right"), max_length=200)
    words = forms.CharField(label=_("Details"), max_length=4000, required=False, widget=forms.Textarea)
    owner = forms.ModelChoiceField(
        User.objects.filter(is_active=True), label=_("Responsible person"),
        widget=PickedSelect(attrs={"data-island": "picker", "data-url": reverse_lazy("person-options")}),
    )  # fmt: skip
    due_at = forms.DateTimeField(label=_("Due"))
    marks = forms.MultipleChoiceField(
        label=_("Because of these marks"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, marks: Sequence[Mark], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("key", uuid4())
        self.of_mark = {str(mark.pk): mark for mark in marks}
        labels = [(key, f"{mark.number} · {mark.code.full_label} · {mark.ticket.number} · {mark.person.label}") for key, mark in self.of_mark.items()]  # fmt: skip
        self.fields["marks"].choices = labels  # type: ignore[attr-defined]
        if not marks:
            del self.fields["marks"]

    @property
    def chosen_marks(self) -> list[Mark]:
        return [self.of_mark[key] for key in self.cleaned_data.get("marks", [])]


class ProofForm(forms.Form):
    """What has been put right, and what shows it."""

    proof = forms.CharField(label=_("What was put right"), max_length=4000, widget=forms.Textarea)
    attachments = FilesField(label=_("Files"), required=False)


class DecisionForm(forms.Form):
    """Accepted, or owed again until another moment, or not asked for any more."""

    words = forms.CharField(label=_("Remarks"), max_length=1000, required=False, widget=forms.Textarea)
    due_at = forms.DateTimeField(label=_("Due again, if not accepted"), required=False)


class RectificationFilterForm(forms.Form):
    """The list."""

    which = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)
    q = forms.CharField(
        label=_("Number"), required=False, widget=SearchInput, max_length=40,
        help_text=_("Of the rectification or the mark."),
    )  # fmt: skip
    state = forms.ChoiceField(
        label=_("State"), required=False,
        choices=[("", _("all")), ("open", _("open")), ("late", _("overdue")), *RectificationState.choices],
    )  # fmt: skip
    unit = forms.ModelChoiceField(
        OrgUnit.objects.filter(is_active=True), label=_("Unit and below"), required=False,
        widget=PickedSelect(attrs={"data-island": "picker", "data-url": reverse_lazy("unit-options")}),
    )  # fmt: skip

    def chosen(self, which: str) -> RectificationFilter:
        """What was chosen; what cannot be read does not narrow."""
        self.is_valid()
        chosen = self.cleaned_data
        text = chosen.get("q") or ""
        return RectificationFilter(which, text, chosen.get("state") or "", chosen.get("unit"))
