"""Marking a part of a ticket, and what the lists and figures of marks are narrowed to."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from onepoint.accounts.models import OrgUnit, User
from onepoint.core import clock
from onepoint.core.pickers import PickedSelect
from onepoint.core.templatetags.ui_forms import SearchInput
from onepoint.quality.models import UnqualifiedCode
from onepoint.quality.queries.figures import GROUPINGS, FigureFilter
from onepoint.quality.queries.marks import MarkFilter, Work
from onepoint.quality.queries.standard import codes_ever_published
from onepoint.quality.states import MarkDirection, MarkState
from onepoint.tickets.models import Category

_ALL = [("", _("all"))]


class MarkForm(forms.Form):
    """One click: which part, which code, in a few words. ``key`` names this form: sent twice, it marks once."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    direction = forms.CharField(widget=forms.HiddenInput)
    work = forms.ChoiceField(label=_("What is judged"))
    code = forms.ChoiceField(label=_("Code"))
    opens = False  # whether the page shows it unfolded
    words = forms.CharField(
        label=_("What is wrong"), max_length=1000, required=False, widget=forms.Textarea,
        help_text=_("The person judged reads it."),
    )  # fmt: skip

    def __init__(
        self,
        *args: Any,
        direction: MarkDirection,
        work: Sequence[Work],
        codes: Sequence[UnqualifiedCode],
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("auto_id", f"{direction}_%s")
        super().__init__(*args, **kwargs)
        self.heading = direction.label
        self.of_work = {one.value: one for one in work}
        self.of_code = {str(one.pk): one for one in codes}
        self.initial.setdefault("key", uuid4())
        self.initial["direction"] = direction.value
        self.fields["work"].choices = [(one.value, _work_label(one)) for one in work]  # type: ignore[attr-defined]
        self.fields["code"].choices = [  # type: ignore[attr-defined]
            (str(one.pk), _("%(code)s (%(points)s points)") % {"code": one.full_label, "points": one.points})
            for one in codes
        ]

    @property
    def chosen_work(self) -> Work:
        return self.of_work[self.cleaned_data["work"]]

    @property
    def chosen_code(self) -> UnqualifiedCode:
        return self.of_code[self.cleaned_data["code"]]


def _work_label(work: Work) -> str:
    part = work.task.label if work.task else _("The record")
    return f"{part} · {work.person.label}"


def _code_choices() -> list[tuple[str, str]]:
    english = (get_language() or "").startswith("en")
    return [("", str(_("all")))] + [
        (code, f"{code} {(english and name_en) or name}") for code, name, name_en in codes_ever_published()
    ]


class MarkFilterForm(forms.Form):
    """The list of marks."""

    q = forms.CharField(
        label=_("Number"), required=False, widget=SearchInput, max_length=40, help_text=_("Of the mark or the ticket."),
    )  # fmt: skip
    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[*_ALL, ("counted", _("counts")), *MarkState.choices]
    )
    direction = forms.ChoiceField(label=_("Direction"), required=False, choices=[*_ALL, *MarkDirection.choices])
    code = forms.ChoiceField(label=_("Code"), required=False, choices=_code_choices)
    unit = forms.ModelChoiceField(
        OrgUnit.objects.filter(is_active=True), label=_("Unit and below"), required=False,
        widget=PickedSelect(attrs={"data-island": "picker", "data-url": reverse_lazy("unit-options")}),
    )  # fmt: skip
    person = forms.ModelChoiceField(
        User.objects.all(), label=_("Whose work it is"), required=False,
        widget=PickedSelect(attrs={"data-island": "picker", "data-url": reverse_lazy("person-options")}),
    )  # fmt: skip
    category = forms.ModelChoiceField(
        Category.objects.all(), label=_("Category and below"), required=False,
        widget=PickedSelect(attrs={"data-island": "picker", "data-url": reverse_lazy("category-options")}),
    )  # fmt: skip
    since = forms.DateField(label=_("From"), required=False)
    until = forms.DateField(label=_("Until"), required=False)

    def chosen(self) -> MarkFilter:
        """What was chosen; what cannot be read does not narrow."""
        self.is_valid()
        chosen = self.cleaned_data
        names = ("state", "direction", "code", "unit", "person", "category", "since", "until")
        values = {name: chosen[name] for name in names if chosen.get(name)}
        return MarkFilter(text=chosen.get("q") or "", **values)


class OwnMarkFilterForm(MarkFilterForm):
    """The judgements of one's own work."""

    person = None  # type: ignore[assignment]
    unit = None  # type: ignore[assignment]
    category = None  # type: ignore[assignment]


class FigureForm(forms.Form):
    """The period of the figures, and what they are grouped by."""

    since = forms.DateField(label=_("From"), required=False)
    until = forms.DateField(label=_("Until"), required=False)
    unit = forms.ModelChoiceField(
        OrgUnit.objects.filter(is_active=True), label=_("Unit and below"), required=False,
        widget=PickedSelect(attrs={"data-island": "picker", "data-url": reverse_lazy("unit-options")}),
    )  # fmt: skip
    by = forms.ChoiceField(
        label=_("Grouped by"), required=False,
        choices=list(zip(GROUPINGS, (_("person"), _("unit"), _("code"), _("direction"), _("month")), strict=True)),
    )  # fmt: skip

    def chosen(self) -> FigureFilter:
        """What was chosen: this month until today by unit, where nothing sensible was."""
        self.is_valid()
        chosen = self.cleaned_data
        return FigureFilter(
            group=chosen.get("by") or "unit", since=chosen.get("since") or clock.today().replace(day=1),
            until=chosen.get("until") or clock.today(), unit=chosen.get("unit"),
        )  # fmt: skip


class AppealForm(forms.Form):
    """Why somebody disagrees with a mark."""

    reason = forms.CharField(label=_("Why you disagree"), max_length=4000, widget=forms.Textarea)


class ReasonForm(forms.Form):
    """Why a mark is taken back."""

    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea)
