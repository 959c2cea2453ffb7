"""Forms in which some fields may only be read, or are not shown at all; what is posted for them is not looked at."""

from collections.abc import Collection
from typing import Any

from django import forms


def fix_fields(form: forms.Form, *, read_only: Collection[str] = (), hidden: Collection[str] = ()) -> None:
    """Call it at the end of ``__init__``. Both kinds of field keep their present (initial) value."""
    for name in {*read_only, *hidden} & form.fields.keys():
        field: Any = form.fields[name]
        value = form.initial.get(name, field.initial)
        if name in hidden:
            form.initial[name] = None
            field.widget = forms.HiddenInput()
        elif not getattr(field.widget.attrs, "readonly", False):
            field.widget.attrs |= {"disabled": True, "data-fixed": True}
        field.required = False
        field.clean = lambda *_entered, kept=value: kept
