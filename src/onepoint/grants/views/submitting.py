"""What the pages of grants share."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import Http404, HttpRequest

from onepoint.core.errors import InvalidInput
from onepoint.grants import policies, queries
from onepoint.grants.models import Grant


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


def grant_or_404(request: HttpRequest, number: str) -> Grant:
    """The grant in the reader's scope; 404 hides whether it exists at all."""
    grant = queries.find_grant(number, visible_to=request.user)
    if grant is None:
        raise Http404
    return grant


def tabs_of(request: HttpRequest) -> dict[str, bool]:
    """Which of the lists the reader has."""
    return {
        "approve": policies.why_not_list_approvals(request.user) is None,
        "give": policies.why_not_give(request.user) is None,
    }


def say(request: HttpRequest, text: object) -> None:
    """Tell on the next page that it is done."""
    messages.success(request, str(text))
