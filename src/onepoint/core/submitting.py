"""What every form page does: let one service write what was typed, and show its refusal beside the fields."""

from collections.abc import Callable
from typing import Any

from django.forms import BaseForm

from onepoint.core.errors import BusinessError, InvalidInput


def add_refusal(form: BaseForm, refusal: BusinessError) -> None:
    """Put what a service refused beside the fields it is about; above the form where it is about none of them."""
    errors = refusal.errors if isinstance(refusal, InvalidInput) else {}
    for name, sentence in errors.items():
        form.add_error(name if name in form.fields else None, str(sentence))
    if not errors:
        form.add_error(None, str(refusal))


def succeeds(form: BaseForm, write: Callable[[dict[str, Any]], Any]) -> bool:
    """Whether the form was valid and the service took it; what the service did not like stands beside its field."""
    if not form.is_valid():
        return False
    try:
        write(form.cleaned_data)
    except InvalidInput as refusal:
        add_refusal(form, refusal)
        return False
    return True


def status_of(form: BaseForm) -> int:
    """422 for a refused form, so that HTMX and tests see the refusal; 200 for a fresh one."""
    return 422 if form.is_bound and form.errors else 200
