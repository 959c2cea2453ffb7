"""What the form pages share: who may come, and a service's refusal of input beside its field."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse

from onepoint.core.errors import InvalidInput, require
from onepoint.core.submitting import add_refusal
from onepoint.notifications import policies

View = Callable[..., HttpResponse]


def for_managers(view: View) -> View:
    """The page is refused (403) to whoever may not change how the house tells things."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require(policies.why_not_manage_notifications(request.user))
        return view(request, *args, **kwargs)

    guarded.permission = policies.MANAGE  # type: ignore[attr-defined]  # asked by the page that explains access
    return guarded


def succeeds(form: BaseForm, write: Callable[[], Any]) -> bool:
    """Whether the form was valid and the service took it; what the service did not like stands beside its field."""
    if not form.is_valid():
        return False
    try:
        write()
    except InvalidInput as refusal:
        add_refusal(form, refusal)
        return False
    return True
