"""What people enter on the pages of workflow."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from onepoint.core.templatetags.ui_forms import SearchInput

LARGEST_DRAWING = 2 * 1024 * 1024  # bytes


class DrawingForm(forms.Form):
    """A BPMN file to deploy."""

    file = forms.FileField(label=_("BPMN file"), widget=forms.FileInput(attrs={"accept": ".bpmn,.xml"}))

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST_DRAWING:
            raise forms.ValidationError(_("The file is larger than 2 MB."))
        return file


class IncidentFilter(forms.Form):
    """Which incidents to list."""

    text = forms.CharField(label=_("Number or step"), required=False, max_length=60, widget=SearchInput)
