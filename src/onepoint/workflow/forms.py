"""What people enter on the pages of workflow."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from onepoint.core.errors import InvalidInput
from onepoint.core.feel import FeelError, compile_expression
from onepoint.core.templatetags.ui_forms import SearchInput
from onepoint.core.text import clean
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


class NewDecisionForm(forms.Form):
    """A new decision table."""

    name = forms.CharField(label=_("Name"), max_length=80)
    name_en = forms.CharField(label=_("Name in English"), max_length=80, required=False)
    key = forms.RegexField(
        r"^[a-z][a-z0-9_]*$", label=_("Key"), max_length=60,
        help_text=_("Small letters, digits and underscores; processes name the table by it."),
        error_messages={"invalid": _("Small letters, digits and underscores, beginning with a letter.")},
    )  # fmt: skip

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"]
        if key in ADDRESSES:
            raise forms.ValidationError(_("There is already a decision table with this key."))
        return key


class IncidentFilter(forms.Form):
    """Which incidents to list."""

    text = forms.CharField(label=_("Number or step"), required=False, max_length=60, widget=SearchInput)


class JumpForm(forms.Form):
    """Where a process is to go on, and what is to be left for it."""

    to_node = forms.ChoiceField(label=_("Go on at"))
    visit = forms.ChoiceField(label=_("Leave"), required=False)
    reason = forms.CharField(
        label=_("Reason"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(
        self, *arguments: Any, steps: list[tuple[str, str]], visits: list[tuple[int, str]], **more: Any
    ) -> None:
        super().__init__(*arguments, **more)
        self.fields["to_node"].choices = steps  # type: ignore[attr-defined]
        everything = [("", _("everything it waits for"))]
        self.fields["visit"].choices = [*everything, *((str(seq), name) for seq, name in visits)]  # type: ignore[attr-defined]

    @property
    def visits(self) -> list[int] | None:
        chosen = self.cleaned_data.get("visit")
        return [int(chosen)] if chosen else None


class SuspendForm(forms.Form):
    """Why a process is suspended, until when, and what becomes of its clocks."""

    reason = forms.CharField(
        label=_("Reason"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    until = forms.DateTimeField(
        label=_("Until"), required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        help_text=_("It goes on by itself then; without a date, when somebody resumes it."),
    )  # fmt: skip
    clocks = forms.ChoiceField(
        label=_("Clocks"),
        choices=[
            ("stop", _("stand still: limits move on by the pause")),
            ("run", _("run on: limits stay where they are")),
        ],
    )


class MendForm(forms.Form):
    """One process variable to set before trying again; the value is a FEEL expression, such as 12 or "text"."""

    name = forms.CharField(label=_("Variable"), max_length=120, required=False)
    value = forms.CharField(
        label=_("New value"), max_length=2000, required=False, help_text=_('FEEL: 12, "text", true, null, [1, 2]')
    )
    reason = forms.CharField(label=_("Reason"), max_length=2000, required=False)

    @property
    def variables(self) -> dict[str, Any]:
        """The variable to set, if one was named. Raises InvalidInput for a value that cannot be read."""
        name = clean(self.cleaned_data["name"])
        if not name:
            return {}
        try:
            return {name: compile_expression(self.cleaned_data["value"] or "null")({})}
        except FeelError as error:
            raise InvalidInput({"value": str(error)}) from error
