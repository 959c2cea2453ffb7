"""What people enter on the pages of workflow."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from onepoint.core.templatetags.ui_forms import SearchInput
from onepoint.workflow.designing.library import templates

#: Words that stand in the place of a key in addresses.
ADDRESSES = {"new", "deploy", "expression"}
LARGEST_DRAWING = 2 * 1024 * 1024  # bytes


class DrawingForm(forms.Form):
    """A BPMN file to deploy."""

    file = forms.FileField(label=_("BPMN file"), widget=forms.FileInput(attrs={"accept": ".bpmn,.xml"}))

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST_DRAWING:
            raise forms.ValidationError(_("The file is larger than 2 MB."))
        return file


class NewProcessForm(forms.Form):
    """A new process and what it begins from."""

    template = forms.ChoiceField(label=_("Begin from"))
    name = forms.CharField(label=_("Name"), max_length=80)
    name_en = forms.CharField(label=_("Name in English"), max_length=80, required=False)
    key = forms.RegexField(
        r"^[a-z][a-z0-9_]*$", label=_("Key"), max_length=60,
        help_text=_("Small letters, digits and underscores; categories name the process by it."),
        error_messages={"invalid": _("Small letters, digits and underscores, beginning with a letter.")},
    )  # fmt: skip

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        choices = [(code, template.label) for code, template in templates().items()]
        self.fields["template"] = forms.ChoiceField(label=_("Begin from"), choices=choices)

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"]
        if key in ADDRESSES:
            raise forms.ValidationError(_("There is already a process with this key."))
        return key


class IncidentFilter(forms.Form):
    """Which incidents to list."""

    text = forms.CharField(label=_("Number or step"), required=False, max_length=60, widget=SearchInput)
