"""What the form pages of time share."""

from collections.abc import Callable
from typing import Any

from django.forms import BaseForm

from onepoint.core.errors import InvalidInput


def succeeds(form: BaseForm, write: Callable[[dict[str, Any]], Any]) -> bool:
    """Whether the form was valid and the service took it; what the service did not like stands beside its field."""
    if not form.is_valid():
        return False
    try:
        write(form.cleaned_data)
    except InvalidInput as refusal:
        for name, text in refusal.errors.items():
            form.add_error(name if name in form.fields else None, str(text))
        return False
    return True


def status_of(form: BaseForm) -> int:
    """422 for a refused form, so that HTMX and tests see the refusal; 200 for a fresh one."""
    return 422 if form.is_bound and form.errors else 200
