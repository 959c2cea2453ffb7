"""What the pages of regulators share."""

from collections.abc import Callable
from typing import Any

from django.forms import BaseForm
from django.http import Http404, HttpRequest

from onepoint.core.errors import BusinessError, InvalidInput
from onepoint.core.submitting import add_refusal
from onepoint.regulators import queries
from onepoint.regulators.models import RegulatorCase


def succeeds(form: BaseForm, write: Callable[[dict[str, Any]], Any]) -> bool:
    """Whether the form was valid and the service took it; what was refused stands in the form, nothing typed is lost."""
    if not form.is_valid():
        return False
    try:
        write(form.cleaned_data)
    except InvalidInput as refusal:
        add_refusal(form, refusal)
        return False
    except BusinessError as refusal:
        form.add_error(None, str(refusal))
        form.refusal = refusal  # type: ignore[attr-defined]
        return False
    return True


def status_of(form: BaseForm) -> int:
    """422 for a refused form, so that HTMX and tests see the refusal; 200 for a fresh one."""
    refusal = getattr(form, "refusal", None)
    if refusal is not None:
        return int(refusal.status)
    return 422 if form.is_bound and form.errors else 200


def case_or_404(request: HttpRequest, number: str) -> RegulatorCase:
    """The case in the reader's scope; 404 hides whether it exists at all."""
    case = queries.find_case(number, visible_to=request.user)
    if case is None:
        raise Http404
    return case
