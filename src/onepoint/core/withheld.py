"""Forms over personal data for somebody who may change it but not see it: nothing is shown, nothing is wiped."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from onepoint.core import masking

#: The group of texts people wrote, in which numbers are masked.
WORDS = "words"


def withhold(form: forms.Form, groups: Mapping[str, str]) -> None:
    """Call it at the end of ``__init__``, after ``fix_fields``: fields of ``groups`` whose value the reader may not see keep it unless replaced.

    ``groups`` says which group of personal data a field holds (``core.masking``), or ``WORDS`` for a text people wrote.
    A value is replaced by typing another one; a text with masked numbers in it cannot be changed.
    """
    for name, group in groups.items():
        value = form.initial.get(name)
        if name not in form.fields or not isinstance(value, str) or not value:
            continue
        if group == WORDS:
            _hold_text(form, name, value)
        elif not masking.sees(group):
            _hold_value(form, name, value, masking.shown(value, group))


def _hold_text(form: forms.Form, name: str, value: str) -> None:
    masked = masking.shown_words(value)
    if masked == value:
        return
    field: Any = form.fields[name]
    form.initial[name] = masked
    field.widget.attrs["readonly"] = True
    field.help_text = _("It holds numbers you may not see, so it cannot be changed here.")
    field.clean = lambda *_entered: value


def _hold_value(form: forms.Form, name: str, value: str, masked: str) -> None:
    field: Any = form.fields[name]
    form.initial[name] = ""
    field.widget.attrs["placeholder"] = masked
    field.widget.is_required = False
    field.help_text = _("Empty: it stays as it is.")
    judge = field.clean

    def clean(entered: Any, *more: Any) -> Any:
        return value if str(entered or "").strip() in ("", masked) else judge(entered, *more)

    field.clean = clean
