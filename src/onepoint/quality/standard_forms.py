"""The draft of the standard as a form: what it says, and its codes in rows."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from onepoint.quality.models import Standard, UnqualifiedCode
from onepoint.quality.services.standard import CodeItems, StandardItems
from onepoint.quality.states import CodeDirection

MOST_CODES = 120
EMPTY_ROWS = 2


class StandardForm(forms.Form):
    """What a draft says beside its codes."""

    preamble = forms.CharField(label=_("Preamble"), required=False, max_length=4000, widget=forms.Textarea)
    preamble_en = forms.CharField(
        label=_("Preamble in English"), required=False, max_length=4000, widget=forms.Textarea
    )
    changes = forms.CharField(
        label=_("What is new"), required=False, max_length=500, help_text=_("Everybody reads it in the list of versions."),
    )  # fmt: skip
    appeal_days = forms.IntegerField(label=_("Working days to appeal"), min_value=1, max_value=60)
    rectification_days = forms.IntegerField(label=_("Working days to put right"), min_value=1, max_value=120)
    lock_version = forms.IntegerField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, standard: Standard, data: Any = None) -> "StandardForm":
        names = (name for name in cls.base_fields)
        return cls(data, initial={name: getattr(standard, name) for name in names})


class CodeRow(forms.Form):
    """One code; a row without sign and name is left out, and so is one that is struck out."""

    code = forms.CharField(label=_("Code"), max_length=20, required=False)
    name = forms.CharField(label=_("Name"), max_length=80, required=False)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    direction = forms.ChoiceField(label=_("About"), choices=CodeDirection.choices, required=False)
    points = forms.IntegerField(label=_("Points"), min_value=0, max_value=100, initial=1, required=False)
    is_fatal = forms.BooleanField(label=_("Fatal"), required=False)
    examples = forms.CharField(label=_("Examples"), max_length=2000, required=False, widget=forms.Textarea)
    examples_en = forms.CharField(
        label=_("Examples in English"), max_length=2000, required=False, widget=forms.Textarea
    )
    strike = forms.BooleanField(label=_("Strike out"), required=False)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if bool(values.get("code")) != bool(values.get("name")) and not values.get("strike"):
            self.add_error("name" if values.get("code") else "code", _("A code needs its sign and a name."))
        return values

    @property
    def is_kept(self) -> bool:
        return bool(self.cleaned_data.get("code")) and not self.cleaned_data.get("strike")

    def items(self) -> CodeItems:
        values = {name: value for name, value in self.cleaned_data.items() if name != "strike"}
        values["points"] = values["points"] if values["points"] is not None else 1
        return CodeItems(**values)


CodeRows = forms.formset_factory(CodeRow, extra=EMPTY_ROWS, max_num=MOST_CODES, absolute_max=MOST_CODES)
_COLUMNS = [name for name in CodeRow.base_fields if name != "strike"]


def code_rows(codes: list[UnqualifiedCode], data: Any = None) -> Any:
    """The codes as rows to be edited, with some empty ones."""
    return CodeRows(data, initial=[{name: getattr(row, name) for name in _COLUMNS} for row in codes], prefix="codes")


def items_of(form: StandardForm, rows: Any) -> StandardItems:
    """The draft typed."""
    values = {name: value for name, value in form.cleaned_data.items() if name != "lock_version"}
    return StandardItems(codes=[row.items() for row in rows if row.is_kept], **values)
